"""`/login` and `/logout`: how a dancer signs in to our pages in a browser. The API has tokens instead."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView

from accounts.forms import DancerLogInForm


class LogInPage(LoginView):
    """Email and password; then on to the page that asked for them (`?next=`, on this site alone)."""

    template_name = "login.html"
    authentication_form = DancerLogInForm
    next_page = "/"


class LogOutPage(LogoutView):
    """`POST` ends the session."""

    next_page = "log-in-page"
    http_method_names = ("post", "options")
