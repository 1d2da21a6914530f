"""The Makefile and the set-up behind it, in a copy of their own: what a newcomer meets first."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def make(*arguments: str, cwd: Path = ROOT, **environment: str) -> tuple[int, str]:
    # Without the variables by which this very test run's make would speak to ours.
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", *arguments],
        cwd=cwd,
        env={**clean, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout


@pytest.fixture
def newcomer(tmp_path: Path) -> Path:
    """A fresh checkout whose requirements can be met without a network: there are none."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        (tmp_path / name).write_text("# nothing\n")
    return tmp_path


@pytest.fixture
def setup_venv() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_venv", ROOT / "scripts" / "setup_venv.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_make_alone_tells_what_can_be_made() -> None:
    code, output = make()
    assert code == 0
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    told = set(re.findall(r"^  make ([a-z-]+) +\S", output, flags=re.MULTILINE))
    assert told == targets


def test_no_python_is_one_clear_sentence(newcomer: Path) -> None:
    code, output = make("setup", "PYTHON=python-that-is-not-there", cwd=newcomer)
    assert code != 0
    assert "there is no python-that-is-not-there here. Install Python 3.11 or 3.12" in output


def test_an_unfit_python_is_one_clear_sentence(
    setup_venv: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 13, 1, "final", 0))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(setup_venv.SetupError, match=r"iDance needs Python 3\.11 or 3\.12"):
        setup_venv.use_fitting_python()


def test_a_python_without_venv_names_the_package(
    setup_venv: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)  # as Debian ships Python without python3-venv
    monkeypatch.setattr(setup_venv.platform, "machine", lambda: "x86_64")
    with pytest.raises(setup_venv.SetupError, match=r"apt install python3\.\d+-venv"):
        setup_venv.check_machine()


@pytest.mark.parametrize(
    ("output", "explanation"),
    [
        ("NewConnectionError: Failed to establish a new connection: Name or service not known", "reached"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for mediapipe==0.10.21", "no build for this machine"),
    ],
)
def test_a_failed_installation_is_explained(setup_venv: ModuleType, output: str, explanation: str) -> None:
    assert explanation in setup_venv.explain(output)


@pytest.mark.slow
def test_set_up_works_once_and_is_silent_and_instant_after_that(newcomer: Path) -> None:
    code, output = make("setup", cwd=newcomer)
    assert code == 0, output
    assert "making .venv" in output
    assert (newcomer / ".venv/bin/python").exists()
    assert make("setup", cwd=newcomer) == (0, "")

    (newcomer / "requirements.txt").write_text("# something new\n")
    code, output = make("setup", cwd=newcomer)
    assert code == 0
    assert "installing requirements.txt" in output
    assert "making .venv" not in output  # the environment itself is still good

    moved = newcomer.with_name("moved")
    newcomer.rename(moved)
    code, output = make("setup-dev", cwd=moved)
    assert code == 0
    assert "making .venv" in output  # its scripts name the old place
    assert make("setup", cwd=moved) == (0, "")  # what tests need contains what running needs


@pytest.mark.slow
def test_what_cannot_be_installed_stops_with_a_reason_and_is_tried_again(newcomer: Path) -> None:
    (newcomer / "requirements.txt").write_text("no-such-package-of-idance==1.0\n")
    for _ in range(2):
        code, output = make("setup", cwd=newcomer, PIP_NO_INDEX="1")
        assert code != 0
        assert "No matching distribution found for no-such-package-of-idance==1.0" in output
        assert "A pinned package has no build for this machine." in output
