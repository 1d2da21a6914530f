"""Analysing submissions: what is waited for, what is answered, what is done once."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from analysis import jobs
from analysis.models import Analysis, Job
from challenges.api.report import REPORT
from challenges.models import Submission
from idance.files.models import FileState
from idance.lib.ids import new_object_id
from tests.api_client import ApiClient
from tests.challenges import make

ANALYZE = "/api/ai/analyze-pose"
PAUSE = "idance.api.waiting.time.sleep"
NOW = {"Prefer": "respond-async"}


def status(client: ApiClient, submission: Submission) -> Any:
    return client.get(f"/api/ai/analysis-status/{submission.id}").json()


def queued() -> Job:
    return Job.objects.get(state="queued")


def test_from_the_queue_to_the_score(dancer: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    waiting = dancer.post(ANALYZE, {"submission_id": submission.id}, headers=NOW)
    assert waiting.status_code == 200, waiting.content
    assert waiting.json()["status"] == "queued" and waiting.json()["progress"] == 0
    assert waiting.json()["total_score"] is None and waiting.json()["score_breakdown"] is None

    seen: list[Any] = []
    make.do(queued(), engine=make.Engine(meanwhile=lambda: seen.append(status(dancer, submission))))
    assert (seen[0]["status"], seen[0]["progress"], seen[0]["stage"]) == ("processing", 0.5, "pose")

    done = status(dancer, submission)
    assert done["status"] == "completed" and done["progress"] == 1
    assert done["score_breakdown"] == make.POINTS
    assert (done["total_score"], done["confidence"]) == (85, 0.92)
    assert done["feedback"] == "Great rhythm and balance!"
    assert "/files/analyses/" in done["pose_data_url"]
    assert done["completed_at"] and done["error_code"] is None
    # Asking again gives what is stored and runs nothing.
    again = dancer.post(ANALYZE, {"submission_id": submission.id, "challenge_type": "freestyle"}).json()
    assert {**again, "pose_data_url": ""} == {**done, "pose_data_url": ""}
    assert Job.objects.filter(kind="submission").count() == 1


def test_the_answer_waits_for_the_result(dancer: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    # The queue does its work in the first pause.
    monkeypatch.setattr(PAUSE, lambda seconds: make.do(queued(), engine=make.Engine()))
    assert dancer.post(ANALYZE, {"submission_id": submission.id}).json()["total_score"] == 85


def test_the_score_is_given_with_everything_it_brings(dancer: ApiClient) -> None:
    challenge = make.challenge(points=50, balance=50, rhythm=10, smoothness=40, creativity=0)
    submission = make.submission(challenge, dancer.user, points={**make.POINTS, "balance": 25})
    assert submission.breakdown == {"balance": 50, "rhythm": 8, "smoothness": 35, "creativity": 0}
    assert (submission.score, submission.points_awarded) == (93, 47)
    assert submission.badge_awarded == "Freestyle Master"
    assert submission.processed_at and submission.analyzed_at
    dancer.user.refresh_from_db()
    assert dancer.user.points == 47
    challenge.refresh_from_db()
    assert (challenge.top_score, challenge.average_score, challenge.scored_count) == (93, 93.0, 1)


def test_a_badge_is_won_from_80_on(dancer: ApiClient) -> None:
    scores = {79: "", 80: "Freestyle Master"}
    for total, badge in scores.items():
        assert make.submission(make.challenge(), points=make.points_for(total)).badge_awarded == badge


def test_the_type_and_difficulty_of_the_challenge_reach_the_engine(dancer: ApiClient) -> None:
    make.submission(make.challenge(type="static", difficulty="beginner"), dancer.user)
    engine = make.Engine()
    make.do(queued(), engine=engine)
    assert (engine.seen[0].challenge_type, engine.seen[0].difficulty) == ("static", "beginner")


def test_a_dimension_that_was_not_measured_stays_unknown(dancer: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user, points={**make.POINTS, "rhythm": None})
    found = status(dancer, submission)
    assert found["score_breakdown"]["rhythm"] is None
    assert found["total_score"] == 60


def test_a_refusal_is_told(dancer: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    make.do(queued(), engine=make.Engine(refusal="no_movement"))
    found = status(dancer, submission)
    assert (found["status"], found["error_code"]) == ("failed", "no_movement")
    assert found["error_message"].startswith("The dancer hardly moves")
    # The same video would be refused again: nothing runs.
    again = dancer.post(ANALYZE, {"submission_id": submission.id}).json()
    assert again["status"] == "failed" and Job.objects.count() == 1


def test_a_fault_of_ours_may_be_tried_again(dancer: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    job = jobs.claim(queued().pk, "test")
    assert job is not None
    jobs.fail(job, "internal_error", "Something went wrong on our side. Please try again.")
    assert status(dancer, submission)["status"] == "failed"
    assert dancer.post(ANALYZE, {"submission_id": submission.id}, headers=NOW).json()["status"] == "queued"
    make.do(queued(), engine=make.Engine())
    assert status(dancer, submission)["total_score"] == 85


def test_a_retried_job_scores_unless_its_place_was_taken(dancer: ApiClient, admin: ApiClient) -> None:
    challenge = make.challenge()
    first = make.submission(challenge, dancer.user)
    job = queued()
    make.do(job, engine=make.Engine(refusal="no_person"))
    second = make.submission(challenge, dancer.user, points=make.points_for(50))
    job.refresh_from_db()
    jobs.retry(job)
    make.do(job, engine=make.Engine())
    first.refresh_from_db()
    assert (first.status, first.score) == ("failed", None)
    dancer.user.refresh_from_db()
    assert dancer.user.points == 50
    assert dancer.delete(f"/api/submissions/{second.id}").status_code == 200
    job.refresh_from_db()
    job.state = "failed"
    job.save()
    jobs.retry(job)
    make.do(job, engine=make.Engine())
    first.refresh_from_db()
    assert (first.status, first.score) == ("completed", 85)


def test_cancelling_the_job_frees_the_place(dancer: ApiClient) -> None:
    challenge = make.challenge()
    submission = make.submission(challenge, dancer.user)
    assert dancer.delete(f"/api/background/jobs/{queued().pk}").status_code == 200
    found = status(dancer, submission)
    assert found["status"] == "cancelled"
    shown = dancer.get(f"/api/submissions/{submission.id}").json()
    assert (shown["status"], shown["analysis"]["error_code"]) == ("failed", "cancelled")
    make.submission(challenge, dancer.user)


def test_a_tempo_starts_an_unfinished_analysis_over(dancer: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    first = queued()
    answer = dancer.post(ANALYZE, {"submission_id": submission.id, "target_bpm": 120}, headers=NOW)
    assert answer.json()["status"] == "queued"
    first.refresh_from_db()
    assert first.state == "cancelled"
    assert Submission.objects.get().status == "pending"
    # No other wish, or the same one: it goes on.
    for wish in ({}, {"target_bpm": 120}):
        dancer.post(ANALYZE, {"submission_id": submission.id, **wish}, headers=NOW)
    engine = make.Engine()
    make.do(queued(), engine=engine)
    assert engine.seen[0].target_bpm == 120
    assert status(dancer, submission)["total_score"] == 85


def test_a_tempo_makes_a_finished_analysis_anew_and_points_count_once(dancer: ApiClient) -> None:
    challenge = make.challenge()
    submission = make.submission(challenge, dancer.user, points=make.points_for(60))
    asked = dancer.post(ANALYZE, {"submission_id": submission.id, "target_bpm": 90}, headers=NOW).json()
    assert (asked["status"], asked["total_score"]) == ("queued", None)
    shown = dancer.get(f"/api/submissions/{submission.id}").json()
    assert (shown["status"], shown["totalScore"]) == ("completed", 60), "until then the old score stands"
    make.do(queued(), engine=make.Engine(points=make.points_for(75)))
    assert status(dancer, submission)["total_score"] == 75
    dancer.user.refresh_from_db()
    assert dancer.user.points == 75
    challenge.refresh_from_db()
    assert (challenge.scored_count, challenge.score_sum, challenge.top_score) == (1, 75, 75)
    # One that fails changes nothing.
    dancer.post(ANALYZE, {"submission_id": submission.id, "target_bpm": 200}, headers=NOW)
    make.do(queued(), engine=make.Engine(refusal="low_confidence"))
    submission.refresh_from_db()
    assert (submission.status, submission.score) == ("completed", 75)


def test_the_address_of_a_video_never_changes_what_is_analysed(dancer: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    shown = dancer.get(f"/api/submissions/{submission.id}").json()
    url = shown["video"]["url"].replace("testserver", "localhost")
    good = {"submission_id": submission.id, "video_url": url}
    # An app may know the film by its own address, as the customer's document shows.
    for fine in (url, "https://example.com/video.mp4", "", None):
        assert dancer.post(ANALYZE, {**good, "video_url": fine}, headers=NOW).status_code == 200
    assert Analysis.objects.get().video_key == submission.video.key
    other_video = make.video(dancer.user)
    for wrong in (
        "http://example.com/video.mp4",
        "http://169.254.169.254/latest",
        "https://169.254.169.254/latest",
        "https://[::1]/video.mp4",
        "https://127.1/video.mp4",
        "https://localhost/video.mp4",
        "https://metadata.google.internal/video.mp4",
        url.replace(submission.video.id, other_video.id),
        url.replace(".mp4", "_thumb.jpg"),
        "not a url",
        "file:///etc/passwd",
    ):
        answer = dancer.post(ANALYZE, {**good, "video_url": wrong}, headers=NOW)
        assert answer.status_code == 422, wrong
        assert answer.json()["errors"][0]["loc"] == ["body", "video_url"]


@pytest.mark.parametrize("bpm", [39.9, 240.1, "fast", -1])
def test_a_tempo_that_nobody_dances(dancer: ApiClient, bpm: Any) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    assert dancer.post(ANALYZE, {"submission_id": submission.id, "target_bpm": bpm}).status_code == 422


def test_those_of_other_people_are_not_there(dancer: ApiClient, other: ApiClient, admin: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user, points=make.POINTS)
    for client in (other, admin):
        for path in (ANALYZE, "/api/background/jobs/pose-analysis", "/api/ai/score-submission"):
            assert client.post(path, {"submission_id": submission.id}).status_code == 404
        assert client.get(f"/api/ai/analysis-status/{submission.id}").status_code == 404
    for odd in ("0" * 24, "x" * 65, "' OR 1=1", "\x7f"):
        assert dancer.post(ANALYZE, {"submission_id": odd}).status_code == 404
    assert dancer.post(ANALYZE, {}).status_code == 422


def test_starting_has_a_limit_and_asking_has_none(dancer: ApiClient, settings: Any) -> None:
    settings.LIMIT_ANALYSES = 3
    submission = make.submission(make.challenge(), dancer.user)

    def ask(path: str = ANALYZE, **more: Any) -> int:
        body = {"submission_id": submission.id, **more}
        return dancer.post(path, body, headers={"Prefer": "respond-async"}).status_code

    assert ask() == 200, "the first one starts it"
    make.do(queued(), engine=make.Engine())
    for path in (ANALYZE, "/api/background/jobs/pose-analysis"):
        assert [ask(path) for _ in range(3)] == [200, 200, 200], "the finished one is the answer"
    assert [dancer.post(ANALYZE, {}).status_code for _ in range(3)] == [422, 422, 422]
    assert [ask(target_bpm=bpm) for bpm in (90, 100, 110)] == [200, 200, 429]
    assert ask("/api/ai/score-submission") == 429
    assert ask() == 200


def test_the_queue_can_be_asked_by_job(dancer: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    path, body = "/api/background/jobs/pose-analysis", {"submission_id": submission.id}
    first = dancer.post(path, body).json()
    assert (first["job_id"], first["status"]) == (queued().pk, "queued")
    assert first["estimated_duration"] >= 1
    assert dancer.get(f"/api/background/jobs/{first['job_id']}").json()["status"] == "queued"
    make.do(queued(), engine=make.Engine())
    assert dancer.post(path, body).json() == {**first, "status": "completed", "estimated_duration": 0}


def test_scoring_again_from_the_stored_movement(dancer: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/api/ai/score-submission"
    submission = make.submission(make.challenge(), dancer.user)
    early = dancer.post(path, {"submission_id": submission.id})
    assert (early.status_code, early.json()["detail"]) == (400, "This submission has not been analysed yet.")
    make.score(submission, make.points_for(60))

    def rescored(analysis: Analysis, **more: Any) -> Analysis:
        Analysis.objects.filter(pk=analysis.pk).update(**make.points_for(70), total=70)
        analysis.refresh_from_db()
        return analysis

    monkeypatch.setattr("analysis.services.rescore", rescored)
    monkeypatch.setattr(PAUSE, lambda seconds: make.do(queued()))
    found = dancer.post(path, {"submission_id": submission.id}).json()
    assert found == {
        "submission_id": submission.id,
        "status": "scored",
        "score_breakdown": make.points_for(70),
        "total_score": 70,
        "feedback": "Great rhythm and balance!",
    }
    assert User.objects.get(pk=dancer.user.pk).points == 70
    later = dancer.post(path, {"submission_id": submission.id}, headers=NOW).json()
    assert (later["status"], later["total_score"]) == ("queued", 70)


def test_the_video_is_made_streamable_after_the_score(dancer: ApiClient) -> None:
    challenge = make.challenge()
    make.submission(challenge, dancer.user, points=make.POINTS)
    assert not Job.objects.filter(kind="streamable").exists(), "it is already"
    hevc = make.video(dancer.user, state=FileState.STORED)
    other = make.challenge()
    answer = dancer.post(f"/api/challenges/{other.id}/submit-unified", {"video_file": hevc.key})
    assert not Job.objects.filter(kind="streamable").exists()
    make.score(Submission.objects.get(pk=answer.json()["id"]))
    assert Job.objects.get(kind="streamable").subject_id == hevc.id


def test_the_report(dancer: ApiClient, other: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    path = f"/api/ai/submissions/{submission.id}/report"
    assert dancer.get(path).status_code == 404
    assert other.get(path).status_code == 404
    make.score(submission)
    assert dancer.get(path).status_code == 404, "this engine stores none"
    monkeypatch.setattr("analysis.selectors.report", lambda analysis: REPORT)
    assert dancer.get(path).json() == other.get(path).json() == REPORT
    dancer.put(f"/api/submissions/{submission.id}/metadata", {"isPublic": False})
    assert other.get(path).status_code == 404
    assert dancer.get(path).status_code == 200


def test_a_report_that_is_lost_is_said_so(dancer: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    make.score(submission)
    Analysis.objects.update(report_key=f"analyses/{new_object_id()}/{new_object_id()}/report.json")
    answer = dancer.get(f"/api/ai/submissions/{submission.id}/report")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "This report is lost. Scoring the dance again makes a new one."}


def test_a_removed_submission_stops_its_work(dancer: ApiClient) -> None:
    submission = make.submission(make.challenge(), dancer.user)
    job = queued()

    def take_back() -> None:
        assert dancer.delete(f"/api/submissions/{submission.id}").status_code == 200

    make.do(job, engine=make.Engine(meanwhile=take_back))
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not Submission.objects.exists() and not Analysis.objects.exists()
    assert User.objects.get(pk=dancer.user.pk).points == 0
