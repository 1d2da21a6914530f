from datetime import timedelta

from django.apps import AppConfig


class NapsConfig(AppConfig):
    name = "tests.analysis.naps"

    def ready(self) -> None:
        from analysis import jobs, supervision, worker
        from tests.analysis.naps.kind import nap

        jobs.register("nap", nap)
        # So that tests need not wait as long as operators may.
        jobs.QUIET = timedelta(seconds=2)
        worker.REAP_SECONDS = 1.0
        supervision.STUCK_SECONDS = 4.0
