"""Whether all machines sign with the same `SECRET_KEY`: else tokens and links of one fail on another.

The web server that starts last leaves a fingerprint of its key in the database, where the others compare
theirs (`idance.checks`). It says nothing of the key: a tag of 48 bits, made with the key for this alone.
"""

from __future__ import annotations

import hashlib
import hmac
import socket

from django.conf import settings
from django.utils import timezone

from idance.models import KeyInUse


def fingerprint() -> str:
    """Of this machine's key: twelve hex digits."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"idance.signing_key", hashlib.sha256).hex()[:12]


def note() -> None:
    """A web server starts here: from now on the others are compared with its key."""
    machine = socket.gethostname()[:255]
    KeyInUse(pk=1, fingerprint=fingerprint(), machine=machine, started_at=timezone.now()).save()


def other() -> KeyInUse | None:
    """The web server that was started last, if it was with another key."""
    return KeyInUse.objects.exclude(fingerprint=fingerprint()).first()
