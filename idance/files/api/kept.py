"""Files that are there: a link to one's own, and its removal."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from idance.api.auth import caller
from idance.api.schema import example, refusal
from idance.files import services, signing, storage

_KEY = "uploads/68877865e63d6bd72cdda440/688b8ef5643bcb1dffaa85f7.mp4"


@example(
    {
        "downloadUrl": f"http://localhost:8000/files/{_KEY}?expires=1767225600&signature=c2lnbmF0dXJl",
        "fileKey": _KEY,
        "expiresIn": 3600,
    }
)
class DownloadOut(serializers.Serializer[Any]):
    """A link that works for a while without a token."""

    downloadUrl = serializers.CharField()
    fileKey = serializers.CharField()
    expiresIn = serializers.IntegerField(help_text="Seconds for which it works at least.")


@example({"message": "File deleted successfully", "file_key": _KEY})
class DeletedOut(serializers.Serializer[Any]):
    """It is gone."""

    message = serializers.CharField()
    file_key = serializers.CharField()


class DownloadView(APIView):
    @extend_schema(
        responses={
            200: DownloadOut,
            413: refusal("A video may have at most 100 MB.", "It was sent directly, and is too large."),
            415: refusal("This is not a video.", "It was sent directly, and is not what was announced."),
        }
    )
    def get(self, request: Request, file_key: str) -> Response:
        """Get a link to one's own file."""
        file = services.own_file(caller(request), file_key)
        url = storage.url_for(file.key, request)
        return Response({"downloadUrl": url, "fileKey": file.key, "expiresIn": signing.least_seconds()})


class DeleteView(APIView):
    @extend_schema(
        responses={200: DeletedOut, 400: refusal("This file is in use: delete what shows it first.")}
    )
    def delete(self, request: Request, file_key: str) -> Response:
        """Delete one's own file.

        A file that something shows (a submission, a session, a breakdown, a challenge, your profile) stays as
        long as that does. One that was announced and has not arrived is taken back.
        """
        services.remove(services.own_record(caller(request), file_key))
        return Response({"message": "File deleted successfully", "file_key": file_key})
