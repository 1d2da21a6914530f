"""Where bytes lie: the local disk or S3. Whoever calls these functions need not know which."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.http import HttpRequest
from rest_framework.request import Request

from idance.files import keys, signing
from idance.lib.problems import Missing


def _local() -> FileSystemStorage | None:
    """The storage when it is the local disk, else None."""
    storage = storages["default"]
    return storage if isinstance(storage, FileSystemStorage) else None


def is_local() -> bool:
    """Whether files lie on this machine's disk."""
    return _local() is not None


def put(key: str, source: Path, content_type: str) -> None:
    """Store a file under ``key``, replacing what is there in one step. ``source`` may be moved away."""
    local = _local()
    if local is None:
        with source.open("rb") as stream:
            content = File(stream)
            # django-storages asks the content before it guesses from the name.
            content.content_type = content_type  # type: ignore[attr-defined]
            default_storage.save(key, content)
        return
    target = Path(local.path(key))
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=".incoming-") as folder:
        arriving = Path(folder) / "file"
        # A rename when both are on one disk, a copy otherwise; the last step is a rename in any case.
        shutil.move(source, arriving)
        if local.file_permissions_mode is not None:
            arriving.chmod(local.file_permissions_mode)
        arriving.replace(target)


def delete(*names: str) -> None:
    """Remove what is stored under these keys; a key without anything is no error."""
    for name in names:
        if name:
            default_storage.delete(name)


def delete_folder(folder: str, *, keep: Container[str] = ()) -> None:
    """Remove everything that is stored under ``folder/``, except for the keys to ``keep``."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        if f"{folder}/{name}" not in keep:
            default_storage.delete(f"{folder}/{name}")
    for inner in folders:
        delete_folder(f"{folder}/{inner}", keep=keep)
    if not keep:
        # On disk the empty folder goes too; elsewhere there is none and this does nothing.
        default_storage.delete(folder)


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored file."""

    name: str
    size: int  # bytes
    modified: float  # s since 1970


def stored_under(*folders: str) -> Iterator[Stored]:
    """Everything that is stored under these folders, whatever it is called."""
    local = _local()
    for folder in folders:
        if local is None:
            for each in default_storage.bucket.objects.filter(Prefix=f"{folder}/"):  # type: ignore[attr-defined]
                yield Stored(each.key, each.size, each.last_modified.timestamp())
            continue
        home = Path(local.path(""))
        for path in (home / folder).rglob("*"):
            with suppress(FileNotFoundError):  # removed at this moment
                if path.is_file():
                    facts = path.stat()
                    yield Stored(path.relative_to(home).as_posix(), facts.st_size, facts.st_mtime)


@contextmanager
def open_local(key: str) -> Iterator[Path]:
    """The stored file as a path on this machine: the file itself on local disk, a passing copy with S3.

    Raises ``Missing`` when nothing is stored under ``key``.
    """
    if not keys.is_key(key) or not default_storage.exists(key):
        raise Missing("There is no such file.")
    local = _local()
    if local is not None:
        yield Path(local.path(key))
        return
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=Path(key).suffix) as copy:
        with default_storage.open(key) as stored:
            shutil.copyfileobj(stored, copy, 1 << 20)
        copy.flush()
        yield Path(copy.name)


def local_path(key: str) -> Path | None:
    """Where a file lies on this machine, None when it does not (or the storage is S3)."""
    local = _local()
    if local is None or not keys.is_key(key):
        return None
    path = Path(local.path(key))
    return path if path.is_file() else None


def url_for(key: str, request: HttpRequest | Request | None = None) -> str:
    """A link to the stored file that works for a while without a token, for players and browsers.

    S3 presigns it. On local disk it is our own signed link, on the host the caller used, or on
    ``PUBLIC_URL`` when that was set by the operator (or nobody is calling).
    """
    if request is None:
        return _links(None)(key)
    known = vars(request)  # a list has many links, and what they have in common is found once
    if "links" not in known:
        known["links"] = _links(request)
    return str(known["links"](key))


def _links(request: HttpRequest | Request | None) -> Callable[[str], str]:
    """Makes the links of one answer."""
    if _local() is None:
        return default_storage.url
    signed, start = signing.signer(), absolute("/files/", request)
    return lambda key: start + signed(key)


def path_for(key: str) -> str:
    """The same link for pages of our own, which stay on the host that they came from."""
    if _local() is None:
        return default_storage.url(key)
    return f"/files/{signing.signer()(key)}"


def absolute(path: str, request: HttpRequest | Request | None) -> str:
    """The whole address of a path of ours."""
    if request is None or settings.PUBLIC_URL_GIVEN:
        return f"{settings.PUBLIC_URL}{path}"
    known = vars(request)  # the host is checked for each link that asks for it
    if "our_origin" not in known:
        known["our_origin"] = request.build_absolute_uri("/").removesuffix("/")
    return f"{known['our_origin']}{path}"
