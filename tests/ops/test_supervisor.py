"""The supervisor with real, cheap processes: what dies comes back, what stops leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.processes import is_running, wait_until

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import json, logging, sys
from idance.supervisor import Patience, Program, Supervisor
logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stderr)
given = json.loads(sys.argv[1])
programs = [Program(name, command) for name, command in given["programs"].items()]
sys.exit(Supervisor(programs, patience=Patience(**given["patience"]), **given["options"]).run())
"""
#: Notes its process id, starts a grandchild that notes its own, and waits.
FAMILY = 'echo "$$" >> {folder}/{name}; sleep 600 & echo "$!" >> {folder}/{name}; wait'


class Supervised:
    """A running supervisor and what is known of its children."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    def start(
        self, programs: dict[str, str], patience: dict[str, float] | None = None, **options: bool
    ) -> None:
        commands = {
            name: ["sh", "-c", script.format(folder=self.folder, name=name)]
            for name, script in programs.items()
        }
        given = {
            "programs": commands,
            "patience": {"first_pause": 0.05, **(patience or {})},
            "options": options,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, json.dumps(given)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def pids(self, name: str) -> list[int]:
        noted = self.folder / name
        return [int(line) for line in noted.read_text().split()] if noted.exists() else []

    def wait_for_pids(self, name: str, count: int) -> list[int]:
        wait_until(lambda: len(self.pids(name)) >= count, f"{name} has noted {count} processes")
        return self.pids(name)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, seconds: float = 10) -> tuple[int, str]:
        """The exit code and the whole output."""
        assert self.process is not None
        output, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, output

    def guard(self) -> int:
        """The process id of the guard: the child of the supervisor that runs guard.py."""
        assert self.process is not None
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid and "guard.py" in (entry / "cmdline").read_text():
                    return int(entry.name)
            except (FileNotFoundError, ProcessLookupError):
                continue
        return 0


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    one = Supervised(tmp_path)
    yield one
    if one.process is not None and one.process.poll() is None:
        one.process.kill()
        one.process.communicate()


def all_gone(pids: list[int]) -> None:
    wait_until(lambda: not any(is_running(pid) for pid in pids), f"{pids} are gone")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_and_that_is_no_failure(
    supervised: Supervised, number: signal.Signals
) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("nohup, which started the tests, says this signal is to be ignored")
    supervised.start({"web": "echo hello; " + FAMILY, "worker": FAMILY})
    pids = supervised.wait_for_pids("web", 2) + supervised.wait_for_pids("worker", 2)
    supervised.signal(number)
    code, output = supervised.end()
    assert code == 0
    assert "web    | hello\n" in output
    all_gone(pids)


def test_a_killed_program_comes_back_and_its_children_do_not_linger(supervised: Supervised) -> None:
    supervised.start({"worker": FAMILY, "web": FAMILY})
    leader, grandchild = supervised.wait_for_pids("worker", 2)
    web = supervised.wait_for_pids("web", 2)
    os.kill(leader, signal.SIGKILL)
    again = supervised.wait_for_pids("worker", 4)[2:]
    all_gone([leader, grandchild])
    assert all(is_running(pid) for pid in web + again)
    supervised.signal(signal.SIGTERM)
    code, output = supervised.end()
    assert code == 0
    assert "worker was ended by SIGKILL; starting it again in 0.05 s." in output


def test_a_program_that_dies_at_once_again_and_again_stops_everything_loudly(supervised: Supervised) -> None:
    supervised.start(
        {"web": "echo $$ >> {folder}/{name}; echo no such table >&2; exit 3", "worker": FAMILY},
        {"short_lives": 4},
    )
    code, output = supervised.end()
    assert code == 1
    assert len(supervised.pids("web")) == 4
    assert output.count("web    | no such table\n") == 4
    assert "starting it again in 0.2 s" in output  # the third pause: doubled twice
    assert "web failed with exit code 3, the 4th time at once. Giving up" in output
    all_gone(supervised.pids("worker"))


def test_a_command_that_is_not_there_is_named(supervised: Supervised) -> None:
    supervised.start({"worker": FAMILY})
    supervised.wait_for_pids("worker", 2)
    supervised.signal(signal.SIGTERM)
    supervised.end()
    given = {"programs": {"web": ["/nowhere/gunicorn"]}, "patience": {}, "options": {}}
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(given)], cwd=ROOT, capture_output=True, text=True, timeout=10
    )
    assert done.returncode == 1
    assert "web cannot be started: [Errno 2] No such file or directory: '/nowhere/gunicorn'." in done.stderr


def test_who_does_not_stop_is_made_to_after_the_grace(supervised: Supervised) -> None:
    supervised.start({"worker": "trap '' TERM; " + FAMILY}, {"grace": 0.3})
    pids = supervised.wait_for_pids("worker", 2)
    supervised.signal(signal.SIGTERM)
    code, output = supervised.end()
    assert code == 0
    assert "worker has not stopped by itself; ending it." in output
    all_gone(pids)


def test_a_second_ctrl_c_waits_no_longer(supervised: Supervised) -> None:
    supervised.start({"worker": "trap '' TERM; " + FAMILY}, {"grace": 600})
    pids = supervised.wait_for_pids("worker", 2)
    supervised.signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        supervised.end(seconds=0.8)  # the grace lasts
    supervised.signal(signal.SIGINT)
    assert supervised.end()[0] == 0
    all_gone(pids)


def test_nothing_survives_a_supervisor_that_was_killed(supervised: Supervised) -> None:
    supervised.start({"web": FAMILY, "worker": FAMILY})
    pids = supervised.wait_for_pids("web", 2) + supervised.wait_for_pids("worker", 2)
    supervised.signal(signal.SIGKILL)
    all_gone(pids)


@pytest.mark.slow
def test_not_even_one_that_ignores_being_asked(supervised: Supervised) -> None:
    supervised.start({"worker": "trap '' TERM; " + FAMILY})
    pids = supervised.wait_for_pids("worker", 2)
    supervised.signal(signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, pids)), "the guard has lost its patience", seconds=15)


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the guard in /proc")
def test_a_guard_that_was_killed_is_replaced_and_knows_the_programs(supervised: Supervised) -> None:
    supervised.start({"worker": FAMILY})
    pids = supervised.wait_for_pids("worker", 2)
    first = supervised.guard()
    assert first
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: supervised.guard() not in (0, first), "there is another guard")
    assert all(map(is_running, pids))
    supervised.signal(signal.SIGKILL)
    all_gone(pids)


def test_it_stops_when_what_started_it_is_killed(tmp_path: Path) -> None:
    """`make run` killed hard must not leave a server behind."""
    command = ["sh", "-c", FAMILY.format(folder=tmp_path, name="worker")]
    given = {"programs": {"worker": command}, "patience": {}, "options": {"stop_with_parent": True}}
    make = subprocess.Popen(
        ["sh", "-c", '"$@" & wait', "sh", sys.executable, "-c", RUN, json.dumps(given)],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    noted = tmp_path / "worker"
    wait_until(lambda: noted.exists() and len(noted.read_text().split()) == 2, "the worker runs")
    make.kill()
    make.wait()
    all_gone([int(pid) for pid in noted.read_text().split()])


def test_lost_readers_do_not_stop_the_programs(tmp_path: Path) -> None:
    """`make run | head -1`: the programs go on when nobody reads their output any more."""
    script = "n=0; while [ $n -lt 400 ]; do n=$((n+1)); echo line $n; done; " + FAMILY
    command = ["sh", "-c", script.format(folder=tmp_path, name="web")]
    given = {"programs": {"web": command}, "patience": {}, "options": {}}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, json.dumps(given)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"web | line 1\n"
    process.stderr.close()
    noted = tmp_path / "web"
    wait_until(
        lambda: noted.exists() and len(noted.read_text().split()) == 2, "the program has come to its end"
    )
    assert process.poll() is None
    process.terminate()
    assert process.wait(timeout=10) == 0
    all_gone([int(pid) for pid in noted.read_text().split()])
