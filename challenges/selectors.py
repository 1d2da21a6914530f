"""Reading challenges and submissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeAlias

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.people import shown
from analysis import jobs
from analysis import services as analyses
from analysis.models import ENDED, Analysis
from challenges.leaderboard import VISIBLE, visible
from challenges.models import (
    ANALYSE,
    DIMENSIONS,
    Challenge,
    ChallengeLabel,
    ChallengeState,
    LabelKind,
    Phase,
    Submission,
    SubmissionStatus,
)
from idance.api.pages import Page, prepared_page, take_page
from idance.lib.problems import Missing
from idance.prepared import Prepared, PreparedList


# --- Challenges -------------------------------------------------------------------------------------------
def challenge(challenge_id: str, *, reader: User | None = None) -> Challenge:
    """One challenge, archived ones too; ``Missing`` when there is none.

    Parameters
    ----------
    reader : who asks; a draft is there for those alone who may change challenges.
    """
    rows = Challenge.objects.all()
    if reader is None or not (reader.is_staff and reader.has_perm("challenges.change_challenge")):
        rows = rows.exclude(state=ChallengeState.DRAFT)
    return _one(rows, challenge_id)


def heading(challenge_id: str) -> Challenge:
    """A challenge with what its lists tell of it alone: its title, and how many stand on its board.

    ``Missing`` when there is none; drafts have no lists.
    """
    found = _HEADING.first(challenge=challenge_id)
    if found is None:
        raise Missing(_NO_CHALLENGE)
    return found


_HEADING: Final = Prepared(
    lambda challenge: (
        Challenge.objects.exclude(state=ChallengeState.DRAFT)
        .filter(pk=challenge)
        .only("title", "scored_count")
    )
)
_NO_CHALLENGE: Final = "There is no such challenge."


def _one(rows: QuerySet[Challenge], challenge_id: str) -> Challenge:
    try:
        return rows.get(pk=challenge_id)
    except Challenge.DoesNotExist:
        raise Missing(_NO_CHALLENGE) from None


def challenges(*, active_only: bool = True, **wanted: Any) -> QuerySet[Challenge]:
    """Published challenges, newest first.

    Parameters
    ----------
    wanted : ``query`` (words in title, description or a tag), ``type``, ``difficulty``, ``category``,
        ``tags`` (any of them); what is empty does not narrow.
    """
    rows = _published(now=timezone.now() if active_only else None, category=wanted.get("category") or None)
    for name in ("type", "difficulty"):
        if wanted.get(name):
            rows = rows.filter(**{name: wanted[name]})
    if wanted.get("tags"):
        tagged = ChallengeLabel.objects.filter(kind=LabelKind.TAG, name__in=list(wanted["tags"]))
        rows = rows.filter(pk__in=tagged.values("challenge_id"))
    if wanted.get("query"):
        words = wanted["query"]
        so_called = ChallengeLabel.objects.filter(name__icontains=words).values("challenge_id")
        rows = rows.filter(Q(title__icontains=words) | Q(description__icontains=words) | Q(pk__in=so_called))
    return rows


def _published(*, now: Any = None, category: Any = None) -> QuerySet[Challenge]:
    """Published challenges, newest first: with a time those that are live then, and those of a category."""
    rows = Challenge.objects.order_by("-id")
    rows = rows.filter(state=ChallengeState.PUBLISHED) if now is None else in_phase(rows, Phase.LIVE, now)
    if category is not None:
        # A label is there once, so a challenge is found once.
        rows = rows.filter(labels__kind=LabelKind.CATEGORY, labels__name=category)
    return rows


def page_of_challenges(
    *, active_only: bool, page: int, limit: int, category: str | None = None
) -> Page[Challenge]:
    """Published challenges, newest first."""
    now = timezone.now() if active_only else None
    return prepared_page(_CHALLENGES, page=page, limit=limit, now=now, category=category)


_CHALLENGES: Final = PreparedList(_published, show=lambda rows: rows)


Labels: TypeAlias = Mapping[str, Mapping[str, list[str]]]


def labels_of(listed: Iterable[Challenge]) -> Labels:
    """The categories and tags of each challenge, in one query: {challenge: {kind: names}}."""
    found: dict[str, dict[str, list[str]]] = {one.pk: {kind: [] for kind in LabelKind} for one in listed}
    for challenge_id, kind, name in _LABELS(challenges=list(found)):
        found[challenge_id][kind].append(name)
    return found


#: By way of the challenges, since `__in` of a foreign key takes no placeholders.
_LABELS: Final = Prepared(
    lambda challenges: (
        Challenge.objects.filter(pk__in=challenges, labels__isnull=False)
        .order_by("labels__id")
        .values_list("pk", "labels__kind", "labels__name")
    )
)


def in_phase(rows: QuerySet[Challenge], phase: str, now: Any = None) -> QuerySet[Challenge]:
    """Those of the challenges that are in a phase now (or then), as `Challenge.phase` says."""
    if phase in (Phase.DRAFT, Phase.ARCHIVED):
        return rows.filter(state=phase)
    now, published = now or timezone.now(), rows.filter(state=ChallengeState.PUBLISHED)
    if phase == Phase.SCHEDULED:
        return published.filter(start_time__gt=now)
    if phase == Phase.LIVE:
        return published.filter(start_time__lte=now, end_time__gt=now)
    return published.filter(end_time__lte=now)


def ends_first() -> Challenge:
    """The active challenge that ends first; ``Missing`` when none is active."""
    found = challenges().order_by("end_time", "id").first()
    if found is None:
        raise Missing("No challenge is running at the moment.")
    return found


def upcoming(days: int) -> list[Challenge]:
    """Challenges that start within so many days, the next one first."""
    now = timezone.now()
    coming = challenges(active_only=False).filter(start_time__gt=now)
    return list(coming.filter(start_time__lte=now + timedelta(days=days)).order_by("start_time", "id"))


def tags() -> list[str]:
    """Every tag of a published challenge, in alphabetical order."""
    used = ChallengeLabel.objects.filter(kind=LabelKind.TAG, challenge__state=ChallengeState.PUBLISHED)
    return sorted(set(used.order_by().values_list("name", flat=True)))


def active_people() -> int:
    """How many people have an account that is in use."""
    return User.objects.filter(is_active=True).count()


# --- Submissions ------------------------------------------------------------------------------------------
def _shown(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """With all that a list shows of them, and not the long lists of measures."""
    related = rows.select_related("dancer", "video", "challenge", "analysis")
    return related.defer("analysis__measures", "challenge__description")


def _listed(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """With the columns alone that lists show: the others cost more than the rest of the answer."""
    return rows.select_related("dancer", "video", "analysis").only(*_LISTED)


_LISTED: Final = (
    *("id", "challenge_id", "session_id", "status", "error_code", "error_message", "created_at"),
    *("caption", "tags", "location", "highlight_text", "is_public", "shared_to_feed"),
    *("score", *DIMENSIONS, "badge_awarded", "processed_at", "moderation_status", "moderation_reason"),
    *("likes_count", "likes_ever", "comments_count", "comments_ever", "shares_count"),
    *shown("dancer"),
    *("video__key", "video__thumbnail_key", "video__duration", "video__size"),
    *("analysis__feedback", "analysis__confidence", "analysis__pose_key"),
)


def own_submission(user: User, submission_id: str) -> Submission:
    """A submission of this person; ``Missing`` when it is anybody else's, whether others see it or not."""
    found = _shown(Submission.objects.filter(pk=submission_id, dancer=user)).first()
    if found is None:
        raise Missing("There is no such submission.")
    return found


def submission_seen_by(submission_id: str, user: User) -> Submission:
    """A submission that is visible, or theirs, or to staff; else ``Missing``."""
    found = _shown(Submission.objects.filter(pk=submission_id)).first()
    if found is None or not (found.is_visible or found.dancer_id == user.pk or user.is_staff):
        raise Missing("There is no such submission.")
    return found


def public_submissions(challenge: Challenge, *, page: int, limit: int) -> Page[Submission]:
    """What everybody sees of a challenge, newest first."""
    # A dancer has one submission that is not failed, so as many are visible as stand on the board.
    total = challenge.scored_count
    return prepared_page(_PUBLIC, page=page, limit=limit, total=total, challenge=challenge.pk)


_PUBLIC: Final = PreparedList(
    lambda challenge: visible(Submission.objects.filter(challenge=challenge)).order_by("-id"), show=_listed
)


def submissions_for(user: User, challenge: Challenge, *, page: int, limit: int) -> Page[Submission]:
    """The visible submissions of a challenge and all of one's own, newest first."""
    all_of_it = Submission.objects.filter(challenge=challenge)
    hidden = [one.pk for one in all_of_it.filter(dancer=user) if not one.is_visible]
    rows = all_of_it.filter(VISIBLE | Q(pk__in=hidden)) if hidden else visible(all_of_it)
    total = challenge.scored_count + len(hidden)
    return take_page(_listed(rows).order_by("-id"), page=page, limit=limit, total=total)


def submissions_of(dancer_id: str, user: User, *, page: int, limit: int) -> Page[Submission]:
    """Somebody's submissions, newest first: to others those that are visible. ``Missing`` for nobody."""
    if dancer_id != user.pk and not User.objects.filter(pk=dancer_id).exists():
        raise Missing("There is no such person.")
    rows = Submission.objects.filter(dancer_id=dancer_id)
    if dancer_id != user.pk:
        rows = visible(rows)
    return take_page(_listed(rows).order_by("-id"), page=page, limit=limit)


def find_submissions(ids: Iterable[str]) -> dict[str, Submission]:
    """Submissions by id, with what lists of many kinds of things tell of them."""
    return {one.pk: one for one in _FOUND(ids=list(ids))}


_TOLD: Final = (
    *("id", "score", "status", "is_public", "caption", "highlight_text", "likes_count", "comments_count"),
    *("video__key", "video__thumbnail_key", "challenge__title"),
)
_FOUND: Final = Prepared(
    lambda ids: Submission.objects.filter(pk__in=ids).select_related("video", "challenge").only(*_TOLD)
)


def badges_of(user: User) -> list[str]:
    """The badges somebody has won, the newest first."""
    won = Submission.objects.filter(dancer=user, status=SubmissionStatus.COMPLETED).exclude(badge_awarded="")
    return list(dict.fromkeys(won.order_by("-id").values_list("badge_awarded", flat=True)))


# --- Their analyses ---------------------------------------------------------------------------------------
def analyses_of(submission: Submission) -> QuerySet[Analysis]:
    """Every analysis that was made or begun of a submission."""
    return Analysis.objects.select_related("job").filter(job__kind=ANALYSE, job__subject_id=submission.pk)


def has_ended(analysis_id: str) -> bool:
    """Whether nothing more will come of an analysis."""
    found = Analysis.objects.select_related("job").only("completed_at", "job__state").filter(pk=analysis_id)
    analysis = found.first()
    return analysis is None or analysis.status in ENDED


def latest_analysis(submission: Submission) -> Analysis | None:
    """The analysis under way, else the one its scores are from, else the one that failed last."""
    running = jobs.unfinished(ANALYSE, submission.pk)
    if running is not None:
        return analyses.of_job(running)
    return Analysis.objects.select_related("job").filter(pk=submission.analysis_id).first()
