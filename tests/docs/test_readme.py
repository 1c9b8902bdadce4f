"""The README's programs run as they are printed."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent.parent
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
CLIENT = """
import json
from starlette.testclient import TestClient
from api import app

with TestClient(app) as client:
    made = client.post("/authors", json={"name": "Iain Banks", "bio": None})
    listed = client.get("/authors")
    print(json.dumps([made.status_code, [author["name"] for author in listed.json()["items"]]]))
"""


def run(folder: pathlib.Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])}
    command = [sys.executable, "-W", "error", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert "" == done.stderr
    return done.stdout


def test_the_first_model_prints_what_it_should(tmp_path: pathlib.Path) -> None:
    (tmp_path / "library.py").write_text(BLOCKS[0], encoding="utf-8")

    lines = run(tmp_path, "library.py").splitlines()

    assert ["['Ancillary Justice']", "Provenance 448", "Ancillary Justice 416", "Author object (1)"] == lines


def test_the_first_api_answers(tmp_path: pathlib.Path) -> None:
    (tmp_path / "library.py").write_text(BLOCKS[0], encoding="utf-8")
    (tmp_path / "api.py").write_text(BLOCKS[1], encoding="utf-8")

    answer = run(tmp_path, "-c", CLIENT).splitlines()[-1]

    assert [201, ["Ann Leckie", "Iain Banks"]] == json.loads(answer)
