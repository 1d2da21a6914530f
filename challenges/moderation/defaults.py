"""The rules and sentences that moderation starts with; from then on they are the admins'."""

from __future__ import annotations

from typing import Any, Final

from challenges.moderation.models import Fact, ReasonTemplate, Rule

#: fact, threshold, label, weight, whether it holds the submission back
_RULES: Final = (
    (Fact.COPIES, 1, "Same video as another dancer's", 50, False),
    (Fact.REPORTS, 1, "Reported", 40, False),
    (Fact.REPORTS, 3, "Reported by several", 40, True),
    (Fact.ANALYSED_AGAIN, 1, "Analysed again, as asked", 30, False),
    (Fact.TAKEN_DOWN, 1, "Sent again after it was held or taken down", 30, True),
    (Fact.APPROVAL, 1, "Waits for approval", 20, True),
    (Fact.OWN_COPIES, 1, "Same video as an earlier one of theirs", 15, False),
    (Fact.CONFIDENCE, 0.5, "Low confidence", 15, False),
    (Fact.PEOPLE, 1, "Several people", 10, False),
    (Fact.ACCOUNT_DAYS, 3, "New account", 10, False),
    (Fact.EARLIER, 0, "First submission", 5, False),
)
_TEMPLATES: Final = (
    ("Somebody else's video", "This video shows somebody else's dance. Please send in your own."),
    (
        "Not the challenge",
        "This dance does not fit the challenge. Please read what it asks for.",
    ),
    ("Several people", "Please dance alone in the picture, so that we know whom to score."),
    ("Hard to see", "We cannot see you well enough. Please film your whole body in good light."),
    ("Unfair entry", "The video was sped up, cut or edited, which makes the score unfair to others."),
    ("Not for everybody", "This video shows something that is not for everybody here."),
    ("Advertising", "This video advertises something. Please send in a dance."),
    ("Bullying", "This video or its words hurt somebody. That has no place here."),
)


def fill(**of_signal: Any) -> None:
    """Put the rules and sentences into tables that have none."""
    if not Rule.objects.exists():
        Rule.objects.bulk_create(
            Rule(fact=fact, threshold=threshold, label=label, weight=weight, holds=holds)
            for fact, threshold, label, weight, holds in _RULES
        )
    if not ReasonTemplate.objects.exists():
        ReasonTemplate.objects.bulk_create(
            ReasonTemplate(label=label, text=text, order=10 * number)
            for number, (label, text) in enumerate(_TEMPLATES, start=1)
        )
