"""The OpenAPI schema: what every operation shares is written once here.

A view adds only what is its own: request, response, examples and the refusals that say something special.
`refusal` and `answer` write those. Summaries and descriptions come from the docstring of the view's method.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema_serializer
from rest_framework import permissions, serializers

from idance.api.throttles import RequestsPerUser

T = TypeVar("T")


@extend_schema_serializer(component_name="Error")
class ErrorBody(serializers.Serializer[Any]):
    """Every error: one sentence for a person."""

    detail = serializers.CharField(help_text="One human sentence.")


class FieldError(serializers.Serializer[Any]):
    """One wrong field."""

    loc = serializers.ListField(child=serializers.CharField(), help_text='Where, as ["body", "email"].')
    msg = serializers.CharField(help_text="What is wrong with it, for a person.")
    type = serializers.CharField(help_text="Stable code, as `missing`.")


@extend_schema_serializer(component_name="ValidationError")
class InvalidBody(ErrorBody):
    """A 422: the sentence, and each wrong field."""

    # Declared like this because `errors` is also a property of every serializer.
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "errors": FieldError(many=True)}


#: What each error means wherever nothing more special is said of it.
MEANINGS = {
    "400": ("Not parseable, or not possible in the present state.", "The request body is not valid JSON."),
    "401": (
        "The token is missing, malformed, expired or revoked.",
        "Please sign in: this needs a valid access token.",
    ),
    "403": ("Signed in, but not entitled.", "You are not allowed to do this."),
    "404": ("Does not exist, or is somebody else's private object.", "Not found."),
    "413": ("The body is over the limit.", "The request is too large."),
    "415": ("Not a content type or kind of file that is taken here.", "Please send application/json."),
    "422": (
        "A field or query value is not valid; `errors` names each.",
        "limit: A valid integer is required.",
    ),
    "429": (
        "Over the limit of requests per minute; `Retry-After` says how many seconds to wait.",
        "Too many requests. Please wait a moment and try again.",
    ),
    "500": (
        "A fault on our side; the log knows more.",
        "Something went wrong on our side. Please try again.",
    ),
    "503": (
        "The database or the storage does not answer at the moment; `Retry-After` says when to ask again.",
        "The service is not available at the moment. Please try again in a moment.",
    ),
}

_FIELD_ERROR = {"loc": ["query", "limit"], "msg": "A valid integer is required.", "type": "invalid"}

#: The first words of a path and the part of the documentation it belongs to; the longest that fits wins.
_TAGS = {
    "/auth": "Sign in",
    "/api/users": "People",
    "/api/stats": "People",
    "/api/users/{user_id}/submissions": "Submissions",
    "/api/sessions": "Sessions",
    "/api/challenges": "Challenges",
    "/api/challenges/{challenge_id}/submit-unified": "Submissions",
    "/api/challenges/{challenge_id}/submissions": "Submissions",
    "/api/challenges/{challenge_id}/public-submissions": "Submissions",
    "/api/submissions": "Submissions",
    "/api/moderation": "Moderation",
    "/api/ai": "Analysis",
    "/api/ai/dance-breakdown": "Breakdowns",
    "/api/background": "Analysis",
    "/api/s3": "Files",
    "/api/files": "Files",
    "/api/feed": "Feed",
    "/api/activities": "Feed",
    "/health": "Service",
    "/ai/health": "Service",
    "/": "Service",
}


def example(value: Any) -> Callable[[T], T]:
    """Give a serializer the example that is shown wherever it is a body or an answer."""
    shown = extend_schema_serializer(examples=[OpenApiExample("Example", value=value)])
    return cast("Callable[[T], T]", shown)


def answer(name: str, value: Any, status: str = "200") -> OpenApiExample:
    """An example of what an operation answers with this status."""
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


def refusal(sentence: str, meaning: str = "") -> OpenApiResponse:
    """A documented error of one operation: the sentence that is its example, and what it means."""
    example = OpenApiExample("Error", value={"detail": sentence})
    return OpenApiResponse(ErrorBody, description=meaning or sentence, examples=[example])


def _shared_error(code: str) -> OpenApiResponse:
    meaning, sentence = MEANINGS[code]
    if code != "422":
        return refusal(sentence, meaning)
    example = OpenApiExample("Error", value={"detail": sentence, "errors": [_FIELD_ERROR]})
    return OpenApiResponse(InvalidBody, description=meaning, examples=[example])


class ContractSchema(AutoSchema):
    """drf-spectacular's schema of a view, with the errors that every operation of the contract can answer."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation.setdefault("security", [])
        return operation

    def get_auth(self) -> list[dict[str, Any]]:
        """The `Bearer` token, or nothing at all; never one or the other."""
        return [requirement for requirement in super().get_auth() if requirement]

    def get_summary(self) -> str | None:
        """The first sentence of the docstring."""
        return super().get_description().split("\n\n")[0].replace("\n", " ").strip().removesuffix(".") or None

    def get_description(self) -> str:  # type: ignore[override]
        """What follows the first paragraph of the docstring."""
        return "\n\n".join(super().get_description().split("\n\n")[1:])

    def get_tags(self) -> list[str]:
        """The resource a path belongs to."""
        fitting = [start for start in _TAGS if self.path.startswith(start)]
        return [_TAGS[max(fitting, key=len)]]

    def get_operation_id(self) -> str:
        """The method and the words of the path, as `getChallengesByChallengeIdLeaderboard`."""
        words = re.sub(r"^/api/", "/", self.path).replace("{", "by_")
        return "".join(
            [self.method.lower(), *(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", words) if word)]
        )

    def _get_examples(self, *args: Any, **kwargs: Any) -> Any:
        """An example of a list is written as the list; the generator would put it into another."""
        examples = super()._get_examples(*args, **kwargs)  # type: ignore[no-untyped-call]
        for example in examples.values():
            match example.get("value"):
                case [list(inner)]:
                    example["value"] = inner
        return examples

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        for code in self._shared_codes():
            if code not in responses:
                responses[code] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    _shared_error(code), code
                )
        for code, headers in _HEADERS.items():
            if code in responses:
                responses[code].setdefault("headers", {}).update(headers)
        return dict(sorted(responses.items()))

    def _shared_codes(self) -> list[str]:
        checks = [type(check) for check in self.view.get_permissions()]
        has_body = self._get_request_body() is not None  # type: ignore[no-untyped-call]
        has_query = any(parameter["in"] == "query" for parameter in self._get_parameters())
        codes = {
            "400": has_body,
            "401": bool(self.view.get_authenticators()),
            "403": any(check not in (permissions.IsAuthenticated, permissions.AllowAny) for check in checks),
            "404": "{" in self.path,
            "413": has_body,
            "415": has_body,
            "422": has_body or has_query,
            "429": bool(self.view.get_authenticators())
            and any(isinstance(throttle, RequestsPerUser) for throttle in self.view.get_throttles()),
            "500": True,
            "503": True,
        }
        return [code for code, applies in codes.items() if applies]


_HEADERS = {
    "401": {
        "WWW-Authenticate": {
            "schema": {"type": "string", "const": "Bearer"},
            "description": "How to sign in.",
            "required": True,
        }
    },
    "429": {
        "Retry-After": {
            "schema": {"type": "integer", "minimum": 1},
            "description": "Seconds to wait.",
            "required": True,
        }
    },
}


def leave_enums_in_place(result: Any, **kwargs: Any) -> Any:
    """A hook that removes the generator's own marks of enums, which stay where they are used."""
    if isinstance(result, dict):
        return {key: leave_enums_in_place(inner) for key, inner in result.items() if key != "x-spec-enum-id"}
    if isinstance(result, list):
        return [leave_enums_in_place(inner) for inner in result]
    return result
