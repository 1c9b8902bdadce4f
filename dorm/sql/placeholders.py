"""SQL written by hand, taken apart at its placeholders."""

from __future__ import annotations


def split_placeholders(sql: str) -> list[str]:
    """The texts between the ``%s`` of *sql*, with ``%%`` made ``%``.  Raises ``ValueError`` for any other ``%``."""
    texts, names = split_parameters(sql)
    if any(names):
        raise ValueError(f"Named parameters cannot be used in {sql!r}: write %s for each.")
    return texts


def split_parameters(sql: str) -> tuple[list[str], list[str | None]]:
    """The texts between the ``%s`` and ``%(name)s`` of *sql*, with ``%%`` made ``%``; and the names, where there are.

    Raises ``ValueError`` for any other ``%``.
    """
    texts: list[str] = []
    names: list[str | None] = []
    position, current = 0, ""
    while (found := sql.find("%", position)) >= 0:
        current += sql[position:found]
        position = found + 2
        match sql[found + 1 : position]:
            case "s":
                texts.append(current)
                names.append(None)
                current = ""
            case "(" if (end := sql.find(")s", position)) > position:
                texts.append(current)
                names.append(sql[position:end])
                current, position = "", end + 2
            case "%":
                current += "%"
            case other:
                raise ValueError(
                    f"Unknown placeholder '%{other}' in {sql!r}: write %s (or %(name)s) for a parameter, %% for a "
                    "percent."
                )
    return [*texts, current + sql[position:]], names
