"""Functions of texts: the same answer on both databases, NULL of NULL, and mistakes told where they are made."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm import (
    MD5,
    SHA1,
    SHA224,
    SHA256,
    SHA384,
    SHA512,
    Chr,
    Concat,
    F,
    Func,
    Left,
    Length,
    Lower,
    LPad,
    LTrim,
    Ord,
    Repeat,
    Replace,
    Reverse,
    Right,
    RPad,
    RTrim,
    StrIndex,
    Substr,
    Trim,
    Upper,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.testbed.colours import Call
    from tests.testbed.databases import Database

    Tables = Callable[..., None]


class Line(dorm.Model):
    text = dorm.CharField(max_length=50)
    alias = dorm.CharField(max_length=50, null=True)
    size = dorm.IntegerField(default=3)

    class Meta:
        app_label = "functions_text"


async def computed(tables: Tables, call: Call, expression: Any, text: str = "Göran Löf") -> Any:
    """What *expression* gives for one line."""
    tables(Line)
    await call(Line.objects, "create", text=text)
    return (await call(Line.objects.annotate(x=expression), "get")).x


TEXT = "Göran Löf"

FUNCTIONS = [
    (Upper("text"), "GÖRAN LÖF"),
    (Lower("text"), "göran löf"),
    (Length("text"), 9),
    (Left("text", 3), "Gör"),
    (Left("text", 99), TEXT),
    (Left("text", F("size")), "Gör"),
    (Left("text", "size"), "Gör"),
    (Right("text", 3), "Löf"),
    (Right("text", 99), TEXT),
    (Right("text", F("size") - 1), "öf"),
    (Substr("text", 2), "öran Löf"),
    (Substr("text", 2, 3), "öra"),
    (Substr("text", F("size"), 2), "ra"),
    (Substr("text", 20), ""),
    (F("text")[0], "G"),
    (F("text")[1:3], "ör"),
    (F("text")[:5], "Göran"),
    (F("text")[6:], "Löf"),
    (LPad("text", 12, Value("ab")), "abaGöran Löf"),
    (LPad("text", 11), "  Göran Löf"),
    (LPad("text", 3), "Gör"),
    (LPad("text", 0), ""),
    (RPad("text", 12, Value("ab")), "Göran Löfaba"),
    (RPad("text", F("size") + 7), "Göran Löf "),
    (RPad("text", 2), "Gö"),
    (LPad("text", 12, Value("")), TEXT),
    (Trim(Value("  a b ")), "a b"),
    (LTrim(Value("  a b ")), "a b "),
    (RTrim(Value("  a b ")), "  a b"),
    (Repeat("text", 2), TEXT + TEXT),
    (Repeat("text", 0), ""),
    (Repeat(Value("ab"), "size"), "ababab"),
    (Replace("text", Value("ö"), Value("oe")), "Goeran Loef"),
    (Replace("text", Value("ö")), "Gran Lf"),
    (Replace("text", Value("x"), Value("y")), TEXT),
    (Replace("text", Value(""), Value("y")), TEXT),
    (Reverse("text"), "föL naröG"),
    (StrIndex("text", Value("ö")), 2),
    (StrIndex("text", Value("L")), 7),
    (StrIndex("text", Value("x")), 0),
    (StrIndex("text", Value("")), 1),
    (Chr(Value(246)), "ö"),
    (Chr(F("size") + 62), "A"),
    (Ord("text"), 71),
    (Ord(Value("ö")), 246),
    (Ord(Value("")), 0),
    (Concat("text", Value("!"), "size", "alias"), "Göran Löf!3"),
    (Length("size"), 1),
    (Left(Value(12345), 2), "12"),
    (MD5("text"), hashlib.md5(TEXT.encode()).hexdigest()),
    (SHA224("text"), hashlib.sha224(TEXT.encode()).hexdigest()),
    (SHA256("text"), hashlib.sha256(TEXT.encode()).hexdigest()),
    (SHA384("text"), hashlib.sha384(TEXT.encode()).hexdigest()),
    (SHA512("text"), hashlib.sha512(TEXT.encode()).hexdigest()),
    (Func("text", function="LOWER"), "göran löf"),
    (Func("text", Value("!"), template="(%(expressions)s)", arg_joiner=" || "), "Göran Löf!"),
    (Func("size", function="ABS", output_field=dorm.FloatField()), 3.0),
]


@pytest.mark.parametrize(("expression", "expected"), FUNCTIONS, ids=lambda one: repr(one)[:60])
async def test_a_function_of_texts(tables: Tables, call: Call, expression: Any, expected: Any) -> None:
    found = await computed(tables, call, expression)

    assert (type(expected), expected) == (type(found), found)


@pytest.mark.parametrize(
    "expression",
    [
        Upper("alias"),
        Lower("alias"),
        Length("alias"),
        Left("alias", 2),
        Right("alias", 2),
        Substr("alias", 2),
        Substr("alias", 2, 1),
        F("alias")[1:2],
        LPad("alias", 2),
        RPad("alias", 2, Value("x")),
        LPad("text", 20, "alias"),
        Trim("alias"),
        LTrim("alias"),
        RTrim("alias"),
        Repeat("alias", 2),
        Replace("alias", Value("a"), Value("b")),
        Replace("text", "alias"),
        Reverse("alias"),
        StrIndex("alias", Value("a")),
        StrIndex("text", "alias"),
        Chr(Length("alias")),
        Ord("alias"),
        MD5("alias"),
        SHA224("alias"),
        SHA256("alias"),
        SHA384("alias"),
        SHA512("alias"),
    ],
    ids=repr,
)
async def test_null_gives_null(tables: Tables, call: Call, expression: Any) -> None:
    assert await computed(tables, call, expression) is None


async def test_concat_takes_null_as_empty(tables: Tables, call: Call) -> None:
    assert "" == await computed(tables, call, Concat("alias", "alias"))


async def test_sha1_needs_an_extension_of_postgresql_which_the_error_names(
    tables: Tables, call: Call, db: Database
) -> None:
    if db.vendor == "sqlite":
        assert hashlib.sha1(TEXT.encode()).hexdigest() == await computed(tables, call, SHA1("text"))
    else:
        with pytest.raises(dorm.NotSupportedError, match="pgcrypto"):
            await computed(tables, call, SHA1("text"))


@pytest.mark.parametrize("text", ["", "a'b", "100% ?", "日本語", "ß"])
async def test_functions_take_any_text(tables: Tables, call: Call, text: str) -> None:
    expression = Concat(Reverse("text"), Value("|"), Replace("text", "text", Value("x")), Value("|"), Length("text"))

    replaced = "x" if text else ""
    assert f"{text[::-1]}|{replaced}|{len(text)}" == await computed(tables, call, expression, text)


async def test_functions_order_filter_update_and_nest(tables: Tables, call: Call) -> None:
    tables(Line)
    await call(Line.objects, "bulk_create", [Line(text=text) for text in ("bb", "Ccc", "a")])

    longest_first = Line.objects.order_by(Length("text").desc()).values_list("text", flat=True)
    assert ["Ccc", "bb", "a"] == await call.list(longest_first)
    assert 2 == await call(Line.objects.alias(n=Length("text")).filter(n__gt=1), "count")
    assert 1 == await call(Line.objects.filter(text=Lower(Upper("text")), size__gt=Length("text") + 1), "count")
    await call(Line.objects.filter(text="a"), "update", alias=Upper(Repeat("text", 3)))
    assert "AAA" == (await call(Line.objects, "get", text="a")).alias


async def test_a_function_computes_a_new_row(tables: Tables, call: Call) -> None:
    tables(Line)
    made = await call(Line.objects, "create", text=Lower(Value("ABC")))

    assert "abc" == (await call(Line.objects, "get", pk=made.pk)).text


MISTAKES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Left("text", 0), ValueError, "'length' must be greater than 0"),
    (lambda: Right("text", -1), ValueError, "'length' must be greater than 0"),
    (lambda: Left("text", 1.5), ValueError, "'length'"),
    (lambda: Left("text", True), ValueError, "'length'"),
    (lambda: LPad("text", -1), ValueError, "'length' must be greater or equal to 0"),
    (lambda: RPad("text", -1), ValueError, "'length' must be greater or equal to 0"),
    (lambda: Repeat("text", -1), ValueError, "'number' must be greater or equal to 0"),
    (lambda: Substr("text", 0), ValueError, "'pos' must be greater than 0"),
    (lambda: Substr("text", 1, -1), ValueError, "'length'"),
    (lambda: Concat("text"), ValueError, "at least two"),
    (Upper, TypeError, "takes 1"),
    (lambda: StrIndex("text"), TypeError, "takes 2"),
    (lambda: Length("text", "alias"), TypeError, "takes 1"),
    (lambda: F("text")[-1], ValueError, "Negative indexing"),
    (lambda: F("text")[0:-1], ValueError, "Negative indexing"),
    (lambda: F("text")[0:4:2], ValueError, "Step"),
    (lambda: F("text")[3:3], ValueError, "greater than slice start"),
    (lambda: F("text")["a"], TypeError, "int or slice"),
    (lambda: Line.objects.annotate(x=F("size")[0:1]), dorm.NotSupportedError, "slicing"),
    (lambda: list(F("text")), TypeError, "iterable"),
    (lambda: Func("text"), TypeError, "function="),
    (lambda: Func("text", template="%(nope)s"), TypeError, "nope"),
    (lambda: Upper("text", output_field="text"), TypeError, "output_field"),
    (lambda: Line.objects.annotate(x=Replace("text", "nope")), dorm.FieldError, "nope"),
]


@pytest.mark.parametrize(("make", "kind", "words"), MISTAKES)
def test_mistakes_are_told_at_the_line_that_made_them(
    make: Callable[[], Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        make()
