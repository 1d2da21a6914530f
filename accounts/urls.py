"""The paths of people and their accounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from accounts.api.auth import LogInView, SignUpView
from accounts.api.profile import ProfileView

urlpatterns: list[URLPattern] = [
    path("auth/signup", SignUpView.as_view(), name="signup"),
    path("auth/login", LogInView.as_view(), name="login"),
    path("api/users/profile", ProfileView.as_view(), name="profile"),
]
