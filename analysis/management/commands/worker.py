"""`manage.py worker`: work on the queue until told to stop."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Work on the queue. SIGTERM or Ctrl-C hands running jobs back and stops; exit 1 asks for a restart."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        from analysis import supervision

        sys.exit(supervision.run())
