"""The console's forms: logging in, making an account by hand, changing one."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.forms import PasswordResetForm, SetPasswordForm
from django.http import HttpRequest
from unfold.forms import AuthenticationForm, UserChangeForm, UserCreationForm
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from accounts import services
from accounts.models import User, normal_email
from idance.api import throttles
from idance.files import links
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

    def clean_avatar_url(self) -> str:
        """The key of an upload may stay but not be typed: it would open any file."""
        given: str = self.cleaned_data["avatar_url"]
        if links.key_of(given) is not None and given != self.initial.get("avatar_url"):
            raise forms.ValidationError("Enter a valid URL.")
        return given


class CodeForm(forms.Form):
    """A code of the phone, or one of the backup codes."""

    code = forms.CharField(
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


class PreferencesForm(forms.ModelForm[User]):
    """What somebody of the staff chooses for themselves."""

    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        help_text="In which the console shows times and takes them.",
        widget=UnfoldAdminSelectWidget,
        choices=lambda: [("", "UTC"), *((name, name) for name in sorted(available_timezones()))],
    )

    class Meta:
        model = User
        fields = ("time_zone",)


class ForgottenForm(PasswordResetForm):
    """Where to send the link; only staff have a use for it, and nobody sends a hundred."""

    email = forms.EmailField(
        max_length=254, widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "email"})
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        address = throttles.address(self.request)
        wait = throttles.spend("password-resets", address, settings.LIMIT_FAILED_LOGINS)
        if wait is not None:
            raise forms.ValidationError(TooOften(wait).sentence, code="limit")
        return dict(data)

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        # Beside the answer: the seconds that a mail takes would tell that there is an account.
        Thread(target=super().send_mail, args=args, kwargs=kwargs, name="password-mail").start()

    def get_users(self, email: str) -> Iterator[User]:
        found = User.objects.filter(email=normal_email(email), is_active=True, is_staff=True)
        return (person for person in found if person.has_usable_password())


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # no types at runtime
    """The new password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
