"""`python -m idance.demo [CLIP]`; `make demo` and `make demo CLIP=dance.mp4` call it."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from idance.demo.client import ApiError
from idance.demo.screen import Screen
from idance.demo.server import FOLDER, ROOT, DemoServer, ServerFailed
from idance.demo.story import Story

BUNDLED = ROOT / "demo" / "jesse_dance_front.mp4"


def main() -> int:
    """0 when the clip was scored or honestly refused, 1 when something failed, 2 for a wrong path."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("CLIP", "")
    clip = Path(given).expanduser() if given else BUNDLED
    screen = Screen()
    if not clip.is_file():
        screen.failed(f"There is no file {clip}. Name a video: make demo CLIP=path/to/dance.mp4")
        return 2
    # A terminal that closes and a plain `kill` end it in the same good order as Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    began = time.monotonic()
    try:
        with DemoServer() as server:
            screen.heading("iDance: a dancer's first minutes, lived by an app over HTTP")
            screen.line()
            screen.done(f"A server and a worker on {server.url}", f"{time.monotonic() - began:.1f} s")
            Story(screen, server, clip, bundled=clip == BUNDLED).tell()
    except (ApiError, ServerFailed) as error:
        screen.failed(str(error))
        if isinstance(error, ApiError):
            screen.line(f"    The server's log tells more: {FOLDER / 'server.log'}")
        return 1
    except KeyboardInterrupt:
        screen.line()
        screen.failed("Stopped.")
        return 130
    screen.line()
    screen.done("Server and worker have stopped", f"{time.monotonic() - began:.0f} s in all")
    folder = FOLDER.relative_to(ROOT) if FOLDER.is_relative_to(ROOT) else FOLDER
    screen.line(f"    The data stays in {folder} until the next demo. Your own server: make run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
