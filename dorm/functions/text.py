"""Functions of texts.  Positions begin with 1, lengths are characters; values of other kinds count as their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dorm.expressions import Value
from dorm.functions.base import Func, as_integer, as_text, whole
from dorm.sql import nodes
from dorm.sql.kinds import Kind

if TYPE_CHECKING:
    from dorm.expressions import Builder
    from dorm.sql.nodes import Node


SPACE, EMPTY = Value(" "), Value("")


class TextFunction(Func):
    """Base: arguments are texts, except those that ``numbers`` names by their place."""

    result = Kind.TEXT
    numbers: ClassVar[tuple[int, ...]] = ()

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        arguments = tuple(
            as_integer(builder, part) if place in cls.numbers else as_text(builder, part)
            for place, part in enumerate(parts)
        )
        return nodes.Call(str(cls.function), arguments)


class Upper(TextFunction):
    """Text in capitals, in all of Unicode."""

    function, arity, lookup_name = "UPPER", 1, "upper"

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Folded("upper", as_text(builder, parts[0]))


class Lower(TextFunction):
    """Text in small letters, in all of Unicode."""

    function, arity, lookup_name = "LOWER", 1, "lower"

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Folded("lower", as_text(builder, parts[0]))


class Length(TextFunction):
    """The number of characters."""

    function, arity, result, lookup_name = "LENGTH", 1, Kind.INTEGER, "length"


class Concat(Func):
    """Texts one after the other; NULL counts as empty, and other kinds as their text."""

    function, result = "CONCAT", Kind.TEXT

    def __init__(self, *expressions: Any, output_field: Any = None) -> None:
        if len(expressions) < 2:
            raise ValueError("Concat must take at least two expressions")
        super().__init__(*expressions, output_field=output_field)

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Concatenation(tuple(nodes.Cast(builder.node(part), Kind.TEXT) for part in parts))


class Chr(Func):
    """The character of a code point."""

    function, arity, result, lookup_name = "CHR", 1, Kind.TEXT, "chr"

    @classmethod
    def build(cls, builder: Builder, *parts: Any) -> Node:
        return nodes.Call("CHR", (as_integer(builder, parts[0]),))


class Ord(TextFunction):
    """The code point of the first character; 0 of an empty text."""

    function, arity, result, lookup_name = "ORD", 1, Kind.INTEGER, "ord"


class Left(TextFunction):
    """The first *length* characters."""

    function, numbers = "LEFT", (1,)

    def __init__(self, expression: Any, length: Any, *, output_field: Any = None) -> None:
        super().__init__(expression, whole(length, 1, "'length' must be greater than 0."), output_field=output_field)


class Right(TextFunction):
    """The last *length* characters."""

    function, numbers = "RIGHT", (1,)

    def __init__(self, expression: Any, length: Any, *, output_field: Any = None) -> None:
        super().__init__(expression, whole(length, 1, "'length' must be greater than 0."), output_field=output_field)


class LPad(TextFunction):
    """Text filled up on the left to *length* characters, or cut to them."""

    function, numbers = "LPAD", (1,)

    def __init__(self, expression: Any, length: Any, fill_text: Any = SPACE, *, output_field: Any = None) -> None:
        number = whole(length, 0, "'length' must be greater or equal to 0.")
        super().__init__(expression, number, fill_text, output_field=output_field)


class RPad(TextFunction):
    """Text filled up on the right to *length* characters, or cut to them."""

    function, numbers = "RPAD", (1,)

    def __init__(self, expression: Any, length: Any, fill_text: Any = SPACE, *, output_field: Any = None) -> None:
        number = whole(length, 0, "'length' must be greater or equal to 0.")
        super().__init__(expression, number, fill_text, output_field=output_field)


class Trim(TextFunction):
    """Without spaces at both ends."""

    function, arity, lookup_name = "TRIM", 1, "trim"


class LTrim(TextFunction):
    """Without spaces at the beginning."""

    function, arity, lookup_name = "LTRIM", 1, "ltrim"


class RTrim(TextFunction):
    """Without spaces at the end."""

    function, arity, lookup_name = "RTRIM", 1, "rtrim"


class Repeat(TextFunction):
    """The text *number* times."""

    function, numbers = "REPEAT", (1,)

    def __init__(self, expression: Any, number: Any, *, output_field: Any = None) -> None:
        times = whole(number, 0, "'number' must be greater or equal to 0.")
        super().__init__(expression, times, output_field=output_field)


class Replace(TextFunction):
    """The text with *replacement* in each place of *text*."""

    function = "REPLACE"

    def __init__(self, expression: Any, text: Any, replacement: Any = EMPTY, *, output_field: Any = None) -> None:
        super().__init__(expression, text, replacement, output_field=output_field)


class Reverse(TextFunction):
    """The text from its end."""

    function, arity, lookup_name = "REVERSE", 1, "reverse"


class StrIndex(TextFunction):
    """Where *substring* occurs first in *string*, from 1; 0 when it does not."""

    function, arity, result = "STRPOS", 2, Kind.INTEGER


class Substr(TextFunction):
    """The characters from *pos* on, all or *length* of them."""

    function, numbers = "SUBSTR", (1, 2)

    def __init__(self, expression: Any, pos: Any, length: Any = None, *, output_field: Any = None) -> None:
        arguments = [whole(pos, 1, "'pos' must be greater than 0")]
        if length is not None:
            arguments.append(whole(length, 0, "'length' must be greater or equal to 0."))
        super().__init__(expression, *arguments, output_field=output_field)


class MD5(TextFunction):
    """The MD5 hash of the text in UTF-8, as hexadecimal digits."""

    function, arity, lookup_name = "MD5", 1, "md5"


class SHA1(TextFunction):
    """The SHA-1 hash of the text in UTF-8, as hexadecimal digits.  PostgreSQL needs its extension pgcrypto for it."""

    function, arity, lookup_name = "SHA1", 1, "sha1"


class SHA224(TextFunction):
    """The SHA-224 hash of the text in UTF-8, as hexadecimal digits."""

    function, arity, lookup_name = "SHA224", 1, "sha224"


class SHA256(TextFunction):
    """The SHA-256 hash of the text in UTF-8, as hexadecimal digits."""

    function, arity, lookup_name = "SHA256", 1, "sha256"


class SHA384(TextFunction):
    """The SHA-384 hash of the text in UTF-8, as hexadecimal digits."""

    function, arity, lookup_name = "SHA384", 1, "sha384"


class SHA512(TextFunction):
    """The SHA-512 hash of the text in UTF-8, as hexadecimal digits."""

    function, arity, lookup_name = "SHA512", 1, "sha512"
