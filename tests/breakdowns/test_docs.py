"""The breakdowns that docs/breakdown-example.md shows are what the API answers with, field by field."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.api_client import validator_at

DOCS = Path(__file__).resolve().parents[2] / "docs" / "breakdown-example.md"
#: Stands in the docs for beats and signatures that are left out.
LEFT_OUT = "…"


def shown() -> list[dict[str, Any]]:
    blocks = re.findall(r"^```json\n(.*?)^```$", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    found: list[dict[str, Any]] = [json.loads(block) for block in blocks]
    for breakdown in found:
        breakdown["beats"].remove(LEFT_OUT)
    return found


@pytest.mark.parametrize("number", range(2))
def test_what_the_docs_show_is_what_the_api_answers(number: int) -> None:
    breakdown = shown()[number]
    problems = [
        f"{error.json_path}: {error.message}"
        for error in validator_at("components", "schemas", "BreakdownDetail").iter_errors(breakdown)
    ]
    assert problems == []
    steps = breakdown["steps"]
    assert len(steps) == breakdown["totalSteps"] == breakdown["routineAnalysis"]["total_segments"]
    assert [step["step_number"] for step in steps] == list(range(1, len(steps) + 1))
    for step, following in zip(steps, steps[1:], strict=False):
        assert step["start_timestamp"] < step["end_timestamp"] == following["start_timestamp"]


def test_the_docs_show_no_more_than_these() -> None:
    assert len(shown()) == 2
