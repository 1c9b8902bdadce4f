"""What is imported when, and what is said when it cannot be."""

from __future__ import annotations

import subprocess
import sys
import textwrap


def said(code: str) -> str:
    """What a fresh interpreter prints that runs *code*."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


HIDE = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hide())
"""


def test_the_asgi_part_needs_no_fastapi() -> None:
    assert said("import sys, dorm_fastapi.asgi; print('fastapi' in sys.modules)") == "False"
    assert (
        said(f"HIDDEN = {{'fastapi'}}{HIDE}import dorm_fastapi.asgi as a; print(a.DormMiddleware.__name__)")
        == "DormMiddleware"
    )


def test_importing_dorm_imports_neither_pydantic_nor_a_web_framework() -> None:
    code = "import sys, dorm; print(sorted({'pydantic', 'fastapi', 'starlette', 'asyncio'} & sys.modules.keys()))"
    assert said(code) == "[]"


def test_a_missing_library_is_named_with_the_line_that_installs_it() -> None:
    for hidden, statement, line in (
        ("fastapi", "from dorm_fastapi import CRUDRouter", 'pip install "djanorm[fastapi]"'),
        ("starlette", "from dorm_fastapi import Dorm", 'pip install "djanorm[fastapi]"'),
        ("pydantic", "from dorm.contrib.pydantic import DormSchema", 'pip install "djanorm[pydantic]"'),
        ("pydantic", "from dorm_fastapi import CRUDRouter", 'pip install "djanorm[pydantic]"'),
    ):
        code = f"HIDDEN = {{{hidden!r}}}{HIDE}"
        code += f"try:\n    {statement}\nexcept Exception as error:\n    print(type(error).__name__, error)\n"
        answer = said(code)
        assert answer.startswith("ImproperlyConfigured")
        assert answer.endswith(line)


def test_a_name_that_does_not_exist() -> None:
    code = """
        import dorm_fastapi
        try:
            dorm_fastapi.Drom
        except AttributeError as error:
            print(error)
        print(sorted(dorm_fastapi.__all__) == sorted(n for n in dir(dorm_fastapi) if n in dorm_fastapi.__all__))
    """
    assert said(code) == "module 'dorm_fastapi' has no attribute 'Drom'\nTrue"
