"""A server and a worker of the demo's own: fresh data, a free port, an admin that nobody else knows."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from idance.demo.client import ApiError, Client

ROOT = Path(__file__).resolve().parents[2]
#: A folder of its own inside the data folder: never the data that a developer works with.
FOLDER = Path(os.environ.get("IDANCE_DATA_DIR") or ROOT / "var").expanduser().resolve() / "demo"
ADMIN = "admin@idance.local"
#: The worker loads the pose model first, on a slow machine with a cold disk.
START_SECONDS = 120


class ServerFailed(Exception):
    """The server did not start or stop as it should; its last lines say why."""


class DemoServer:
    """Starts on entering, stops on leaving; the data folder stays to be looked at."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin_password = secrets.token_urlsafe(16)
        self.log = FOLDER / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> DemoServer:
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        environment = {
            **os.environ,
            # Empty rather than absent, so that a .env file cannot lend its services to the demo.
            **dict.fromkeys(["DATABASE_URL", "REDIS_URL", "S3_BUCKET", "ALLOWED_HOSTS", "IDANCE_HOST"], ""),
            **dict.fromkeys(["SECRET_KEY", "BEHIND_PROXY", "WEB_PROCESSES", "CSRF_TRUSTED_ORIGINS"], ""),
            "IDANCE_DATA_DIR": str(FOLDER),
            "IDANCE_URL": self.url,
            "PORT": str(self.port),
            "LOG_FORMAT": "text",
            "DJANGO_SUPERUSER_EMAIL": ADMIN,
            "DJANGO_SUPERUSER_PASSWORD": self.admin_password,
        }
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own command
                [sys.executable, "manage.py", "serve", "--stop-with-parent"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the demo, which then stops its server in good order.
                start_new_session=True,
            )
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        code = self.stop()
        if code and sys.exc_info()[0] is None:
            raise ServerFailed(f"The server ended with exit code {code}:\n{self.last_lines()}")

    def stop(self) -> int:
        """Stop server and worker; the exit code."""
        process = self._process
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            return process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def last_lines(self, count: int = 12) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-count:])

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the API, the database, the pose model and the worker all answer."""
        client, until = Client(self.url), time.monotonic() + START_SECONDS
        last = ""
        while time.monotonic() < until:
            if process.poll() is not None:
                raise ServerFailed(f"The server did not start:\n{self.last_lines()}")
            try:
                client.get("/ai/health")
                return
            except ApiError as error:
                last = error.sentence
            time.sleep(0.2)
        raise ServerFailed(f"The server was not ready within {START_SECONDS} s ({last})\n{self.last_lines()}")
