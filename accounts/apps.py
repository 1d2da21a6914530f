from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        from accounts import services
        from accounts.roles import keep_roles
        from idance.files import services as files

        files.protect(services.shows)
        post_migrate.connect(keep_roles, dispatch_uid="roles")
