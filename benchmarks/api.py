r"""How quick the lists are on a large database: p50 and p95 of each, and requests per second.

    python -m benchmarks.api --submissions 1000000                                       # SQLite
    python -m benchmarks.api --submissions 1000000 \
        --postgres postgres://postgres@127.0.0.1/postgres --redis redis://127.0.0.1:6379/9

Makes a database of its own, fills it (`manage.py fill`), serves it with gunicorn as `make run` does, and asks
with so many clients at once over HTTP on this machine. A bare Django view is asked in the same run, since
absolute figures say more of the machine than of the software. Prints a Markdown table. "CPU ms" is what one
request costs the web server's processes; other work on the machine makes everything slower, but not that.
`--filled` asks a database that is filled already, and leaves it as it is.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import quote

BASE = Path(__file__).resolve().parent.parent


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="idance-bench-") as folder, _database(options) as database_url:
        env = _environment(options, folder, database_url)
        if not options.filled:
            _fill(env, options)
        facts = json.loads(_manage(env, "shell", "--no-imports", "-c", _FACTS))
        print(
            f"{facts['submissions']} submissions on {facts['vendor']}, {env['WEB_PROCESSES']} web processes, "
            f"{options.clients} clients, {options.seconds:g} s each.\n"
        )
        with _server(env) as (port, pid):
            _table(port, pid, facts, options)


def _fill(env: dict[str, str], options: argparse.Namespace) -> None:
    _manage(env, "migrate", "--verbosity", "0")
    started = time.monotonic()
    _manage(
        env,
        *("fill", "--people", str(options.people), "--challenges", str(options.challenges)),
        *("--submissions", str(options.submissions)),
    )
    print(f"Filled in {time.monotonic() - started:.0f} s.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=0, help="default: a fifth of the submissions")
    parser.add_argument("--challenges", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each path")
    parser.add_argument("--redis", default="", help="address of a Redis for limits; then two processes serve")
    parser.add_argument("--postgres", default="", help="address of a server on which a database may be made")
    parser.add_argument("--filled", default="", help="address of a database that is filled already")
    options = parser.parse_args()
    options.people = options.people or max(1, options.submissions // 5)
    return options


#: Prints what the paths need: a token of somebody with submissions, a challenge in the middle.
_FACTS = """
import json
from django.db import connection
from accounts.models import User
from challenges.models import Challenge, Submission
from feed.models import FeedTally
from idance.api.auth import new_token
user = User.objects.order_by("id").first()
challenges = Challenge.objects.order_by("id")
challenge = challenges[challenges.count() // 2]
print(json.dumps({
    "token": new_token(user), "challenge": challenge.pk, "dancers": challenge.scored_count,
    "submissions": Submission.objects.count(), "vendor": connection.vendor,
    "shared": sum(FeedTally.objects.values_list("items", flat=True)),
}))
"""


def _paths(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    challenge, deep = facts["challenge"], max(1, facts["dancers"] // 20)
    yield "bare view", "/bare"
    yield "profile", "/api/users/profile"
    for name, path, last in (
        ("leaderboard", f"/api/challenges/{challenge}/leaderboard?limit=20", deep),
        ("public submissions", f"/api/challenges/{challenge}/public-submissions?limit=20", deep),
        ("feed", "/api/feed?limit=20", max(1, facts["shared"] // 20 // 2)),
        ("activities", "/api/activities/me?limit=2", 2),
        ("category", f"/api/challenges/category/{quote('hip hop')}?limit=20", 3),
    ):
        yield f"{name}, page 1", path
        yield f"{name}, page {last}", f"{path}&page={last}"


def _environment(options: argparse.Namespace, folder: str, database_url: str) -> dict[str, str]:
    env = {**os.environ, "IDANCE_DATA_DIR": folder, "DATABASE_URL": database_url}
    env |= {"LIMIT_REQUESTS": "1000000000", "LOG_LEVEL": "ERROR", "PYTHON_DOTENV_DISABLED": "1"}
    env |= {"DJANGO_SETTINGS_MODULE": "benchmarks.api_settings", "REDIS_URL": options.redis}
    env["WEB_PROCESSES"] = "2" if options.redis else "1"
    return env


def _manage(env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=BASE, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextmanager
def _database(options: argparse.Namespace) -> Iterator[str]:
    """The address of an empty database that is gone afterwards, or of the filled one."""
    if not options.postgres:
        yield options.filled
        return
    import psycopg

    name = f"idance_bench_{os.getpid()}"
    with psycopg.connect(options.postgres, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        try:
            yield options.postgres.rpartition("/")[0] + f"/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@contextmanager
def _server(env: dict[str, str]) -> Iterator[tuple[int, int]]:
    """A running web server: its port and the process that started its web processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "-c", "python:idance.gunicorn_config"]
    server = subprocess.Popen([*command, "-b", f"127.0.0.1:{port}", "idance.wsgi"], cwd=BASE, env=env)
    try:
        _wait(port)
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def _wait(port: int) -> None:
    for _ in range(150):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server does not answer.")


def _table(port: int, pid: int, facts: dict[str, Any], options: argparse.Namespace) -> None:
    print("| path | p50 ms | p95 ms | requests/s | of the bare view | CPU ms |")
    print("|---|---|---|---|---|---|")
    _ask(port, "/bare", facts["token"], options.clients, min(2.0, options.seconds))  # warm
    for name, path in _paths(facts):
        # Beside each path, since a machine has faster and slower minutes.
        bare = _rate(*_ask(port, "/bare", facts["token"], options.clients, min(2.0, options.seconds)))
        # Warm: each connection to PostgreSQL keeps a query's plan from about the tenth time on.
        _ask(port, path, facts["token"], options.clients, min(3.0, options.seconds))
        before = _cpu_seconds(pid)
        times, took = _ask(port, path, facts["token"], options.clients, options.seconds)
        cpu = (_cpu_seconds(pid) - before) / len(times) * 1000
        rate = _rate(times, took)
        p50, p95 = (quantiles(times, n=100)[n - 1] * 1000 for n in (50, 95))
        print(f"| {name} | {p50:.1f} | {p95:.1f} | {rate:.0f} | {rate / bare:.2f} | {cpu:.2f} |", flush=True)


def _rate(times: list[float], took: float) -> float:
    """Requests a second."""
    return len(times) / took


def _cpu_seconds(pid: int) -> float:
    """What the children of a process have used of the processors so far (Linux)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # After the name, which is in brackets: state, parent, and from the 12th on the times.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[1]) == pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _ask(port: int, path: str, token: str, clients: int, seconds: float) -> tuple[list[float], float]:
    """Seconds of each request of all clients, and how long it took altogether."""
    times: list[float] = []
    faults: list[str] = []
    start = time.monotonic()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        mine = []
        while time.monotonic() - start < seconds and not faults:
            before = time.perf_counter()
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            body = response.read()
            mine.append(time.perf_counter() - before)
            if response.status != http.HTTPStatus.OK:
                faults.append(f"{path}: {response.status} {body[:200]!r}")
        times.extend(mine)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(faults[0])
    return times, time.monotonic() - start


if __name__ == "__main__":
    main()
