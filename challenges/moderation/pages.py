"""The review page and what its script asks for. Everything is for who may look; deciding asks for more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from analysis import selectors as analyses
from analysis.models import Analysis
from challenges.models import DIMENSIONS, Submission
from challenges.moderation import deciding, selectors
from challenges.moderation.actions import ACTIONS, MODERATE, SUSPENSIONS, Ask
from challenges.moderation.models import UNDO, ItemState, QueueItem
from idance.files.storage import path_for
from idance.lib.problems import Forbidden, Missing, Problem

P = ParamSpec("P")


def person(request: HttpRequest) -> User:
    """Who is signed in to the console."""
    return cast("User", request.user)


def review_url(submission_id: str) -> str:
    """Where a submission is reviewed."""
    return reverse("admin:moderation_review", args=[submission_id])


def ago(moment: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = max(0, (timezone.now() - moment).total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def _for_who_looks(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not selectors.may_look(person(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def _for_who_decides(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Answers JSON, a problem with its sentence."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not person(request).has_perm(MODERATE):
            return JsonResponse({"detail": "Only moderators decide."}, status=Forbidden.status)
        try:
            return view(request, *args, **kwargs)
        except Problem as problem:
            return JsonResponse({"detail": problem.sentence}, status=problem.status)

    return checked


# --- Looking ----------------------------------------------------------------------------------------------
@require_GET
@_for_who_looks
def review(request: HttpRequest, submission_id: str) -> HttpResponse:
    """The page of one submission; with `?part` only what changes from one to the next."""
    try:
        item = selectors.item_of(submission_id)
    except Missing:
        return _nothing_left(request)
    context = _about(request, item)
    if "part" in request.GET:
        return render(request, "moderation/item.html", context)
    return render(request, "moderation/review.html", {**_shell(request), **context})


@require_GET
@_for_who_looks
def next_one(request: HttpRequest) -> HttpResponse:
    """Where the next submission is that needs a look: `{"next": null}` when there is none."""
    found = selectors.first_free(person(request), but=request.GET.get("but", ""))
    return JsonResponse({"next": review_url(found) if found else None})


@require_GET
@_for_who_looks
def data(request: HttpRequest, submission_id: str) -> HttpResponse:
    """What the timeline and the skeleton are drawn from; null what is not there."""
    submission = selectors.item_of(submission_id).submission
    analysis = submission.analysis
    if analysis is None:
        return JsonResponse({"report": None, "pose": None})
    return JsonResponse({"report": _report(analysis), "pose": analyses.movement(analysis)})


def _report(analysis: Analysis) -> dict[str, Any] | None:
    """The stored report without what no chart of the page shows."""
    try:
        found = analyses.report(analysis)
    except Missing:
        return None
    series = {name: found.get("series", {}).get(name) for name in ("start", "rate", "energy")}
    shown = {name: found.get(name) for name in ("video", "beats", "steps")}
    return {**shown, "series": series, "bpm": (found.get("music") or {}).get("bpm")}


def _shell(request: HttpRequest) -> dict[str, Any]:
    """What stays on the page from one submission to the next."""
    request.current_app = admin.site.name
    return {
        **admin.site.each_context(request),
        "title": "Review",
        "actions": [action for action in ACTIONS.values() if action.allowed(person(request))],
        "templates": selectors.templates(),
        "suspensions": SUSPENSIONS.items(),
        "undo_seconds": int(UNDO.total_seconds()),
        "queue_url": reverse("admin:moderation_queueitem_changelist"),
        "next_url": reverse("admin:moderation_next"),
    }


def _nothing_left(request: HttpRequest) -> HttpResponse:
    context = {**_shell(request), "item": None}
    return render(request, "moderation/review.html", context, status=404)


def _about(request: HttpRequest, item: QueueItem) -> dict[str, Any]:
    submission, moderator = item.submission, person(request)
    after = selectors.neighbour(item, moderator)
    before = selectors.neighbour(item, moderator, back=True)
    may_decide = moderator.has_perm(MODERATE)
    offers = selectors.offers(moderator, submission)
    return {
        "item": item,
        "submission": submission,
        "analysis": submission.analysis,
        "video_url": path_for(submission.video.key),
        "poster_url": path_for(submission.video.thumbnail_key),
        "next": review_url(after) if after else "",
        "previous": review_url(before) if before else "",
        "claimed": deciding.claimed_by(item) if item.is_claimed_by_other(moderator) else "",
        "offers": offers,
        "may_decide": may_decide,
        "waiting": selectors.waiting_counts()[ItemState.OPEN],
        "scores": _scores(submission),
        "reports": selectors.reports_about(submission.pk),
        "decisions": selectors.decisions_about(submission.pk)[:20],
        "past": selectors.past_of(submission),
        "similar": [
            {"one": one, "video": path_for(one.submission.video.key)}
            for one in selectors.similar_to(submission)
        ],
        "account_age": ago(submission.dancer.created_at),
        "waiting_since": ago(item.waiting_since),
    }


#: Units that say something to who does not know the engine; the page of the analysis has the others.
_PLAIN_UNITS: Final = ("torso lengths", "degrees", "ms")


def _scores(submission: Submission) -> list[dict[str, Any]]:
    """Each dimension out of the challenge's points, with the measures it was made of."""
    measures = submission.analysis.measures if submission.analysis else {}
    criteria = submission.challenge.criteria
    scores = []
    for name in DIMENSIONS:
        told = measures.get(name) or {}
        points = getattr(submission, name)
        scores.append(
            {
                "name": name,
                "points": points,
                "most": criteria[name],
                "share": 0 if points is None or not criteria[name] else round(100 * points / criteria[name]),
                "note": told.get("note", ""),
                "measures": [_measure(one) for one in told.get("measures", []) if not _told_only(one)],
            }
        )
    return scores


def _told_only(measure: dict[str, Any]) -> bool:
    """Whether it was measured and earns nothing: it is no reason for the score."""
    return measure.get("share") is None and measure.get("value") is not None


def _measure(measure: dict[str, Any]) -> dict[str, Any]:
    share, value, unit = measure.get("share"), measure.get("value"), measure.get("unit", "")
    return {
        "name": str(measure["name"]).replace("_", " "),
        "share": None if share is None else round(100 * share),
        "value": f"{value:.2f} {unit}" if value is not None and unit in _PLAIN_UNITS else "",
        "note": measure.get("note", ""),
    }


# --- Deciding ---------------------------------------------------------------------------------------------
@require_POST
@_for_who_decides
def claim(request: HttpRequest, submission_id: str) -> HttpResponse:
    """Have a submission to oneself; says who has it when somebody else does."""
    item = selectors.item_of(submission_id)
    claimed = deciding.claim(person(request), item)
    item = selectors.item_of(submission_id)
    told = "" if claimed else deciding.claimed_by(item)
    return JsonResponse({"claimed": claimed, "detail": told, "seen": item.decision_id, "state": item.state})


@require_POST
@_for_who_decides
def release(request: HttpRequest, submission_id: str) -> HttpResponse:
    """Give it back to whoever comes next."""
    deciding.release(person(request), selectors.item_of(submission_id))
    return JsonResponse({})


@require_POST
@_for_who_decides
def decide(request: HttpRequest, submission_id: str) -> HttpResponse:
    """Take an action. `seen` is the decision that was in force when the page was made."""
    form = request.POST
    name = form.get("action", "")
    days = form.get("days", "7")
    if name not in ACTIONS or days not in {str(known) for known in SUSPENSIONS}:
        return JsonResponse({"detail": "There is no such action."}, status=422)
    made = deciding.decide(
        person(request),
        submission_id,
        name,
        ask=Ask(reason=form.get("reason", "").strip()[:500], days=int(days)),
        template_id=form.get("template", ""),
        seen=form.get("seen", ""),
    )
    return JsonResponse(
        {
            "decision": made.pk,
            "done": ACTIONS[name].done,
            "undo": reverse("admin:moderation_undo", args=[made.pk]),
        }
    )


@require_POST
@_for_who_decides
def undo(request: HttpRequest, decision_id: str) -> HttpResponse:
    """Take one's decision back within ten seconds."""
    made = deciding.undo(person(request), decision_id)
    return JsonResponse({"back": review_url(made.subject_id)})
