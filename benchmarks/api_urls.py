"""The project's paths, and the bare view that the others are compared with."""

from django.http import HttpRequest, JsonResponse
from django.urls import path

from idance.urls import (  # noqa: F401  Django looks for the handlers here
    handler400,
    handler403,
    handler404,
    handler500,
    urlpatterns,
)


def bare(request: HttpRequest) -> JsonResponse:
    """An answer that needs nothing."""
    return JsonResponse({"status": "ok"})


urlpatterns = [*urlpatterns, path("bare", bare)]
