"""`Idempotency-Key`: a phone that lost the answer may ask again; same key, same answer, one effect.

    @extend_schema(parameters=[IDEMPOTENCY_KEY], ...)
    @once_per_key
    def post(self, request, challenge_id): ...

Only answers of success are remembered: what was refused had no effect and may be tried with the same key. The
same key with another body is refused: it is a mistake of the client, which would take the answer for its own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from idance.api.auth import caller
from idance.api.rendering import Renderer
from idance.api.waiting import wait_up_to
from idance.lib.problems import Invalid, TooOften
from idance.models import RememberedAnswer

View = TypeVar("View", bound=Callable[..., Response])

#: How long an answer is remembered.
REMEMBERED = timedelta(days=2)
#: Work without an answer for so long was lost with its process, and may begin again.
LOST = timedelta(minutes=5)
#: Seconds that a second request waits for the answer of the first.
PATIENCE = 30.0
#: How often it tries itself when the work of others came to nothing.
ROUNDS = 3

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="Any text of your own, 1..255 characters, best a random UUID. Ask again with the same key "
    "when the answer got lost: you get the same answer, and the work is done once. Remembered for two days. "
    "The same key with another body is a 422.",
)


def once_per_key(post: View) -> View:
    """Let a view's method work once for each user, path and `Idempotency-Key`."""

    @wraps(post)
    def answer(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _key(request)
        if key is None:
            return post(self, request, *args, **kwargs)
        known = {
            "user_id": caller(request).pk,
            "operation": f"{request.method} {request.path}"[:255],
            "key": key,
        }
        # Receive the body before the key is taken: a slow upload that breaks off must not block the next.
        digest = _digest(request.data)
        replayed = _replay(known, digest)
        if replayed is not None:
            return replayed
        for _ in range(ROUNDS):
            mine = _begin(known, digest)
            if mine is not None:
                return _work(mine, lambda: post(self, request, *args, **kwargs))
            replayed = _answer_of_other(known, digest)
            if replayed is not None:
                return replayed
        raise _busy()

    return cast(View, answer)


def _key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    key = key.strip()
    if not re.fullmatch(r"[\x20-\x7e]{1,255}", key):
        raise Invalid("Idempotency-Key", "Please use 1 to 255 plain characters.", place="header")
    return key


def _digest(body: Any) -> str:
    """The same for bodies that say the same, in JSON or as a form; files count by their content."""
    said = dict(body.lists()) if isinstance(body, MultiValueDict) else body
    text = json.dumps(said, sort_keys=True, default=lambda file: file.digest())
    return hashlib.sha256(text.encode()).hexdigest()


def _replay(known: dict[str, Any], digest: str) -> Response | None:
    """The remembered answer, if there is one; ``Invalid`` when the key was used with another body."""
    row = RememberedAnswer.objects.filter(**known).first()
    if row is not None and row.digest != digest:
        sentence = "This key was used for a request with another body. Please take a new one."
        raise Invalid("Idempotency-Key", sentence, place="header")
    if row is None or row.status is None:
        return None
    return Response(json.loads(row.body), status=row.status, headers={"Idempotency-Replayed": "true"})


def _begin(known: dict[str, Any], digest: str) -> RememberedAnswer | None:
    """The row of our own work; None when somebody else is at it or has done it. The unique row decides."""
    now = timezone.now()
    RememberedAnswer.objects.filter(user_id=known["user_id"], created_at__lt=now - REMEMBERED).delete()
    try:
        with transaction.atomic():
            return RememberedAnswer.objects.create(**known, digest=digest, started_at=now)
    except IntegrityError:
        pass
    lost = RememberedAnswer.objects.filter(**known, status__isnull=True, started_at__lt=now - LOST).first()
    if lost is None:
        return None
    taken = RememberedAnswer.objects.filter(pk=lost.pk, status__isnull=True, started_at=lost.started_at)
    if not taken.update(started_at=now):
        return None
    lost.started_at = now
    return lost


def _work(mine: RememberedAnswer, post: Callable[[], Response]) -> Response:
    """Do the work and remember its answer; forget that it began when it came to nothing."""
    ours = RememberedAnswer.objects.filter(pk=mine.pk, started_at=mine.started_at, status__isnull=True)
    try:
        response = post()
    except BaseException:
        ours.delete()
        raise
    if response.status_code >= 300:
        ours.delete()
    else:
        body = Renderer().render(response.data).decode()
        ours.update(status=response.status_code, body=body)
    return response


def _answer_of_other(known: dict[str, Any], digest: str) -> Response | None:
    """Wait for the answer to the same request that is being worked on; None when it came to nothing."""

    def ended() -> bool:
        return not RememberedAnswer.objects.filter(**known, status__isnull=True).exists()

    if not wait_up_to(PATIENCE, ended):
        raise _busy()
    return _replay(known, digest)


def _busy() -> TooOften:
    return TooOften(1, "The same request is still being worked on. Please ask again in a moment.")
