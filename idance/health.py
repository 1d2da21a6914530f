"""Whether all that is needed answers: `/health` for the API, `/ai/health` for the analysis behind it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from django.db import Error as DatabaseFailure
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from analysis import jobs

#: The networks of the pose model, within the package that brings them.
_MODEL_FILES = (
    "modules/pose_detection/pose_detection.tflite",
    "modules/pose_landmark/pose_landmark_full.tflite",
)


class Unwell(Exception):
    """What does not answer, in one sentence."""


def check_database() -> None:
    """Raises ``Unwell`` unless the database answers a question about our own tables."""
    try:
        User.objects.order_by().values_list("pk").first()
    except DatabaseFailure:
        raise Unwell("The database does not answer.") from None


def check_pose_model() -> None:
    """Raises ``Unwell`` unless the pose model's files are there. Loads nothing: a probe must be quick."""
    package = importlib.util.find_spec("mediapipe")
    homes = [Path(home) for home in package.submodule_search_locations or ()] if package else []
    if not any(all((home / name).is_file() for name in _MODEL_FILES) for home in homes):
        raise Unwell("The pose model is not installed.")


def check_worker() -> None:
    """Raises ``Unwell`` unless a worker gave a sign of life lately."""
    try:
        lives = jobs.live_workers().exists()
    except DatabaseFailure:
        raise Unwell("The database does not answer.") from None
    if not lives:
        raise Unwell("No worker is running, so nothing is analysed.")


class Healthy(serializers.Serializer[Any]):
    """All is well."""

    status = serializers.ChoiceField(choices=["ok"])


class AiHealthy(serializers.Serializer[Any]):
    """All is well with the analysis."""

    status = serializers.ChoiceField(choices=["ai service ok"])


class Unavailable(serializers.Serializer[Any]):
    """Something does not answer."""

    status = serializers.ChoiceField(choices=["unavailable"])
    detail = serializers.CharField(help_text="What does not answer, in one sentence.")


def _unavailable(sentence: str) -> OpenApiResponse:
    example = OpenApiExample("Unavailable", value={"status": "unavailable", "detail": sentence})
    return OpenApiResponse(Unavailable, description="A part does not answer.", examples=[example])


class _Probe(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()


class HealthView(_Probe):
    """The API itself."""

    @extend_schema(
        operation_id="getHealth",
        responses={200: Healthy, 503: _unavailable("The database does not answer.")},
        examples=[OpenApiExample("Well", value={"status": "ok"}, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        """Ask whether the service is up.

        It is while the database answers.
        """
        return _answer("ok", check_database)


class AiHealthView(_Probe):
    """The analysis."""

    @extend_schema(
        operation_id="getAiHealth",
        responses={200: AiHealthy, 503: _unavailable("No worker is running, so nothing is analysed.")},
        examples=[OpenApiExample("Well", value={"status": "ai service ok"}, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        """Ask whether dances can be analysed.

        They can while the database answers, the pose model is there and at least one worker lives.
        """
        return _answer("ai service ok", check_database, check_pose_model, check_worker)


def _answer(well: str, *checks: Any) -> Response:
    try:
        for check in checks:
            check()
    except Unwell as problem:
        return Response({"status": "unavailable", "detail": str(problem)}, status=503)
    return Response({"status": well})
