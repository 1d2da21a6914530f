"""The console's form of a challenge."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from challenges.models import CATEGORIES, MOST_TAGS, TAG_LENGTH, Challenge, LabelKind
from idance.api.fields import web_address
from idance.files import links
from idance.lib.text import clean_line


class ChallengeForm(forms.ModelForm[Challenge]):
    """A challenge; its dates and criteria are checked by the model's own constraints."""

    categories = forms.MultipleChoiceField(
        choices=[(name, name) for name in CATEGORIES],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    tags = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=f"Separated by commas; at most {MOST_TAGS}, each at most {TAG_LENGTH} characters.",
    )

    class Meta:
        model = Challenge
        fields: ClassVar[list[str]] = [
            *("title", "description", "type", "difficulty", "start_time", "end_time", "state"),
            "approve_first",
            *("points", "badge_name", "badge_icon", "demo_video", "thumbnail"),
            *("balance", "rhythm", "smoothness", "creativity"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.initial["categories"] = self.instance.labels_of(LabelKind.CATEGORY)
            self.initial["tags"] = ", ".join(self.instance.labels_of(LabelKind.TAG))

    def clean_tags(self) -> list[str]:
        tags = [clean_line(tag) for tag in self.cleaned_data["tags"].split(",")]
        tags = list(dict.fromkeys(tag for tag in tags if tag))
        if len(tags) > MOST_TAGS:
            raise ValidationError(f"At most {MOST_TAGS} tags.")
        if any(len(tag) > TAG_LENGTH for tag in tags):
            raise ValidationError(f"A tag has at most {TAG_LENGTH} characters.")
        return tags

    def clean_badge_icon(self) -> str:
        return self._link("badge_icon")

    def clean_demo_video(self) -> str:
        return self._link("demo_video")

    def clean_thumbnail(self) -> str:
        return self._link("thumbnail")

    def _link(self, name: str) -> str:
        """An address; the key of an upload may stay but not be typed, or it would open anybody's file."""
        value: str = self.cleaned_data[name]
        unchanged = value == self.initial.get(name, "")
        if value and not (unchanged and links.key_of(value)):
            web_address(value)
        return value
