"""Lists of the console that stay quick at a million rows, whatever is searched or filtered.

They never count, sort by the primary key (which tells the time), and search for whole values of indexed
columns. `tests/console/test_lists.py` holds every registered list to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from accounts.models import normal_email
from idance.files.storage import path_for
from idance.lib.ids import first_id_of


class QuickAdmin(ModelAdmin):
    """Pages through tables of any size.

    ``search_fields`` are whole values, `=id` or `=owner__email`, or beginnings, `^title`. A value of another
    table is looked up there first: an OR over two tables can use no index.
    """

    paginator = InfinitePaginator
    show_full_result_count = False
    # They would count every value of every filter.
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    ordering: tuple[str, ...] = ("-id",)
    sortable_by: ClassVar[tuple[str, ...]] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(pk__in=[])
        for field in self.get_search_fields(request):
            if field.startswith("^"):
                wanted |= Q(**{f"{field[1:]}__istartswith": term})
            else:
                wanted |= self._equal(field.removeprefix("="), term)
        return queryset.filter(wanted), False

    def _equal(self, path: str, term: str) -> Q:
        name, _, rest = path.partition("__")
        if not rest:
            return Q(**{name: term})
        related: Any = self.model._meta.get_field(name).related_model
        value = normal_email(term) if rest == "email" else term
        return Q(**{f"{name}__in": list(related._default_manager.filter(**{rest: value})[:1])})


class ReadOnlyAdmin(QuickAdmin):
    """Shows everything, changes nothing."""

    #: Whether steps taken here are logged; else there is no history to lead to.
    logs = False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = {"show_history": self.logs, **(extra_context or {})}
        answer: HttpResponse = super().change_view(request, object_id, form_url, shown)
        return answer

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class SinceFilter(admin.SimpleListFilter):
    """When something was made, which its id tells: no index but the primary key's is needed."""

    title = "made"
    parameter_name = "since"
    #: Put before the ids of what has prefixed ones.
    prefix = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("today", "Today"), ("week", "In the last 7 days"), ("month", "In the last 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        start = start_of(self.value() or "")
        return queryset if start is None else queryset.filter(pk__gte=self.prefix + first_id_of(start))


#: How a video is shown on the page of its row; without a poster its first picture is fetched.
_PLAYER: Final = '<video controls preload="{}" style="max-height: 24rem" poster="{}" src="{}"></video>'


def player(video_key: str, picture_key: str = "") -> SafeString:
    """A stored video to be played, under its picture where there is one."""
    poster = path_for(picture_key) if picture_key else ""
    return format_html(_PLAYER, "none" if poster else "metadata", poster, path_for(video_key))


def pictured(picture_key: str, title: str, below: str) -> SafeString:
    """What a row is about, as a picture with two lines beside it; `console.css` lays it out."""
    picture = '<img src="{}" alt="" loading="lazy" width="48" height="64">'
    return format_html(
        '<span class="pictured">{}<span><strong>{}</strong><small>{}</small></span></span>',
        format_html(picture, path_for(picture_key)) if picture_key else format_html("<i></i>"),
        title,
        below,
    )


def told(values: Mapping[str, Any]) -> SafeString | None:
    """Names with their values, one a line; None where there are none."""
    lines = format_html_join(
        "", "<p>{}: {}</p>", ((name.replace("_", " "), value) for name, value in values.items())
    )
    return lines or None


def start_of(period: str) -> datetime | None:
    """When `today` (in the server's zone), the last `day`, `week` or `month` began; None for others."""
    now = timezone.now()
    if period == "today":
        return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"day": 1, "week": 7, "month": 30}.get(period)
    return None if days is None else now - timedelta(days=days)
