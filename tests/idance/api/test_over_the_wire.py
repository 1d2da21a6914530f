"""What only a real server shows: bodies in pieces, refused bodies, connections that are used again."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis

ROOT = Path(__file__).resolve().parents[3]

#: One pixel.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_QUEUE = """
import json, sys
import django
django.setup()
from idance.api.auth import new_token
from tests.challenges import make
challenge = make.challenge()
for _ in range(int(sys.argv[1])):
    submission = make.submission(challenge)
    print(json.dumps({"submission_id": submission.pk, "token": new_token(submission.dancer)}))
"""


class Server:
    """A gunicorn with a database of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self._folder = folder
        self._environment = {
            **os.environ,
            "IDANCE_DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "idance.settings",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "PORT": str(self.port),
            "SYNC_WAIT_SECONDS": "4",
            "SYNC_WAIT_SLOTS": "3",
            **environment,
        }
        self._run("manage.py", "migrate", "-v0")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:idance.gunicorn_config", "idance.wsgi"]
            + ["--bind", f"127.0.0.1:{self.port}"],
            cwd=ROOT,
            env=self._environment,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while self.ask("GET", "/health", quiet=True)[0] != 200:
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.1)

    def _run(self, *arguments: str) -> str:
        """Run Python beside the server, on the same database; gives what it prints."""
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self._environment,
            check=True,
            timeout=120,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    def queue_submissions(self, number: int) -> list[dict[str, str]]:
        """Submissions that nobody analyses, since there is no worker: who may ask for each, and its id."""
        return [json.loads(line) for line in self._run("-c", _QUEUE, str(number)).splitlines()]

    def files(self) -> int:
        """How many files have arrived."""
        from idance.files.models import FileState, StoredFile

        asked = f"SELECT count(*) FROM {StoredFile._meta.db_table} WHERE state <> ?"  # noqa: S608
        with closing(sqlite3.connect(self._folder / "idance.sqlite3")) as database:
            return int(database.execute(asked, [FileState.AWAITED.value]).fetchone()[0])

    def ask(
        self, method: str, path: str, body: Any = None, *, quiet: bool = False, **headers: str
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            return ask_on(connection, method, path, body, **headers)
        except ConnectionError:
            if not quiet:
                raise
            return 0, None
        finally:
            connection.close()

    def sign_up(self, email: str) -> str:
        form = json.dumps({"email": email, "password": "shuffle-ball-change"})
        status, answer = self.ask("POST", "/auth/signup", form)
        assert status == 200
        return str(answer["access_token"])


def ask_on(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    connection.request(method, path, body, sent, encode_chunked=not isinstance(body, str | bytes | None))
    response = connection.getresponse()
    return response.status, json.loads(response.read() or b"null")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("served"))
    yield server
    server.process.terminate()
    server.process.wait(30)


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Server]:
    """Two processes, which count together in Redis."""
    url = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/9"
    try:
        redis.Redis.from_url(url).ping()
    except redis.ConnectionError:
        if os.environ.get("CI"):
            raise
        pytest.skip("no Redis")
    server = Server(tmp_path, REDIS_URL=url, WEB_PROCESSES="2")
    yield server
    server.process.terminate()
    server.process.wait(30)


def test_a_body_in_pieces_is_read(server: Server) -> None:
    token = server.sign_up("pieces@example.com")
    pieces = iter([b'{"display', b'Name": "In ', b'pieces"}'])
    status, answer = server.ask(
        "PUT", "/api/users/profile", pieces, Authorization=f"Bearer {token}", Transfer_Encoding="chunked"
    )
    assert (status, answer["user"]["displayName"]) == (200, "In pieces")


@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_refused_body_leaves_the_connection_usable(server: Server, in_pieces: bool) -> None:
    token = server.sign_up(f"refused-{in_pieces}@example.com")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    body: Any = (b"x" * 1000 for _ in range(3000)) if in_pieces else b"x" * 3_000_000
    headers = {"Authorization": f"Bearer {token}"}
    chunked = {"Transfer_Encoding": "chunked"} if in_pieces else {}
    status, answer = ask_on(connection, "PUT", "/api/users/profile", body, **headers, **chunked)
    assert (status, answer) == (413, {"detail": "The request is too large."})
    assert ask_on(connection, "GET", "/api/users/profile", **headers)[0] == 200
    assert ask_on(connection, "POST", "/api/nothing", b"x" * 2_000_000)[0] == 404
    assert ask_on(connection, "GET", "/health") == (200, {"status": "ok"})


def broken_off(server: Server, method: str, path: str, content_type: str, body: bytes, token: str) -> bytes:
    """Announce one byte more than is sent, stop sending, and hear the answer."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body) + 1}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as plug:
        plug.sendall(head.encode() + body)
        plug.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: plug.recv(65536), b""))


def test_a_form_that_breaks_off_is_refused(server: Server) -> None:
    token = server.sign_up("broken-form@example.com")
    form = (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="me.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + PICTURE + b"\r\n--edge--\r\n"
    )
    before = server.files()
    answer = broken_off(server, "POST", "/api/s3/upload", "multipart/form-data; boundary=edge", form, token)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert answer.endswith(b'{"detail":"The file did not arrive completely."}'), answer
    assert server.files() == before


def test_a_direct_upload_that_breaks_off_is_refused(server: Server) -> None:
    token = server.sign_up("broken-put@example.com")
    wish = {"contentType": "image/png", "fileSize": len(PICTURE) + 1, "filename": "me.png"}
    status, ticket = server.ask(
        "POST", "/api/s3/presigned-url", json.dumps(wish), Authorization=f"Bearer {token}"
    )
    assert status == 200, ticket
    parts = urlsplit(ticket["uploadUrl"])
    before = server.files()
    answer = broken_off(server, "PUT", f"{parts.path}?{parts.query}", "image/png", PICTURE, token)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b"The file did not arrive completely." in answer
    assert server.files() == before


def all_at_once(server: Server) -> tuple[int, int]:
    token = server.sign_up("eager@example.com")

    def one(_: int) -> int:
        return server.ask("GET", "/api/users/profile", Authorization=f"Bearer {token}")[0]

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(one, range(120)))
    return statuses.count(200), statuses.count(429)


def test_the_limit_is_exact_across_threads(server: Server) -> None:
    assert all_at_once(server) == (100, 20)


@pytest.mark.services
def test_the_limit_is_exact_across_processes(many: Server) -> None:
    assert all_at_once(many) == (100, 20)


def test_waiting_requests_leave_the_others_quick(server: Server) -> None:
    asked = server.queue_submissions(8)
    token = server.sign_up("impatient@example.com")

    def wait(one: dict[str, str]) -> tuple[float, str]:
        start = time.monotonic()
        body = json.dumps({"submission_id": one["submission_id"]})
        bearer = f"Bearer {one['token']}"
        status, answer = server.ask("POST", "/api/ai/analyze-pose", body, Authorization=bearer)
        assert status == 200
        return time.monotonic() - start, answer["status"]

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(wait, one) for one in asked]
        time.sleep(2)
        start = time.monotonic()
        for _ in range(10):
            assert server.ask("GET", "/api/users/profile", Authorization=f"Bearer {token}")[0] == 200
        assert time.monotonic() - start < 1.5
        answers = [each.result() for each in waiting]
    assert {status for _, status in answers} == {"queued"}
    # Three wait the whole time; those for whom there is no place are answered at once.
    seconds = sorted(seconds for seconds, _ in answers)
    assert seconds[4] < 3 < 4 <= seconds[5]


def test_one_address_signs_up_once_when_all_try_at_once(server: Server) -> None:
    form = json.dumps({"email": "contested@example.com", "password": "shuffle-ball-change"})
    start = threading.Barrier(8)

    def one(_: int) -> int:
        start.wait()
        return server.ask("POST", "/auth/signup", form)[0]

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(one, range(8)))
    assert sorted(statuses) == [200] + [400] * 7


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
        (b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", 400),
        (
            b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
            400,
        ),
        (b"GET /api/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
        (b"GET /api/feed?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET /api/feed HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
    ],
)
def test_malformed_requests_are_refused_in_one_sentence_and_the_server_goes_on(
    server: Server, raw: bytes, status: int
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.connect()
        connection.sock.sendall(raw)
        with http.client.HTTPResponse(connection.sock) as answer:
            answer.begin()
            body = json.load(answer)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    assert set(body) == {"detail"} and body["detail"].endswith(".")
    assert server.ask("GET", "/health")[0] == 200


HEAD = b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def drip(server: Server, plugs: set[socket.socket], seconds: float) -> float:
    """Send byte after byte for so long; those that are cut leave. How long others waited at most, in s."""
    slowest, start = 0.0, time.monotonic()
    while plugs and time.monotonic() - start < seconds:
        for plug in list(plugs):
            try:
                plug.sendall(b"x")
            except OSError:
                plug.close()
                plugs.remove(plug)
        asked = time.monotonic()
        assert server.ask("GET", "/health")[0] == 200
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.5)
    return slowest


def test_who_drips_a_request_keeps_nobody_waiting_and_is_cut(server: Server) -> None:
    def drippers(beginning: bytes) -> set[socket.socket]:
        """Three for each thread."""
        plugs = {socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(3 * 16)}
        for plug in plugs:
            plug.sendall(beginning)
        return plugs

    plugs = drippers(b"")
    assert drip(server, plugs, 4) < 2, "of heads"
    assert len(plugs) == 3 * 16, "they have more time"
    plugs |= drippers(HEAD + b"Content-Length: 5000\r\n\r\n")
    assert drip(server, plugs, 40) < 10, "of bodies, each of which holds a thread"
    assert not plugs


def test_a_phone_on_a_slow_net_uploads(server: Server) -> None:
    token = server.sign_up("slow-net@example.com")
    picture = base64.b64encode(PICTURE).decode()
    body = json.dumps({"file": picture, "x": "y" * 60_000}).encode()
    head = f"PUT /api/users/profile HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plug:
        plug.sendall(head.encode())
        for begin in range(0, len(body), 4000):
            plug.sendall(body[begin : begin + 4000])
            time.sleep(0.2)  # 20 kB a second
        assert plug.recv(65536).startswith(b"HTTP/1.1 200")
