"""What a stranger might send as a name, an option or a key.  ``TOKEN`` is part of each, so that it is found in SQL."""

from __future__ import annotations

TOKEN = "zq9"

HOSTILE: dict[str, str] = {
    "double quote": f'{TOKEN}"',
    "single quote": f"{TOKEN}'",
    "back quote": f"{TOKEN}`",
    "closed and commented": f'{TOKEN}" = 1 OR 1=1 --',
    "closed text": f"{TOKEN}' OR '1'='1",
    "second statement": f"{TOKEN}; DROP TABLE security_paper",
    "second statement, closed": f'{TOKEN}"; DROP TABLE security_paper; --',
    "bracket": f"{TOKEN}(",
    "closing bracket": f"{TOKEN}) OR (1=1",
    "square brackets": f"[{TOKEN}]",
    "comment": f"{TOKEN}--",
    "long comment": f"{TOKEN}/**/",
    "end of a comment": f"*/{TOKEN}",
    "hash": f"{TOKEN}#",
    "percent": f"{TOKEN}%",
    "percent s": f"{TOKEN}%s",
    "named percent": f"{TOKEN}%(name)s",
    "braces": f"{TOKEN}{{0}}",
    "question mark": f"{TOKEN}?",
    "dollar": f"$1{TOKEN}",
    "colon": f"{TOKEN}::text",
    "period": f"security_paper.{TOKEN}",
    "quoted period": f'"security_paper"."{TOKEN}"',
    "backslash": f"{TOKEN}\\",
    "space": f"{TOKEN} {TOKEN}",
    "leading space": f" {TOKEN}",
    "tab": f"{TOKEN}\t",
    "new line": f"{TOKEN}\n",
    "carriage return": f"{TOKEN}\r",
    "nul": f"{TOKEN}\x00",
    "nul first": f"\x00{TOKEN}",
    "bell": f"{TOKEN}\x07",
    "escape": f"{TOKEN}\x1b[2J",
    "delete": f"{TOKEN}\x7f",
    "next line": f"{TOKEN}\x85",
    "last control": f"{TOKEN}\x9f",
    "line separator": f"{TOKEN}\u2028",
    "zero width": f"{TOKEN}\u200b",
    "right to left": f"\u202e{TOKEN}",
    "full width": f"\uff5a{TOKEN}",
    "surrogate": f"{TOKEN}\ud800",
    "no letter": f"{TOKEN}\U0001f4a9",
    "over-long": TOKEN * 30,
    "very long": TOKEN * 30_000,
    "digit first": f"1{TOKEN}",
    "dunder": f"__{TOKEN}__",
    "dunder path": f"{TOKEN}__class__",
    "minus": f"-{TOKEN}",
    "plus": f"+{TOKEN}",
    "star": f"{TOKEN}*",
}

UNKNOWN = {"unknown": TOKEN, "reserved": f"{TOKEN}_connector"}
"""Names that could be some, and are none."""

NAMES = HOSTILE | UNKNOWN
