"""Telling a service that does not answer from a fault of ours: the first passes, and needs no trace."""

from __future__ import annotations

import errno
from typing import Final

import redis
from django.db import InterfaceError, OperationalError

_DATABASE: Final = (OperationalError, InterfaceError)
_REDIS: Final = (redis.ConnectionError, redis.TimeoutError)
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def away(error: BaseException | None) -> str | None:
    """What does not answer, as a sentence for logs begins; None when the error says something else."""
    if isinstance(error, _DATABASE):
        return "The database does not answer"
    if isinstance(error, _REDIS):
        return "Redis does not answer"
    if type(error).__module__.startswith(("botocore.", "boto3.")):
        return _storage(error)
    if isinstance(error, OSError) and error.errno in _FULL:
        return "There is no space left on the disk"
    return None


def _storage(error: BaseException | None) -> str | None:
    # Slow to import, and loaded already where S3 is used.
    from boto3.exceptions import Boto3Error
    from botocore import exceptions

    if isinstance(error, Boto3Error):  # wraps what went wrong in a transfer
        error = error.__cause__ or error.__context__
    if isinstance(error, exceptions.ClientError):
        passing = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500
    else:
        away = (exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.IncompleteReadError)
        passing = isinstance(error, away)
    return "The storage does not answer" if passing else None
