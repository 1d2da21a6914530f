"""The console's forms of a challenge: making one, and repeating it."""

from __future__ import annotations

from typing import Any, ClassVar, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.models import User
from challenges import media_field, series, services
from challenges.media_field import MediaField, MediaWidget, Sort
from challenges.models import CATEGORIES, DIMENSIONS, MOST_TAGS, TAG_LENGTH, Challenge, LabelKind
from idance.lib.problems import Problem
from idance.lib.text import clean_line

MEDIA: Final[dict[str, Sort]] = {"demo_video": "video", "thumbnail": "picture", "badge_icon": "picture"}


class ChallengeForm(forms.ModelForm[Challenge]):
    """A challenge. Each mistake is said next to its field."""

    #: From whoever fills it in, whose the uploads will be. The admin makes a class for each request.
    request: ClassVar[HttpRequest]

    demo_video = MediaField(MEDIA["demo_video"])
    thumbnail = MediaField(MEDIA["thumbnail"])
    badge_icon = MediaField(MEDIA["badge_icon"])
    categories = forms.MultipleChoiceField(
        choices=[(name, name) for name in CATEGORIES],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    tags = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"data-chips": ""}),
        help_text=f"Separated by commas; at most {MOST_TAGS}, each at most {TAG_LENGTH} characters.",
    )

    class Meta:
        model = Challenge
        fields: ClassVar[list[str]] = [
            *("title", "description", "type", "difficulty", "start_time", "end_time"),
            "approve_first",
            *("points", "badge_name", "badge_icon", "demo_video", "thumbnail", "target_bpm"),
            *("balance", "rhythm", "smoothness", "creativity"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.initial["categories"] = self.instance.labels_of(LabelKind.CATEGORY)
            self.initial["tags"] = ", ".join(self.instance.labels_of(LabelKind.TAG))
        for name in ("start_time", "end_time"):
            if name in self.fields:
                self.fields[name].help_text = f"In your time zone, {timezone.get_current_timezone_name()}."
        if "end_time" in self.fields:
            limits = {"shortest": services.SHORTEST, "longest": services.LONGEST}
            words = {"too-short": services.TOO_SHORT, "too-long": services.TOO_LONG}
            seconds = {name: int(limit.total_seconds()) for name, limit in limits.items()}
            told = {f"data-{name}": value for name, value in {**seconds, **words}.items()}
            widget = self.fields["end_time"].widget
            # The console splits it, and its parts keep the attributes they were made with.
            getattr(widget, "widgets", [widget])[0].attrs.update(told)
        if self.instance.demo_bpm and "target_bpm" in self.fields:
            heard = f" {self.instance.demo_bpm:g} were heard in the demo video."
            self.fields["target_bpm"].help_text += heard
        for name in MEDIA:
            widget = self.fields[name].widget if name in self.fields else None
            if isinstance(widget, MediaWidget):
                widget.request = self.request
        for name in DIMENSIONS:
            if name in self.fields:
                self.fields[name].widget.attrs["data-criterion"] = name

    def clean_tags(self) -> list[str]:
        tags = [clean_line(tag) for tag in self.cleaned_data["tags"].split(",")]
        tags = list(dict.fromkeys(tag for tag in tags if tag))
        if len(tags) > MOST_TAGS:
            raise ValidationError(f"At most {MOST_TAGS} tags.")
        if any(len(tag) > TAG_LENGTH for tag in tags):
            raise ValidationError(f"A tag has at most {TAG_LENGTH} characters.")
        return tags

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        start, end = data.get("start_time"), data.get("end_time")
        if start and end and end <= start:
            self.add_error("end_time", "The challenge must end after it starts.")
        if all(name in data for name in DIMENSIONS):
            total = sum(data[name] for name in DIMENSIONS)
            if total != 100:
                words = f"The criteria must add up to 100. They are {total}"
                self.add_error(
                    "creativity", f"{words}, {abs(100 - total)} too {'many' if total > 100 else 'few'}."
                )
        self._settle_addresses()
        return data

    def _settle_addresses(self) -> None:
        """Make of what was sent the addresses to keep, and remember the files."""
        self._uploads: dict[str, UploadedFile[Any]] = {}
        for name in MEDIA:
            given = self.cleaned_data.get(name)
            if given is None:
                continue
            if given.upload:
                self._uploads[name] = given.upload
            try:
                self.cleaned_data[name] = media_field.address_of(given, getattr(self.instance, name))
            except ValidationError as error:
                self.add_error(name, error)

    def _post_clean(self) -> None:
        """Store the files, once the model has found nothing wrong either."""
        super()._post_clean()  # type: ignore[misc]
        for name, upload in self._uploads.items():
            if self.errors:
                self.add_error(name, "Please choose this file again: it is stored once all else is right.")
                continue
            try:
                kept = media_field.store(upload, cast(User, self.request.user), MEDIA[name])
            except Problem as problem:
                self.add_error(name, problem.sentence)
            else:
                self.cleaned_data[name] = kept
                setattr(self.instance, name, kept)


class SeriesForm(forms.Form):
    """When a challenge is danced again."""

    first = forms.SplitDateTimeField(
        label="The first one starts", widget=UnfoldAdminSplitDateTimeWidget, require_all_fields=True
    )
    days = forms.TypedChoiceField(
        label="Then",
        coerce=int,
        choices=list(series.STEPS.items()),
        initial=7,
        widget=UnfoldAdminSelectWidget,
    )
    count = forms.IntegerField(
        label="How many",
        min_value=1,
        max_value=series.MOST,
        initial=8,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=f"At most {series.MOST}.",
    )
    publish = forms.BooleanField(
        label="Publish them at once",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Otherwise they are drafts.",
    )

    def __init__(self, *args: Any, like: Challenge, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.like = like
        self.fields["first"].help_text = f"In your time zone, {timezone.get_current_timezone_name()}."

    def times(self) -> list[series.Times]:
        """What the valid form asks for."""
        data, zone = self.cleaned_data, timezone.get_current_timezone()
        return series.times(self.like, first=data["first"], days=data["days"], count=data["count"], zone=zone)
