"""`make run` from outside: what reaches make must reach everything that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ops.processes import descendants, is_running, wait_until
from tests.ops.served import ROOT, Server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc"),
]


def start(server: Server) -> tuple[subprocess.Popen[str], list[int]]:
    """`make run` with this very Python, once all of it runs."""
    clean = {k: v for k, v in server.environment.items() if not k.startswith(("MAKE", "MFLAGS"))}
    make = subprocess.Popen(
        ["make", "-s", "-o", "setup", "run", f"PY={sys.executable}"],
        cwd=ROOT,
        env={**clean, "WORKER_WARM_UP": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    server.started.append(make)
    wait_until(server.answers, "the server answers", seconds=60)
    wait_until(lambda: len(descendants(make.pid)) >= 9, "the worker runs too", seconds=60)
    return make, descendants(make.pid)


def test_sigterm_to_make_stops_everything(server: Server) -> None:
    make, family = start(server)
    make.terminate()
    make.wait(timeout=40)
    wait_until(lambda: not any(map(is_running, family)), "all processes are gone", seconds=40)


def test_ctrl_c_in_the_terminal_stops_everything(server: Server) -> None:
    make, family = start(server)
    os.killpg(make.pid, signal.SIGINT)
    make.wait(timeout=40)
    wait_until(lambda: not any(map(is_running, family)), "all processes are gone", seconds=40)


def test_make_killed_hard_stops_everything(server: Server) -> None:
    make, family = start(server)
    make.kill()
    make.wait(timeout=40)
    wait_until(lambda: not any(map(is_running, family)), "all processes are gone", seconds=40)
