"""Which shared libraries of the system are missing, and the packages that bring them.

OpenCV, which MediaPipe needs, is built with a window system even where nobody opens a window: on a bare
server its import fails with "libGL.so.1: cannot open shared object file". Better to say so before the start.
"""

from __future__ import annotations

import ctypes
import sys

#: library -> its packages on Debian and Ubuntu, Fedora and Red Hat.
NEEDED = {
    "libGL.so.1": ("libgl1", "mesa-libGL"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
}


def missing(needed: dict[str, tuple[str, str]] = NEEDED) -> list[str]:
    """The names of the libraries that the system cannot load; none outside Linux, where wheels bring them."""
    return [name for name in needed if not _loads(name)] if sys.platform == "linux" else []


def advice(names: list[str], needed: dict[str, tuple[str, str]] = NEEDED) -> str:
    """One sentence that says what to install."""
    debian = " ".join(needed[name][0] for name in names)
    fedora = " ".join(needed[name][1] for name in names)
    return (
        f"The system library {' and '.join(names)} is missing, which OpenCV needs. "
        f"Debian, Ubuntu: apt-get install {debian}. Fedora, Red Hat: dnf install {fedora}."
    )


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
