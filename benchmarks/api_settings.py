"""The project's settings with one more path, `bare`, that does as little as a Django view can."""

from idance.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.api_urls"
