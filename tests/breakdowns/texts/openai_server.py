"""A small HTTP server that speaks as OpenAI's chat completions do, well or badly, as the test tells it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: What an answer is made by: the request's JSON in; status, headers and body out.
Answer = Callable[[dict[str, Any]], tuple[int, dict[str, str], bytes]]


class FakeOpenAi:
    """Answers in turn; the last one is repeated. ``asked`` holds what came in."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.base_url = ""

    def answer(self, request: dict[str, Any], headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.times.append(time.monotonic())
        self.headers.append({name.lower(): value for name, value in headers.items()})
        self.asked.append(request)
        return self.answers[min(len(self.asked), len(self.answers)) - 1](request)


@contextmanager
def serving(fake: FakeOpenAi) -> Iterator[FakeOpenAi]:
    """The server on a free port of this machine while the test runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.path == "/v1/chat/completions"
            status, headers, content = fake.answer(body, dict(self.headers))
            try:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client did not wait

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    fake.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def completion(
    content: str | None, *, finish: str = "stop", refusal: str | None = None, tokens: int = 1234
) -> Answer:
    """A well-formed completion with this content."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "a-model",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": content, "refusal": refusal},
            }
        ],
        "usage": {"prompt_tokens": tokens - 234, "completion_tokens": 234, "total_tokens": tokens},
    }
    return lambda request: (200, {}, json.dumps(body).encode())


def good(change: Callable[[list[dict[str, Any]]], None] = lambda steps: None) -> Answer:
    """The plain texts that were sent, with "Now: " before each; ``change`` may spoil them."""

    def answer(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        facts = json.loads(request["messages"][1]["content"][0]["text"])
        steps = [
            {
                "step_number": step["step_number"],
                **{k: _marked(v) for k, v in step["plain_text"].items()},
            }
            for step in facts["steps"]
        ]
        change(steps)
        return completion(json.dumps({"steps": steps}))(request)

    return answer


def _marked(value: Any) -> Any:
    return {k: _marked(v) for k, v in value.items()} if isinstance(value, dict) else f"Now: {value}"


def fault(status: int, **headers: str) -> Answer:
    """An error answer of OpenAI's form."""
    body = json.dumps({"error": {"message": "no", "type": "x", "code": "x"}}).encode()
    return lambda request: (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def slow(seconds: float, then: Answer) -> Answer:
    """The same answer, later."""

    def answer(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        time.sleep(seconds)
        return then(request)

    return answer


def raw(content: bytes) -> Answer:
    """Anything with status 200."""
    return lambda request: (200, {}, content)
