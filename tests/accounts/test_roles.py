"""Who may do what: every role against every page of the console, and against the API that only staff use."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import User
from accounts.roles import ADMIN, EDITOR, MODERATOR, ROLES, SUPPORT
from challenges.models import Challenge
from challenges.moderation import deciding
from idance import console
from idance.social import services as social
from tests import factories
from tests.api_client import ApiClient
from tests.challenges import make
from tests.challenges.moderation import make as people

pytestmark = pytest.mark.django_db

#: What each role sees of the console's lists; what is not named is 403.
SEES = {
    ADMIN: {
        *("challenges.challenge", "challenges.submission", "moderation.queueitem", "moderation.decision"),
        *("moderation.rule", "moderation.reasontemplate", "breakdowns.breakdown", "social.report"),
        "breakdowns.keptprivate",
        *("analysis.job", "analysis.worker", "analysis.analysis", "files.storedfile", "accounts.user"),
    },
    EDITOR: {"challenges.challenge", "challenges.submission"},
    MODERATOR: {
        *("challenges.challenge", "challenges.submission", "moderation.queueitem", "moderation.decision"),
        *("moderation.reasontemplate", "breakdowns.breakdown", "social.report", "accounts.user"),
        "breakdowns.keptprivate",
    },
    SUPPORT: {
        *("challenges.challenge", "challenges.submission", "moderation.queueitem", "moderation.decision"),
        *("breakdowns.breakdown", "social.report", "accounts.user"),
        *("analysis.job", "analysis.worker", "analysis.analysis", "files.storedfile"),
    },
}
#: What each role may add to or change, of what it sees.
ADDS = {
    ADMIN: {"challenges.challenge", "moderation.rule", "moderation.reasontemplate", "accounts.user"},
    EDITOR: {"challenges.challenge"},
    MODERATOR: set(),
    SUPPORT: set(),
}


def member(role: str) -> User:
    """Somebody of the staff with this role and no other right."""
    person = factories.person(email=f"{role.replace(' ', '-').lower()}@example.com", is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    return person


def pages() -> dict[str, str]:
    """The list of every model in the console."""
    return {
        f"{model._meta.app_label}.{model._meta.model_name}": (
            f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        )
        for model in admin.site._registry
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_its_own_pages_and_no_others(role: str) -> None:
    client = Client()
    client.force_login(member(role))
    assert client.get("/admin/").status_code == 200
    seen = {name for name, path in pages().items() if client.get(path).status_code == 200}
    assert seen == SEES[role] & set(pages())


@pytest.mark.parametrize("role", ROLES)
def test_a_role_adds_only_what_is_its_own(role: str) -> None:
    client = Client()
    client.force_login(member(role))
    adds = {name for name, path in pages().items() if client.get(f"{path}add/").status_code == 200}
    assert adds == ADDS[role] & set(pages())


#: What each role may change and delete, of what it sees; and the actions of its lists.
CHANGES = {
    ADMIN: {"challenges.challenge", "moderation.rule", "moderation.reasontemplate", "accounts.user"},
    EDITOR: {"challenges.challenge"},
    MODERATOR: set(),
    SUPPORT: set(),
}
DELETES = {
    ADMIN: {
        *("challenges.challenge", "moderation.rule", "moderation.reasontemplate", "breakdowns.keptprivate"),
    },
    EDITOR: {"challenges.challenge"},
    MODERATOR: {"breakdowns.keptprivate"},
    SUPPORT: set(),
}
_CHALLENGE_ACTIONS = {"publish", "back_to_draft", "archive", "duplicate", "delete_selected"}
_DECISIONS = {"approve", "reject", "hold", "hide", "reanalyse", "suspend"}
ACTS = {
    ADMIN: {
        "challenges.challenge": _CHALLENGE_ACTIONS,
        "moderation.queueitem": _DECISIONS,
        "moderation.rule": {"delete_selected"},
        "moderation.reasontemplate": {"delete_selected"},
        "breakdowns.keptprivate": {"delete_selected"},
        "analysis.job": {"cancel_jobs", "retry_jobs"},
    },
    EDITOR: {"challenges.challenge": _CHALLENGE_ACTIONS},
    MODERATOR: {"moderation.queueitem": _DECISIONS, "breakdowns.keptprivate": {"delete_selected"}},
    SUPPORT: {},
}


def one_of_each() -> dict[str, str]:
    """A row of what the console lists, by model: `app_label.model_name` -> its id."""
    submission = make.submission(make.challenge(), points=make.POINTS)
    social.report(submission, "submission", factories.person(), "spam", "")
    moderation = people.moderator()
    deciding.decide(moderation, submission.pk, "approve")
    make.challenge(title="Without submissions")
    factories.person()  # the newest is no colleague, whom superusers alone change
    found = {}
    for model in admin.site._registry:
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            found[f"{model._meta.app_label}.{model._meta.model_name}"] = str(row.pk)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_changes_and_deletes_only_what_is_its_own(role: str) -> None:
    client, rows = Client(), one_of_each()
    client.force_login(member(role))
    assert rows.keys() >= {*CHANGES[ADMIN], "social.report", "moderation.decision", "analysis.job"}
    for name, pk in rows.items():
        page = f"{pages()[name]}{pk}/"
        seen = client.get(f"{page}change/", follow=True).status_code
        assert seen == (200 if name in SEES[role] else 403), name
        # Nothing is sent, so what may be changed is shown again with its mistakes, or saved as it is.
        may_change = client.post(f"{page}change/", {}).status_code != 403
        if name != "moderation.queueitem":  # its page only leads to the review
            assert may_change == (name in CHANGES[role]), name
        assert (client.get(f"{page}delete/").status_code == 200) == (name in DELETES[role]), name


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_only_its_own_actions(role: str, rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = member(role)
    offered = {}
    for model, page in admin.site._registry.items():
        if page.has_view_permission(request):
            names = {name.partition("-")[0] for name in page.get_actions(request)}
            offered[f"{model._meta.app_label}.{model._meta.model_name}"] = names
    assert {name: names for name, names in offered.items() if names} == ACTS[role]


def test_an_action_that_is_not_offered_is_not_taken() -> None:
    rows = one_of_each()
    challenge = rows["challenges.challenge"]
    for role, state in ((MODERATOR, "published"), (SUPPORT, "published"), (EDITOR, "archived")):
        client = Client()
        client.force_login(member(role))
        sent = {"action": "archive", "_selected_action": [challenge]}
        client.post(pages()["challenges.challenge"], sent)
        assert Challenge.objects.get(pk=challenge).state == state, role


@pytest.mark.parametrize("role", ROLES)
def test_the_sidebar_names_all_that_is_open_and_nothing_else(role: str) -> None:
    client = Client()
    client.force_login(member(role))
    front = client.get("/admin/").content.decode()
    assert {name for name, path in pages().items() if f'href="{path}"' in front} == SEES[role]


def test_the_sidebar_has_a_place_for_every_page() -> None:
    named = [label for entries in console._GROUPS.values() for _, _, label in entries]
    assert sorted(named) == sorted(pages())


def test_no_role_hands_out_rights() -> None:
    for role in ROLES:
        client = Client()
        client.force_login(member(role))
        assert client.get("/admin/auth/group/").status_code == 403
    boss = factories.person(email="colleague@example.com", is_staff=True)
    client = Client()
    client.force_login(User.objects.get(email="admin@example.com"))
    assert client.get(f"/admin/accounts/user/{boss.pk}/change/").status_code == 200
    assert client.post(f"/admin/accounts/user/{boss.pk}/change/", {"is_superuser": "on"}).status_code == 403


@pytest.mark.parametrize(("role", "status"), [(ADMIN, 200), (EDITOR, 200), (MODERATOR, 403), (SUPPORT, 403)])
def test_challenges_are_written_over_the_api_by_right(role: str, status: int) -> None:
    client = ApiClient(member(role))
    now = timezone.now()
    body = {
        "title": "Freestyle Friday",
        "description": "Show your moves",
        "type": "freestyle",
        "difficulty": "beginner",
        "startTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endTime": (now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "points": 100,
        "categories": ["jazz"],
        "tags": [],
    }
    assert client.post("/api/challenges", body).status_code == status
    challenge = make.challenge()
    assert client.put(f"/api/challenges/{challenge.pk}", {"title": "Other"}).status_code == status
    assert client.delete(f"/api/challenges/{challenge.pk}").status_code == status


def test_what_was_changed_by_hand_is_put_right() -> None:
    from django.apps import apps

    from accounts.roles import keep_roles

    support = Group.objects.get(name=SUPPORT)
    before = set(support.permissions.values_list("codename", flat=True))
    support.permissions.add(Permission.objects.get(codename="delete_user"))
    keep_roles(list(apps.get_app_configs())[-1], using="default")
    assert set(support.permissions.values_list("codename", flat=True)) == before
