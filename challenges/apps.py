from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    name = "challenges"
    verbose_name = "Challenges"

    def ready(self) -> None:
        from challenges import services, tasks
        from idance.files import services as files

        tasks.register()
        files.protect(services.shows)
