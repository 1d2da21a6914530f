"""Reading challenges and submissions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from django.db.models import CharField, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from analysis import jobs
from analysis import services as analyses
from analysis.models import ENDED, Analysis
from challenges.leaderboard import NO_CHALLENGE, VISIBLE, visible
from challenges.listed import Listed, Told, columns, listed, told_columns
from challenges.models import (
    ANALYSE,
    Challenge,
    ChallengeLabel,
    ChallengeState,
    LabelKind,
    Phase,
    Submission,
    SubmissionStatus,
)
from idance.api.pages import Page, prepared_page
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


class Heading(NamedTuple):
    """What the lists of a challenge tell of it: its title, and how many stand on its board."""

    id: str
    title: str
    scored_count: int


def heading(challenge_id: str) -> Heading:
    """What the lists of a challenge tell of it; ``Missing`` when there is none: drafts have no lists."""
    found = _HEADING.first(challenge=challenge_id)
    if found is None:
        raise Missing(NO_CHALLENGE)
    return found


_HEADING: Final = Prepared(
    lambda challenge: (
        Challenge.objects.exclude(state=ChallengeState.DRAFT)
        .filter(pk=challenge)
        .values_list(*Heading._fields)
    ),
    Heading._make,
)


def _one(rows: QuerySet[Challenge], challenge_id: str) -> Challenge:
    try:
        return rows.get(pk=challenge_id)
    except Challenge.DoesNotExist:
        raise Missing(NO_CHALLENGE) from None


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


_CHALLENGES: Final[PreparedList[Challenge]] = PreparedList(
    _published, show=lambda rows: rows.defer("updated_at", "demo_analysis", "board_changes")
)


Labels: TypeAlias = Mapping[str, Mapping[str, list[str]]]
_KINDS: Final = LabelKind.values


def labels_of(listed: Iterable[Challenge]) -> Labels:
    """The categories and tags of each challenge, in one query: {challenge: {kind: names}}."""
    found: dict[str, dict[str, list[str]]] = {one.id: {kind: [] for kind in _KINDS} for one in listed}
    for challenge_id, kind, name in _LABELS(challenges=list(found)):
        found[challenge_id][kind].append(name)
    return found


#: As a text, since `__in` of a foreign key takes no placeholders.
_LABELS: Final[Prepared[tuple[str, str, str]]] = Prepared(
    lambda challenges: (
        ChallengeLabel.objects.alias(of=ExpressionWrapper(F("challenge_id"), CharField()))
        .filter(of__in=challenges)
        .order_by("id")
        .values_list("challenge_id", "kind", "name")
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


def _newest_first(make: Callable[..., QuerySet[Submission]]) -> PreparedList[Listed]:
    return PreparedList(lambda **values: make(**values).order_by("-id"), show=columns, row=listed)


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


def public_submissions(challenge: Heading, *, page: int, limit: int) -> Page[Listed]:
    """What everybody sees of a challenge, newest first."""
    # A dancer has one submission that is not failed, so as many are visible as stand on the board.
    total = challenge.scored_count
    return prepared_page(_PUBLIC, page=page, limit=limit, total=total, challenge=challenge.id)


_PUBLIC: Final = _newest_first(lambda challenge: visible(Submission.objects.filter(challenge=challenge)))


def submissions_for(user: User, challenge: Heading, *, page: int, limit: int) -> Page[Listed]:
    """The visible submissions of a challenge and all of one's own, newest first."""
    mine = Submission.objects.filter(challenge=challenge.id, dancer=user)
    hidden = [one.pk for one in mine if not one.is_visible]
    total = challenge.scored_count + len(hidden)
    values = {"challenge": challenge.id, "hidden": hidden or None}
    return prepared_page(_SEEN, page=page, limit=limit, total=total, **values)


def _seen(challenge: Any, hidden: Any = None) -> QuerySet[Submission]:
    """The visible submissions of a challenge, and these."""
    rows = Submission.objects.filter(challenge=challenge)
    return rows.filter(VISIBLE | Q(pk__in=hidden)) if hidden else visible(rows)


_SEEN: Final = _newest_first(_seen)


def submissions_of(dancer_id: str, user: User, *, page: int, limit: int) -> Page[Listed]:
    """Somebody's submissions, newest first: to others those that are visible. ``Missing`` for nobody."""
    if dancer_id != user.pk and not User.objects.filter(pk=dancer_id).exists():
        raise Missing("There is no such person.")
    rows = _MINE if dancer_id == user.pk else _THEIRS
    return prepared_page(rows, page=page, limit=limit, dancer=dancer_id)


_MINE: Final = _newest_first(lambda dancer: Submission.objects.filter(dancer=dancer))
_THEIRS: Final = _newest_first(lambda dancer: visible(Submission.objects.filter(dancer=dancer)))


def find_submissions(ids: Iterable[str]) -> dict[str, Told]:
    """Submissions by id, with what lists of many kinds of things tell of them."""
    return {one.id: one for one in _FOUND(ids=list(ids))}


_FOUND: Final = Prepared(lambda ids: told_columns(Submission.objects.filter(pk__in=ids)), Told._make)


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
