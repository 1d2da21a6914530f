"""Removing bytes for good: written down with the change that makes them nobody's.

On the local disk it is done once that is committed, and workers do what a process that ended has left. On S3
workers do all of it, within about a minute: nobody's request waits for a storage that hangs.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.utils import timezone

from idance.away import away
from idance.files import storage
from idance.files.models import Removal

log = logging.getLogger(__name__)

#: On the local disk whoever wrote a removal down has done it by then, or will not.
LEFT: Final = timedelta(minutes=1)
BATCH: Final = 100


def remove(*names: str) -> None:
    """Remove what is stored under these keys if the transaction commits; empty ones are left out."""
    _write_down([Removal(name=name) for name in names if name])


def remove_folder(folder: str) -> None:
    """Remove everything that is stored under ``folder/`` if the transaction commits."""
    _write_down([Removal(name=folder, is_folder=True)])


def _write_down(removals: Sequence[Removal]) -> None:
    with transaction.atomic():
        for removal in removals:
            removal.save(force_insert=True)
        if storage.is_local():
            # Robust: what is written down is done later if not now, and others wait for this commit, too.
            transaction.on_commit(partial(_do, removals), robust=True)


def sweep() -> int:
    """Do what was written down and could not be done. Returns how many. Harmless to run anywhere at once."""
    left = Removal.objects.order_by("pk")
    if storage.is_local():
        left = left.filter(created_at__lt=timezone.now() - LEFT)
    total = 0
    while batch := list(left[:BATCH]):
        done = _do(batch)
        total += done
        if done < len(batch):
            break
    return total


def _do(removals: Sequence[Removal]) -> int:
    done = 0
    for removal in removals:
        try:
            if removal.is_folder:
                storage.delete_folder(removal.name)
            else:
                storage.delete(removal.name)
            Removal.objects.filter(pk=removal.pk).delete()
            done += 1
        except Exception as error:
            missing = away(error)
            if missing is None:
                raise
            log.warning("%s is removed later. %s: %s", removal.name, missing, error)
            break  # the others would wait as long, and in vain
    return done
