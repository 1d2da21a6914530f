"""JSON with a file in it: right whatever way the body is cut, and never in memory as a whole."""

from __future__ import annotations

import base64
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idance.files import base64_json
from idance.files.intake import Intake
from idance.lib.problems import Invalid, TooLarge, Unsupported

# Enough of a picture for the first bytes to be recognised; the rest is noise that base64 must carry.
CONTENT = b"\xff\xd8\xff" + bytes(range(256)) * 600


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def parse(body: bytes, size: int = 4096, most_text: int = 100_000) -> Any:
    return base64_json.parse(pieces(body, size), field="file", most_text=most_text)


def content(intake: Any) -> bytes:
    assert isinstance(intake, Intake)
    return intake.path.read_bytes()


def body_with(text: str, **others: Any) -> bytes:
    return json.dumps({"before": 'a "quoted" \\ word', "file": text, **others}).encode()


@pytest.mark.parametrize("size", [7, 64, 4096, 1 << 20])
def test_a_file_is_the_same_however_the_body_is_cut(size: int) -> None:
    body = body_with(base64.b64encode(CONTENT).decode(), after=[1, {"x": "é\\u00e9"}])
    found = parse(body, size)
    assert content(found["file"]) == CONTENT
    assert found["before"] == 'a "quoted" \\ word'
    assert found["after"] == [1, {"x": "é\\u00e9"}]


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_escapes_that_encoders_write_are_read(size: int) -> None:
    text = base64.b64encode(CONTENT).decode()
    escaped = text.replace("/", "\\/").replace("+", "\\u002B").replace("=", "\\u003d")
    assert escaped != text
    body = b'{"file": "' + escaped.encode() + b'", "caption": "\\ud83d\\udc83 \\"x\\""}'
    found = parse(body, size)
    assert content(found["file"]) == CONTENT
    assert found["caption"] == '💃 "x"'


def test_data_urls_and_line_breaks_are_taken() -> None:
    text = "data:image/jpeg;base64," + base64.encodebytes(CONTENT).decode()
    assert content(parse(body_with(text))["file"]) == CONTENT


def test_missing_padding_is_forgiven() -> None:
    for extra in range(3):
        whole = CONTENT + b"x" * extra
        text = base64.b64encode(whole).decode().rstrip("=")
        assert content(parse(body_with(text))["file"]) == whole


def test_a_short_file_stays_text_and_is_decoded_by_its_field() -> None:
    short = CONTENT[:3000]
    text = parse(body_with(base64.b64encode(short).decode()))["file"]
    assert isinstance(text, str)
    assert content(base64_json.decode_text(text, "file")) == short


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t[:50_000] + "*" + t[50_001:],
        lambda t: t[:50_000] + "=" + t[50_001:],
        lambda t: t[:-1] + "é",
    ],
)
def test_what_is_not_base64_is_a_wrong_field(spoil: Any) -> None:
    with pytest.raises(Invalid, match="base64"):
        parse(body_with(spoil(base64.b64encode(CONTENT).decode())))
    with pytest.raises(Invalid):
        base64_json.decode_text("not base64!", "file")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"file": "abc',
        b'{"a": NaN}',
        b'{"a" 1}',
        b'{"file": "' + b"/9j/" * 17_000,
        b'{"a": "\\ud800"}',
        b"[" * 90_000,
        b"\xff",
    ],
)
def test_what_is_not_json_says_so(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse(body)


def test_ordinary_text_has_its_own_limit() -> None:
    with pytest.raises(TooLarge):
        parse(json.dumps({"list": ["word"] * 50_000}).encode())


def test_a_body_cannot_name_another_requests_file() -> None:
    assert parse(b'{"file": "file:00000000000000000000000000000000"}') == {
        "file": "file:00000000000000000000000000000000"
    }


def test_an_unknown_kind_is_refused_at_its_start() -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        yield b'{"file": "'
        while True:
            read += 1
            yield b"AAAA" * 4096

    with pytest.raises(Unsupported):
        base64_json.parse(endless(), field="file", most_text=1000)
    assert read < 10


def test_a_large_file_needs_little_memory(settings: Any) -> None:
    settings.MAX_PICTURE_BYTES = 50_000_000
    noise = base64.b64encode(b"\xff\xd8\xff" + os.urandom(40_000_000))

    def chunks() -> Iterator[bytes]:
        yield b'{"file": "'
        yield from pieces(noise, 1 << 18)
        yield b'"}'

    tracemalloc.start()
    found = base64_json.parse(chunks(), field="file", most_text=1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found["file"].size == 40_000_003
    assert peak < 5_000_000


def test_the_file_on_disk_goes_with_the_request() -> None:
    found = parse(body_with(base64.b64encode(CONTENT).decode()))
    path: Path = found["file"].path
    assert path.exists()
    del found
    assert not path.exists()
