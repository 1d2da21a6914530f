"""Practice sessions: started, completed, deleted. What changes; `selectors` reads."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import progress
from analysis import jobs
from feed import activities
from feed.models import CROP, DanceSession, Kind, Processing, SessionStatus
from idance.files import keys, links, removals
from idance.files import services as files
from idance.lib.problems import Missing, NotNow
from idance.social import services as social

if TYPE_CHECKING:
    from accounts.models import User


def start(user: User, **wishes: Any) -> DanceSession:
    """Start a session; one that was forgotten is closed as abandoned."""
    for last_try in (False, True):
        DanceSession.objects.filter(active_key=user.pk).update(
            active_key=None, status=SessionStatus.ABANDONED, end_time=timezone.now()
        )
        try:
            with transaction.atomic():
                return DanceSession.objects.create(
                    user=user, active_key=user.pk, start_time=timezone.now(), **wishes
                )
        except IntegrityError:
            # Another device of the same person started one at this very moment: close that and try again.
            if last_try:
                raise NotNow("Another session was started at the same moment.") from None
    raise AssertionError("unreachable")


def complete(user: User, session_id: str, *, end_time: datetime | None, **outcome: Any) -> DanceSession:
    """Complete a session once: it counts, earns its points, and its video is cropped when that was asked.

    Parameters
    ----------
    end_time : by the phone's clock, which may be wrong: taken to lie between the start and now. The feed is
        in the order of these times.

    Raises ``Missing`` when it is not theirs, ``NotNow`` when it has ended already.
    """
    session = DanceSession.objects.filter(pk=session_id, user=user).first()
    if session is None:
        raise Missing("There is no such session.")
    _settle_files(user, outcome)
    crops = bool(outcome.get("video_key") and outcome.get("crop_data"))
    now = timezone.now()
    end = min(max(end_time or now, session.start_time), now)
    with transaction.atomic():
        ours = DanceSession.objects.filter(pk=session_id, status=SessionStatus.ACTIVE).update(
            status=SessionStatus.COMPLETED,
            active_key=None,
            end_time=end,
            processing_status=Processing.PROCESSING if crops else Processing.NOT_REQUIRED,
            updated_at=now,
            **outcome,
        )
        if not ours:
            raise NotNow("This session has already ended.")
        session.refresh_from_db()
        minutes = session.duration_minutes or 0.0
        progress.earn(user.pk, points=progress.POINTS_PER_SESSION, sessions=1, seconds=round(minutes * 60))
        activities.record(
            user.pk,
            Kind.SESSION,
            session.pk,
            at=session.start_time,
            minutes=minutes,
            calories=session.calories_burned or 0,
        )
        if session.is_public and session.shared_to_feed:
            activities.publish(user.pk, Kind.SESSION, session.pk, at=end)
        if crops:
            jobs.enqueue(CROP, session.pk, user, {"template": outcome["crop_data"]["cropTemplate"]})
    return session


def _settle_files(user: User, outcome: dict[str, Any]) -> None:
    """Keep what leads to their own uploads by its key: links to them pass. Raises as `files.own_file`."""
    kinds: dict[str, Literal["video", "picture"]] = {"video": "video", "thumbnail": "picture"}
    for name, kind in kinds.items():
        key = outcome.get(f"{name}_key") or links.key_of(links.keep(outcome.get(f"{name}_url", ""), user))
        if key:
            files.own_file(user, key, kind=kind)
            outcome |= {f"{name}_key": key, f"{name}_url": ""}


def delete(user: User, session_id: str) -> None:
    """Remove a session with what was made of it and what it earned."""
    rows = DanceSession.objects.filter(pk=session_id, user=user)
    if not rows.exists():
        raise Missing("There is no such session.")
    with transaction.atomic():
        # The job first: whoever completes it also takes the job's row before the session's.
        cropping = jobs.unfinished(CROP, session_id)
        if cropping is not None:
            with suppress(NotNow):  # It has just ended by itself.
                jobs.cancel(cropping)
        if not rows.update(updated_at=timezone.now()):
            return
        # Read only now, when it is ours: it may have been completed or cropped a moment ago.
        session = rows.get()
        rows.delete()
        social.forget(session)
        # In the order in which `complete` takes the rows, so that neither waits for the other.
        if session.status == SessionStatus.COMPLETED:
            seconds = round((session.duration_minutes or 0.0) * 60)
            progress.earn(user.pk, points=-progress.POINTS_PER_SESSION, sessions=-1, seconds=-seconds)
        activities.erase(session.pk)
        activities.withdraw(session.pk)
        if session.processed_key:
            removals.remove(session.processed_key, keys.thumbnail_of(session.processed_key))
