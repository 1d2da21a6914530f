"""Receiving a file: written to disk as it arrives, refused as soon as it is clear that it will not do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings

from idance.files.kinds import HEAD, Kind, sniff
from idance.lib.problems import TooLarge, Unsupported

_arriving: ContextVar[list[Intake] | None] = ContextVar("arriving", default=None)


@contextmanager
def removed_afterwards() -> Iterator[None]:
    """Every file that arrives within the block is removed at its end, whatever became of it."""
    arriving: list[Intake] = []
    token = _arriving.set(arriving)
    try:
        yield
    finally:
        _arriving.reset(token)
        for intake in arriving:
            intake.close()


class Intake:
    """One arriving file on disk. It vanishes with this object at the latest."""

    def __init__(self) -> None:
        arriving = _arriving.get()
        if arriving is not None:
            arriving.append(self)
        self._file = NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="upload-")  # noqa: SIM115
        self._head = b""
        self._kind: Kind | None = None
        self.size = 0

    @property
    def path(self) -> Path:
        return Path(self._file.name)

    @property
    def kind(self) -> Kind:
        """What the content says it is; known once enough has arrived."""
        if self._kind is None:
            raise Unsupported("Please send a video (MP4, MOV, AVI, WebM) or a picture (JPEG, PNG, WebP).")
        return self._kind

    def write(self, chunk: bytes) -> None:
        """Take the next bytes. Raises ``Unsupported`` by the first of them, ``TooLarge`` at the limit."""
        self.size += len(chunk)
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]
            if len(self._head) == HEAD:
                self._kind = sniff(self._head)
        if len(self._head) == HEAD and self.size > self.kind.limit:
            limit = self.kind.limit // 1_000_000
            raise TooLarge(f"A {self.kind.name} may have at most {limit} MB.")
        self._file.write(chunk)

    def finish(self) -> None:
        """The last byte has arrived."""
        if len(self._head) < HEAD:
            self._kind = sniff(self._head)
        self._file.flush()
        # Asked for here, so that a file of no known kind is refused.
        _ = self.kind

    def digest(self) -> str:
        """SHA-256 of what has arrived, in hex."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
