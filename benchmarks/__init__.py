"""How fast: dorm beside the bare drivers, and beside whoever else is in :mod:`benchmarks.contestants`.

    python -m benchmarks --quick
    python -m benchmarks --tasks D,F --databases sqlite --colours sync --rounds 15 --output table.md

The rule: a figure is a **ratio to the raw driver doing the same work in the same run**.  "Raw" is hand-written SQL plus
one plain object per row, on one open connection in autocommit, in the driver's best form.  Absolute times say little:
machines differ and are shared.

* Every contestant works in a process of its own (and, when it needs one, with an interpreter of its own), on a
  database of its own that holds the same rows: :mod:`~benchmarks.databases`, :mod:`~benchmarks.process`.
* The rounds are interleaved: each contestant does a task once, then each again.  The figure is the median of the
  ratios of each round: :mod:`~benchmarks.rounds`.
* Client and server share one processor, where the system allows it: what waking another one costs varies more than
  what is measured.
* Answers are compared before anything is measured, types included, so that nobody wins by doing less:
  :mod:`~benchmarks.answers`.

What is done is in :mod:`~benchmarks.tasks`, how each contestant does it in ``benchmarks/contestants/``.
"""

from __future__ import annotations
