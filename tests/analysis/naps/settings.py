"""The project's settings with naps, for real worker processes; limits shorter than operators may set them."""

import os

from idance.settings import *  # noqa: F403
from idance.settings import INSTALLED_APPS, Q_CLUSTER

INSTALLED_APPS = [*INSTALLED_APPS, "tests.analysis.naps.apps.NapsConfig"]
ROOT_URLCONF = "tests.analysis.naps.urls"
JOB_TIMEOUT = int(os.environ.get("NAP_TIMEOUT", "60"))
Q_CLUSTER = {
    **Q_CLUSTER,
    "name": os.environ.get("NAP_QUEUE", "naps"),
    "timeout": JOB_TIMEOUT,
    "retry": 3 * JOB_TIMEOUT + 60,
}
