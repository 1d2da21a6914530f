"""Reading breakdowns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from analysis.models import ENDED, Job
from breakdowns import sharing
from breakdowns.models import Breakdown, Footage, KeptPrivate, Status
from idance.api.pages import Page, take_page, take_slice
from idance.lib.problems import Missing

if TYPE_CHECKING:
    from accounts.models import User

_LONG = ("steps", "routine_analysis", "beats", "timings")


def _missing() -> Missing:
    return Missing("There is no such breakdown.")


def _whole() -> QuerySet[Breakdown]:
    return Breakdown.objects.select_related("footage", "owner", "job")


def _listed() -> QuerySet[Breakdown]:
    """With all that a list shows of them, and not the long texts."""
    return _whole().defer(*_LONG)


def _own_or_public(user: User) -> Q:
    return Q(owner=user) | Q(is_public=True, status=Status.COMPLETED)


def own_breakdown(user: User, breakdown_id: str) -> Breakdown:
    """A breakdown of this person, to change; ``Missing`` when it is anybody else's, whoever sees it."""
    found = _whole().filter(pk=breakdown_id, owner=user).first()
    if found is None:
        raise _missing()
    return found


def visible_breakdown(user: User, breakdown_id: str) -> Breakdown:
    """A breakdown that this person may see: their own, or a finished public one; else ``Missing``."""
    found = _whole().filter(_own_or_public(user), pk=breakdown_id).first()
    if found is None:
        raise _missing()
    return found


def shared_breakdown(breakdown_id: str, signature: str) -> Breakdown:
    """A finished breakdown by the signature of its share link; ``Missing`` when it does not open it."""
    found = _whole().filter(pk=breakdown_id, status=Status.COMPLETED).first()
    if found is None or not sharing.opens(found, signature):
        raise _missing()
    return found


def of_one_video(breakdown: Breakdown) -> QuerySet[Breakdown]:
    """All that its owner has of its video, itself included: one for each mode and difficulty."""
    return Breakdown.objects.filter(owner=breakdown.owner_id, footage=breakdown.footage_id)


def of_whom(breakdown: Breakdown) -> dict[str, Any]:
    """The columns by which `KeptPrivate` names its owner and its video."""
    return {"owner_id": breakdown.owner_id, "footage_key": breakdown.footage.key}


def private_reason(breakdown: Breakdown) -> str:
    """Why a moderator keeps private what its owner has of this video; empty when nobody does."""
    kept = KeptPrivate.objects.filter(**of_whom(breakdown)).first()
    return kept.reason if kept else ""


def history_of(user: User, *, skip: int, limit: int) -> tuple[list[Breakdown], int]:
    """Somebody's breakdowns from ``skip``, newest first, and how many there are; failed ones too."""
    rows = _listed().filter(owner=user)
    return take_slice(rows.order_by("-id"), skip, limit), rows.order_by().count()


def videos_for(user: User, *, page: int, limit: int) -> Page[Breakdown]:
    """Every finished breakdown that somebody may watch, their own and public ones, newest first."""
    seen = _listed().filter(_own_or_public(user), status=Status.COMPLETED)
    return take_page(seen.order_by("-id"), page=page, limit=limit)


def find_breakdowns(ids: Iterable[str]) -> dict[str, Breakdown]:
    """Breakdowns by id, with what lists of the feed show."""
    return {row.pk: row for row in _listed().filter(pk__in=list(ids))}


def has_ended(breakdown_id: str) -> bool:
    """Whether nothing more will come of a breakdown by itself."""
    found = Breakdown.objects.only("status", "job_id").filter(pk=breakdown_id).first()
    if found is None or found.status != Status.PROCESSING:
        return True
    return not Job.objects.filter(pk=found.job_id).exclude(state__in=ENDED).exists()


def speaks_of(ids: Collection[str]) -> Iterator[str]:
    """The stored files of footages and breakdowns with these ids."""
    shared = Footage.objects.filter(pk__in=ids)
    yield from chain(*shared.values_list("video_key", "thumbnail_key", "pose_key"))
    drawn = Breakdown.objects.filter(pk__in=ids)
    yield from chain(*drawn.values_list("outline_key", "outline_black_key"))
