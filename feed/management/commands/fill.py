"""`manage.py fill`: a database as large as one likes, for measurements."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from challenges.models import Submission
from feed.filling import fill
from idance.bulk import settle


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
        settle()
        self.stdout.write(f"Filled in {time.monotonic() - started:.1f} s.")
