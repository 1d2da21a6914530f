"""Lists of the console that stay quick at a million rows, whatever is searched or filtered.

They never count, sort by the primary key (which tells the time), and search for whole values of indexed
columns. `tests/idance/test_lists.py` holds every registered list to that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from accounts.models import normal_email
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
    ordering = ("-id",)
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


def start_of(period: str) -> datetime | None:
    """When `today` (in the server's zone), the last `day`, `week` or `month` began; None for others."""
    now = timezone.now()
    if period == "today":
        return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"day": 1, "week": 7, "month": 30}.get(period)
    return None if days is None else now - timedelta(days=days)
