"""JSON bodies with a file in base64 among their values, read without ever holding the file in memory.

The body is scanned as it arrives. Strings longer than any ordinary text go, decoded, straight to disk, and a
mark takes their place; what remains is small and read by the ordinary JSON parser.
"""

from __future__ import annotations

import binascii
import json
import re
import secrets
from collections.abc import Iterable
from typing import Any

from idance.files.intake import Intake
from idance.lib.problems import Invalid, TooLarge

#: No text of any endpoint is longer than this.
LONGEST_TEXT = 64 * 1024
#: What a data URL says before its base64.
_DATA_URL = re.compile(rb"data:[\w.+/;=-]{0,100};base64,")
_BLANKS = b" \t\r\n"
#: An escape that may be cut off at the end of a chunk.
_PARTIAL_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?$")
_STRING_BODY = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_NOT_BASE64 = "This is not valid base64."


class Base64Sink:
    """Decodes base64 as it arrives into an ``Intake``."""

    def __init__(self) -> None:
        self.intake = Intake()
        self._left = b""
        self._started = False
        self._ended = False

    def write(self, text: bytes) -> None:
        """The next characters. ``binascii.Error`` when they are not base64."""
        self._left += text.translate(None, _BLANKS)
        if not self._started:
            if len(self._left) < 200:
                return
            self._begin()
        whole = len(self._left) - len(self._left) % 4
        self._decode(self._left[:whole])
        self._left = self._left[whole:]

    def finish(self) -> Intake:
        """The last character has come; padding may be missing."""
        if not self._started:
            self._begin()
        self._decode(self._left + b"=" * (-len(self._left) % 4))
        self.intake.finish()
        return self.intake

    def _begin(self) -> None:
        self._started = True
        intro = _DATA_URL.match(self._left)
        if intro:
            self._left = self._left[intro.end() :]

    def _decode(self, text: bytes) -> None:
        if not text:
            return
        if self._ended:
            raise binascii.Error("characters after the padding")
        self._ended = text.endswith(b"=")
        self.intake.write(binascii.a2b_base64(text, strict_mode=True))


def decode_text(text: str, field: str) -> Intake:
    """A short file that came as an ordinary string. ``Invalid`` names ``field`` when it is not base64."""
    sink = Base64Sink()
    try:
        sink.write(text.encode("ascii"))
        return sink.finish()
    except (binascii.Error, UnicodeEncodeError):
        raise Invalid(field, _NOT_BASE64, kind="base64") from None


class _Scanner:
    """Splits a JSON text into what is small and the long strings in it, chunk by chunk."""

    def __init__(self, field: str, most_text: int) -> None:
        self._field = field
        self._most_text = most_text
        self._text = bytearray()  # the body without its long strings
        self._string: bytearray | None = None  # the string being read, while it is still short
        self._sink: Base64Sink | None = None  # the string being read, once it is long
        self._held = b""  # the start of an escape that the next chunk goes on with
        self.files: dict[str, Intake] = {}

    def feed(self, chunk: bytes) -> None:
        chunk, self._held = self._held + chunk, b""
        at = 0
        while at < len(chunk):
            at = self._outside(chunk, at) if self._string is None else self._inside(chunk, at)
        if len(self._text) > self._most_text:
            raise TooLarge("The request is too large.")

    def _outside(self, chunk: bytes, at: int) -> int:
        quote = chunk.find(b'"', at)
        end = len(chunk) if quote < 0 else quote
        self._text += chunk[at:end]
        if quote < 0:
            return end
        self._string = bytearray()
        return quote + 1

    def _inside(self, chunk: bytes, at: int) -> int:
        end = _string_end(chunk, at)
        closed = end < len(chunk) and chunk[end : end + 1] == b'"'
        part = chunk[at:end]
        if not closed:
            # A backslash at the very end, or an escape that may continue.
            part = chunk[at:]
            cut = _PARTIAL_ESCAPE.search(part)
            if cut and _odd_backslashes(part, cut.start()):
                part, self._held = part[: cut.start()], part[cut.start() :]
        self._take(part)
        if not closed:
            return len(chunk)
        self._close()
        return end + 1

    def _take(self, part: bytes) -> None:
        assert self._string is not None  # noqa: S101 - for the type checker
        if self._sink is None:
            self._string += part
            if len(self._string) <= LONGEST_TEXT:
                return
            self._sink, part = Base64Sink(), bytes(self._string)
        try:
            self._sink.write(_plain(part))
        except (binascii.Error, ValueError):
            raise Invalid(self._field, _NOT_BASE64, kind="base64") from None

    def _close(self) -> None:
        assert self._string is not None  # noqa: S101 - for the type checker
        if self._sink is None:
            self._text += b'"' + self._string + b'"'
        else:
            try:
                intake = self._sink.finish()
            except binascii.Error:
                raise Invalid(self._field, _NOT_BASE64, kind="base64") from None
            # Nobody can guess the mark, so nobody can write one into the body themselves.
            mark = f"file:{secrets.token_hex(16)}"
            self.files[mark] = intake
            self._text += f'"{mark}"'.encode()
        self._string = self._sink = None

    def value(self) -> Any:
        """The body, with an ``Intake`` in the place of each long string. ``ValueError`` when not JSON."""
        if self._string is not None:
            raise ValueError("the body ends within a string")
        try:
            value = json.loads(self._text.decode("utf-8"), parse_constant=_no_number)
            # Half of a surrogate pair can be written as an escape but is no text: nothing could store it.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except RecursionError:
            raise ValueError("nested too deeply") from None
        return _put_back(value, self.files)


def parse(chunks: Iterable[bytes], *, field: str, most_text: int) -> Any:
    """Read a JSON body.

    Parameters
    ----------
    field : the field that may hold a file, for complaints.
    most_text : bytes that the rest of the body may have.

    Raises ``ValueError`` when it is not JSON, ``Invalid`` for wrong base64, and what ``Intake`` raises.
    """
    scanner = _Scanner(field, most_text)
    for chunk in chunks:
        scanner.feed(chunk)
    return scanner.value()


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _string_end(chunk: bytes, at: int) -> int:
    """Where the string that goes on at ``at`` ends: at its quote, or where the chunk does."""
    quote = chunk.find(b'"', at)
    end = len(chunk) if quote < 0 else quote
    if chunk.find(b"\\", at, end) < 0:
        return end
    # With escapes among them, a quote need not be the end.
    match = _STRING_BODY.match(chunk, at)
    return match.end() if match else at


def _odd_backslashes(text: bytes, at: int) -> bool:
    """Whether the backslash at ``at`` starts an escape (and is not itself escaped)."""
    before = len(text[:at]) - len(text[:at].rstrip(b"\\"))
    return before % 2 == 0


def _plain(part: bytes) -> bytes:
    """A piece of a JSON string without its escapes: some encoders write `/` as `\\/` and `+` as `\\u002B`."""
    if b"\\" not in part:
        return part
    text: str = json.loads(b'"' + part + b'"')
    return text.encode("ascii")


def _put_back(value: Any, files: dict[str, Intake]) -> Any:
    if isinstance(value, str):
        return files.get(value, value)
    if isinstance(value, dict):
        return {name: _put_back(inner, files) for name, inner in value.items()}
    if isinstance(value, list):
        return [_put_back(inner, files) for inner in value]
    return value
