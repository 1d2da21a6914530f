"""People in the console: found by email, switched off instead of deleted, promoted by superusers alone."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm
from unfold.paginator import InfinitePaginator

from accounts import two_factor
from accounts.forms import NewPersonForm, PersonForm
from accounts.levels import level_of
from accounts.models import User, normal_email
from accounts.roles import ROLES
from idance.console import page
from idance.lib.ids import is_object_id

admin.site.unregister(Group)
# Secrets of devices are nobody's to read: people set theirs up themselves, superusers reset them below.
admin.site.unregister([TOTPDevice, StaticDevice])


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """What the staff may do, by role. Who may change roles could give their own every right.

    Our own roles are what `accounts.roles` says: shown, not changed. Others can be added.
    """

    paginator = InfinitePaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return is_superuser(request) and not _is_role(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return is_superuser(request) and not _is_role(obj)


def _is_role(group: Group | None) -> bool:
    """Whether it is one of our own: the next start would undo what is changed there."""
    return group is not None and group.name in ROLES


@admin.register(User)
class PersonAdmin(DjangoUserAdmin[User], ModelAdmin):
    """People."""

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    add_form_template = None
    fieldsets = (
        (None, {"fields": ("email", "password", "is_active")}),
        ("Suspension", {"fields": ("suspended_until", "suspension_reason")}),
        ("What others see", {"fields": ("display_name", "avatar_url")}),
        ("Progress", {"fields": ("level", "points", "total_sessions", "total_seconds")}),
        ("Staff", {"fields": ("is_staff", "is_superuser", "groups", "time_zone")}),
        ("Times", {"fields": ("id", "created_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "display_name", "password1", "password2")}),)
    readonly_fields = (
        "id",
        "level",
        "points",
        "total_sessions",
        "total_seconds",
        "created_at",
        "last_login",
    )
    list_display = ("email", "shown_name", "level", "is_active", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email",)
    search_help_text = "The beginning of an email address, or a whole id."
    # By primary key, which tells the time: newest first without a sort, at a million rows as well.
    ordering = ("-id",)
    sortable_by = ()
    list_per_page = 50
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    filter_horizontal = ("groups",)
    actions_detail = ("reset_two_factor",)

    @display(description="Name")
    def shown_name(self, person: User) -> str:
        return person.name

    @display(description="Level")
    def level(self, person: User) -> int:
        return level_of(person.points)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        term = normal_email(search_term)
        if not term:
            return queryset, False
        if is_object_id(term):
            return queryset.filter(pk=term), False
        return queryset.filter(email__startswith=term), False

    # --- Somebody lost their phone ------------------------------------------------------------------------
    @action(
        description="Reset two-factor sign-in",
        url_path="two-factor/",
        icon="phonelink_erase",
        permissions=["reset_two_factor"],
    )
    def reset_two_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks first: from then on the password alone lets this person in."""
        person = get_object_or_404(User, pk=object_id)
        back = reverse("admin:accounts_user_change", args=[person.pk])
        if request.method != "POST":
            return page(
                request,
                "accounts/remove_two_factor.html",
                "Reset two-factor sign-in",
                person=person,
                back=back,
            )
        two_factor.reset(person)
        self.log_change(request, person, "Two-factor sign-in was reset.")
        messages.success(request, f"{person.email} signs in with the password alone, until a new set-up.")
        return redirect(back)

    def has_reset_two_factor_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not is_superuser(request):
            return False
        # Without an object the question is about the step as such.
        person = User.objects.filter(pk=object_id).first() if object_id else None
        return object_id is None or (person is not None and two_factor.device_of(person) is not None)

    # --- Nobody promotes themselves -----------------------------------------------------------------------
    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fixed = tuple(super().get_readonly_fields(request, obj))
        if is_superuser(request):
            return fixed
        return (*fixed, "is_staff", "is_superuser", "groups", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # For mistakes alone; who danced is switched off, or leaderboards would change behind everybody.
        return is_superuser(request) and super().has_delete_permission(request, obj)


def is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


def may_touch(request: HttpRequest, person: User | None) -> bool:
    """Staff change dancers; other staff, whose password would be theirs, only superusers change."""
    if person is None or is_superuser(request):
        return True
    return not (person.is_staff or person.is_superuser)
