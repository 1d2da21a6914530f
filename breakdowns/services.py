"""What people do with breakdowns: ask for one, share it, delete it; and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts import progress
from analysis import jobs
from analysis.models import Job
from breakdowns import footages, links, selectors, sharing, sources
from breakdowns.models import MAKE, PICTURE, Breakdown, Footage, KeptPrivate, Source, Status
from breakdowns.signals import breakdown_changed, breakdown_deleted
from breakdowns.sources.refusals import SourceRefusal
from idance.api import throttles
from idance.files import links as file_links
from idance.files import removals
from idance.files import services as files
from idance.lib.problems import Forbidden, Missing, NotNow, Unavailable

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User


# --- Asking -----------------------------------------------------------------------------------------------
def ask(owner: User, address: str, *, mode: str, target_difficulty: str) -> Breakdown:
    """The breakdown of this video for this person: the one they have, else a new one in the queue.

    One that failed is made again, unless it would fail the same way again.

    Parameters
    ----------
    address : a link to YouTube or Instagram, or a file URL or key of an upload of theirs.

    Raises ``Invalid`` for any other address, ``Missing`` for a key that is not theirs, ``Unavailable`` while
    the site does not let us fetch.
    """
    video, find_footage = _read(owner, address)
    for last_try in (False, True):
        try:
            with transaction.atomic():
                footage = find_footage()
                asked = {"footage": footage, "mode": mode, "target_difficulty": target_difficulty}
                mine = Breakdown.objects.select_related("footage", "job", "owner")
                found = mine.filter(owner=owner, **asked).first()
                if found is not None and not _is_worth_repeating(found):
                    return found
                _check_source(footage)
                if found is None:
                    found = Breakdown(owner=owner, video=video, **asked)
                    found.save(force_insert=True)
                elif not _take(found):
                    continue
                throttles.start_analysis(owner)  # after it: one that is asked for twice at once starts once
                _start(found)
                return found
        except IntegrityError:
            # Asked for twice at once, or its footage was just removed: the second look sees which.
            if last_try:
                raise
    raise NotNow("This breakdown was just changed. Please ask again.")


def _take(breakdown: Breakdown) -> bool:
    """Be the one who makes it again; False when somebody else was quicker, or it was deleted."""
    as_read = Breakdown.objects.filter(pk=breakdown.pk, job=breakdown.job, status=breakdown.status)
    return as_read.update(updated_at=timezone.now()) == 1


def _read(owner: User, address: str) -> tuple[str, Callable[[], Footage]]:
    """What to keep of an address, and what finds or makes the footage it leads to."""
    key = file_links.key_in(address)
    if key is None:
        return links.whole(address), partial(footages.of_link, links.parse(address))
    file = files.own_file(owner, key, kind="video")
    return file_links.of_key(file.key), partial(footages.of_upload, file)


def _is_worth_repeating(breakdown: Breakdown) -> bool:
    """Whether it is not under way and may end otherwise than it did; what the engine refuses may not."""
    if breakdown.status == Status.PROCESSING:
        return breakdown.job is None or breakdown.job.ended
    refused = breakdown.footage.refusal_code and footages.is_known(breakdown.footage)
    return breakdown.status == Status.FAILED and not refused


def _check_source(footage: Footage) -> None:
    """Do not even queue what a site would refuse, as long as the video is not here already."""
    source = Source(footage.source)
    if not footage.video_key and sources.seconds_blocked(source) > 0:
        raise Unavailable(SourceRefusal(sources.BLOCKED, source).sentence)


def _start(breakdown: Breakdown) -> None:
    """Queue it, as if it was asked for the first time."""
    job = jobs.enqueue(MAKE, breakdown.pk, breakdown.owner, size=breakdown.footage.duration)
    breakdown.job, breakdown.status = job, Status.PROCESSING
    breakdown.error_code = breakdown.error_message = ""
    Breakdown.objects.filter(pk=breakdown.pk).exclude(status=Status.COMPLETED).update(
        job=job, status=Status.PROCESSING, error_code="", error_message="", updated_at=timezone.now()
    )


# --- What becomes of it -----------------------------------------------------------------------------------
def keep(breakdown_id: str, job_id: str, columns: dict[str, Any]) -> None:
    """Complete a breakdown: the effect of its job. Its owner earns for it once."""
    now = timezone.now()
    waiting = Breakdown.objects.filter(pk=breakdown_id, job_id=job_id).exclude(status=Status.COMPLETED)
    if waiting.update(
        **columns,
        status=Status.COMPLETED,
        error_code="",
        error_message="",
        completed_at=now,
        updated_at=now,
    ):
        breakdown = Breakdown.objects.select_related("footage", "owner").get(pk=breakdown_id)
        progress.earn(breakdown.owner_id, points=progress.POINTS_PER_BREAKDOWN)
        breakdown_changed.send(sender=Breakdown, breakdown=breakdown)


def fail(job: Job) -> None:
    """Its job failed or was cancelled: the breakdown says why, and nothing is left of the attempts."""
    code, message = job.error_code, job.error_message
    if not code:
        code, message = "cancelled", "The breakdown was cancelled."
    waiting = Breakdown.objects.filter(pk=job.subject_id, job_id=job.pk, status=Status.PROCESSING)
    if waiting.update(
        status=Status.FAILED, error_code=code, error_message=message, updated_at=timezone.now()
    ):
        removals.remove_folder(outline_folder(job.owner_id, job.subject_id))


def outline_folder(owner_id: str, breakdown_id: str) -> str:
    """Where a breakdown's outlines lie."""
    return f"outlines/{owner_id}/{breakdown_id}"


# --- Sharing and deleting ---------------------------------------------------------------------------------
def share(breakdown: Breakdown, changes: dict[str, bool]) -> Breakdown:
    """Change who sees a breakdown; what is not given stays.

    Parameters
    ----------
    changes : ``is_public``, ``shared_to_feed``, and ``link``: whether there is a share link. A link that was
        taken back never works again.

    Raises ``Forbidden`` when others are to see what a moderator keeps private, ``Missing`` when it was
    deleted at this moment.
    """
    columns: dict[str, Any] = {name: on for name, on in changes.items() if name != "link"}
    if "link" in changes and changes["link"] != bool(breakdown.share_nonce):
        columns["share_nonce"] = sharing.new_nonce() if changes["link"] else ""
    with transaction.atomic():
        _await_turn(breakdown)
        reason = selectors.private_reason(breakdown) if any(changes.values()) else ""
        if reason:
            raise Forbidden(f"A moderator made this breakdown private: {reason}")
        if not _change_sharing(Breakdown.objects.filter(pk=breakdown.pk), columns):
            raise Missing("There is no such breakdown.")
        breakdown.refresh_from_db(fields=["is_public", "shared_to_feed", "share_nonce", "status"])
    return breakdown


def make_private(breakdown: Breakdown, reason: str) -> list[Breakdown]:
    """Nobody but its owner sees it, who is told why, until a moderator allows it again.

    That holds for everything the owner has of this video, in whatever mode and difficulty, and for what they
    ask for later. Returns what they have now.

    Raises ``NotNow`` when it is kept private already.
    """
    with transaction.atomic():
        _await_turn(breakdown)
        try:
            with transaction.atomic():
                KeptPrivate(**selectors.of_whom(breakdown), reason=reason).save(force_insert=True)
        except IntegrityError:
            raise NotNow("It was made private in the meantime: the reason given first stays.") from None
        unseen = {"is_public": False, "shared_to_feed": False, "share_nonce": ""}
        return _change_sharing(selectors.of_one_video(breakdown), unseen)


def allow_sharing(breakdown: Breakdown) -> list[Breakdown]:
    """Its owner decides again who sees what they have of this video, which is returned; it stays as it is.

    Raises ``NotNow`` when nobody keeps it private.
    """
    with transaction.atomic():
        if not KeptPrivate.objects.filter(**selectors.of_whom(breakdown)).delete()[0]:
            raise NotNow("It was allowed in the meantime: its owner may share it.")
        return list(selectors.of_one_video(breakdown))


def _await_turn(breakdown: Breakdown) -> None:
    """Until this transaction ends nobody else changes who sees a breakdown of this footage.

    Else one that is made and shared while a moderator decides would be overlooked by both. The row stays as
    it is: writing it is what others wait for.
    """
    Footage.objects.filter(pk=breakdown.footage_id).update(holder=F("holder"))


def _change_sharing(rows: QuerySet[Breakdown], columns: dict[str, Any]) -> list[Breakdown]:
    """Change these breakdowns and say so. Returns them."""
    rows.update(**columns, updated_at=timezone.now())
    changed = list(rows.select_related("footage", "owner").order_by("pk"))
    for breakdown in changed:
        if breakdown.success:
            breakdown_changed.send(sender=Breakdown, breakdown=breakdown)
    return changed


def remove(breakdown: Breakdown) -> None:
    """Delete a breakdown with its files and what it earned; its footage too when nobody else shows it."""
    with transaction.atomic():
        # The job first: whoever completes it also takes the job's row before the breakdown's.
        if breakdown.job is not None and not breakdown.job.ended:
            with suppress(NotNow):  # It has just ended by itself.
                jobs.cancel(breakdown.job)
        found = Breakdown.objects.select_related("footage", "owner").filter(pk=breakdown.pk).first()
        if found is None or not Breakdown.objects.filter(pk=breakdown.pk).delete()[0]:
            return
        if found.success:
            progress.earn(found.owner_id, points=-progress.POINTS_PER_BREAKDOWN)
        breakdown_deleted.send(sender=Breakdown, breakdown=breakdown)
        removals.remove_folder(outline_folder(found.owner_id, found.pk))
        # In a transaction of its own: it fails when somebody asks for the same video at this moment.
        transaction.on_commit(partial(footages.leave, found.footage_id))


def remake_pictures(by: User) -> int:
    """Queue a new picture for every footage that has a video. Returns how many."""
    # All of them first: the queue closes the connection that they would come from.
    wanted = list(Footage.objects.exclude(video_key="").values_list("pk", flat=True))
    for footage_id in wanted:
        jobs.enqueue(PICTURE, footage_id, by)
    return len(wanted)
