"""The paths of people and their accounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from accounts.api.auth import LogInView, SignUpView
from accounts.api.profile import ProfileView
from accounts.pages import LogInPage, LogOutPage

urlpatterns: list[URLPattern] = [
    path("auth/signup", SignUpView.as_view(), name="signup"),
    path("auth/login", LogInView.as_view(), name="login"),
    path("login", LogInPage.as_view(), name="log-in-page"),
    path("logout", LogOutPage.as_view(), name="log-out-page"),
    path("api/users/profile", ProfileView.as_view(), name="profile"),
]
