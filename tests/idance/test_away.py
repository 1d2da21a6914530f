"""What does not answer is told from what is wrong."""

from __future__ import annotations

import errno

import pytest
import redis
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from django.db import IntegrityError, InterfaceError, OperationalError, ProgrammingError

from idance.away import away

STORAGE = "The storage does not answer"


def answered(status: int) -> ClientError:
    return ClientError({"ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")


def in_a_transfer(cause: Exception) -> S3UploadFailedError:
    error = S3UploadFailedError("Failed to upload")
    error.__context__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OperationalError("connection refused"), "The database does not answer"),
        (InterfaceError("connection already closed"), "The database does not answer"),
        (redis.ConnectionError("refused"), "Redis does not answer"),
        (EndpointConnectionError(endpoint_url="http://s3"), STORAGE),
        (ReadTimeoutError(endpoint_url="http://s3"), STORAGE),
        (answered(503), STORAGE),
        (in_a_transfer(answered(500)), STORAGE),
        (OSError(errno.ENOSPC, "No space left on device"), "There is no space left on the disk"),
        (answered(403), None),
        (in_a_transfer(answered(403)), None),
        (IntegrityError("unique"), None),
        (ProgrammingError("no such table"), None),
        (redis.ResponseError("WRONGTYPE"), None),
        (OSError(errno.EACCES, "Permission denied"), None),
        (ValueError(), None),
        (None, None),
    ],
)
def test_what_is_away(error: Exception | None, said: str | None) -> None:
    assert away(error) == said
