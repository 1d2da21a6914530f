from django.apps import AppConfig


class BreakdownsConfig(AppConfig):
    name = "breakdowns"
    verbose_name = "Breakdowns"

    def ready(self) -> None:
        from breakdowns import selectors, tasks
        from idance.files import leftovers

        tasks.register()
        leftovers.know(selectors.speaks_of)
