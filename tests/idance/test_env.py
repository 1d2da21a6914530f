"""Environment variables: typed, and a wrong one stops the start with a clear sentence."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from idance import env

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("THING", raising=False)
    return monkeypatch


def test_text(given: pytest.MonkeyPatch) -> None:
    assert env.text("THING") == ""
    assert env.text("THING", "else") == "else"
    given.setenv("THING", "  said ")
    assert env.text("THING", "else") == "said"
    given.setenv("THING", "   ")
    assert env.text("THING", "else") == "else"


def test_text_of_a_choice(given: pytest.MonkeyPatch) -> None:
    assert env.text("THING", "a", choices=["a", "b"]) == "a"
    given.setenv("THING", "c")
    with pytest.raises(ImproperlyConfigured, match="THING must be one of a, b, not 'c'."):
        env.text("THING", "a", choices=["a", "b"])


@pytest.mark.parametrize(
    ("value", "meant"),
    [("1", True), ("TRUE", True), ("Yes", True), ("on", True), ("0", False), ("false", False), ("NO", False)]
    + [("off", False), (" true ", True)],
)
def test_flag(given: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    given.setenv("THING", value)
    assert env.flag("THING", not meant) is meant


def test_flag_absent_or_wrong(given: pytest.MonkeyPatch) -> None:
    assert env.flag("THING", True) is True
    given.setenv("THING", "")
    assert env.flag("THING", False) is False
    given.setenv("THING", "maybe")
    with pytest.raises(ImproperlyConfigured, match="THING must be true or false, not 'maybe'."):
        env.flag("THING", True)


def test_whole(given: pytest.MonkeyPatch) -> None:
    assert env.whole("THING", 7) == 7
    given.setenv("THING", " 42 ")
    assert env.whole("THING", 7, least=1, most=42) == 42


@pytest.mark.parametrize("value", ["4.5", "four", "0x10", "1e3"])
def test_whole_that_is_no_number(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("THING", value)
    with pytest.raises(ImproperlyConfigured, match=f"THING must be a whole number, not '{value}'."):
        env.whole("THING", 7)


@pytest.mark.parametrize(
    ("value", "least", "most", "span"),
    [("0", 1, 5, "1..5"), ("6", 1, 5, "1..5"), ("0", 1, None, "1.."), ("9", None, 8, "..8")],
)
def test_whole_out_of_its_range(
    given: pytest.MonkeyPatch, value: str, least: int | None, most: int | None, span: str
) -> None:
    given.setenv("THING", value)
    with pytest.raises(ImproperlyConfigured, match=f"THING must be within {span}, not {value}."):
        env.whole("THING", 7, least=least, most=most)


def test_a_default_out_of_its_own_range_is_a_fault_too(given: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured):
        env.whole("THING", 0, least=1)


def test_words(given: pytest.MonkeyPatch) -> None:
    assert env.words("THING", ["a"]) == ["a"]
    given.setenv("THING", " one, two ,,three,")
    assert env.words("THING", ["a"]) == ["one", "two", "three"]
    given.setenv("THING", " , ")
    assert env.words("THING", ["a"]) == ["a"]


def test_folder(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert env.folder("THING", tmp_path) == tmp_path
    given.chdir(tmp_path)
    given.setenv("THING", "beside/../here")
    assert env.folder("THING", Path("/")) == tmp_path / "here"
    given.setenv("HOME", str(tmp_path))
    given.setenv("THING", "~/data")
    assert env.folder("THING", Path("/")) == tmp_path / "data"
    assert not (tmp_path / "data").exists()


def test_a_secret_that_is_given_counts(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv("THING", "x" * 32)
    assert env.secret("THING", tmp_path / "kept") == "x" * 32
    assert not (tmp_path / "kept").exists()


def test_a_short_secret_is_refused_without_showing_it(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv("THING", "hunter2")
    with pytest.raises(ImproperlyConfigured, match="THING must have at least 32 characters") as refused:
        env.secret("THING", tmp_path / "kept")
    assert "hunter2" not in str(refused.value)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "new" / "kept"
    made = env.secret("THING", path)
    assert len(made) >= 48
    assert env.secret("THING", path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["kept"]
    assert env.secret("THING", tmp_path / "another") != made


def test_a_damaged_secret_is_named(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    with pytest.raises(ImproperlyConfigured, match="kept is damaged"):
        env.secret("THING", tmp_path / "kept")


def test_a_file_system_without_links_will_do(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def no_links(*args: object) -> None:
        raise PermissionError("Operation not permitted")

    given.setattr(os, "link", no_links)
    made = env.secret("THING", tmp_path / "kept")
    assert env.secret("THING", tmp_path / "kept") == made
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from idance import env; "
    code += "print(env.secret('THING', Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path / "kept")]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate(timeout=60)[0] for process in processes}) == 1


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("PORT", "http", "PORT must be a whole number"),
        ("DATABASE_URL", "mysql://localhost/x", "must name a postgres:// or sqlite:// database"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL cannot be read"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT must be one of text, json"),
        ("SECRET_KEY", "short", "SECRET_KEY must have at least 32 characters"),
        ("IDANCE_URL", "dance.example.com", "IDANCE_URL must be an address"),
        ("IDANCE_URL", "https://", "IDANCE_URL must be an address"),
        ("IDANCE_URL", "https://dance.example.com/api", "without a path"),
        ("REDIS_URL", "127.0.0.1:6379", "REDIS_URL must be an address such as redis://"),
        (
            "IDANCE_DATA_DIR",
            "/dev/null/data",
            "The data folder /dev/null/data cannot be made: Not a",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start(tmp_path: Path, name: str, value: str, complaint: str) -> None:
    surroundings = {**os.environ, "IDANCE_DATA_DIR": str(tmp_path), name: value}
    started = subprocess.run(
        [sys.executable, "-c", "import idance.settings"],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode != 0
    assert complaint in started.stderr
