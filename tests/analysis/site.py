"""A whole site of its own for tests with real worker processes: database, queue, folder, environment."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.ops.processes import is_running

ROOT = Path(__file__).resolve().parents[2]
_migrated: list[bytes] = []


def environment_of(folder: Path, **environment: str) -> dict[str, str]:
    """What the processes of a site in this folder see."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "tests.analysis.naps.settings",
        "IDANCE_DATA_DIR": str(folder / "var"),
        "PYTHON_DOTENV_DISABLED": "1",
        "WORKER_WARM_UP": "0",
        "WORKERS": "1",
        "NAP_QUEUE": f"naps-{secrets.token_hex(4)}",
        "JOB_HEARTBEAT_TIMEOUT": "2",
        **environment,
    }


def migrate(environment: dict[str, str]) -> None:
    """Make the tables of a site's database."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60)


class Site:
    """Its processes run with `tests.analysis.naps.settings` and see nothing of the test's own database."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.log = folder / "worker.log"
        self.environment = environment_of(folder, **environment)
        self._started: list[subprocess.Popen[Any]] = []
        self._migrate()
        self._control = self.start("-m", "tests.analysis.naps.control", pipes=True)

    @classmethod
    def on_another_machine(cls, site: Site) -> Site:
        """The same database and queue, but another disk."""
        folder = site.folder / "other"
        folder.mkdir()
        database = site.environment.get("DATABASE_URL") or f"sqlite:///{site.folder}/var/idance.sqlite3"
        shared = ("NAP_QUEUE", "REDIS_URL")
        queue = {name: site.environment[name] for name in shared if name in site.environment}
        # Messages are signed with the secret, so machines of one site share it.
        secret = (site.folder / "var" / "secret_key").read_text()
        return cls(folder, DATABASE_URL=database, SECRET_KEY=secret, **queue)

    def _migrate(self) -> None:
        """Make the database, of a copy of the first one that was made; one that is given is made already."""
        if "DATABASE_URL" in self.environment:
            return
        if not _migrated:
            migrate(self.environment)
            _migrated.append((self.folder / "var" / "idance.sqlite3").read_bytes())
        (self.folder / "var").mkdir(exist_ok=True)
        (self.folder / "var" / "idance.sqlite3").write_bytes(_migrated[0])

    def tell(self, do: str, **arguments: Any) -> Any:
        """Let the site do something; see `naps.control`."""
        assert self._control.stdin is not None and self._control.stdout is not None
        self._control.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        self._control.stdin.flush()
        answer = json.loads(self._control.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def restart_control(self) -> None:
        """A new process to tell things to, with a connection of its own."""
        self._control.kill()
        self._control.wait()
        self._control = self.start("-m", "tests.analysis.naps.control", pipes=True)

    def worker(self, *command: str, seconds: float = 20) -> subprocess.Popen[Any]:
        """Start `manage.py worker` and wait until it is ready."""
        before = {worker["name"] for worker in self.tell("show")["workers"]}
        process = self.start(*(command or ["manage.py", "worker"]))
        self.wait(
            lambda seen: any(one["ready"] and one["name"] not in before for one in seen["workers"]),
            "a worker is ready",
            seconds,
            process=process,
        )
        return process

    def worker_pids(self) -> list[int]:
        """The processes that do the work, by their rows."""
        return [int(worker["name"].rsplit("-", 2)[1]) for worker in self.tell("show")["workers"]]

    def wait(
        self,
        condition: Callable[[dict[str, Any]], bool],
        what: str,
        seconds: float = 20,
        process: subprocess.Popen[Any] | None = None,
    ) -> dict[str, Any]:
        """What the site shows as soon as the condition holds."""
        until = time.monotonic() + seconds
        while True:
            seen: dict[str, Any] = self.tell("show")
            if condition(seen):
                return seen
            tail = self.log.read_text()[-3000:] if self.log.exists() else ""
            assert process is None or process.poll() is None, f"the worker ended:\n{tail}"
            assert time.monotonic() < until, f"waited {seconds} s in vain until {what}: {seen}\n{tail}"
            time.sleep(0.05)

    def wait_for_states(self, *states: str, seconds: float = 20) -> dict[str, Any]:
        """Wait until the jobs, oldest first, are in these states."""
        return self.wait(
            lambda seen: [job["state"] for _, job in sorted(seen["jobs"].items())] == list(states),
            f"the jobs are {states}",
            seconds,
        )

    def start(self, *command: str, pipes: bool = False) -> subprocess.Popen[Any]:
        """Start a Python program of the site; ended with it."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipes else log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def close(self) -> None:
        """End every process that was started."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.wait()
        # A killed cluster must leave nothing behind.
        until = time.monotonic() + 5
        while left := [pid for pid in self.worker_pids_left() if is_running(pid)]:
            assert time.monotonic() < until, f"workers outlived their cluster: {left}"
            time.sleep(0.05)

    def worker_pids_left(self) -> list[int]:
        """Workers whose lock files are still there."""
        locks = (self.folder / "var" / "tmp" / "workers").glob("*.lock")
        return [int(lock.name.removesuffix(".lock").rsplit("-", 2)[1]) for lock in locks]
