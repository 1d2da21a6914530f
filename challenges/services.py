"""What admins do with challenges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from challenges import demo
from challenges.models import Challenge, ChallengeLabel, ChallengeState, LabelKind
from idance.files import links
from idance.files import services as files
from idance.files.models import StoredFile
from idance.lib.problems import Invalid, NotNow

if TYPE_CHECKING:
    from accounts.models import User

#: What decides how submissions are scored: fixed once there are any, so that all are judged alike.
JUDGING = ("type", "target_bpm", "balance", "rhythm", "smoothness", "creativity")
#: How long challenges usually last; the form warns of others while they are typed.
SHORTEST, TOO_SHORT = timedelta(hours=1), "It lasts less than an hour."
LONGEST, TOO_LONG = timedelta(days=90), "It lasts more than 90 days."
LINKS = ("demo_video", "thumbnail", "badge_icon")


def create_challenge(admin: User, fields: dict[str, Any]) -> Challenge:
    """Publish a challenge.

    Parameters
    ----------
    fields : values of the model's fields, and besides ``categories``, ``tags`` and ``demo_video_key``, the
        key of an upload of the admin.
    """
    fields = dict(fields)
    labels = _take_labels(fields)
    _settle_links(admin, fields)
    challenge = Challenge(**fields)
    _check(challenge)
    with transaction.atomic():
        challenge.save(force_insert=True)
        set_labels(challenge, labels)
        demo.look(challenge, admin)
    return challenge


def change_challenge(admin: User, challenge: Challenge, fields: dict[str, Any]) -> Challenge:
    """Change what is given of a challenge; the rest stays.

    Raises ``NotNow`` for what decides about scores once there are submissions.
    """
    fields = dict(fields)
    labels = _take_labels(fields)
    _settle_links(admin, fields)
    for name, value in fields.items():
        if name in JUDGING and value != getattr(challenge, name) and challenge.total_submissions:
            raise NotNow("The type and the criteria cannot change any more: there are submissions already.")
        setattr(challenge, name, value)
    _check(challenge)
    with transaction.atomic():
        challenge.save(update_fields=[*fields, "updated_at"])
        set_labels(challenge, labels)
        if demo.DECIDES & fields.keys():
            demo.look(challenge, admin)
    return challenge


def remove_challenge(challenge: Challenge) -> None:
    """Remove a challenge with what was uploaded for it; one with submissions is archived, and keeps all."""
    try:
        with transaction.atomic():
            shown = [getattr(challenge, name) for name in LINKS]
            analysis = challenge.demo_analysis
            challenge.delete()
            demo.drop(analysis)
            remove_unshown(shown)
    except ProtectedError:
        archive(challenge)


def remove_unshown(kept: Iterable[str]) -> None:
    """Delete those of these uploads that no challenge shows any more, nor anything else uses.

    Parameters
    ----------
    kept : what challenges kept of addresses; those of other places are passed over.
    """
    for key in filter(None, map(links.key_of, kept)):
        file = StoredFile.objects.filter(key=key).first()
        if file is not None:
            with suppress(NotNow), transaction.atomic():
                files.remove(file)


def shows(file: StoredFile) -> bool:
    """Whether a challenge shows this file."""
    link = links.of_key(file.key)
    return Challenge.objects.filter(reduce(or_, (Q(**{name: link}) for name in LINKS))).exists()


# --- States -----------------------------------------------------------------------------------------------
def publish(challenge: Challenge) -> None:
    """List a draft, or what was archived, from its start on."""
    _move(challenge, ChallengeState.PUBLISHED)


def archive(challenge: Challenge) -> None:
    """List it no more; its submissions and its board stay."""
    _move(challenge, ChallengeState.ARCHIVED)


def back_to_draft(challenge: Challenge) -> None:
    """Hide it from dancers again; ``NotNow`` once there are submissions, whose dancers would lose it."""
    if not Challenge.objects.filter(pk=challenge.pk, total_submissions=0).update(state=ChallengeState.DRAFT):
        raise NotNow("There are submissions already: it can be archived, but is a draft no more.")
    challenge.state = ChallengeState.DRAFT


def _move(challenge: Challenge, state: ChallengeState) -> None:
    Challenge.objects.filter(pk=challenge.pk).update(state=state)
    challenge.state = state


def duplicate(challenge: Challenge, **fields: Any) -> Challenge:
    """A draft like it, without its submissions.

    Parameters
    ----------
    fields : what is different in the copy.
    """
    same = {
        field.attname: getattr(challenge, field.attname)
        for field in Challenge._meta.concrete_fields
        if field.editable and not field.primary_key
    }
    copy = Challenge(**{**same, "state": ChallengeState.DRAFT, **fields})
    with transaction.atomic():
        copy.save(force_insert=True)
        demo.share(challenge, copy)
        set_labels(copy, {kind: challenge.labels_of(kind) for kind in LabelKind})
    return copy


def set_labels(challenge: Challenge, wanted: dict[LabelKind, Sequence[str]]) -> None:
    """Make these its categories or tags; kinds that are not named stay."""
    for kind, names in wanted.items():
        challenge.labels.filter(kind=kind).delete()
        ChallengeLabel.objects.bulk_create(
            ChallengeLabel(challenge=challenge, kind=kind, name=name) for name in dict.fromkeys(names)
        )


def warnings_of(challenge: Challenge) -> list[str]:
    """What is allowed and yet perhaps a mistake, a sentence each."""
    now, length = timezone.now(), challenge.end_time - challenge.start_time
    unusual = {
        "It has ended already: nobody can take part.": challenge.end_time <= now,
        "It starts in the past: it is open as soon as it is published.": (
            challenge.start_time <= now < challenge.end_time
        ),
        TOO_SHORT: length < SHORTEST,
        TOO_LONG: length > LONGEST,
    }
    return [sentence for sentence, holds in unusual.items() if holds]


def _take_labels(fields: dict[str, Any]) -> dict[LabelKind, Sequence[str]]:
    kinds = {"categories": LabelKind.CATEGORY, "tags": LabelKind.TAG}
    return {kind: fields.pop(name) for name, kind in kinds.items() if name in fields}


def _settle_links(admin: User, fields: dict[str, Any]) -> None:
    """Keep links to the admin's own uploads by their keys, which do not pass."""
    key = fields.pop("demo_video_key", None)
    for name in LINKS:
        if name in fields:
            fields[name] = links.keep(fields[name] or "", admin)
    if key:
        fields["demo_video"] = links.of_key(files.own_file(admin, key, kind="video").key)


def _check(challenge: Challenge) -> None:
    if challenge.end_time <= challenge.start_time:
        raise Invalid("endTime", "The challenge must end after it starts.")
    if sum(challenge.criteria.values()) != 100:
        raise Invalid("scoringCriteria", "The criteria must add up to 100.")
