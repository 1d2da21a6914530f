"""`python manage.py leftovers`: bytes in the storage that no row speaks of."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from idance.files import leftovers, storage


class Command(BaseCommand):
    """What was stored just before a server was killed is in no row, and nobody else would ever remove it."""

    help = "List stored files older than a day that nothing in the database speaks of, or remove them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove them instead of listing them")

    def handle(self, *args: Any, **options: Any) -> None:
        found = leftovers.unknown()
        if not found.names:
            self.stdout.write(f"None of the {found.looked_at} stored files is left over.")
            return
        summary = f"{len(found.names)} of {found.looked_at} stored files ({found.size / 1e6:.1f} MB)"
        if not options["remove"]:
            for name in found.names:
                self.stdout.write(name)
            self.stdout.write(f"Nothing speaks of {summary}. `--remove` removes them for good.")
            return
        if found.known == 0:
            raise CommandError(
                f"This database knows none of the {found.looked_at} stored files: it is not the one that "
                "belongs to this storage. Nothing was removed."
            )
        storage.delete(*found.names)
        self.stdout.write(f"Removed {summary}.")
