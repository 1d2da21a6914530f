from django.apps import AppConfig


class IdanceConfig(AppConfig):
    name = "idance"
    verbose_name = "iDance"

    def ready(self) -> None:
        from idance import checks  # noqa: F401  registers the system checks
