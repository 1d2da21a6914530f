"""`/`: where to go from here, as JSON for an app and as a page for a person."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

_WELCOME = {
    "message": "Welcome to iDance",
    "version": settings.SPECTACULAR_SETTINGS["VERSION"],
    "docs": "/api/docs",
    "redoc": "/api/redoc",
    "schema": "/api/schema",
    "health": "/health",
    "aiHealth": "/ai/health",
}


class Welcome(serializers.Serializer[Any]):
    """Where to go from here."""

    message = serializers.CharField()
    version = serializers.CharField(help_text="Of the API.")
    docs = serializers.CharField(help_text="Documentation to try out.")
    redoc = serializers.CharField(help_text="Documentation to read.")
    schema = serializers.CharField(help_text="The OpenAPI schema.")
    health = serializers.CharField()
    aiHealth = serializers.CharField()


class WelcomeView(APIView):
    """The front door."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(
        operation_id="getWelcome",
        responses={200: Welcome, (200, "text/html"): {"type": "string"}},
        examples=[OpenApiExample("Welcome", value=_WELCOME)],
    )
    def get(self, request: Request) -> HttpResponse | Response:
        """Say hello and where to go from here.

        JSON for an API client, a page for a browser.
        """
        accepted = request._request.get_preferred_type(["application/json", "text/html"])
        if accepted == "text/html":
            response = render(request._request, "welcome.html", _WELCOME)
        else:
            response = Response(_WELCOME)
        response["Vary"] = "Accept"
        return response
