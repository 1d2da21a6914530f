"""A server of a test's own: `manage.py serve` on a free port, with its own data."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A served data folder of its own, on a free port."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder = folder
        self.environment = {
            **os.environ,
            # Empty, not absent: a developer's own .env must not lend its database to a test.
            **dict.fromkeys(["DATABASE_URL", "REDIS_URL", "S3_BUCKET", "IDANCE_URL", "IDANCE_HOST"], ""),
            "IDANCE_DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            "WORKERS": "1",
            "DJANGO_SUPERUSER_EMAIL": "",
            "DJANGO_SUPERUSER_PASSWORD": "",
        }
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        process = self.start(*arguments, **environment)
        output, _ = process.communicate(timeout=60)
        return process.returncode, output

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/nothing-here", timeout=5)  # noqa: S310
        except urllib.error.HTTPError as error:
            return error.code == 404
        except OSError:
            return False
        return False

    def is_ready(self) -> bool:
        """Whether the worker answers too, with the pose model loaded."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ai/health", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False
