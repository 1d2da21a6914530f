"""How gunicorn serves iDance: `gunicorn -c python:idance.gunicorn_config idance.wsgi`. `make run` does it.

Threads, because requests that wait for an analysis and slow phones that upload hold one each and need no
processor meanwhile. The address comes from the supervisor as an open socket.
"""

from __future__ import annotations

import gc
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings

worker_class = "idance.gunicorn_worker.PatientWorker"
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
#: Without a sign of life from a process's main loop, in seconds; requests run in threads and may take longer.
timeout = 60
#: What requests get to finish after the order to stop; the supervisor waits a little longer.
graceful_timeout = 15
#: Longer than usual proxies keep theirs, so that they never reuse a connection that we are closing.
keepalive = 75
worker_connections = 1000
limit_request_line = 8190  # signed addresses are long
limit_request_fields = 64
limit_request_field_size = 8190
#: Heartbeat files in memory: a busy disk must not look like a dead process.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# Only a proxy that the operator speaks of is believed about https.
forwarded_allow_ips = "*" if settings.BEHIND_PROXY else ""
control_socket_disable = True
#: The project's own format, text or JSON, for gunicorn's messages too.
logconfig_dict: dict[str, Any] = {
    **settings.LOGGING,
    "loggers": {
        **settings.LOGGING["loggers"],
        "gunicorn.error": {"handlers": [], "level": settings.LOG_LEVEL, "propagate": True},
        "gunicorn.access": {"handlers": [], "level": "WARNING", "propagate": False},
    },
}


def post_worker_init(worker: Any) -> None:
    """A process is about to serve: what it consists of stays, and no collection looks at it any more."""
    import_module(settings.ROOT_URLCONF)  # every view, which else the first request would wait for
    gc.collect()
    gc.freeze()
