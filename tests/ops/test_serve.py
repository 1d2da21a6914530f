"""`manage.py serve` for real: what it says and does at its start and at its end."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path

import pytest

from idance.lib import system_libraries
from tests.ops.processes import descendants, is_running, wait_until
from tests.ops.served import Server


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_it_serves_until_it_is_told_to_stop_and_shows_the_password_once(server: Server) -> None:
    first = server.start()
    wait_until(server.answers, "the server answers", seconds=60)
    # gunicorn and its process; the queue's cluster, sentinel, worker, monitor and pusher; the guard
    wait_until(lambda: len(descendants(first.pid)) >= 8, "everything runs", seconds=60)
    family = descendants(first.pid)
    first.send_signal(signal.SIGTERM)
    output, _ = first.communicate(timeout=60)
    assert first.returncode == 0, output
    assert f"iDance is at http://localhost:{server.port} " in output
    assert output.count("The first admin is admin@idance.local with the password ") == 1
    wait_until(lambda: not any(map(is_running, family)), "all processes are gone")

    second = server.start()
    wait_until(server.answers, "the server answers again", seconds=60)
    wait_until(lambda: len(descendants(second.pid)) >= 8, "everything runs again", seconds=60)
    family = descendants(second.pid)
    second.kill()
    output, _ = second.communicate(timeout=60)
    assert "password" not in output
    wait_until(lambda: not any(map(is_running, family)), "nothing survives a hard kill", seconds=15)


def test_a_port_in_use_is_one_clear_sentence(server: Server) -> None:
    with socket.create_server(("127.0.0.1", server.port)):
        code, output = server.run()
    assert code == 1
    assert output == (
        f"CommandError: Port {server.port} is in use by another program. "
        f"Stop that program, or take another port: PORT={server.port + 1} make run\n"
    )


def test_an_address_of_another_machine_is_refused_by_name(server: Server) -> None:
    code, output = server.run(IDANCE_HOST="192.0.2.1")
    assert code == 1
    assert output.startswith("CommandError: IDANCE_HOST '192.0.2.1' is not an address of this machine")


def test_a_wrong_setting_is_one_clear_sentence(server: Server) -> None:
    code, output = server.run(WEB_THREADS="many")
    assert code == 1
    assert output == "Configuration: WEB_THREADS must be a whole number, not 'many'.\n"


def test_several_web_processes_without_redis_are_refused(server: Server) -> None:
    code, output = server.run(WEB_PROCESSES="2")
    assert code == 1
    assert "With WEB_PROCESSES above 1 limits would not hold." in output


def test_a_worker_alone_does_not_touch_a_database_that_is_not_ready(server: Server) -> None:
    code, output = server.run("--only", "worker")
    assert code == 1
    assert output.endswith(
        "CommandError: The database is not up to date. Start the web server first: it migrates.\n"
    )


def test_a_database_that_does_not_answer_is_named(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    code, output = server.run(DATABASE_URL=f"postgres://nobody:secret@127.0.0.1:{port}/idance")
    assert code == 1
    assert "CommandError: The database does not answer: " in output
    assert "secret" not in output
    assert "Traceback" not in output


def test_a_missing_system_library_names_its_package() -> None:
    needed = {"libc.so.6": ("libc6", "glibc"), "libnosuch.so.1": ("libnosuch1", "nosuch")}
    if sys.platform != "linux":
        pytest.skip("system libraries are looked for on Linux")
    assert system_libraries.missing(needed) == ["libnosuch.so.1"]
    assert "Debian, Ubuntu: apt-get install libnosuch1." in system_libraries.advice(
        ["libnosuch.so.1"], needed
    )
    assert system_libraries.missing() == []  # this machine runs the tests, so it has what OpenCV needs
