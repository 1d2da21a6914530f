from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"
    verbose_name = "Analysis"

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from analysis import jobs, streamable, worker

        post_spawn.connect(worker.begin)
        jobs.register(streamable.STREAMABLE, streamable.make_streamable, about="files.storedfile")
