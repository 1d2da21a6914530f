"""OpenAI's texts through the real SDK and a real HTTP server that answers well or badly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from breakdowns.texts import describe, openai_texts
from breakdowns.texts.openai_texts import OpenAiSettings, TextsUnavailable, rewrite
from breakdowns.texts.routine import Routine
from tests.breakdowns.texts.dances import analysed, perform
from tests.breakdowns.texts.openai_server import (
    Answer,
    FakeOpenAi,
    completion,
    fault,
    good,
    raw,
    serving,
    slow,
)


@pytest.fixture(scope="module")
def routine() -> Routine:
    """Three steps in our own words."""
    pose = perform([(3, "right_hand", (-0.45, 0.75)), (8, "left_hand", (1.2, 0.0))], counts=12)
    found = analysed(pose, spans=((0.0, 2.0), (2.0, 4.0), (4.0, 6.0)))
    return describe(found, difficulty="beginner")


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_texts, "PAUSE", 0.01)


@contextmanager
def openai(*answers: Answer, **more) -> Iterator[tuple[FakeOpenAi, OpenAiSettings]]:
    with serving(FakeOpenAi(*answers)) as fake:
        yield fake, OpenAiSettings(api_key="sk-test", model="a-model", base_url=fake.base_url, **more)


class Purse:
    """An account of the day with so many tokens."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens

    def reserve(self, tokens: int) -> bool:
        if tokens > self.tokens:
            return False
        self.tokens -= tokens
        return True

    def settle(self, reserved: int, used: int) -> None:
        self.tokens += reserved - used


def fails(routine: Routine, *answers: Answer, spend: Purse | None = None, **more) -> tuple[str, FakeOpenAi]:
    """The code of the failure, and the server."""
    with openai(*answers, **more) as (fake, settings), pytest.raises(TextsUnavailable) as failure:
        rewrite(routine, settings=settings, spend=spend)
    assert failure.value.sentence.endswith(".")
    assert "sk-test" not in repr(settings) + str(failure.value)
    return failure.value.code, fake


def test_sentences_are_openais_and_everything_measured_stays_ours(routine) -> None:
    with openai(good()) as (fake, settings):
        written = rewrite(routine, settings=settings)
    assert written.source == "openai"
    for ours, theirs in zip(routine.steps_json(), written.steps_json(), strict=True):
        assert theirs["global_description"] == f"Now: {ours['global_description']}"
        assert theirs["description"]["bodyAngle"] == f"Now: {ours['description']['bodyAngle']}"
        assert theirs["technical_notes"]["energy"] == f"Now: {ours['technical_notes']['energy']}"
        for name in ("step_number", "start_timestamp", "end_timestamp", "step_name", "quality_metrics"):
            assert theirs[name] == ours[name]
    assert written.analysis_json() == routine.analysis_json()
    request = fake.asked[0]
    assert fake.headers[0]["authorization"] == "Bearer sk-test"
    assert request["model"] == "a-model"
    assert request["response_format"]["json_schema"]["strict"] is True
    assert "on 3: lift your right hand above your head" in request["messages"][1]["content"][0]["text"]


def test_the_schema_is_one_that_strict_mode_takes(routine) -> None:
    with openai(good()) as (fake, settings):
        rewrite(routine, settings=settings)

    def check(node) -> None:
        if node["type"] == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
            for inner in node["properties"].values():
                check(inner)
        if node["type"] == "array":
            check(node["items"])

    check(fake.asked[0]["response_format"]["json_schema"]["schema"])


def test_many_steps_are_asked_for_in_batches(routine) -> None:
    with openai(good(), batch=2) as (fake, settings):
        written = rewrite(routine, settings=settings)
    assert len(fake.asked) == 2
    assert [step.number for step in written.steps] == [1, 2, 3]
    assert all(step.global_description.startswith("Now: ") for step in written.steps)


@pytest.mark.parametrize(("allowed", "sent"), [(False, 0), (True, 3)])
def test_pictures_leave_only_when_they_may(routine, allowed, sent) -> None:
    with openai(good(), images=allowed) as (fake, settings):
        rewrite(routine, settings=settings, images=[b"\xff\xd8jpeg"] * 3)
    pictures = [part for part in fake.asked[0]["messages"][1]["content"] if part["type"] == "image_url"]
    assert len(pictures) == sent
    assert all(part["image_url"]["url"].startswith("data:image/jpeg;base64,/9hqcGVn") for part in pictures)


def test_the_operators_prompt_replaces_ours(routine) -> None:
    with openai(good(), prompt="Write like a sailor.") as (fake, settings):
        rewrite(routine, settings=settings)
    assert fake.asked[0]["messages"][0]["content"] == "Write like a sailor."


def test_a_busy_openai_is_asked_again_when_it_wishes(routine) -> None:
    with openai(fault(429, retry_after="0.3"), good()) as (fake, settings):
        assert rewrite(routine, settings=settings).source == "openai"
    assert len(fake.asked) == 2
    assert fake.times[1] - fake.times[0] >= 0.3


@pytest.mark.parametrize(
    "passing",
    [fault(500), fault(503), raw(b"<html>"), completion("no json"), completion("{}", finish="length")],
    ids=["500", "503", "html", "text", "cut off"],
)
def test_what_may_pass_is_tried_again(routine, passing) -> None:
    with openai(passing, good()) as (fake, settings):
        assert rewrite(routine, settings=settings).source == "openai"
    assert len(fake.asked) == 2


@pytest.mark.parametrize(
    ("answer", "code", "times"),
    [
        (fault(429), "rate_limited", 3),
        (fault(500), "failed", 3),
        (raw(b"<html>"), "failed", 3),
        (fault(401), "wrong_key", 1),
        (fault(403), "wrong_key", 1),
        (fault(400), "failed", 1),
        (completion("not json"), "invalid", 3),
        (completion('{"steps": []}'), "invalid", 3),
        (completion("{}", finish="length"), "invalid", 3),
        (completion(None, refusal="I cannot help with that."), "refused", 1),
        (completion(None, finish="content_filter"), "refused", 1),
    ],
)
def test_each_failure_has_its_code_and_ends(routine, answer, code, times) -> None:
    found, fake = fails(routine, answer)
    assert (found, len(fake.asked)) == (code, times)


def test_a_slow_openai_is_not_waited_for(routine) -> None:
    code, fake = fails(routine, slow(0.6, good()), timeout=0.1, retries=1)
    assert (code, len(fake.asked)) == ("unreachable", 2)


def test_nobody_there(routine) -> None:
    with openai(good()) as (_, settings):
        pass
    with pytest.raises(TextsUnavailable) as failure:
        rewrite(routine, settings=settings)
    assert failure.value.code == "unreachable"


def test_a_wish_longer_than_our_patience_is_not_granted(routine) -> None:
    code, fake = fails(routine, fault(429, retry_after="60"), good(), patience=5.0)
    assert (code, len(fake.asked)) == ("rate_limited", 1)


def _spoil(name: str, value):
    def change(steps) -> None:
        outer, _, inner = name.partition(".")
        if inner:
            steps[0][outer][inner] = value
        else:
            steps[0][outer] = value

    return change


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("step_number", 2),
        ("global_description", ""),
        ("global_description", "x" * 901),
        ("global_description", 7),
        ("global_description", "Begin at 0:14 and go on."),
        ("global_description", "Turn 370 degrees."),
        ("global_description", "Dance it at 128 BPM."),
        ("spice_it_up", "See https://example.com for more."),
        ("spice_it_up", "<b>Jump</b> now."),
        ("description.hands", "Flick your wrist."),
        ("description.head", "Smile at the camera."),
        ("description.tail", "Wag it."),
        ("technical_notes", "Be exact."),
        ("another", "field"),
        ("description.hands", "On 3 sweep your left arm up high."),
    ],
)
def test_texts_that_cannot_be_ours_are_not_taken(routine, name, value) -> None:
    code, _ = fails(routine, good(_spoil(name, value)), retries=0)
    assert code == "invalid"


def test_a_missing_step_or_one_too_many_is_not_taken(routine) -> None:
    assert fails(routine, good(lambda steps: steps.pop()), retries=0)[0] == "invalid"
    assert fails(routine, good(lambda steps: steps.append(steps[0])), retries=0)[0] == "invalid"


def test_other_words_for_the_same_are_taken(routine) -> None:
    words = "On 3 your right arm shoots up, while the left one rests."
    with openai(good(_spoil("description.hands", words))) as (_, settings):
        assert rewrite(routine, settings=settings).steps[0].description.hands == words


def test_white_space_and_full_stops_are_put_right(routine) -> None:
    with openai(good(_spoil("spice_it_up", "  Do it \n twice "))) as (_, settings):
        assert rewrite(routine, settings=settings).steps[0].spice_it_up == "Do it twice."


def test_a_breakdown_may_not_cost_more_than_its_cap(routine) -> None:
    code, fake = fails(routine, good(), most_tokens=3000)
    assert (code, fake.asked) == ("over_budget", [])
    # The second batch would pass the cap that the first one left room under.
    code, fake = fails(routine, completion_costing(20_000), batch=2, most_tokens=22_000)
    assert (code, len(fake.asked)) == ("over_budget", 1)


def completion_costing(tokens: int) -> Answer:
    """A good answer that cost this much."""

    def answer(request):
        status, headers, body = good()(request)
        return status, headers, body.replace(b'"total_tokens": 1234', b'"total_tokens": %d' % tokens)

    return answer


def test_the_day_is_asked_before_and_told_after(routine) -> None:
    purse = Purse(50_000)
    with openai(good()) as (_, settings):
        rewrite(routine, settings=settings, spend=purse)
    assert purse.tokens == 50_000 - 1234
    code, fake = fails(routine, good(), spend=Purse(100))
    assert (code, fake.asked) == ("day_spent", [])


def test_what_failed_costs_nothing_unless_it_may_have_been_written(routine) -> None:
    purse = Purse(50_000)
    fails(routine, fault(500), spend=purse, retries=0)
    assert purse.tokens == 50_000
    fails(routine, fault(401), spend=purse, retries=0)
    assert purse.tokens == 50_000
    fails(routine, slow(0.5, good()), spend=purse, timeout=0.1, retries=0)
    assert purse.tokens < 45_000


def test_without_a_key_nothing_is_asked(routine) -> None:
    with openai(good()) as (fake, settings), pytest.raises(TextsUnavailable) as failure:
        rewrite(routine, settings=replace(settings, api_key=""))
    assert (failure.value.code, fake.asked) == ("not_configured", [])
