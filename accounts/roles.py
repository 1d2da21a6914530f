"""Roles of the staff: what each may do, in one table, kept true in the database after every migration.

A role is one of Django's groups. Its rights are written here and nowhere else: what somebody adds to or takes
from one of these groups by hand is put right at the next start. Rights of a part that is not installed are
passed over. Superusers alone hand out roles: whoever did could give their own the rest.
"""

from __future__ import annotations

from typing import Any, Final

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.db import transaction

ADMIN: Final = "Admin"
EDITOR: Final = "Challenge editor"
MODERATOR: Final = "Moderator"
SUPPORT: Final = "Support"

#: What helps anybody understand what a dancer asks about.
_DANCES: Final = (
    "challenges.view_challenge",
    "challenges.view_submission",
    "breakdowns.view_breakdown",
)
_CHALLENGES: Final = (
    "challenges.view_challenge",
    "challenges.add_challenge",
    "challenges.change_challenge",
    "challenges.delete_challenge",
)
_MODERATION: Final = (
    "moderation.view_queueitem",
    "moderation.view_decision",
    "challenges.moderate_submission",
    "breakdowns.moderate_breakdown",
    "accounts.suspend_user",
    "social.view_report",
)
_ENGINE: Final = (
    "analysis.view_job",
    "analysis.view_worker",
    "analysis.view_analysis",
    "files.view_storedfile",
)

ROLES: Final[dict[str, tuple[str, ...]]] = {
    ADMIN: (
        *_DANCES,
        *_CHALLENGES,
        *_MODERATION,
        *_ENGINE,
        "moderation.view_rule",
        "moderation.add_rule",
        "moderation.change_rule",
        "moderation.delete_rule",
        "moderation.view_reasontemplate",
        "moderation.add_reasontemplate",
        "moderation.change_reasontemplate",
        "moderation.delete_reasontemplate",
        "analysis.change_job",
        "accounts.view_user",
        "accounts.add_user",
        "accounts.change_user",
    ),
    EDITOR: (*_CHALLENGES, "challenges.view_submission"),
    MODERATOR: (*_DANCES, *_MODERATION, "moderation.view_reasontemplate", "accounts.view_user"),
    SUPPORT: (
        *_DANCES,
        *_ENGINE,
        "moderation.view_queueitem",
        "moderation.view_decision",
        "social.view_report",
        "accounts.view_user",
    ),
}


def keep_roles(app_config: AppConfig, using: str, **more: Any) -> None:
    """Make the groups what the table says, once all apps are migrated. Listens to `post_migrate`."""
    if app_config.label != list(apps.get_app_configs())[-1].label:
        return
    from django.contrib.auth.models import Group, Permission

    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=using)
    rights = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.using(using).select_related("content_type")
    }
    with transaction.atomic(using=using):
        for name, wanted in ROLES.items():
            group, _ = Group.objects.using(using).get_or_create(name=name)
            group.permissions.set([rights[right] for right in wanted if right in rights])
