"""What a nap does, by its options.

``seconds``: how long it takes; ``diary``: a file that gets a line with the process id for each attempt;
``deaf``: reports nothing and, like a long call into C, hears no signal.
"""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path

from django.db.models import F

from accounts.models import User
from analysis.jobs import JobContext, Outcome


def nap(context: JobContext) -> Outcome:
    options = context.job.options
    if "diary" in options:
        with Path(options["diary"]).open("a") as diary:
            diary.write(f"{os.getpid()}\n")
    (context.folder / "half-done").write_text("partial")
    seconds = options.get("seconds", 0.0)
    if options.get("deaf"):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(seconds)
    start = time.monotonic()
    while (slept := time.monotonic() - start) < seconds and not options.get("deaf"):
        context.progress("napping", slept / seconds)
        time.sleep(0.05)
    return Outcome({"slept": seconds}, effect=partial(_give_point, context.job.owner_id))


def _give_point(owner_id: str) -> None:
    User.objects.filter(pk=owner_id).update(points=F("points") + 1)
