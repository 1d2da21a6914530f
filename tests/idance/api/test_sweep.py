"""Every operation of the schema, asked by everybody with everything: no fault, only documented answers.

The client checks each answer against the schema; what comes with a new endpoint is tried here without a line
about it.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import LazySettings

from idance.lib.ids import new_object_id
from tests.api_client import ApiClient, openapi

Operation = tuple[str, str, dict[str, Any]]


def operations(*, public: bool = False) -> list[Operation]:
    return [
        (method, path, operation)
        for path, methods in openapi()["paths"].items()
        for method, operation in methods.items()
        if public or operation["security"]
    ]


@pytest.fixture(autouse=True)
def _no_limits(settings: LazySettings) -> None:
    for name in ("LIMIT_REQUESTS", "LIMIT_UPLOADS", "LIMIT_ANALYSES", "LIMIT_FAILED_LOGINS"):
        setattr(settings, name, 10**9)
    settings.SYNC_WAIT_SECONDS = 0


def filled(path: str, operation: dict[str, Any], value: str | None = None) -> str:
    """The path with something in the place of its parameters: of the right form unless told otherwise."""
    patterns = {
        parameter["name"]: parameter["schema"].get("pattern", "")
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "path"
    }

    def one(match: re.Match[str]) -> str:
        if value is not None:
            return quote(value, safe="")
        return ("job_" if "job_" in patterns.get(match[1], "") else "") + new_object_id()

    return re.sub(r"{(\w+)}", one, path)


def ask(client: ApiClient, method: str, path: str, body: Any = None, query: str = "") -> Any:
    text = "" if body is None else json.dumps(body)
    return client.generic(method.upper(), f"{path}{query}", text, "application/json")


def test_nobody_gets_anywhere_without_a_token(outsider: ApiClient) -> None:
    for method, path, operation in operations():
        answer = ask(outsider, method, filled(path, operation), {})
        assert answer.status_code == 401, f"{method} {path}"


def test_a_token_of_nobody_helps_nowhere(outsider: ApiClient) -> None:
    outsider.sign_in("eyJhbGciOiJIUzI1NiJ9.e30.AAAA")
    for method, path, operation in operations():
        assert ask(outsider, method, filled(path, operation), {}).status_code == 401, f"{method} {path}"


def test_what_is_for_some_alone_is_closed_to_others(dancer: ApiClient) -> None:
    closed = [each for each in operations() if "403" in each[2]["responses"]]
    for method, path, operation in closed:
        answer = ask(dancer, method, filled(path, operation), {})
        # Where it depends on whose object it is, the object must be found first.
        refusals = (403, 404) if "{" in path else (403,)
        assert answer.status_code in refusals, f"{method} {path}"


def test_what_does_not_exist_is_404(dancer: ApiClient, admin: ApiClient) -> None:
    for client in (dancer, admin):
        for method, path, operation in operations():
            if "{" not in path or (client is dancer and "403" in operation["responses"]):
                continue
            answer = ask(client, method, filled(path, operation))
            # Bodies are looked at first where there is one, and a category need not have anything in it.
            assert answer.status_code in (404, 422) or "{category}" in path, f"{method} {path}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    [
        "x",
        "0",
        "-1",
        "68877865E63D6BD72CDDA440",
        "'; DROP TABLE accounts_user; --",
        "..",
        "\x00",
        "💃",
        "%",
        "None",
    ]
    + [
        "a" * 3000,
        "../../etc/passwd",
        "68877865e63d6bd72cdda440\n",
        "job_",
        "null",
        "{}",
        "\ud83d".encode("utf-8", "surrogatepass").hex(),
    ],
)
def test_a_malformed_id_is_404(dancer: ApiClient, value: str) -> None:
    for method, path, operation in operations():
        if "{" in path:
            answer = ask(dancer, method, filled(path, operation, value), {})
            assert answer.status_code in (404, 422) or "{category}" in path, f"{method} {path}"


_BODIES: list[Any] = [
    None,
    [],
    [[]],
    {},
    "text",
    0,
    True,
    {"id": "x", "unknown": [1, {"a": None}]},
]


@pytest.mark.slow
@pytest.mark.parametrize("body", _BODIES, ids=repr)
def test_odd_bodies_are_answered(dancer: ApiClient, admin: ApiClient, outsider: ApiClient, body: Any) -> None:
    for method, path, operation in operations(public=True):
        for client in (dancer, admin) if operation["security"] else (outsider,):
            ask(client, method, filled(path, operation), body)


_VALUES: list[Any] = [
    None,
    "",
    " ",
    "\x00",
    "x" * 100_000,
    "💃\u202e\u200b",
    -1,
    0,
    1.5,
    1e308,
    10**30,
    True,
    [],
    {},
    ["x"] * 1000,
    [None],
    {"a": {"b": 1}},
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2025-02-30T00:00:00Z",
    "javascript:alert(1)",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "../../etc/passwd",
    "data:video/mp4;base64,AAAA",
]


def fields_of(operation: dict[str, Any]) -> list[str]:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    names: list[str] = []
    for part in [schema, *schema.get("oneOf", []), *schema.get("allOf", [])]:
        name = part.get("$ref", "").rpartition("/")[2]
        names += openapi()["components"]["schemas"].get(name, part).get("properties", {})
    return names


def example_of(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation["requestBody"]["content"]["application/json"]
    examples = list(content.get("examples", {}).values())
    return dict(examples[0]["value"]) if examples else {}


@pytest.mark.slow
@pytest.mark.parametrize("value", _VALUES, ids=lambda value: repr(value)[:30])
def test_every_field_with_odd_values_is_answered(dancer: ApiClient, admin: ApiClient, value: Any) -> None:
    for method, path, operation in operations(public=True):
        for field in fields_of(operation):
            client = admin if "403" in operation["responses"] else dancer
            ask(client, method, filled(path, operation), {**example_of(operation), field: value})


@pytest.mark.slow
@pytest.mark.parametrize(
    "value", ["", "x", "-1", "0", "1.5", "9" * 40, "%00", "%ff", "💃", "true", "a" * 5000, "[]"]
)
def test_every_query_value_is_answered(dancer: ApiClient, admin: ApiClient, value: str) -> None:
    for method, path, operation in operations(public=True):
        names = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
        client = admin if "403" in operation["responses"] else dancer
        for name in names:
            ask(client, method, filled(path, operation), query=f"?{name}={value}")


def test_pages_out_of_range_are_refused_everywhere(dancer: ApiClient, admin: ApiClient) -> None:
    refused = ["0", "-1", "101", "x", "1.5", ""]
    for (method, path, operation), value in itertools.product(operations(), refused):
        names = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
        if "limit" in names and "{" not in path:
            client = admin if "403" in operation["responses"] else dancer
            answer = ask(client, method, path, query=f"?limit={value}")
            assert answer.status_code == 422 or (value == "101" and "leaderboard" in path), f"{path} {value}"
            assert answer.json()["errors"][0]["loc"] == ["query", "limit"]
