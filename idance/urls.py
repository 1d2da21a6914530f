"""Every path of the site. Each app lists its own in `<app>/urls.py`, without a trailing slash."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.urls import console_urlpatterns
from idance.api import paths  # noqa: F401  registers the id converters
from idance.health import AiHealthView, HealthView
from idance.welcome import WelcomeView

urlpatterns = [
    # Django tries one path after the other, so those that apps ask for most come first.
    path("", include("feed.urls")),
    path("", include("challenges.urls")),
    path("", include("accounts.urls")),
    path("", WelcomeView.as_view(), name="welcome"),
    path("health", HealthView.as_view(), name="health"),
    path("ai/health", AiHealthView.as_view(), name="ai-health"),
    path("", include(console_urlpatterns)),
    path("admin/", admin.site.urls),
    # Browsers ask for it on every page that names no other.
    path("favicon.ico", RedirectView.as_view(url="/static/idance/icon.svg")),
    path("", include("idance.api.urls")),
    path("", include("idance.files.urls")),
    path("", include("analysis.urls")),
    path("", include("challenges.moderation.urls")),
    path("", include("breakdowns.urls")),
]

handler400 = "idance.api.errors.bad_request"
handler403 = "idance.api.errors.forbidden"
handler404 = "idance.api.errors.not_found"
handler500 = "idance.api.errors.server_error"
