"""`POST /api/s3/upload`: a file through us, in one request."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from idance.api.auth import caller
from idance.api.input import read_body
from idance.api.schema import answer, refusal
from idance.files import services
from idance.files.models import StoredFile
from idance.files.parsers import FilePart, FileView
from idance.files.storage import url_for


class UploadForm(serializers.Serializer[Any]):
    """A file. Its name and declared type are not used: the content says what it is."""

    file = FilePart(help_text="Multipart part, or base64 in JSON. Videos to 100 MB, pictures to 5 MB.")
    filename = serializers.CharField(required=False, allow_blank=True, max_length=255)
    content_type = serializers.CharField(required=False, allow_blank=True, max_length=100)


class Uploaded(serializers.Serializer[Any]):
    """Where the file is now."""

    file_url = serializers.URLField(help_text="Works for a while without a token.")
    file_key = serializers.CharField(help_text="Lasting name of the file; send it where a file is wanted.")
    size = serializers.IntegerField(help_text="Bytes, as stored.")


def uploaded(file: StoredFile, request: Request) -> dict[str, Any]:
    """The answer to an upload."""
    return {"file_url": url_for(file.key, request), "file_key": file.key, "size": file.size}


_UPLOADED = {
    "file_url": "http://localhost:8000/files/uploads/68877865e63d6bd72cdda440/688b8ef5643bcb1dffaa85f7.mp4"
    "?expires=1767225600&signature=c2lnbmF0dXJl",
    "file_key": "uploads/68877865e63d6bd72cdda440/688b8ef5643bcb1dffaa85f7.mp4",
    "size": 1024000,
}
#: A picture of one pixel, so that the example can be tried as it is.
_PICTURE = {
    "file": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5Erk"
    "Jggg==",
    "filename": "me.png",
}


class UploadView(FileView):
    """Files through us."""

    @extend_schema(
        request={"multipart/form-data": UploadForm, "application/json": UploadForm},
        responses={
            200: Uploaded,
            413: refusal("A video may have at most 100 MB.", "The file is over the limit of its kind."),
            415: refusal(
                "Please send a video (MP4, MOV, AVI, WebM) or a picture (JPEG, PNG, WebP).",
                "Not a file of a kind we take, by its content.",
            ),
        },
        examples=[
            OpenApiExample("A picture", value=_PICTURE, request_only=True),
            answer("A video", _UPLOADED),
        ],
    )
    def post(self, request: Request) -> Response:
        """Upload a video or picture.

        MP4, MOV, AVI or WebM to 100 MB; JPEG, PNG or WebP to 5 MB, told by content. The place of filming and
        other metadata are removed. Videos are made streamable later, under the same key.
        """
        form = read_body(request, UploadForm)
        return Response(uploaded(services.receive(caller(request), form["file"]), request))
