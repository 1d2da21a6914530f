from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "feed"
    verbose_name = "Feed and sessions"

    def ready(self) -> None:
        from analysis import jobs
        from feed import receivers, selectors, tasks
        from feed.models import CROP
        from idance.files import leftovers
        from idance.files import services as files

        jobs.register(CROP, tasks.crop_session, ended=tasks.crop_ended)
        receivers.connect()
        files.protect(selectors.session_shows)
        leftovers.know(selectors.speaks_of)
