"""Serializer fields that many resources have: a line or a text by a person, an http(s) address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from rest_framework import serializers

from idance.lib.text import clean_line, clean_text, is_visible


class TextOrNull(serializers.CharField):
    """A text in an answer; null when it is empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value or None


class LineField(serializers.CharField):
    """One line by a person, cleaned. Never only invisible characters, unless `allow_blank`."""

    default_error_messages = {"invisible": "This must have at least one visible character."}
    _clean = staticmethod(clean_line)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return self._clean(super().to_internal_value(data))

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        if isinstance(value, str) and not is_visible(value):
            if not self.allow_blank:
                self.fail("invisible")
            return ""
        return value


class TextField(LineField):
    """Several lines by a person, cleaned."""

    _clean = staticmethod(clean_text)


class WebAddressField(serializers.URLField):
    """An http or https address, without a user and password in it."""

    default_error_messages = {"invalid": "Enter a valid http(s) address."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 500)
        super().__init__(**kwargs)
        self.validators = [
            validator for validator in self.validators if not isinstance(validator, URLValidator)
        ]
        self.validators.append(web_address)


def web_address(value: str) -> None:
    """Raises ``ValidationError`` unless this is an http(s) address."""
    URLValidator(schemes=["http", "https"], message="Enter a valid http(s) address.")(value)
    try:
        parts = urlsplit(value)
        if parts.username is not None or parts.password is not None:
            raise ValidationError("The address must not carry a user name or password.", code="invalid")
    except ValueError:
        raise ValidationError("Enter a valid http(s) address.", code="invalid") from None
