"""Deciding about several dances of the queue at once, and taking all of that back by one button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from challenges.moderation import deciding, pages, selectors
from challenges.moderation.actions import ACTIONS, MODERATE, SUSPENSIONS, Ask
from challenges.moderation.models import UNDO, QueueItem, ReasonTemplate
from idance.console import page

#: As many as are decided about in one request.
MOST: Final = 200
#: Where the browser's session keeps what can be taken back.
_KEPT: Final = "moderation_undo"

Taker: TypeAlias = "Callable[[Any, HttpRequest, QuerySet[QueueItem]], HttpResponse | None]"


def offered(request: HttpRequest) -> dict[str, tuple[Taker, str, str]]:
    """What this person may do with several, as Django's lists want it."""
    moderator = pages.person(request)
    found: dict[str, tuple[Taker, str, str]] = {}
    for name, action in ACTIONS.items():
        if not action.allowed(moderator):
            continue
        if name == "suspend":
            found[name] = (_suspend, name, f"{action.label}…")
        elif not action.needs_reason:
            found[name] = (partial(_take, name=name), name, action.label)
        else:
            for template in _templates(request):
                key = f"{name}-{template.pk}"
                take = partial(_take, name=name, template_id=template.pk)
                found[key] = (take, key, f"{action.label}: {template.label}")
    return found


def _templates(request: HttpRequest) -> list[ReasonTemplate]:
    """The reasons to choose from, read once for a request: Django asks for the actions several times."""
    kept = vars(request)
    if "reason_templates" not in kept:
        kept["reason_templates"] = list(selectors.templates())
    found: list[ReasonTemplate] = kept["reason_templates"]
    return found


def _take(
    admin_page: Any,
    request: HttpRequest,
    rows: QuerySet[QueueItem],
    *,
    name: str,
    template_id: str = "",
    ask: Ask | None = None,
) -> None:
    ids = list(rows.values_list("submission_id", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        messages.error(request, f"At most {MOST} dances can be decided about at once.")
        return
    done = deciding.decide_several(
        pages.person(request), ids, name, ask=ask or Ask(), template_id=template_id
    )
    for problem in done.problems:
        messages.warning(request, problem)
    if done.decisions:
        words = f"{len(done.decisions)} {ACTIONS[name].done.lower()}."
        until = (timezone.now() + UNDO).timestamp()
        request.session[_KEPT] = {"decisions": done.decisions, "until": until, "words": words}


# --- Suspending -------------------------------------------------------------------------------------------
class SuspendForm(forms.Form):
    """Why, and for how long."""

    template = forms.ChoiceField(label="Reason", required=False, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label="In your own words",
        required=False,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    days = forms.TypedChoiceField(
        label="For how long",
        coerce=int,
        choices=list(SUSPENSIONS.items()),
        initial=7,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, templates: list[ReasonTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "In my own words"), *((one.pk, one.label) for one in templates)]
        self.fields["template"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("template") and not data.get("reason"):
            self.add_error("reason", "Please choose or write a reason; the dancers read it.")
        return data


def _suspend(admin_page: Any, request: HttpRequest, rows: QuerySet[QueueItem]) -> HttpResponse | None:
    """Ask first, with the dancers by name."""
    given = request.POST if "confirmed" in request.POST else None
    form = SuspendForm(given, templates=_templates(request))
    if form.is_valid():
        data = form.cleaned_data
        ask = Ask(reason=data["reason"].strip(), days=data["days"])
        _take(admin_page, request, rows, name="suspend", template_id=data["template"], ask=ask)
        return None
    items = list(rows.select_related("submission__dancer")[: MOST + 1])
    dancers = {item.submission.dancer_id: item.submission.dancer for item in items}
    return page(
        request,
        "moderation/suspend.html",
        "Suspend",
        form=form,
        items=items,
        dancers=dancers.values(),
        explanation=ACTIONS["suspend"].explanation,
        queue_url=reverse("admin:moderation_queueitem_changelist"),
    )


# --- Taking it back ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Undoable:
    """What was decided last, and for how many seconds it can be taken back."""

    words: str
    seconds: int


def undoable(request: HttpRequest) -> Undoable | None:
    """What the list offers to take back; None when there is nothing any more."""
    kept = request.session.get(_KEPT)
    left = 0.0 if kept is None else kept["until"] - timezone.now().timestamp()
    return Undoable(kept["words"], max(1, round(left))) if kept is not None and left > 0 else None


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what was decided about several."""
    moderator = pages.person(request)
    if not moderator.has_perm(MODERATE):
        raise PermissionDenied
    kept = request.session.pop(_KEPT, None)
    done = deciding.undo_several(moderator, kept["decisions"] if kept else [])
    for problem in done.problems:
        messages.warning(request, problem)
    if done.decisions:
        messages.success(request, f"{len(done.decisions)} taken back.")
    elif not done.problems:
        messages.info(request, "There is nothing to take back.")
    return HttpResponseRedirect(reverse("admin:moderation_queueitem_changelist"))
