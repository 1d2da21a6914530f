"""Path converters: an id that is malformed matches no path and so is a 404, never a 500."""

from __future__ import annotations

from django.urls import register_converter

from idance.lib.ids import JOB_PREFIX, OBJECT_ID_PATTERN


class ObjectIdConverter:
    regex = OBJECT_ID_PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class JobIdConverter(ObjectIdConverter):
    regex = JOB_PREFIX + OBJECT_ID_PATTERN


register_converter(ObjectIdConverter, "oid")
register_converter(JobIdConverter, "job_id")
