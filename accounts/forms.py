"""The console's forms: logging in, making an account by hand, changing one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import forms as auth_forms
from unfold.forms import AuthenticationForm, UserChangeForm, UserCreationForm

from accounts import services
from accounts.models import User
from idance.api import throttles
from idance.lib.problems import NotSignedIn, TooOften


class _Limited(auth_forms.AuthenticationForm):
    """A login with the same limit of failed attempts as the API's."""

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password:
            address = throttles.address(self.request)
            try:
                self.user_cache = services.log_in(email=email, password=password, address=address)
            except TooOften as problem:
                raise forms.ValidationError(problem.sentence, code="limit") from None
            except services.Suspended as problem:
                raise forms.ValidationError(problem.sentence, code="suspended") from None
            except NotSignedIn:
                raise self.get_invalid_login_error() from None
            self.confirm_login_allowed(self.user_cache)
        return dict(self.cleaned_data)


class LogInForm(_Limited, AuthenticationForm):
    """The console's login."""


class DancerLogInForm(_Limited):
    """The login of our pages, open to everybody with an account."""

    error_messages = {
        "invalid_login": "Email or password is wrong.",
        "inactive": "Email or password is wrong.",
    }


class NewPersonForm(UserCreationForm):
    """An account made by hand."""

    class Meta:
        model = User
        fields = ("email",)
        # Otherwise Django calls it by the name it would have in its own user.
        field_classes: dict[str, type[forms.Field]] = {}


class PersonForm(UserChangeForm):
    """An account as it is."""

    class Meta:
        model = User
        fields = "__all__"  # noqa: DJ007 - the fieldsets below name what is shown
        field_classes: dict[str, type[forms.Field]] = {}
