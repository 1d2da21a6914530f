"""`manage.py fill`: a database as large as one likes, for measurements."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from challenges.models import Submission
from feed.filling import fill


class Command(BaseCommand):
    help = "Fill an empty database with made-up people, challenges and submissions, to measure with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=200_000)
        parser.add_argument("--challenges", type=int, default=1_000)
        parser.add_argument("--submissions", type=int, default=1_000_000)

    def handle(self, *args: Any, **options: Any) -> None:
        if Submission.objects.exists():
            raise CommandError("There are submissions in this database. Fill an empty one instead.")
        started = time.monotonic()
        numbers = {name: options[name] for name in ("people", "challenges", "submissions")}
        try:
            fill(
                **numbers, say=lambda text: self.stderr.write(f"{time.monotonic() - started:6.1f} s  {text}")
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        with connection.cursor() as cursor:
            # The planner must know how large the tables have become.
            cursor.execute("ANALYZE")
        self.stdout.write(f"Filled in {time.monotonic() - started:.1f} s.")

    def _say(self, text: str, seconds: float) -> None:
        self.stderr.write(f"{seconds:6.1f} s  {text}")
