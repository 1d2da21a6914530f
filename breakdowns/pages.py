"""`/breakdowns/{id}`: the page to practise with, for who may see the breakdown or has its share link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from breakdowns import selectors, services, sharing
from breakdowns.models import Breakdown
from idance.files import signing, storage
from idance.lib.problems import Forbidden, Missing

#: What each part of a step's description is called on the page, in the order of a body.
_PARTS = (
    ("Head", "head"),
    ("Shoulders", "shoulders"),
    ("Arms and hands", "hands"),
    ("Torso", "torso"),
    ("Legs and feet", "legs"),
    ("Facing", "bodyAngle"),
)
_NOTES = (
    ("Timing", "timing"),
    ("Alignment", "alignment"),
    ("Energy", "energy"),
    ("Precision", "precision"),
)


_SPEEDS = (("0.25", "¼×"), ("0.5", "½×"), ("0.75", "¾×"), ("1", "1×"))


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as the page shows it."""

    number: int
    name: str
    start: float  # s
    end: float  # s
    first: int  # count on which it begins; 1 where nothing is counted
    clock: str
    words: str
    parts: list[tuple[str, str]]
    notes: list[tuple[str, str]]
    onward: str
    spice: str
    style: str


@require_safe
def practice(request: HttpRequest, breakdown_id: str) -> HttpResponse:
    """The page; somebody who is not signed in and has no link is asked who they are first."""
    signature = request.GET.get(sharing.PARAMETER)
    if signature is None and not request.user.is_authenticated:
        return redirect(f"{reverse('log-in-page')}?{urlencode({'next': request.get_full_path()})}")
    try:
        breakdown = _find(request, breakdown_id)
    except Missing:
        return _private(render(request, "breakdowns/missing.html", status=404))
    query = f"?{urlencode({sharing.PARAMETER: signature})}" if signature else ""
    media = _media(request, breakdown)
    steps = [_step(step) for step in breakdown.steps]
    own = breakdown.owner_id == request.user.pk
    page = {
        "breakdown": breakdown,
        "steps": steps,
        "end": breakdown.duration or (steps[-1].end if steps else 0),
        "media": media,
        "data_url": f"{reverse('practice-data', args=[breakdown.pk])}{query}",
        "speeds": _SPEEDS,
        "own": own,
        "private_reason": selectors.private_reason(breakdown) if own else "",
    }
    response = _private(render(request, "breakdowns/practice.html", page))
    response["Content-Security-Policy"] = _policy(media.values())
    return response


@require_safe
def practice_data(request: HttpRequest, breakdown_id: str) -> HttpResponse:
    """What changes while the page is open: how far it is, and links to the media, which expire."""
    try:
        breakdown = _find(request, breakdown_id)
    except Missing as problem:
        return _private(JsonResponse({"detail": problem.sentence}, status=404))
    job = breakdown.job
    return _private(
        JsonResponse(
            {
                "status": breakdown.status,
                "progress": round(job.progress, 3) if job else 0,
                "beats": breakdown.beats,
                "media": _media(request, breakdown),
                "expiresIn": signing.least_seconds(),
            }
        )
    )


@require_POST
def practice_share(request: HttpRequest, breakdown_id: str) -> HttpResponse:
    """The share link of one's own breakdown, made when there is none yet; `link=off` takes it back."""
    try:
        breakdown = selectors.own_breakdown(_person(request), breakdown_id)
        breakdown = services.share(breakdown, {"link": request.POST.get("link") != "off"})
    except (Missing, Forbidden) as problem:
        return _private(JsonResponse({"detail": problem.sentence}, status=problem.status))
    path = sharing.path_of(breakdown, shared=True) if breakdown.share_nonce else None
    return _private(JsonResponse({"url": path and storage.absolute(path, request)}))


def _find(request: HttpRequest, breakdown_id: str) -> Breakdown:
    """The breakdown when this visitor may see it, else ``Missing``."""
    signature = request.GET.get(sharing.PARAMETER)
    if signature:
        return selectors.shared_breakdown(breakdown_id, signature)
    return selectors.visible_breakdown(_person(request), breakdown_id)


def _person(request: HttpRequest) -> User:
    """Who is signed in; nobody else finds anything."""
    if not isinstance(request.user, User):
        raise Missing("There is no such breakdown.")
    return request.user


def _media(request: HttpRequest, breakdown: Breakdown) -> dict[str, str]:
    """Links to the files by what they are for; only of what is there."""
    if not breakdown.success:
        return {}
    found = {
        "video": breakdown.footage.video_key,
        "outline": breakdown.outline_key,
        "stage": breakdown.outline_black_key,
        "poster": breakdown.footage.thumbnail_key,
    }
    return {name: storage.url_for(key, request) for name, key in found.items() if key}


def _policy(urls: Iterable[str]) -> str:
    """The page loads our own files, and media from where the storage keeps them."""
    places = " ".join(
        sorted({"'self'", *(f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in urls)})
    )
    return (
        f"default-src 'self'; media-src {places}; object-src 'none'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src {places}"
    )


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response


def _step(step: dict[str, Any]) -> StepView:
    start, end = _seconds(step["start_timestamp"]), _seconds(step["end_timestamp"])
    description, notes = step["description"], step["technical_notes"]
    return StepView(
        number=step["step_number"],
        name=step["step_name"],
        start=start,
        end=end,
        first=(step["counts"] or (1,))[0],
        clock=f"{int(start // 60)}:{start % 60:04.1f}",
        words=step["global_description"],
        parts=[(label, description[name]) for label, name in _PARTS if description.get(name)],
        notes=[(label, notes[name]) for label, name in _NOTES if notes.get(name)],
        onward=step["connection_to_next"],
        spice=step["spice_it_up"],
        style=step["style_and_history"],
    )


def _seconds(clock: str) -> float:
    """Seconds of `MM:SS.mmm`."""
    minutes, seconds = clock.split(":")
    return 60 * int(minutes) + float(seconds)
