"""``scripts/faults``: the quick and the long half with a table at the end, or the mutations."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from tests.faults.mutating import mutate

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ["tests/faults", "tests/security", "tests/db"]


def main() -> int:
    """The exit code tells whether everything passed."""
    parser = argparse.ArgumentParser(prog="scripts/faults", description="Inject faults; see the file's own words.")
    parser.add_argument("--rounds", type=int, default=5, help="how often a scenario is repeated")
    parser.add_argument("--soak", type=float, default=30, help="minutes of mixed load with faults; 0: none")
    parser.add_argument("--mutations", action="store_true", help="take each protection away, in a copy")
    parser.add_argument("--only", default="", help="a word in the names of the tests or mutations")
    given = parser.parse_args()
    if given.mutations:
        return mutate(ROOT, given.only)
    return run(given)


def run(given: argparse.Namespace) -> int:
    """Run pytest, and show its report as a table."""
    environment = os.environ | {
        "DORM_FAULTS": "long",
        "DORM_FAULT_ROUNDS": str(given.rounds),
        "DORM_SOAK": str(given.soak),
    }
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
        command += [f"--junitxml={report}", "-o", "junit_family=xunit1", "--timeout=0", *FOLDERS]
        command += ["-k", given.only] if given.only else []
        started = time.monotonic()
        code = subprocess.call(command, cwd=ROOT, env=environment)
        table(report)
    print(f"\n{(time.monotonic() - started) / 60:.1f} minutes, {given.rounds} rounds, exit code {code}")
    return code


def table(report: Path) -> None:
    """One line per test of the faults, one per file of the others."""
    rows: dict[str, list[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        file = (case.get("file") or case.get("classname") or "").replace(".py", "")
        name = f"{file}::{case.get('name')}" if "faults" in file else file
        outcome = next((child.tag for child in case if child.tag in {"failure", "error", "skipped"}), "passed")
        if outcome == "skipped":
            outcome = f"skipped: {next(iter(case)).get('message')}"
        told = [str(one.get("value")) for one in case.iter("property")]
        kept = rows.setdefault(name, ["0", "0", "passed", ""])
        kept[0] = str(int(kept[0]) + 1)
        kept[1] = f"{float(kept[1]) + float(case.get('time') or 0):.1f}"
        kept[2] = outcome if outcome != "passed" else kept[2]
        kept[3] = "; ".join(filter(None, [kept[3], *told]))
    print("\n| scenario | tests | seconds | outcome | measured |\n|---|---|---|---|---|")
    for name, row in rows.items():
        print(f"| {name} | {' | '.join(row)} |")


if __name__ == "__main__":
    sys.exit(main())
