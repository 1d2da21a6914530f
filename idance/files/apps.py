from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "idance.files"
    label = "files"
    verbose_name = "Files"
