from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"
    verbose_name = "Analysis"

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from analysis import jobs, selectors, streamable, worker
        from idance.files import leftovers

        post_spawn.connect(worker.begin)
        leftovers.know(selectors.speaks_of)
        jobs.register(streamable.STREAMABLE, streamable.make_streamable, about="files.storedfile")
