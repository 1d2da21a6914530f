from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ModerationConfig(AppConfig):
    name = "challenges.moderation"
    label = "moderation"
    verbose_name = "Moderation"

    def ready(self) -> None:
        from challenges.moderation import defaults, receivers

        receivers.connect()
        post_migrate.connect(defaults.fill, sender=self)
