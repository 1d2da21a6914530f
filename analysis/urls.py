from __future__ import annotations

from django.urls import URLPattern, path

from analysis import api

urlpatterns: list[URLPattern] = [
    path("api/background/jobs/<job_id:job_id>", api.JobView.as_view()),
]
