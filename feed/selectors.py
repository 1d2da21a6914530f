"""Reading sessions, activities, statistics and the feed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from django.db.models import Avg, Count, Q, QuerySet, Sum

from accounts.people import Person, shown
from feed.activities import COUNTERS
from feed.models import Activity, DancerStats, DanceSession, Day, FeedItem, FeedTally, Kind, SessionStatus
from idance.api.pages import Page, prepared_page, take_page, take_slice
from idance.files import keys
from idance.files.models import StoredFile
from idance.lib.problems import Missing
from idance.prepared import Prepared, PreparedList

if TYPE_CHECKING:
    from accounts.models import User


# --- Sessions ---------------------------------------------------------------------------------------------
def _public() -> QuerySet[DanceSession]:
    return DanceSession.objects.filter(is_public=True, status=SessionStatus.COMPLETED)


def session_seen_by(session_id: str, user: User) -> DanceSession:
    """A session that is their own, or public; else ``Missing``."""
    session = DanceSession.objects.select_related("user").filter(pk=session_id).first()
    if session is None or not (session.user_id == user.pk or session.is_public):
        raise Missing("There is no such session.")
    return session


def sessions_of(user: User, *, page: int, limit: int, status: str | None = None) -> Page[DanceSession]:
    """Their sessions, newest first."""
    rows = DanceSession.objects.filter(user=user)
    if status:
        rows = rows.filter(status=status)
    return take_page(rows.order_by("-id"), page=page, limit=limit)


def public_sessions(*, skip: int, limit: int, style: str | None, location: str | None) -> list[DanceSession]:
    """Everybody's public sessions, newest first."""
    rows = _public()
    if style:
        rows = rows.filter(style=style)
    if location:
        rows = rows.filter(location=location)
    return take_slice(rows.select_related("user").order_by("-id"), skip, limit)


def session_shows(file: StoredFile) -> bool:
    """Whether a session of its owner shows this file."""
    shown = Q(video_key=file.key) | Q(thumbnail_key=file.key)
    return DanceSession.objects.filter(shown, user=file.owner_id).exists()


def speaks_of(ids: Collection[str]) -> Iterator[str]:
    """The files that were made of sessions of people with these ids; their keys name nobody else."""
    cropped = DanceSession.objects.filter(user__in=ids).exclude(processed_key="")
    for key in cropped.values_list("processed_key", flat=True):
        yield from (key, keys.thumbnail_of(key))


# --- Subjects of other apps ------------------------------------------------------------------------------
#: Finds the objects of one kind by their ids, each with all that a list shows of it: {id: object}.
Find: TypeAlias = Callable[[Iterable[str]], dict[str, Any]]
_finders: dict[Kind, Find] = {}


def register(kind: Kind, find: Find) -> None:
    """Say how the objects of a kind are read for the lists below."""
    _finders[kind] = find


def find_sessions(ids: Iterable[str]) -> dict[str, DanceSession]:
    """Sessions by id."""
    return {row.pk: row for row in DanceSession.objects.filter(pk__in=list(ids))}


register(Kind.SESSION, find_sessions)


class Item(NamedTuple):
    """An item of the feed."""

    id: str
    kind: str
    subject_id: str
    at: datetime
    user: Person


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed row with what it stands for: an object, or what lists tell of one."""

    row: Activity | Item
    subject: Any


def _with_subjects(rows: Iterable[Activity] | Iterable[Item]) -> list[Entry]:
    """Each row with its object: one read for each kind. Rows whose object has just gone are left out."""
    listed: list[Activity | Item] = [*rows]
    ids: dict[str, list[str]] = defaultdict(list)
    for row in listed:
        ids[row.kind].append(row.subject_id)
    found: dict[str, Any] = {}
    for kind, wanted in ids.items():
        find = _finders.get(Kind(kind))
        if find is not None:
            found.update(find(wanted))
    return [Entry(row, found[row.subject_id]) for row in listed if row.subject_id in found]


# --- Activities ------------------------------------------------------------------------------------------
def activities_of(
    user: User, counts: dict[Kind, int], *, page: int, limit: int, kind: Kind | None
) -> tuple[Page[Activity], list[Entry]]:
    """What somebody did, newest first.

    Parameters
    ----------
    counts : as ``activity_counts`` gives them, so that no list counts rows.
    """
    total = sum(counts.values()) if kind is None else counts[kind]
    found = prepared_page(_ACTIVITIES, page=page, limit=limit, total=total, user=user.pk, kind=kind)
    return found, _with_subjects(found.rows)


_ACTIVITIES: Final[PreparedList[Activity]] = PreparedList(
    lambda user, **wanted: Activity.objects.filter(user=user, **wanted).order_by("-at", "-id"),
    show=lambda rows: rows.defer("created_at", "updated_at"),
)


def activity_counts(user: User) -> dict[Kind, int]:
    """How many activities of each kind somebody has."""
    found = _COUNTS.first(user=user.pk) or (0,) * len(COUNTERS)
    return dict(zip(COUNTERS, found, strict=True))


_COUNTS: Final[Prepared[tuple[int, ...]]] = Prepared(
    lambda user: DancerStats.objects.filter(user=user).values_list(*COUNTERS.values())
)


def stats_of(user: User) -> DancerStats:
    """Somebody's counters; all at none before the first activity."""
    return DancerStats.objects.filter(user=user).first() or DancerStats(user=user)


def days_of(user: User, days: int) -> list[Day]:
    """The last ``days`` days including today (UTC), newest first; days without activity are empty."""
    today = datetime.now(UTC).date()
    first = today - timedelta(days=days - 1)
    found = {day.date: day for day in Day.objects.filter(user=user, date__gte=first)}
    return [found.get(day) or Day(user=user, date=day) for day in _backwards(today, days)]


def _backwards(start: date, days: int) -> list[date]:
    return [start - timedelta(days=n) for n in range(days)]


def current_streak(stats: DancerStats) -> int:
    """Days in a row up to today; a streak is alive until a whole day passes without dancing."""
    today = datetime.now(UTC).date()
    alive = stats.last_active is not None and stats.last_active >= today - timedelta(days=1)
    return stats.streak_days if alive else 0


def session_figures(user: User) -> dict[str, Any]:
    """Stars, mean rating and favourite style over somebody's completed sessions."""
    done = DanceSession.objects.filter(user=user, status=SessionStatus.COMPLETED)
    figures = done.aggregate(stars=Sum("stars"), rating=Avg("rating"))
    styles = done.values("style").annotate(times=Count("id"))
    favourite = styles.order_by("-times", "style").first()
    return {
        "stars": figures["stars"] or 0,
        "rating": None if figures["rating"] is None else round(figures["rating"], 2),
        "style": favourite["style"] if favourite else None,
    }


# --- The feed --------------------------------------------------------------------------------------------
def feed(*, page: int, limit: int, kind: Kind | None) -> tuple[Page[Item], list[Entry]]:
    """What everybody shares, newest first."""
    start = (page - 1) * limit
    if start:
        days = dict(_DAYS(kind=kind))
        total = sum(days.values())
        found = _deep_in_the_feed(days, start, limit, kind) if start < total else []
    else:
        total = sum(dict(_KINDS(kind=kind)).values())
        found = _ITEMS.slice(start, limit, total, kind=kind)
    return Page(rows=found, total=total, page=page, limit=limit), _with_subjects(found)


def _deep_in_the_feed(days: dict[date, int], start: int, limit: int, kind: Kind | None) -> list[Item]:
    """Items of the feed from one on, without a walk over those of later days.

    Parameters
    ----------
    days : how many items each day (UTC) has, the newest day first.
    """
    day, later = _day_of_item(days, start)
    begin = datetime.combine(day, time(), UTC)
    wanted: dict[str, Any] = {"at__lt": begin + timedelta(days=1), "kind": kind}
    if start + limit <= later + days[day]:  # all of it from that day, and so from either end of it
        return _ITEMS.slice(start - later, limit, days[day], at__gte=begin, **wanted)
    return _ITEMS.slice(start - later, limit, sum(days.values()) - later, **wanted)


_ITEM: Final = Item._fields[:-1]
_ITEMS: Final = PreparedList(
    lambda **wanted: FeedItem.objects.filter(**wanted).order_by("-at", "-id"),
    show=lambda rows: rows.values_list(*_ITEM, *shown("user")),
    row=lambda values: Item._make((*values[: len(_ITEM)], Person._make(values[len(_ITEM) :]))),
)
#: How many items there are of each kind, and of each day, the newest day first.
_KINDS: Final[Prepared[tuple[str, int]]] = Prepared(
    lambda **wanted: FeedTally.objects.filter(**wanted).values_list("kind").annotate(Sum("items"))
)
_DAYS: Final[Prepared[tuple[date, int]]] = Prepared(
    lambda **wanted: (
        FeedTally.objects.filter(**wanted).order_by("-date").values_list("date").annotate(Sum("items"))
    )
)


def _day_of_item(days: dict[date, int], number: int) -> tuple[date, int]:
    """The day of the item of this number, counted from the newest, and how many items are of later days.

    Parameters
    ----------
    days : how many items each day (UTC) has, the newest day first.
    """
    later = 0
    for day, there in days.items():
        if number < later + there:
            return day, later
        later += there
    return date.min, later
