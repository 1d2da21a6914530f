"""Every operation of the API has a test, and `docs/api.md` names it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.api_client import openapi

ROOT = Path(__file__).resolve().parents[3]
ROW = re.compile(r"^\| `([A-Z]+ \S+)` \|.*\| (\d+) \| `([^`]*)` \|$", re.MULTILINE)


def rows() -> dict[str, tuple[int, str]]:
    """operation -> how many tests ask for it, and one of them."""
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    return {operation: (int(tests), example) for operation, tests, example in ROW.findall(page)}


def test_the_page_names_every_operation_and_no_other() -> None:
    known = {f"{method.upper()} {path}" for path, each in openapi()["paths"].items() for method in each}
    assert set(rows()) == known, "scripts/operations.py writes the page anew"


def test_every_operation_has_a_test_of_its_own() -> None:
    assert [operation for operation, (tests, _) in rows().items() if not tests] == []


def test_the_tests_that_are_named_exist() -> None:
    gone = []
    for operation, (_, example) in rows().items():
        file, _, name = example.rpartition("::")
        path = ROOT / file.split("::")[0]
        if not path.is_file() or f"def {name}(" not in path.read_text(encoding="utf-8"):
            gone.append(f"{operation}: {example}")
    assert gone == [], "scripts/operations.py writes the page anew"
