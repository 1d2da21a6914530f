"""The last one out: ends process groups whose supervisor is gone, however it went.

A process that gets SIGKILL cannot clean up after itself. So `idance.supervisor` starts this little program
beside its children and keeps the write end of its standard input: groups are announced there as `+PGID` and
`-PGID` lines, and when the pipe closes, the supervisor is gone and every group still announced is ended.

It runs as a file of its own, with nothing but the standard library, so that it is small and hardly can fail.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

#: Seconds between asking a group to stop and ending it.
GRACE_SECONDS = 5.0


def main() -> None:
    # Whatever stops the supervisor's terminal or group must not stop the one who cleans up after it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        pgid = int(line[1:])
        if line[0] == "+":
            groups.add(pgid)
        else:
            groups.discard(pgid)
    end_groups(groups)


def end_groups(groups: set[int]) -> None:
    """Ask the leaders of the groups to stop, and end what is left of the groups after the grace."""
    for pgid in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pgid, signal.SIGTERM)
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until and any(is_there(pgid) for pgid in groups):
        time.sleep(0.05)
    for pgid in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pgid, signal.SIGKILL)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


if __name__ == "__main__":
    main()
