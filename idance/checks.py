"""System checks that try the real thing: can the folders be written, is the configuration possible?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def several_processes_need_redis(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Limits and waiting slots are counted in the cache, which several processes must share."""
    if settings.WEB_PROCESSES > 1 and not settings.REDIS_URL:
        return [
            Error(
                "WEB_PROCESSES above 1 needs REDIS_URL.", hint="Limits are counted there.", id="idance.E001"
            )
        ]
    return []
