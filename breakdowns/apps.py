from django.apps import AppConfig


class BreakdownsConfig(AppConfig):
    name = "breakdowns"
    verbose_name = "Breakdowns"

    def ready(self) -> None:
        from breakdowns import tasks

        tasks.register()
