"""A field of the console's form for a picture or video: an address, or a file, shown in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from analysis.streamable import queue_streamable
from idance.api.fields import web_address
from idance.files import links
from idance.files import services as files
from idance.files.intake import Intake

Sort = Literal["video", "picture"]
_ACCEPT = {"video": "video/*", "picture": "image/*"}


@dataclass(frozen=True)
class Given:
    """What a browser sent for one field."""

    address: str
    upload: UploadedFile[Any] | None = None
    remove: bool = False


class MediaWidget(forms.Widget):
    """Shows what is there, and takes a file or an address instead."""

    template_name = "challenges/media_widget.html"
    needs_multipart_form = True
    #: Links to uploads lead to the host it came to.
    request: HttpRequest | None = None

    def __init__(self, sort: Sort, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.sort = sort

    def value_from_datadict(
        self, data: Any, files: MultiValueDict[str, UploadedFile[Any]], name: str
    ) -> Given:
        address = str(data.get(name) or "").strip()
        return Given(address, files.get(f"{name}_file"), f"{name}_remove" in data)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_file" not in files

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        kept = value.address if isinstance(value, Given) else str(value or "")
        context = super().get_context(name, None, attrs)
        stored = links.key_of(kept) is not None
        context["widget"].update(
            sort=self.sort,
            accept=_ACCEPT[self.sort],
            stored=stored,
            address="" if stored else kept,
            shown=links.show(kept, self.request)
            if stored or kept.startswith(("http://", "https://"))
            else None,
        )
        return context


class MediaField(forms.Field):
    """Cleans to what was given; the form makes of it what `links` keeps."""

    def __init__(self, sort: Sort, **kwargs: Any) -> None:
        super().__init__(required=False, widget=MediaWidget(sort), **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        kept = str(initial or "")
        emptied = not data.address and bool(kept) and links.key_of(kept) is None
        return bool(data.upload or data.remove or emptied or (data.address and data.address != kept))


def address_of(given: Given, kept: str) -> str:
    """The address to keep. The key of an upload may stay but not be typed: it would open any file.

    Raises ``ValidationError`` for what is no address.
    """
    if given.remove:
        return ""
    if not given.address or given.address == kept:
        return kept if links.key_of(kept) or given.address else ""
    web_address(given.address)
    return given.address


def store(upload: UploadedFile[Any], owner: User, sort: Sort) -> str:
    """Take a file in as the API does; returns what to keep. Raises a ``Problem`` for what will not do."""
    arrived = Intake()
    try:
        for chunk in upload.chunks():
            arrived.write(chunk)
        arrived.finish()
        file = files.receive(owner, arrived, only=sort)
    finally:
        arrived.close()
    queue_streamable(file, owner)
    return links.of_key(file.key)
