"""The paths of people and their accounts."""

from __future__ import annotations

from django.urls import URLPattern, path

from accounts import console
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

#: Of the console; before the admin's own, which answers everything below `admin/`.
console_urlpatterns: list[URLPattern] = [
    path("admin/account/", console.AccountView.as_view(), name="account"),
    path("admin/two-factor/", console.CodeView.as_view(), name="two-factor"),
    path("admin/two-factor/set-up/", console.SetUpView.as_view(), name="two-factor-set-up"),
    path("admin/password_reset/", console.ForgottenView.as_view(), name="admin_password_reset"),
    path(
        "admin/password_reset/sent/",
        console.ForgottenSentView.as_view(),
        name="admin_password_reset_done",
    ),
    path(
        "admin/password_reset/done/",
        console.NewPasswordSetView.as_view(),
        name="admin_password_reset_complete",
    ),
    path(
        "admin/password_reset/<uidb64>/<token>/",
        console.NewPasswordView.as_view(),
        name="password_reset_confirm",
    ),
]
