"""Private files on the local disk by signed links: `GET`, in parts for players that seek, and `PUT`."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.csrf import csrf_exempt

from idance.files import announced, services, signing, storage
from idance.files.intake import Intake
from idance.files.kinds import HEAD, sniff
from idance.files.models import FileState
from idance.lib.problems import NotNow, Problem

_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``start`` to ``end``, both included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start + 1


class _Part:
    """The bytes of a span, chunk by chunk. Closes the stream when the response is closed, read or not."""

    def __init__(self, stream: BinaryIO, span: Span) -> None:
        stream.seek(span.start)
        self._stream = stream
        self._left = span.length
        self.close = stream.close

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (chunk := self._stream.read(min(_CHUNK, self._left))):
            self._left -= len(chunk)
            yield chunk


class _Unsatisfiable(Exception):
    """The range lies outside of the file."""


@csrf_exempt
def file(request: HttpRequest, key: str) -> HttpResponseBase:
    """A stored file by its signed link, and the place where an announced one is sent."""
    if request.method == "PUT":
        return _receive(request, key)
    if request.method in ("GET", "HEAD"):
        return _serve(request, key)
    return _refusal(405, "Files are read with GET and sent with PUT.", Allow="GET, HEAD, PUT")


def _receive(request: HttpRequest, key: str) -> HttpResponseBase:
    """The bytes of an announced file: exactly the type and length that the ticket is for."""
    found = announced.opened_by(key, request.GET.get("expires", ""), request.GET.get("signature", ""))
    length = request.headers.get("Content-Length", "")
    if found is None:
        return _refusal(403, "This address takes no file, or no longer.")
    if found.state != FileState.AWAITED:
        return HttpResponse(status=200)
    if not announced.is_as_announced(found, request.headers.get("Content-Type", ""), length):
        return _refusal(403, "The type or length is not the announced one.")
    arrived = Intake()
    try:
        while chunk := request.read(_CHUNK):
            arrived.write(chunk)
        # The server takes a connection that ends early for the end of the body.
        if arrived.size < int(length):
            raise NotNow("The file did not arrive completely.")
        arrived.finish()
        services.fulfil(found, arrived)
    except Problem as problem:
        return _refusal(problem.status, problem.sentence)
    finally:
        arrived.close()
    return HttpResponse(status=200)


def _refusal(status: int, sentence: str, **headers: str) -> JsonResponse:
    return JsonResponse({"detail": sentence}, status=status, headers=headers)


def _serve(request: HttpRequest, key: str) -> HttpResponseBase:
    """The file, or the asked part of it. Whatever is wrong with the link, the answer is the same 404."""
    left = signing.seconds_left(key, request.GET.get("expires", ""), request.GET.get("signature", ""))
    path = None if left is None else storage.local_path(key)
    if path is None:
        return _refusal(404, "Not found.")
    stream = path.open("rb")
    response = _respond(request, path, stream)
    if not isinstance(response, StreamingHttpResponse):
        stream.close()
    response["Cache-Control"] = f"private, max-age={left}"
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    # Never a page of ours, whatever a browser makes of the content.
    response["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; media-src 'self'; sandbox"
    response["Content-Disposition"] = f'inline; filename="{Path(key).name}"'
    return response


def _respond(request: HttpRequest, path: Path, stream: BinaryIO) -> HttpResponseBase:
    stat = path.stat()
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    validators = {"ETag": etag, "Last-Modified": http_date(stat.st_mtime)}
    if _matches(request.headers.get("If-None-Match", ""), etag):
        return HttpResponse(status=304, headers=validators)
    content_type = _content_type(stream, path)
    try:
        span = _span(request, stat.st_size, etag, int(stat.st_mtime))
    except _Unsatisfiable:
        size = {"Content-Range": f"bytes */{stat.st_size}"}
        return _refusal(416, "The file has no such part.", **validators, **size)
    whole = Span(0, stat.st_size - 1)
    status = 200 if span is None else 206
    span = span or whole
    headers = {**validators, "Content-Length": str(span.length)}
    if status == 206:
        headers["Content-Range"] = f"bytes {span.start}-{span.end}/{stat.st_size}"
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers, content_type=content_type)
    part = _Part(stream, span)
    return StreamingHttpResponse(part, status=status, headers=headers, content_type=content_type)


def _span(request: HttpRequest, size: int, etag: str, modified: int) -> Span | None:
    """The part that is asked for; None for the whole, also for several parts or what is no range at all."""
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if match is None or not _same_as_before(request.headers.get("If-Range", ""), etag, modified):
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
        if last and int(last) < start:
            return None
    if start >= size or start > end:
        raise _Unsatisfiable
    return Span(start, end)


def _same_as_before(condition: str, etag: str, modified: int) -> bool:
    """`If-Range`: the part is only wanted when the file is still the one the client has the rest of."""
    if not condition:
        return True
    return condition == etag or parse_http_date_safe(condition) == modified


def _matches(condition: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in condition.split(",")]
    return tags == ["*"] or etag in tags


def _content_type(stream: BinaryIO, path: Path) -> str:
    """What the bytes say (a video may still be in the format it was sent in), else what the name says."""
    kind = sniff(stream.read(HEAD))
    if kind is not None:
        return kind.content_type
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
