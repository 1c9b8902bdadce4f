"""What is public exists and is described; what is delivered mentions nothing outside itself."""

from __future__ import annotations

import importlib
import inspect
import subprocess
from pathlib import Path

import pytest

import dorm

ROOT = Path(__file__).parents[2]

MODULES = [
    "dorm",
    "dorm.contrib.pydantic",
    "dorm.contrib.rest",
    "dorm.fields",
    "dorm.functions",
    "dorm.health",
    "dorm.lookups",
    "dorm.models",
    "dorm.test",
    "dorm.transaction",
    "dorm.validators",
    "dorm_fastapi",
]


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_exists_and_once(name):
    module = importlib.import_module(name)
    assert [] == [one for one in module.__all__ if not hasattr(module, one)]
    assert len(set(module.__all__)) == len(module.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_every_public_class_and_function_is_described(name):
    module = importlib.import_module(name)
    members = {one: getattr(module, one) for one in module.__all__}
    undescribed = [
        one
        for one, member in members.items()
        if (inspect.isclass(member) or inspect.isfunction(member))
        and not (member.__dict__.get("__doc__") or "").strip()
        if not (inspect.isfunction(member) and member.__doc__)
    ]
    assert [] == undescribed


@pytest.mark.parametrize(
    "face",
    [dorm.QuerySet, dorm.CombinedQuerySet, dorm.RawQuerySet, dorm.Manager, dorm.Model, dorm.RelatedManager],
    ids=lambda one: one.__name__,
)
def test_every_public_method_is_described(face):
    methods = {
        name: inspect.getattr_static(face, name)
        for name in dir(face)
        if not name.startswith("_") and name not in dir(type(face))
    }
    functions = {
        name: getattr(method, "__func__", method.fget if isinstance(method, property) else method)
        for name, method in methods.items()
    }
    assert [] == [name for name, one in functions.items() if inspect.isfunction(one) and not one.__doc__]


def delivered() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = [name for name in done.stdout.decode().split("\0") if name]
    if not names:
        pytest.skip("not a working copy of the repository")
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_nothing_mentions_a_place_outside_the_repository():
    outside = [f"{slash}{name}/" for slash, name in (("/", "work"), ("../", "shared"), ("/", "root"))]
    found = []
    for path in delivered():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        found += [f"{path.relative_to(ROOT)}: {place}" for place in outside if place in text]
    assert [] == found
