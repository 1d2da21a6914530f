"""The demo's client and screen, without a server of ours behind them."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from idance.demo import result
from idance.demo.client import ApiError, Client
from idance.demo.screen import Screen


class Answers(BaseHTTPRequestHandler):
    """Answers what the test wants, and keeps what came."""

    answer: tuple[int, bytes] = (200, b"{}")
    came: list[tuple[str, dict[str, str], bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Answers.came.append((self.path, dict(self.headers.items()), body))
        status, content = Answers.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, *args: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def client() -> Iterator[Client]:
    Answers.answer, Answers.came = (200, b"{}"), []
    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Client(f"http://127.0.0.1:{server.server_address[1]}", token="the-token")
    server.shutdown()
    server.server_close()


def test_an_upload_is_multipart_form_data_that_others_can_read(client: Client, tmp_path: Path) -> None:
    clip = tmp_path / 'my "best" dance.mp4'
    clip.write_bytes(bytes(range(256)) * 3000)
    shares: list[float] = []
    client.upload("/api/s3/upload", clip, shares.append)
    path, headers, body = Answers.came[0]
    assert path == "/api/s3/upload"
    assert headers["Authorization"] == "Bearer the-token"
    parsed = message_from_bytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body)
    (part,) = parsed.get_payload()
    assert part.get_param("name", header="content-disposition") == "file"
    assert part.get_filename() == "my %22best%22 dance.mp4"
    assert part.get_payload(decode=True) == clip.read_bytes()
    assert shares == sorted(shares) and shares[-1] == 1


def test_an_error_carries_the_sentence_of_the_api(client: Client) -> None:
    Answers.answer = (400, json.dumps({"detail": "Email already registered"}).encode())
    with pytest.raises(ApiError) as error:
        client.post("/auth/signup", {"email": "a@b.c"})
    assert (error.value.status, error.value.sentence) == (400, "Email already registered")
    assert json.loads(Answers.came[0][2]) == {"email": "a@b.c"}


def test_an_answer_that_is_not_json_is_named(client: Client) -> None:
    Answers.answer = (502, b"<h1>Bad Gateway</h1>")
    with pytest.raises(ApiError, match="GET /health is not JSON"):
        client.get("/health")


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(ApiError, match="The server does not answer"):
        Client("http://127.0.0.1:9").get("/health")


def test_the_token_goes_to_our_server_alone_and_not_beside_a_signature(client: Client) -> None:
    client.fetch(f"{client.url}/files/dance.mp4", first_bytes=100)
    client.fetch(f"{client.url}/files/dance.mp4?signature=abc")
    client.token, ours = "the-token", client.url
    Client("http://127.0.0.1:9", "the-token").fetch(f"{ours}/elsewhere.mp4")
    first, signed, elsewhere = (headers for _, headers, _ in Answers.came)
    assert first["Authorization"] == "Bearer the-token" and first["Range"] == "bytes=0-99"
    assert "Authorization" not in signed
    assert "Authorization" not in elsewhere


def test_a_pipe_gets_plain_lines_without_colours() -> None:
    out = io.StringIO()
    screen = Screen(out)
    screen.done("Uploaded", "POST /api/s3/upload")
    for share in (0.1, 0.2, 0.3):
        screen.progress("Analysing", share, "pose")
    screen.progress("Analysing", 0.9, "scores")
    screen.heading("Scores")
    text = out.getvalue()
    assert "\033" not in text and "\r" not in text
    assert text.count("Analysing") == 2  # one line for each stage


def test_a_terminal_that_knows_no_blocks_gets_letters() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    screen = Screen(out)
    assert screen.bar(0.5, 10) == "#####....."
    screen.done("Works")
    out.flush()
    assert out.buffer.getvalue() == b"  ok Works\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("share", "filled"), [(-1, 0), (0, 0), (0.25, 10), (1, 40), (7, 40)])
def test_a_bar_is_filled_to_its_share(share: float, filled: int) -> None:
    bar = Screen(io.StringIO()).bar(share, 40)
    assert len(bar) == 40
    assert bar.count("█") + bar.count("#") == filled


def test_a_score_that_could_not_be_measured_is_not_shown_as_zero() -> None:
    out = io.StringIO()
    breakdown = {"balance": None, "rhythm": 21, "smoothness": 20, "creativity": 15}
    result.show_scores(
        Screen(out), {"score_breakdown": breakdown, "total_score": 56, "feedback": "Well danced."}
    )
    lines = out.getvalue().splitlines()
    assert next(line for line in lines if "Balance" in line).endswith("  - / 25")
    assert next(line for line in lines if "Rhythm" in line).endswith(" 21 / 30")
    assert "  Well danced." in lines
