"""Stored files in the console: to be found and looked at, not changed."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from idance.files.models import FileState, StoredFile
from idance.files.storage import path_for
from idance.lists import ReadOnlyAdmin, SinceFilter, pictured, player

_COLOURS = {
    FileState.AWAITED.value: "info",
    FileState.STORED.value: "warning",
    FileState.READY.value: "success",
}


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """Files with their owners."""

    list_display = ("name", "owner", "purpose", "progress", "megabytes", "length", "created_at")
    list_filter = ("state", "purpose", SinceFilter)
    list_filter_submit = True
    list_select_related = ("owner",)
    search_fields = ("=id", "=key", "=owner__email")
    search_help_text = "A whole key, id or email address."
    fields = (
        *("id", "key", "owner", "purpose", "kind", "progress", "content_type", "megabytes"),
        *("length", "width", "height", "created_at", "look"),
    )

    @display(description="File")
    def name(self, file: StoredFile) -> SafeString:
        folder, _, name = file.key.rpartition("/")
        picture = file.key if file.kind == "picture" else file.thumbnail_key
        return pictured(picture, name, f"{file.kind} in {folder.partition('/')[0]}")

    @display(description="State", label=_COLOURS)
    def progress(self, file: StoredFile) -> str:
        return file.state

    @display(description="MB")
    def megabytes(self, file: StoredFile) -> float:
        return file.size_mb

    @display(description="Duration")
    def length(self, file: StoredFile) -> str | None:
        return None if file.duration is None else f"{file.duration:.1f}\N{NO-BREAK SPACE}s"

    @display(description="Content")
    def look(self, file: StoredFile) -> SafeString:
        if file.kind == "picture":
            return format_html('<img style="max-height: 24rem" src="{}" alt="">', path_for(file.key))
        return player(file.key, file.thumbnail_key)
