"""`/api/moderation/*`."""

from __future__ import annotations

import pytest

from challenges.moderation.models import QueueItem
from idance.lib.ids import new_object_id
from tests.api_client import ApiClient
from tests.challenges import make
from tests.challenges.moderation import make as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(db: None) -> ApiClient:
    return ApiClient(people.moderator())


def paths(submission_id: str) -> list[tuple[str, str]]:
    one = f"/api/moderation/submissions/{submission_id}"
    return [
        ("get", "/api/moderation/queue"),
        ("post", f"{one}/claim"),
        ("delete", f"{one}/claim"),
        ("get", f"{one}/decisions"),
        ("post", f"{one}/decisions"),
        ("post", f"/api/moderation/decisions/{new_object_id()}/undo"),
    ]


def test_dancers_are_kept_out(dancer: ApiClient, outsider: ApiClient) -> None:
    submission = make.submission(make.challenge(), points=make.POINTS)
    for method, path in paths(submission.pk):
        assert getattr(dancer, method)(path).status_code == 403, path
        assert getattr(outsider, method)(path).status_code == 401, path


def test_a_moderator_works_through_the_queue(ana: ApiClient) -> None:
    made = [make.submission(make.challenge(), points=make.POINTS) for _ in range(3)]
    people.report(made[2])
    queue = ana.get("/api/moderation/queue").json()
    assert queue["total"] == 3
    assert [item["submissionId"] for item in queue["items"]] == [made[2].pk, made[0].pk, made[1].pk]
    first = queue["items"][0]
    assert first["urgency"] == sum(reason["weight"] for reason in first["reasons"])
    assert first["claim"] is None
    claimed = ana.post(f"/api/moderation/submissions/{made[2].pk}/claim").json()
    assert claimed["claim"]["moderatorName"] == "Ana"
    told = {"action": "reject", "reason": "Please dance."}
    path = f"/api/moderation/submissions/{made[2].pk}/decisions"
    decision = ana.post(path, told).json()
    assert decision["before"] == {"status": "visible", "reason": ""}
    assert decision["after"] == {"status": "rejected", "reason": "Please dance."}
    assert ana.get("/api/moderation/queue").json()["total"] == 2
    assert ana.get("/api/moderation/queue?state=decided").json()["total"] == 1
    undone = ana.post(f"/api/moderation/decisions/{decision['id']}/undo").json()
    assert undone["undoneAt"] is not None
    assert ana.get("/api/moderation/queue").json()["total"] == 3
    assert [one["id"] for one in ana.get(path).json()["decisions"]] == [decision["id"]]
    assert ana.post(f"/api/moderation/decisions/{decision['id']}/undo").status_code == 400


def test_somebody_elses_claim_is_a_400_that_names_them(ana: ApiClient) -> None:
    ben = ApiClient(people.moderator(display_name="Ben"))
    submission = make.submission(make.challenge(), points=make.POINTS)
    one = f"/api/moderation/submissions/{submission.pk}"
    assert ben.post(f"{one}/claim").status_code == 200
    for answer in (ana.post(f"{one}/claim"), ana.post(f"{one}/decisions", {"action": "approve"})):
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("Ben is looking at this, until ")
    assert ben.delete(f"{one}/claim").json()["claim"] is None
    assert ana.post(f"{one}/decisions", {"action": "approve"}).status_code == 200


def test_wrong_input_is_named(ana: ApiClient) -> None:
    submission = make.submission(make.challenge(), points=make.POINTS)
    path = f"/api/moderation/submissions/{submission.pk}/decisions"
    for body in (
        {"action": "explode"},
        {"action": "reject"},
        {"action": "suspend", "reason": "x", "days": 5},
    ):
        assert ana.post(path, body).status_code == 422, body
    missing = new_object_id()
    assert ana.post(f"/api/moderation/submissions/{missing}/claim").status_code == 404
    assert ana.post(f"/api/moderation/submissions/{missing}/decisions", {"action": "hold"}).status_code == 404
    assert ana.post(f"/api/moderation/decisions/{missing}/undo").status_code == 404


def test_any_dance_can_be_decided_about_though_nothing_spoke_against_it(ana: ApiClient) -> None:
    submission = make.submission(make.challenge(), people.known_dancer(), points=make.POINTS)
    path = f"/api/moderation/submissions/{submission.pk}/decisions"
    assert ana.post(path, {"action": "hide", "reason": "Asked by its dancer."}).status_code == 200
    assert QueueItem.objects.get(submission=submission).state == "decided"


def test_who_may_only_look_does_not_decide() -> None:
    support = ApiClient(people.moderator("moderation.view_queueitem"))
    submission = make.submission(make.challenge(), points=make.POINTS)
    assert support.get("/api/moderation/queue").status_code == 200
    path = f"/api/moderation/submissions/{submission.pk}/decisions"
    assert support.post(path, {"action": "approve"}).status_code == 403
