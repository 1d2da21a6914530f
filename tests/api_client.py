"""An API client for tests that compares every answer with the OpenAPI schema and fails loudly.

Path and method must be known, the status documented, the content type as announced, the body valid (JSON
Schema 2020-12) without one field more or less than documented, and the rules of every endpoint kept: errors
are `{"detail"}`, 401 says `WWW-Authenticate: Bearer`, 405 says `Allow`, 429 says `Retry-After`, nothing may
be stored by caches.

    dancer.put("/api/users/profile", {"displayName": "Twirl"})        # JSON
    dancer.post("/api/s3/upload", {"file": handle}, format="multipart")
    dancer.post("/auth/login", "{not json", content_type="application/json")
"""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from rest_framework.test import APIClient

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import User

#: Pages about the API, which the schema does not describe.
UNDESCRIBED = {"api/schema", "api/docs", "api/redoc"}

formats = FormatChecker()


@formats.checks("date-time", raises=ValueError)
def _is_utc_time(value: object) -> bool:
    """The contract's times are ISO 8601, UTC, with a Z."""
    shape = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
    return not isinstance(value, str) or (
        re.fullmatch(shape, value) is not None and bool(datetime.fromisoformat(value))
    )


@formats.checks("uri", raises=ValueError)
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@formats.checks("email")
def _is_email(value: object) -> bool:
    return not isinstance(value, str) or "@" in value


@cache
def openapi() -> dict[str, Any]:
    """The schema exactly as `/api/schema?format=json` serves it."""
    from drf_spectacular.renderers import OpenApiJsonRenderer2

    from idance.api.docs import rendered

    served: dict[str, Any] = json.loads(rendered(OpenApiJsonRenderer2)[0])
    return served


@cache
def _strict() -> Registry[Any]:
    """The schema as JSON Schema resource, in which every described object is complete."""
    schema = json.loads(json.dumps(openapi()))
    for component in schema["components"]["schemas"].values():
        if "properties" in component:
            component.setdefault("additionalProperties", False)
    resource = DRAFT202012.create_resource(schema)
    return Registry().with_resource("urn:idance", resource)


def validator_at(*steps: str) -> Draft202012Validator:
    """Validates by the JSON Schema that lies under these steps of the OpenAPI schema."""
    pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)
    # In the fragment of a reference, characters such as { must be escaped.
    pointer = pointer.replace("%", "%25").replace("{", "%7B").replace("}", "%7D")
    return Draft202012Validator(
        {"$ref": f"urn:idance#/{pointer}"}, registry=_strict(), format_checker=formats
    )


class ApiClient(APIClient):
    """A client, signed in as ``user`` when one is given."""

    def __init__(self, user: User | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.default_format = "json"
        self._user = user
        if user is not None:
            from idance.api.auth import new_token

            self.sign_in(new_token(user))

    @property
    def user(self) -> User:
        """Who is signed in."""
        assert self._user is not None, "nobody is signed in"
        return self._user

    def sign_in(self, token: str) -> None:
        """Send this token from now on."""
        self.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    def request(self, **environ: Any) -> HttpResponse:
        response: HttpResponse = super().request(**environ)
        # What the client was asked for; the middleware may have changed the path of the request since.
        check_response(environ["REQUEST_METHOD"], environ["PATH_INFO"], response)
        return response


def check_response(method: str, path: str, response: HttpResponse) -> None:
    """Fail unless this answer is one that the schema and the rules for every endpoint allow."""
    from idance.api.middleware import is_api_path

    if path != "/" and not is_api_path(path):
        return
    template = _template(path)
    if template is not None and template.removeprefix("/") in UNDESCRIBED:
        return
    where = f"{method} {path} -> {response.status_code}"
    _check_rules(where, response)
    operations = openapi()["paths"].get(template) if template else None
    if operations is None:
        assert template is None, f"{where}: {template} is not in the schema"
        assert response.status_code in (404, 400), f"{where}: a path that no view answers must be 404"
        _check_error(where, response)
        return
    operation = operations.get("get" if method == "HEAD" else method.lower())
    if operation is None:
        assert response.status_code == 405, f"{where}: the method is not in the schema"
        _check_error(where, response)
        return
    _check_documented(where, template, operation, method, response)


def _check_rules(where: str, response: HttpResponse) -> None:
    """The rules for every endpoint that show in the headers."""
    headers = response.headers
    assert "no-store" in headers.get("Cache-Control", ""), f"{where}: may be stored by caches"
    if response.status_code == 401:
        assert headers.get("WWW-Authenticate") == "Bearer", f"{where}: WWW-Authenticate must be Bearer"
    if response.status_code == 405:
        assert headers.get("Allow"), f"{where}: no Allow header"
    if response.status_code == 429:
        assert re.fullmatch(r"[1-9]\d*", headers.get("Retry-After", "")), f"{where}: no Retry-After"
    assert not 300 <= response.status_code < 400, f"{where}: redirects to {headers.get('Location')}"


def _check_error(where: str, response: HttpResponse) -> None:
    """An answer of no operation: still the shape of every error."""
    if response.wsgi_request.method == "HEAD":  # type: ignore[attr-defined]
        return
    body = json.loads(response.content)
    assert set(body) == {"detail"}, f"{where}: an error must be {{detail}}, not {body}"
    assert isinstance(body["detail"], str) and body["detail"], f"{where}: no sentence in {body}"


def _check_documented(
    where: str, template: str, operation: dict[str, Any], method: str, response: HttpResponse
) -> None:
    _note(method, template, response.status_code)
    documented = operation["responses"].get(str(response.status_code))
    assert documented, (
        f"{where}: status not documented, only {sorted(operation['responses'])}; body: {_excerpt(response)}"
    )
    contents = documented.get("content")
    if method == "HEAD" or not contents:
        assert not _bytes(response), f"{where}: a body where none is documented"
        return
    media_type = response.headers.get("Content-Type", "").split(";")[0].strip()
    assert media_type in contents, f"{where}: {media_type!r} is not documented, only {sorted(contents)}"
    if media_type != "application/json":
        return
    key = "get" if method == "HEAD" else method.lower()
    status = str(response.status_code)
    validator = validator_at("paths", template, key, "responses", status, "content", media_type, "schema")
    problems = [
        f"  at {error.json_path}: {error.message}"
        for error in validator.iter_errors(json.loads(_bytes(response)))
    ]
    assert not problems, f"{where}: the body is not as documented\n" + "\n".join(problems)


def _note(method: str, template: str, status: int) -> None:
    """Write down which test asked what, where IDANCE_OPERATIONS says; `scripts/operations.py` reads it."""
    file = os.environ.get("IDANCE_OPERATIONS")
    if file:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").split(" ")[0].split("[")[0]
        with Path(file).open("a", encoding="utf-8") as notes:
            notes.write(f"{method} {template}\t{status}\t{test}\n")


def _template(path: str) -> str | None:
    """The path as the schema writes it, as `/api/challenges/{challenge_id}`; None when no view answers."""
    from django.urls import Resolver404, resolve

    try:
        route = resolve(path[:-1] if path.endswith("/") and path != "/" else path).route
    except Resolver404:
        return None
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def _bytes(response: HttpResponse) -> bytes:
    return b"(a stream)" if response.streaming else bytes(response.content)


def _excerpt(response: HttpResponse) -> str:
    return _bytes(response)[:300].decode("utf-8", "replace")
