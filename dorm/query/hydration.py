"""Generated loops that turn rows into results, with every column unrolled.

A row is unpacked once; each column is one assignment to an attribute, through a converter only where the field and the
dialect need one; related instances are made in the same loop, unless their key is NULL.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

from dorm.expressions import outputs, unpinned
from dorm.expressions.documents import Keyed
from dorm.meta.conditions import annotation_named
from dorm.meta.paths import Path
from dorm.query.columns import ordering_columns
from dorm.query.loading import fields_at
from dorm.query.source import generate
from dorm.signals import post_init, pre_init

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dorm.meta.conditions import Annotation
    from dorm.meta.relations import Step
    from dorm.query.query import Query
    from dorm.sql.converter import Converter
    from dorm.sql.dialect import Dialect

DEFAULT_ALIAS = "default"


class Namespace(dict[str, Any]):
    """The globals of a generated function, and the readable names under which helpers enter."""

    def converted(self, name: str, converter: Converter | None, value: str, *, null: bool) -> str:
        """The expression for *value* after its converter; NULL passes."""
        if converter is None:
            return value
        self[name] = converter.function
        text = (converter.template or "{1}({0})").format(value, name)
        return f"None if {value} is None else {text}" if null else text


def instances(query: Query[Any], dialect: Dialect) -> Callable[[Sequence[Any]], list[Any]]:
    """The loop that makes instances, with those of ``select_related`` attached."""
    names = Namespace(new=object.__new__)
    columns = 0
    body: list[str] = []
    variables: dict[tuple[Step, ...], str] = {(): "o0"}
    plan: list[tuple[tuple[Step, ...], Any]] = [
        ((), query.model),
        *((steps, steps[-1].target) for steps in query.related),
    ]
    for number, (steps, model) in enumerate(plan):
        variable = variables[steps] = f"o{number}"
        fields = fields_at(query.loaded, steps, model)
        lines = _one(names, model, fields, variable, columns, dialect)
        if not steps:
            body += lines
        else:
            parent = variables[steps[:-1]]
            key = columns + [field.primary_key for field in fields].index(True)
            body += _attached(steps[-1], parent, variable, key, lines, nested=len(steps) > 1)
        columns += len(fields)
    for annotation in query.emitted():
        converter = converter_of(annotation.shape, dialect)
        if not annotation.name.isidentifier():
            raise ValueError(f"{annotation.name!r} cannot be the name of an attribute.")
        value = names.converted(f"computed_{annotation.name}", converter, f"c{columns}", null=True)
        if annotation.selected:
            body.append(f"o0.{annotation.name} = {value}")
        columns += 1
    result = "o0"
    if query.link is not None:
        result = f"({names.converted('link', query.link[0].field.from_db(dialect), f'c{columns}', null=False)}, o0)"
        columns += 1
    columns += len(ordering_columns(query))
    head = ", ".join(f"c{index}" for index in range(columns))
    text = [
        "def hydrate(rows):",
        "    found = []",
        "    add = found.append",
        f"    for {head}, in rows:",
        *(f"        {line}" for line in body),
        f"        add({result})",
        "    return found",
    ]
    title = "+".join(model.__name__ for _, model in plan)
    function: Callable[[Sequence[Any]], list[Any]] = generate(f"hydrate {title}", "hydrate", text, names)
    return function


def converter_of(shape: Any, dialect: Dialect) -> Converter | None:
    """How what *shape* computes becomes a Python value; a part of a document as the document's own field says."""
    own: Any = unpinned(shape)
    if own.__class__ is tuple and own[0] is Keyed and isinstance(own[1], Path):
        found: Converter | None = own[1].field.from_db(dialect)
        return found
    type_ = outputs.output(shape)
    return None if type_ is None else dialect.from_db(type_)


def _one(
    names: Namespace, model: Any, fields: tuple[Any, ...], variable: str, first: int, dialect: Dialect
) -> list[str]:
    """The lines that make one instance from the columns beginning with *first*."""
    values = [
        names.converted(
            f"{model._meta.model_name}_{field.attname}", field.from_db(dialect), f"c{first + offset}", null=field.null
        )
        for offset, field in enumerate(fields)
    ]
    cls = f"Model_{variable}"
    if builds_itself(model):
        names[cls] = model.from_db
        attnames = names[f"{cls}_names"] = tuple(field.attname for field in fields)
        assert len(attnames) == len(values), "one value per field"
        return [f"{variable} = {cls}({dialect.alias!r}, {cls}_names, ({', '.join(values)},))"]
    names[cls] = model
    lines = [f"{variable} = new({cls})"]
    lines += [f"{variable}.{field.attname} = {value}" for field, value in zip(fields, values, strict=True)]
    if dialect.alias != DEFAULT_ALIAS:
        lines.append(f"{variable}._alias = {dialect.alias!r}")
    return lines


def builds_itself(model: Any) -> bool:
    """Whether instances must be made by the class: it has an ``__init__`` or ``from_db`` of its own, or receivers."""
    return bool(model._meta.own_construction or pre_init.receivers or post_init.receivers)


def _attached(step: Step, parent: str, variable: str, key: int, lines: list[str], *, nested: bool) -> list[str]:
    """The lines that attach a related instance to *parent*, when there is a row for it."""
    relation = step.relation
    if step.forward:
        cache, back = relation.cache, None if relation.multiple else relation.reverse_cache
    else:
        cache, back = relation.reverse_cache, relation.cache
    attached = [*lines, f"{parent}.{cache} = {variable}"]
    if back is not None:
        attached.append(f"{variable}.{back} = {parent}")
    block = [
        f"if c{key} is None:",
        f"    {parent}.{cache} = {variable} = None",
        "else:",
        *(f"    {line}" for line in attached),
    ]
    if nested:
        # The parent itself may be missing: then nothing is attached to it.
        block = [f"if {parent} is not None:", *(f"    {line}" for line in block), "else:", f"    {variable} = None"]
    return block


def _expressions(query: Query[Any], dialect: Dialect, names: Namespace) -> tuple[list[str], int]:
    """The expressions for the named columns, and how many columns a row has: some may only order it."""
    assert query.columns is not None, "named columns were chosen"
    items: list[str] = []
    for index, column in enumerate(query.columns):
        if isinstance(column, str):
            annotation = annotation_named(query.annotations, column)
            assert annotation is not None, "the name was resolved"
            converter, null = converter_of(annotation.shape, dialect), True
            name = column if column.isidentifier() else "computed"  # keys of a document may be called anything
        else:
            converter, null, name = column.field.from_db(dialect), column.nullable, column.field.attname
        items.append(names.converted(f"convert_{name}_{index}", converter, f"c{index}", null=null))
    hidden = [one for one in query.emitted() if one.name not in query.columns]
    return items, len(items) + len(hidden) + len(ordering_columns(query))


def values(query: Query[Any], dialect: Dialect) -> Callable[[Sequence[Any]], list[Any]]:
    """The loop that makes dicts, tuples or single values."""
    names = Namespace()
    items, width = _expressions(query, dialect, names)
    head = ", ".join(f"c{index}" for index in range(width))
    match query.result:
        case "dicts":
            pairs = ", ".join(f"{name!r}: {item}" for name, item in zip(query.names, items, strict=True))
            result = f"{{{pairs}}}"
        case "flat":
            result = items[0]
        case "named":
            names["Row"] = namedtuple(  # noqa: PYI024 - the names come with the query
                "Row", query.names
            )  # pyright: ignore[reportUntypedNamedTuple]
            result = f"Row({', '.join(items)})"
        case _:
            if width == len(items) and all(item == f"c{index}" for index, item in enumerate(items)):
                return list
            result = f"({', '.join(items)},)"
    lines = ["def hydrate(rows):", f"    return [{result} for {head}, in rows]"]
    function: Callable[[Sequence[Any]], list[Any]] = generate(f"values {query.model.__name__}", "hydrate", lines, names)
    return function


def computed(annotations: tuple[Annotation, ...], dialect: Dialect) -> Callable[[Sequence[Any]], list[Any]]:
    """The loop that makes dicts of computed columns."""
    names = Namespace()
    items: list[str] = []
    for index, annotation in enumerate(annotations):
        converter = converter_of(annotation.shape, dialect)
        value = names.converted(f"convert{index}", converter, f"c{index}", null=True)
        items.append(f"{annotation.name!r}: {value}")
    head = ", ".join(f"c{index}" for index in range(len(items)))
    lines = ["def hydrate(rows):", f"    return [{{{', '.join(items)}}} for {head}, in rows]"]
    function: Callable[[Sequence[Any]], list[Any]] = generate("aggregate", "hydrate", lines, names)
    return function
