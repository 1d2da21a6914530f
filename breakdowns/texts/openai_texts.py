"""The words of a routine, written by OpenAI from what was measured.

Times, numbers, names, the order of the steps and every measured label stay ours: only sentences are taken
over, and only when all of them pass the checks. No title or other text of strangers is sent. Whatever goes
wrong ends in ``TextsUnavailable``, and the caller keeps the words of ``describe``.
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from breakdowns.texts.openai_form import PROMPT, Unfit, question, read_answer, schema
from breakdowns.texts.routine import Routine, StepText
from breakdowns.texts.spend import Spend, Unwatched

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletion

logger = logging.getLogger(__name__)

#: Tokens that the answer may take: for each step, and for what a model thinks before it writes.
ANSWER_PER_STEP: Final = 1200
THINKING: Final = 4000
#: Estimates of what a request costs: characters to a token (English has four), tokens of a small picture.
CHARACTERS_PER_TOKEN: Final = 3
IMAGE_TOKENS: Final = 300
#: First pause between two tries, s; it doubles.
PAUSE: Final = 1.0


@dataclass(frozen=True, slots=True)
class OpenAiSettings:
    """Whom to ask, how, and what it may cost."""

    api_key: str = field(repr=False)
    model: str
    base_url: str = "https://api.openai.com/v1"
    timeout: float = 60.0  # s, for one request
    patience: float = 240.0  # s, for all requests and pauses of a breakdown together
    retries: int = 2  # further tries after a passing fault
    batch: int = 6  # steps in one request
    most_tokens: int = 100_000  # for one breakdown, input and output together
    images: bool = False  # send key frames: people's faces leave the server
    prompt: str = ""  # instructions instead of ours


class TextsUnavailable(Exception):
    """OpenAI gave no words that can be used. ``code`` is stable, ``sentence`` is for people."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        self.sentence = sentence
        super().__init__(sentence)


SENTENCES: Final = {
    "not_configured": "OpenAI is not set up on this server.",
    "over_budget": "This dance is too long for what its texts may cost.",
    "day_spent": "What OpenAI may cost today is spent.",
    "wrong_key": "OpenAI does not accept this server's key.",
    "rate_limited": "OpenAI is too busy for us right now.",
    "unreachable": "OpenAI could not be reached in time.",
    "failed": "OpenAI could not answer.",
    "refused": "OpenAI declined to describe this dance.",
    "invalid": "OpenAI's texts did not fit what was measured.",
}


def rewrite(
    routine: Routine,
    *,
    settings: OpenAiSettings,
    images: Sequence[bytes] = (),
    spend: Spend | None = None,
) -> Routine:
    """The same routine with sentences by OpenAI.

    Parameters
    ----------
    routine : from ``describe``; its facts and words are all that is told to OpenAI.
    images : JPEGs, one per step in order (about 512 px); sent only when ``settings.images`` says so.
    spend : the account of the day; without one only ``settings.most_tokens`` counts.

    Raises
    ------
    TextsUnavailable : anything else than a full set of valid texts; ``code`` is a key of ``SENTENCES``.
    """
    if not settings.api_key or not settings.model:
        raise _unavailable("not_configured")
    asked = _Asking(settings, spend or Unwatched())
    pictures = dict(zip((step.number for step in routine.steps), images, strict=False))
    steps: list[StepText] = []
    for first in range(0, len(routine.steps), settings.batch):
        batch = routine.steps[first : first + settings.batch]
        shown = [pictures[s.number] for s in batch if s.number in pictures] if settings.images else []
        steps += asked.for_steps(routine, batch, shown)
    return replace(routine, steps=tuple(steps), source="openai")


def _unavailable(code: str) -> TextsUnavailable:
    return TextsUnavailable(code, SENTENCES[code])


class _Passing(Exception):
    """A fault that may be over when asked again."""

    def __init__(self, code: str, pause: float | None = None) -> None:
        self.code = code
        self.pause = pause  # s, as the server wishes
        super().__init__(code)


class _Asking:
    """The requests of one breakdown: their tries, their time and their tokens."""

    def __init__(self, settings: OpenAiSettings, spend: Spend) -> None:
        # Imported here: it takes a second, and only `auto` breakdowns need it.
        from openai import OpenAI

        self.settings = settings
        self.spend = spend
        self.until = time.monotonic() + settings.patience
        self.used = 0
        # Tries are ours, so that they end with the patience and count what they cost.
        self.client: OpenAI = OpenAI(
            api_key=settings.api_key, base_url=settings.base_url, timeout=settings.timeout, max_retries=0
        )

    def for_steps(
        self, routine: Routine, steps: Sequence[StepText], images: Sequence[bytes]
    ) -> list[StepText]:
        """The steps with new sentences, after as many tries as are allowed."""
        request = self._request(routine, steps, images)
        for attempt in range(self.settings.retries + 1):
            try:
                return read_answer(self._ask(request), steps, len(routine.steps))
            except Unfit as error:
                logger.warning("OpenAI's answer is not used: %s", error)
                fault = _Passing("invalid", 0.0)
            except _Passing as error:
                fault = error
            pause = PAUSE * 2**attempt if fault.pause is None else fault.pause
            if attempt == self.settings.retries or time.monotonic() + pause >= self.until:
                raise _unavailable(fault.code)
            time.sleep(pause)
        raise _unavailable("failed")

    def _request(
        self, routine: Routine, steps: Sequence[StepText], images: Sequence[bytes]
    ) -> dict[str, Any]:
        content: list[dict[str, Any]] = [{"type": "text", "text": question(routine, steps)}]
        for image in images:
            url = "data:image/jpeg;base64," + base64.b64encode(image).decode()
            content.append({"type": "image_url", "image_url": {"url": url, "detail": "low"}})
        return {
            "model": self.settings.model,
            "messages": [
                {"role": "system", "content": self.settings.prompt or PROMPT},
                {"role": "user", "content": content},
            ],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "steps", "schema": schema(len(steps)), "strict": True},
            },
            "max_completion_tokens": THINKING + ANSWER_PER_STEP * len(steps),
            "store": False,
        }

    def _ask(self, request: dict[str, Any]) -> str:
        """The content of one answer, paid for."""
        estimate = _estimate(request)
        if self.used + estimate > self.settings.most_tokens:
            raise _unavailable("over_budget")
        if not self.spend.reserve(estimate):
            raise _unavailable("day_spent")
        spent = 0
        try:
            answer = self._send(request)
            spent = answer.usage.total_tokens if answer.usage is not None else estimate
        except _Passing as fault:
            # What was cut off may have been written, and billed, all the same.
            spent = estimate if fault.code == "unreachable" else 0
            raise
        finally:
            self.used += spent
            self.spend.settle(estimate, spent)
        choice = answer.choices[0] if answer.choices else None
        if choice is None or choice.finish_reason == "length":
            raise Unfit("the answer is cut off")
        if choice.message.refusal or choice.finish_reason == "content_filter":
            raise _unavailable("refused")
        return choice.message.content or ""

    def _send(self, request: dict[str, Any]) -> ChatCompletion:
        import openai

        left = max(1.0, self.until - time.monotonic())
        try:
            answer: ChatCompletion = self.client.chat.completions.create(
                **request, timeout=min(self.settings.timeout, left)
            )
        except openai.APIConnectionError as error:  # time-outs are among them
            raise _Passing("unreachable") from error
        except openai.APIStatusError as error:
            logger.warning("OpenAI answered %s", error.status_code)
            if error.status_code in (401, 403):
                raise _unavailable("wrong_key") from error
            pause = _wished_pause(error)
            if error.status_code == 429:
                raise _Passing("rate_limited", pause) from error
            if error.status_code >= 500 or error.status_code in (408, 409):
                raise _Passing("failed", pause) from error
            raise _unavailable("failed") from error
        except (openai.OpenAIError, ValueError) as error:
            logger.warning("OpenAI's answer cannot be read: %s", type(error).__name__)
            raise _Passing("failed") from error
        if not hasattr(answer, "choices"):  # the SDK hands on what is not JSON as it is
            raise _Passing("failed")
        return answer


def _wished_pause(error: Any) -> float | None:
    """Seconds that the server wants us to wait (Retry-After); None when it does not say."""
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return None


def _estimate(request: dict[str, Any]) -> int:
    """Tokens that a request may cost at most, its answer included."""
    content = request["messages"][1]["content"]
    characters = len(request["messages"][0]["content"]) + len(content[0]["text"])
    characters += len(str(request["response_format"]))
    pictures = IMAGE_TOKENS * (len(content) - 1)
    return characters // CHARACTERS_PER_TOKEN + pictures + int(request["max_completion_tokens"])
