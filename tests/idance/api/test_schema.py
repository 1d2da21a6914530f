"""The OpenAPI schema is complete, and making it says nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from challenges.api.shapes import MetadataIn
from idance.api import docs
from tests.api_client import ApiClient, openapi, validator_at


def test_schema_generation_has_no_warning_and_no_error() -> None:
    docs.schema.cache_clear()
    docs.schema()
    said = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]  # type: ignore[no-untyped-call]
    assert not said, "\n".join(said)
    schema = openapi()
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in openapi()["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_says_what_it_does_and_where_it_belongs() -> None:
    tags = {tag["name"] for tag in openapi()["tags"]}
    for path, method, operation in operations():
        where = f"{method} {path}"
        assert operation.get("summary"), f"{where} has no summary"
        assert not operation["summary"].endswith("."), where
        assert set(operation["tags"]) <= tags, f"{where}: {operation['tags']}"


def test_operation_ids_are_names_of_functions_and_each_is_used_once() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(ids)) == len(ids)
    assert [each for each in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)*", each)] == []


def test_every_operation_but_the_public_ones_needs_the_token() -> None:
    public = {path for path, _, operation in operations() if not operation["security"]}
    assert public <= {"/", "/health", "/ai/health", "/auth/login", "/auth/signup"}
    for path, method, operation in operations():
        if path not in public:
            assert operation["security"] == [{"Bearer": []}], f"{method} {path}"
            assert "401" in operation["responses"], f"{method} {path}"
    assert openapi()["components"]["securitySchemes"] == {
        "Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }


def test_every_operation_documents_the_errors_it_can_answer() -> None:
    for path, method, operation in operations():
        where, responses = f"{method} {path}", set(operation["responses"])
        assert {"500", "503"} <= responses, where
        if "{" in path:
            assert "404" in responses, where
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= responses, where
        if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
            assert "422" in responses, where


def test_every_success_and_every_body_has_an_example() -> None:
    lacking = []
    for path, method, operation in operations():
        for code, response in operation["responses"].items():
            content = response.get("content", {}).get("application/json")
            if code.startswith("2") and content is not None and not content.get("examples"):
                lacking.append(f"{method} {path} {code}")
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None and not body.get("examples"):
            lacking.append(f"{method} {path} body")
    assert not lacking, "\n".join(["no example:", *lacking])


def test_what_answers_always_have_is_required() -> None:
    """Else the types that apps make from the schema ask for a check of each field."""
    optional = {
        name: set(schema["properties"]) - set(schema.get("required", []))
        for name, schema in openapi()["components"]["schemas"].items()
        if "properties" in schema and not name.endswith("Request")
    }
    # What an activity tells depends on its kind.
    assert {name for name, fields in optional.items() if fields} == {"ActivityOut"}


def test_every_parameter_of_a_path_shows_what_it_looks_like() -> None:
    for path, method, operation in operations():
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                schema = parameter["schema"]
                assert schema.get("examples") or schema.get("enum"), f"{method} {path}: {parameter['name']}"


@pytest.mark.django_db
def test_examples_that_need_nothing_else_can_be_tried_as_they_are() -> None:
    anybody = ApiClient()

    def tried(path: str) -> Any:
        content = openapi()["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for shown in content["examples"].values():
            answer = anybody.post(path, shown["value"])
            assert answer.status_code == 200, (path, answer.content)
        return answer.json()

    tried("/auth/signup")
    anybody.sign_in(tried("/auth/login")["access_token"])
    for path in (
        "/api/challenges/search",
        "/api/s3/presigned-url",
        "/api/s3/upload",
        "/api/s3/upload/dance-breakdown-video",
        "/api/sessions/start",
    ):
        tried(path)
    parts = openapi()["components"]["schemas"]["SubmitPartsRequest"]["properties"]
    for text in parts["metadata"]["examples"]:
        form = MetadataIn(data=json.loads(text))
        assert form.is_valid(), form.errors


def test_every_example_is_valid() -> None:
    """What the documentation shows is what the schema says."""
    wrong = []
    for path, method, operation in operations():
        places = {code: response.get("content", {}) for code, response in operation["responses"].items()}
        places["requestBody"] = operation.get("requestBody", {}).get("content", {})
        for place, contents in places.items():
            content = contents.get("application/json", {})
            for name, example in content.get("examples", {}).items():
                steps = [place] if place == "requestBody" else ["responses", place]
                validator = validator_at(
                    "paths", path, method, *steps, "content", "application/json", "schema"
                )
                wrong += [
                    f"{method} {path} {place} {name} at {error.json_path}: {error.message}"
                    for error in validator.iter_errors(example["value"])
                ]
    assert not wrong, "\n".join(wrong)


# --- Pages ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "*/*", "application/json"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("?format=json", "text/html", "application/json"),
        ("?format=yaml", "*/*", "application/yaml"),
        ("", "application/yaml", "application/yaml"),
        ("", "application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
    ],
)
def test_the_schema_comes_in_the_form_that_was_asked_for(
    client: Client, query: str, accept: str, media_type: str
) -> None:
    answer = client.get(f"/api/schema{query}", HTTP_ACCEPT=accept)
    assert answer.status_code == 200
    assert answer["Content-Type"] == media_type
    read = yaml.safe_load if "yaml" in media_type else json.loads
    assert read(answer.content) == openapi()


def test_the_schema_is_sent_again_only_when_it_changed(client: Client) -> None:
    tag = client.get("/api/schema")["ETag"]
    for known in (tag, f"W/{tag}", f'"another", {tag}', "*"):
        again = client.get("/api/schema", HTTP_IF_NONE_MATCH=known)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag), known
        assert again["Cache-Control"] == "no-cache"
    changed = client.get("/api/schema", HTTP_IF_NONE_MATCH='"another"')
    assert (changed.status_code, changed["ETag"]) == (200, tag)


@pytest.mark.parametrize("path", ["/api/docs", "/api/redoc", "/api/docs/"])
def test_pages_load_nothing_from_elsewhere(client: Client, path: str) -> None:
    page = client.get(path, HTTP_ACCEPT="text/html")
    text = page.content.decode()
    assert page.status_code == 200
    assert not re.findall(r"(?:https?:)?//[\w.-]+", text)
    sources = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len([source for source in sources if source.startswith("/static/")]) >= 1
    policy = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert "script-src" not in policy
    # No script in the page itself: the policy would not run it.
    assert not re.search(r"<script(?![^>]*src=)", text)


@pytest.mark.parametrize(
    "asset",
    [
        "swagger-ui-dist/swagger-ui-bundle.js",
        "swagger-ui-dist/swagger-ui.css",
        "redoc/bundles/redoc.standalone.js",
    ],
)
def test_assets_are_served_by_us(client: Client, asset: str) -> None:
    answer = client.get(f"/static/drf_spectacular_sidecar/{asset}")
    assert answer.status_code == 200
    assert len(b"".join(answer)) > 10_000  # type: ignore[arg-type]


def test_the_script_of_the_docs_page_asks_no_site_for_an_opinion(client: Client) -> None:
    answer = client.get("/api/docs?script=", HTTP_ACCEPT="*/*")
    assert answer["Content-Type"].startswith("application/javascript")
    assert '"validatorUrl": null' in answer.content.decode()
