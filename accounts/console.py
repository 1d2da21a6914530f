"""The console's pages about oneself: the second factor, one's time zone, a forgotten password."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlsplit

import django_otp
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from accounts import two_factor
from accounts.forms import CodeForm, ForgottenForm, NewPasswordForm, PreferencesForm
from accounts.models import User
from idance.console import page
from idance.lib.problems import Problem

#: In the session: a code allowed another phone in place of the present one.
_ANOTHER = "two-factor-another"


@method_decorator([never_cache, staff_member_required, sensitive_post_parameters()], name="dispatch")
class StaffView(View):
    """A page for whoever has given their password."""

    @property
    def person(self) -> User:
        return cast(User, self.request.user)

    def onwards(self) -> HttpResponse:
        """To where they wanted to go, if that is ours."""
        wanted = self.request.GET.get("next", "")
        safe = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
        return redirect(wanted if safe else reverse("admin:index"))

    def passed(self, device: Any) -> None:
        """Note in the session that the second factor was given; it gets a new name, as at a login."""
        self.request.session.cycle_key()
        django_otp.login(self.request, device)


class CodeView(StaffView):
    """The second step of signing in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.onwards() if two_factor.missing(request) != "code" else self.show(CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CodeForm(request.POST)
        if form.is_valid():
            try:
                self.passed(two_factor.verify(self.person, form.cleaned_data["code"]))
                return self.onwards()
            except Problem as problem:
                form.add_error("code", problem.sentence)
        return self.show(form)

    def show(self, form: CodeForm) -> HttpResponse:
        return page(self.request, "accounts/code.html", "One more step", form=form)


class SetUpView(StaffView):
    """Setting a phone up, once it is shown to work."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.blocked() or self.show(CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        blocked = self.blocked()
        if blocked:
            return blocked
        form = CodeForm(request.POST)
        if form.is_valid():
            try:
                device, codes = two_factor.confirm(self.person, form.cleaned_data["code"])
                self.passed(device)
                request.session.pop(_ANOTHER, None)
                return show_codes(request, codes)
            except Problem as problem:
                form.add_error("code", problem.sentence)
        return self.show(form)

    def blocked(self) -> HttpResponse | None:
        """Who has a phone set up says on the own page, with a code, that another shall take its place."""
        if settings.STAFF_TWO_FACTOR == two_factor.OFF:
            return redirect("admin:index")
        if two_factor.missing(self.request) == "code":
            return redirect("two-factor")
        told = self.request.session.get(_ANOTHER) or two_factor.device_of(self.person) is None
        return None if told else redirect("account")

    def show(self, form: CodeForm) -> HttpResponse:
        device = two_factor.pending_device(self.person)
        secret = device.config_url.split("secret=")[1].split("&")[0]
        return page(
            self.request,
            "accounts/set_up.html",
            "Set up two-factor sign-in",
            form=form,
            optional=two_factor.missing(self.request) is None,
            picture=two_factor.picture(device),
            secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        )


def show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The only time that they are seen."""
    return page(request, "accounts/backup_codes.html", "Your backup codes", codes=codes)


class AccountView(StaffView):
    """One's own page: time zone, second factor, password."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(PreferencesForm(instance=self.person))

    def post(self, request: HttpRequest) -> HttpResponse:
        if "do" in request.POST:
            return self.change_two_factor(request.POST["do"])
        form = PreferencesForm(request.POST, instance=self.person)
        if form.is_valid():
            User.objects.filter(pk=self.person.pk).update(**form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("account")
        return self.show(form)

    def change_two_factor(self, what: str) -> HttpResponse:
        """Each change needs a code, so that a screen left open gives nothing away."""
        form = CodeForm(self.request.POST)
        if form.is_valid():
            try:
                two_factor.verify(self.person, form.cleaned_data["code"])
                return self.changed(what)
            except Problem as problem:
                form.add_error("code", problem.sentence)
        return self.show(PreferencesForm(instance=self.person), form)

    def changed(self, what: str) -> HttpResponse:
        if what == "codes":
            return show_codes(self.request, two_factor.new_backup_codes(self.person))
        if what == "another":
            self.request.session[_ANOTHER] = True
            return redirect("two-factor-set-up")
        if what == "off" and settings.STAFF_TWO_FACTOR != two_factor.REQUIRED:
            two_factor.reset(self.person)
            messages.success(self.request, "Two-factor sign-in is off.")
        return redirect("account")

    def show(self, form: PreferencesForm, code_form: CodeForm | None = None) -> HttpResponse:
        code_form = code_form or CodeForm()
        # The page begins further up.
        code_form.fields["code"].widget.attrs.pop("autofocus")
        return page(
            self.request,
            "accounts/account.html",
            "Your account",
            form=form,
            code_form=code_form,
            phone=two_factor.device_of(self.person),
            codes_left=two_factor.backup_codes_left(self.person),
            two_factor=settings.STAFF_TWO_FACTOR,
        )


# --- A forgotten password ---------------------------------------------------------------------------------
class _Console:
    """What the console's templates want to know."""

    request: HttpRequest
    title: str

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_context_data(**more)  # type: ignore[misc]
        return {**admin.site.each_context(self.request), **given, "title": self.title}


class ForgottenView(_Console, views.PasswordResetView):
    """Asks for the address; the answer is the same whether anybody has it."""

    title = "Forgotten password"
    template_name = "accounts/forgotten.html"
    email_template_name = "accounts/forgotten_mail.txt"
    subject_template_name = "accounts/forgotten_subject.txt"
    success_url = reverse_lazy("admin_password_reset_done")
    form_class = ForgottenForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        # A Host header that was made up must not lead the link to somebody else's site.
        given = urlsplit(settings.PUBLIC_URL).netloc if settings.PUBLIC_URL_GIVEN else None
        form.save(
            domain_override=given,
            use_https=settings.HTTPS if given else self.request.is_secure(),
            subject_template_name=self.subject_template_name,
            email_template_name=self.email_template_name,
            request=self.request,
        )
        return redirect(str(self.success_url))


class ForgottenSentView(_Console, views.PasswordResetDoneView):
    title = "Look into your mail"
    template_name = "accounts/forgotten_sent.html"


class NewPasswordView(_Console, views.PasswordResetConfirmView):
    title = "A new password"
    template_name = "accounts/new_password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("admin_password_reset_complete")


class NewPasswordSetView(_Console, views.PasswordResetCompleteView):
    title = "Your password is changed"
    template_name = "accounts/new_password_set.html"
