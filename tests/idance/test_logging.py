"""Logs go to standard error, as text for people or as JSON for machines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEAK = """
import django, logging
django.setup()
log = logging.getLogger("idance.test")
log.info("one line\\nand another", extra={"job": "job_1"})
log.debug("too much detail")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("it broke")
logging.getLogger("django.request").warning("Not Found: %s", "/api/x")
"""


def logged(tmp_path: Path, **environment: str) -> str:
    surroundings = {
        **os.environ,
        "IDANCE_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "idance.settings",
        **environment,
    }
    done = subprocess.run(
        [sys.executable, "-c", SPEAK], cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done.stderr


def test_json_is_one_object_a_line(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in logged(tmp_path, LOG_FORMAT="json").splitlines()]
    assert [line["levelname"] for line in lines] == ["INFO", "ERROR", "WARNING"]
    assert lines[0]["message"] == "one line\nand another"
    assert lines[0]["name"] == "idance.test"
    assert lines[0]["job"] == "job_1"
    assert "ZeroDivisionError" in lines[1]["exc_info"]
    assert lines[2]["message"] == "Not Found: /api/x"
    assert all(line["asctime"] for line in lines)


def test_text_is_for_people(tmp_path: Path) -> None:
    said = logged(tmp_path)
    assert " INFO    idance.test: one line" in said
    assert "Traceback" in said
    assert said.count("Not Found: /api/x") == 1


def test_the_level_can_be_chosen(tmp_path: Path) -> None:
    assert "one line" not in logged(tmp_path, LOG_LEVEL="ERROR")
    assert "too much detail" in logged(tmp_path, LOG_LEVEL="DEBUG")
