"""The words of a routine, written by OpenAI from what was measured.

Times, numbers, the order of the steps and every measured label stay ours: only sentences are taken over, and
only when all of them pass the checks. Whatever goes wrong ends in ``TextsUnavailable``, and the caller keeps
the words of ``describe``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from breakdowns.texts.routine import Routine
from breakdowns.texts.spend import Spend


@dataclass(frozen=True, slots=True)
class OpenAiSettings:
    """Whom to ask, how, and what it may cost."""

    api_key: str = field(repr=False)
    model: str
    base_url: str = "https://api.openai.com/v1"
    timeout: float = 60.0  # s, for one request
    retries: int = 2  # further tries after a passing fault
    batch: int = 6  # steps in one request
    most_tokens: int = 60_000  # for one breakdown, input and output together
    images: bool = False  # send key frames: people's faces leave the server
    prompt: str = ""  # instructions instead of ours


class TextsUnavailable(Exception):
    """OpenAI gave no words that can be used. ``code`` is stable, ``sentence`` is for people."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        self.sentence = sentence
        super().__init__(sentence)


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
    routine : from ``describe``; its facts are what is told to OpenAI.
    images : JPEGs, one per step in order; sent only when ``settings.images`` says so.
    spend : the account of the day; without one only ``settings.most_tokens`` counts.

    Raises
    ------
    TextsUnavailable : anything else than a full set of valid texts.
    """
    raise TextsUnavailable("not_configured", "OpenAI is not set up on this server.")
