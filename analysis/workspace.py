"""A folder for each worker's unfinished files, and a lock on it that the kernel drops when the worker dies.

The lock tells at once and without doubt that a worker of this machine is gone, however it went, so its files
can be removed and its job taken over without waiting for the heartbeat. Workers on other machines keep their
folders elsewhere; for them the heartbeat decides.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

_LOCK = ".lock"


def root() -> Path:
    """Where the workers of this machine have their folders."""
    return Path(settings.DATA_DIR) / "tmp" / "workers"


class Workspace:
    """One worker's folder, locked as long as its process lives."""

    def __init__(self, name: str) -> None:
        root().mkdir(parents=True, exist_ok=True)
        self.folder = root() / name
        self._lock = root() / f"{name}{_LOCK}"
        # Locked before it gets the name by which others find it, so nobody ever sees it unlocked.
        fresh = root() / f"{name}.new"
        self._handle = os.open(fresh, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(self._lock)
        self.folder.mkdir()

    def close(self) -> None:
        """Remove the folder and give up the lock."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.unlink(missing_ok=True)
        os.close(self._handle)


def sweep(died: Callable[[str], None]) -> None:
    """Call ``died`` with the name of each dead worker of this machine, then remove what it left."""
    for lock in root().glob(f"*{_LOCK}"):
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # Another sweep was quicker.
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            name = lock.name.removesuffix(_LOCK)
            died(name)
            shutil.rmtree(root() / name, ignore_errors=True)
            lock.unlink(missing_ok=True)
        except BlockingIOError:
            pass  # Alive, or being swept.
        finally:
            os.close(handle)
