"""Who takes part.  One module per contestant and database: the adapter, and the model it works with.

An adapter module has ``ADAPTERS``, a class for each colour, and ``VERSION``, what it is.  An adapter is made with the
location of its database (a path or a URL) and does, in its own documented fast way:

``open()``        connect; called once, before anything is measured
``close()``       the end
``insert(record)``  write one new row from its values; the instance, with its key
``scan(least)``   the instances whose weight is at least *least*: all of them
``page(least)``   the first 20 instances, by quantity, whose quantity is at least *least*
``get(key)``      the instance with that key
``dicts(least)``, ``tuples(least)``  the same rows as ``scan``, as dicts and as tuples
``joined(last)``  the items up to that key, each with its ``owner``
``children(last)``  all owners, each with its items up to that key as a list ``chosen``
``tagged(_)``     all owners, each with its tags as a list ``labels``, by key
``grouped(_)``    number of items and sum of their quantities by owner: tuples, in the order of owners
``update(scores)``  write points and remark of these scores; how many there were
``stream(_)``     all lines as objects, without holding them: how many, and the sum of their keys
``find(values)``  the items that meet six conditions, one over a join: none
``build(values)`` SQL and parameters of a query with six conditions, one over a join; asks no database (may be missing)

In the asynchronous colour all of them but ``build`` are coroutines.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.tasks import Vendor


@dataclass(frozen=True)
class Contestant:
    """One way of doing the tasks: the module for each database, and the interpreter that has what it needs."""

    name: str
    title: str
    modules: Mapping[Vendor, str]
    python: str = sys.executable


RAW = Contestant(
    "raw",
    "raw driver",
    {
        "sqlite": "benchmarks.contestants.raw_sqlite",
        "postgresql": "benchmarks.contestants.raw_postgresql",
    },
)
DORM = Contestant(
    "dorm",
    "dorm",
    {
        "sqlite": "benchmarks.contestants.dorm_orm",
        "postgresql": "benchmarks.contestants.dorm_orm",
    },
)
CONTESTANTS = (RAW, DORM)
