from django.apps import AppConfig


class NapsConfig(AppConfig):
    name = "tests.analysis.naps"

    def ready(self) -> None:
        from analysis import jobs
        from tests.analysis.naps.kind import nap

        jobs.register("nap", nap)
