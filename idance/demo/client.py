"""A small client of the REST API, as a mobile app would carry one."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class ApiError(Exception):
    """The server said no: its status, its sentence, and its stable code where it has one."""

    def __init__(self, status: int, sentence: str, code: str | None = None) -> None:
        self.status = status
        self.sentence = sentence
        self.code = code
        super().__init__(f"{sentence} (HTTP {status})")


class Client:
    """Requests to one server, as one person once a token is set.

    Parameters
    ----------
    url : where the server is, such as ``http://127.0.0.1:8000``.
    token : an access token, or none yet.
    """

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self.token = token

    def get(self, path: str) -> Any:
        return self._json("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        content = json.dumps(body).encode()
        return self._json("POST", path, iter([content]), len(content), "application/json")

    def upload(self, path: str, file: Path, told: Callable[[float], None]) -> Any:
        """Send a file as multipart/form-data, a piece at a time; ``told`` hears the share that is sent."""
        boundary = secrets.token_hex(16)
        name = file.name.replace('"', "%22").replace("\r", "").replace("\n", "")
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()
        size = file.stat().st_size

        def pieces() -> Iterator[bytes]:
            yield head
            sent = 0
            with file.open("rb") as source:
                while piece := source.read(256 * 1024):
                    yield piece
                    sent += len(piece)
                    told(sent / size)
            yield tail

        kind = f"multipart/form-data; boundary={boundary}"
        return self._json("POST", path, pieces(), len(head) + size + len(tail), kind)

    def fetch(self, address: str, first_bytes: int = 0) -> tuple[int, dict[str, str], bytes]:
        """Get a file by the address that the API gave: status, headers and bytes."""
        headers = {"Range": f"bytes=0-{first_bytes - 1}"} if first_bytes else {}
        parts = urlsplit(address)
        ours = parts.netloc in ("", urlsplit(self.url).netloc)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if ours and self.token and not parts.query:
            headers["Authorization"] = f"Bearer {self.token}"
        return self._request("GET", path, headers=headers, server=self.url if ours else address)

    def _json(
        self,
        method: str,
        path: str,
        body: Iterator[bytes] | None = None,
        length: int = 0,
        kind: str = "",
    ) -> Any:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers |= {"Content-Type": kind, "Content-Length": str(length)}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        status, _, content = self._request(method, path, headers, body)
        try:
            answer = json.loads(content)
        except ValueError:
            raise ApiError(status, f"The answer to {method} {path} is not JSON.") from None
        if status >= 400:
            answer = answer if isinstance(answer, dict) else {}
            sentence = answer.get("detail") or "No reason was given."
            raise ApiError(status, str(sentence), answer.get("error_code"))
        return answer

    def _request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: Iterator[bytes] | None = None,
        server: str = "",
    ) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(server or self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=120)
        try:
            try:
                connection.request(method, path, body=body, headers=headers)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before all was sent, such as a file over the limit: the answer says why
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise ApiError(0, f"The server does not answer: {error}") from None
        finally:
            connection.close()
