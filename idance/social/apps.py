from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "idance.social"
    label = "social"
    verbose_name = "Likes and comments"

    def ready(self) -> None:
        from idance.social import receivers

        receivers.connect()
