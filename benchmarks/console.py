"""How quick the console is on a large database: every list, its searches and filters, the first page,
moderation, copies.

    manage.py fill                  # a million submissions, on an empty database
    python -m benchmarks.console

Each address is asked for twice, as an admin; the second time counts. The first page is asked for with nothing
remembered too.
"""

from __future__ import annotations

import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "idance.settings")
django.setup()

from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import User  # noqa: E402
from analysis import fingerprints  # noqa: E402
from analysis.models import Analysis, FingerprintWord, Job  # noqa: E402
from challenges.models import Submission  # noqa: E402
from challenges.moderation import selectors  # noqa: E402
from challenges.moderation.models import ItemState, QueueItem  # noqa: E402
from idance.files.models import StoredFile  # noqa: E402

LOOKUPS = 30


def main() -> None:
    """Print the table."""
    boss, _ = User.objects.get_or_create(
        email="console-benchmark@example.com", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client(SERVER_NAME="localhost")
    client.force_login(boss)
    for title, address in addresses():
        first, _ = ask(client, address)
        again, queries = ask(client, address)
        print(f"{title:44}{1000 * again:8.0f} ms{queries:4d} queries   first {1000 * first:.0f} ms")
    cache.clear()
    first, queries = ask(client, "/admin/")
    print(f"{'first page, nothing remembered':44}{1000 * first:8.0f} ms{queries:4d} queries")
    look_up_copies()


def addresses() -> list[tuple[str, str]]:
    """What is asked for."""
    submission = Submission.objects.select_related("dancer").order_by("id")[1000]
    words = {"a whole id": submission.pk, "an email address": submission.dancer.email}
    found = [("first page", "/admin/")]
    for model in (User, Submission, Job, Analysis, StoredFile):
        name = model._meta.model_name
        address = f"/admin/{model._meta.app_label}/{name}/"
        found.append((f"{name}: the list", address))
        found += [(f"{name}: {kind}", f"{address}?q={word}") for kind, word in words.items()]
    jobs, submissions = "/admin/analysis/job/", "/admin/challenges/submission/"
    return [
        *found,
        ("job: failed", f"{jobs}?state__exact=failed"),
        ("job: running (none)", f"{jobs}?state__exact=processing"),
        ("job: failed with a code, last 24 hours", f"{jobs}?state__exact=failed&ended=day&code=no_person"),
        ("job: ended in the last 7 days", f"{jobs}?ended=week"),
        ("job: of a kind (none)", f"{jobs}?kind=rescore"),
        ("submission: held (none)", f"{submissions}?moderation_status__exact=held"),
        ("submission: today", f"{submissions}?since=today"),
        ("storedfile: uploads (none)", "/admin/files/storedfile/?purpose__exact=uploads"),
        *moderation(words),
    ]


def moderation(words: dict[str, str]) -> list[tuple[str, str]]:
    """The queue and its parts, reviews at its beginning, middle and end, reports, decisions."""
    queue, reports = "/admin/moderation/queueitem/", "/admin/social/report/"
    waiting = selectors.queue()
    size = QueueItem.objects.filter(state=ItemState.OPEN).count()
    places = {"first": 0, "in the middle": size // 2, "last": size - 1} if size else {}
    reviewed = {place: waiting[number].submission_id for place, number in places.items()}
    return [
        (f"queue: the list, {size} open", queue),
        ("queue: page 100", f"{queue}?p=100"),
        ("queue: on hold (none)", f"{queue}?part=held"),
        ("queue: decided", f"{queue}?part=decided"),
        *[(f"queue: {kind}", f"{queue}?q={word}") for kind, word in words.items()],
        *[(f"review of the {place}", f"{queue}review/{pk}/") for place, pk in reviewed.items()],
        ("queue: which is next", f"{queue}next/"),
        ("reports: the list", reports),
        ("reports: open", f"{reports}?state=open"),
        ("reports: settled", f"{reports}?state=settled"),
        ("reports: open, of a reason", f"{reports}?state=open&reason__exact=spam"),
        *[(f"reports: {kind}", f"{reports}?q={word}") for kind, word in words.items()],
        ("decisions: the list", "/admin/moderation/decision/"),
        ("decisions: of an action", "/admin/moderation/decision/?action=hide"),
    ]


def ask(client: Client, address: str) -> tuple[float, int]:
    """Seconds and queries of one page."""
    begun = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}.")
    return time.perf_counter() - begun, len(captured)


def look_up_copies() -> None:
    """How long it takes to look for copies of a submission among all; changes nothing."""
    # Loaded once by each worker, before its first job: seconds that are no part of a look-up.
    from analysis.engine import fingerprint  # noqa: F401

    analyses = Analysis.objects.order_by("id").values_list("pk", flat=True)[5000 : 5000 + LOOKUPS]
    times = []
    for pk in analyses:
        begun = time.perf_counter()
        fingerprints.similar(pk)
        times.append(1000 * (time.perf_counter() - begun))
    times.sort()
    words = FingerprintWord.objects.count()
    print(f"{'copies of a video':44}{times[LOOKUPS // 2]:8.0f} ms, at most {times[-1]:.0f} ms, {words} words")


if __name__ == "__main__":
    main()
