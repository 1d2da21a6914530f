"""How each kind of thing is told in the list of activities and in the feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from rest_framework.request import Request

from breakdowns.models import Breakdown
from challenges.listed import Told
from feed.models import Activity, DanceSession, Kind
from feed.selectors import Entry
from idance.files import keys, links, storage
from idance.lib.words import amount


def activity(entry: Entry, request: Request) -> dict[str, Any]:
    """One row of somebody's activities."""
    told = _ACTIVITIES[entry.row.kind](entry, request)
    return {"_id": entry.row.subject_id, "activityDate": entry.row.at, **told}


def content(entry: Entry, request: Request) -> dict[str, Any]:
    """What an item of the feed shows."""
    return {"subject_id": entry.row.subject_id, **_CONTENTS[entry.row.kind](entry.subject, request)}


def _url(key: str, request: Request) -> str | None:
    return storage.url_for(key, request) if key else None


def _effort(minutes: float | None, calories: int | None) -> str:
    """`15 minutes • 120 calories`, or `40 seconds • 3 calories`, with what is known of it."""
    parts = [] if minutes is None else [_length(minutes)]
    parts += [amount(calories, "calorie")] if calories is not None else []
    return " • ".join(parts)


def _length(minutes: float) -> str:
    seconds = round(minutes * 60)
    return amount(seconds, "second") if seconds < 60 else amount(round(minutes), "minute")


# --- Sessions ---------------------------------------------------------------------------------------------
def _session_activity(entry: Entry, request: Request) -> dict[str, Any]:
    session: DanceSession = entry.subject
    return {
        "activityType": "session",
        "title": f"{session.style.title()} Session",
        "description": _effort(session.duration_minutes, session.calories_burned),
        "videoUrl": session_video(session, request),
        "videoThumbnailUrl": session_thumbnail(session, request),
        "startTime": session.start_time,
        "endTime": session.end_time,
        "style": session.style,
        "sessionType": session.session_type,
        "durationMinutes": session.duration_minutes,
        "caloriesBurned": session.calories_burned,
        "score": session.score,
        "isPublic": session.is_public,
        "likesCount": session.likes_count,
        "commentsCount": session.comments_count,
        "status": session.status,
    }


def _session_content(session: DanceSession, request: Request) -> dict[str, Any]:
    return {
        "video_url": session_video(session, request),
        "thumbnail_url": session_thumbnail(session, request),
        "title": session.highlight_text or f"{session.style.title()} Session",
        "score": session.score,
    }


def session_video(session: DanceSession, request: Request | None) -> str | None:
    """Where the session's video plays: cropped if it was, else as it was sent."""
    key = session.processed_key or session.video_key
    return storage.url_for(key, request) if key else session.video_url or None


def session_thumbnail(session: DanceSession, request: Request | None) -> str | None:
    """The session's picture: the one that was sent, else the one made with the video."""
    video = session.processed_key or session.video_key
    made = keys.thumbnail_of(video) if video else ""
    key = session.thumbnail_key or (made if not session.thumbnail_url else "")
    return storage.url_for(key, request) if key else session.thumbnail_url or None


# --- Submissions ------------------------------------------------------------------------------------------
def _submission_activity(entry: Entry, request: Request) -> dict[str, Any]:
    submission: Told = entry.subject
    row = cast(Activity, entry.row)
    return {
        "activityType": "challenge",
        "title": "Challenge Submission",
        "description": _effort(row.minutes, row.calories),
        "videoUrl": _url(submission.video_key, request),
        "videoThumbnailUrl": _url(submission.thumbnail_key, request),
        "durationMinutes": round(row.minutes, 2),
        "caloriesBurned": row.calories,
        "score": submission.score,
        "isPublic": submission.is_public,
        "likesCount": submission.likes_count,
        "commentsCount": submission.comments_count,
        "status": submission.status,
    }


def _submission_content(submission: Told, request: Request) -> dict[str, Any]:
    return {
        "video_url": _url(submission.video_key, request),
        "thumbnail_url": _url(submission.thumbnail_key, request),
        "title": submission.highlight_text or submission.caption or submission.challenge_title,
        "score": submission.score,
    }


# --- Breakdowns -------------------------------------------------------------------------------------------
def _breakdown_activity(entry: Entry, request: Request) -> dict[str, Any]:
    breakdown: Breakdown = entry.subject
    steps = amount(breakdown.total_steps or 0, "step")
    return {
        "activityType": "breakdown",
        "title": "Dance Breakdown",
        "description": f"{steps} • {breakdown.difficulty_level}",
        "videoUrl": links.show(breakdown.video, request),
        "videoThumbnailUrl": _url(breakdown.footage.thumbnail_key, request),
        "duration": breakdown.duration,
        "caloriesBurned": cast(Activity, entry.row).calories,
        "totalSteps": breakdown.total_steps,
        "difficultyLevel": breakdown.difficulty_level,
        "isPublic": breakdown.is_public,
        "success": breakdown.success,
    }


def _breakdown_content(breakdown: Breakdown, request: Request) -> dict[str, Any]:
    return {
        "video_url": _url(breakdown.footage.video_key, request),
        "thumbnail_url": _url(breakdown.footage.thumbnail_key, request),
        "title": breakdown.title,
        "score": None,
    }


_ACTIVITIES: Final[dict[str, Callable[[Entry, Request], dict[str, Any]]]] = {
    Kind.SESSION: _session_activity,
    Kind.SUBMISSION: _submission_activity,
    Kind.BREAKDOWN: _breakdown_activity,
}
_CONTENTS: Final[dict[str, Callable[[Any, Request], dict[str, Any]]]] = {
    Kind.SESSION: _session_content,
    Kind.SUBMISSION: _submission_content,
    Kind.BREAKDOWN: _breakdown_content,
}
