from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ModerationConfig(AppConfig):
    name = "challenges.moderation"
    label = "moderation"
    verbose_name = "Moderation"

    def ready(self) -> None:
        from analysis import jobs
        from challenges.moderation import defaults, receivers, weighing

        receivers.connect()
        jobs.register(weighing.WEIGH, weighing.weigh_all)
        post_migrate.connect(defaults.fill, sender=self)
