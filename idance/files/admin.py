"""Stored files in the console: to be found and looked at, not changed."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from idance.files.models import FileState, StoredFile
from idance.files.storage import url_for

_COLOURS = {
    FileState.AWAITED.value: "info",
    FileState.STORED.value: "warning",
    FileState.READY.value: "success",
}


@admin.register(StoredFile)
class StoredFileAdmin(ModelAdmin):
    """Files with their owners."""

    list_display = ("key", "owner", "kind", "progress", "megabytes", "duration", "created_at")
    list_filter = ("state", "purpose")
    list_filter_submit = True
    list_select_related = ("owner",)
    search_fields = ("=id", "=key", "=owner__email")
    search_help_text = "A whole key, id or email address."
    ordering = ("-id",)
    sortable_by = ()
    list_per_page = 50
    paginator = InfinitePaginator
    show_full_result_count = False
    fields = (
        *("id", "key", "owner", "purpose", "kind", "progress", "content_type", "megabytes"),
        *("duration", "width", "height", "created_at", "look"),
    )

    @display(description="State", label=_COLOURS)
    def progress(self, file: StoredFile) -> str:
        return file.state

    @display(description="MB")
    def megabytes(self, file: StoredFile) -> float:
        return file.size_mb

    @display(description="Content")
    def look(self, file: StoredFile) -> SafeString:
        address = url_for(file.key)
        if file.kind == "picture":
            return format_html('<img style="max-height: 24rem" src="{}" alt="">', address)
        return format_html(
            '<video controls preload="none" style="max-height: 24rem" poster="{}" src="{}"></video>',
            url_for(file.thumbnail_key),
            address,
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
