"""Uploads past us: `POST` here answers with a signed address, and the app sends the bytes there."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from idance.api.auth import caller
from idance.api.input import read_body
from idance.api.schema import example, refusal
from idance.api.throttles import RequestsPerUser, UploadsPerUser
from idance.files import announced, storage
from idance.files.kinds import VIDEOS
from idance.files.models import Purpose, StoredFile

_KEY = "uploads/68877865e63d6bd72cdda440/688b8ef5643bcb1dffaa85f7.mp4"
_URL = f"http://localhost:8000/files/{_KEY}?expires=1767225600&signature=c2lnbmF0dXJl"
TOO_LARGE = refusal("A video may have at most 100 MB.", "The announced size is over the limit of its kind.")
#: A megabyte as apps reckon it.
_MB = 1_000_000


@example({"filename": "dance_video.mp4", "contentType": "video/mp4", "fileSize": 1024000})
class AnnounceIn(serializers.Serializer[Any]):
    """A file that will be sent."""

    fileKey = serializers.CharField(
        max_length=200, required=False, allow_null=True, help_text="A file announced before: a fresh address."
    )
    filename = serializers.CharField(max_length=255, required=False, allow_blank=True, allow_null=True)
    contentType = serializers.CharField(max_length=100)
    fileSize = serializers.IntegerField(min_value=1, help_text="Bytes, exactly as they will be sent.")


@example(
    {
        "uploadUrl": _URL,
        "method": "PUT",
        "headers": {"Content-Type": "video/mp4", "Content-Length": "1024000"},
        "fileKey": _KEY,
        "expiresIn": 3600,
    }
)
class AnnouncedOut(serializers.Serializer[Any]):
    """Where to send it."""

    uploadUrl = serializers.CharField()
    method = serializers.ChoiceField(choices=["PUT"])
    headers = serializers.DictField(child=serializers.CharField(), help_text="Send exactly these.")
    fileKey = serializers.CharField(help_text="Lasting name of the file; send it where a file is wanted.")
    expiresIn = serializers.IntegerField(help_text="Seconds.")


@example(
    {
        "file_extension": "mp4",
        "content_type": "video/mp4",
        "file_size_mb": 25.5,
        "original_filename": "dance_video.mp4",
    }
)
class AnnounceVideoIn(serializers.Serializer[Any]):
    """A video that will be sent."""

    file_extension = serializers.CharField(max_length=10)
    content_type = serializers.CharField(max_length=100)
    file_size_mb = serializers.FloatField(min_value=0.000001, max_value=1_000_000)
    file_size = serializers.IntegerField(
        min_value=1, required=False, help_text="Bytes exactly; the address then takes these alone."
    )
    original_filename = serializers.CharField(max_length=255, required=False, allow_blank=True)


@example(
    {
        "upload_url": _URL,
        "file_key": _KEY,
        "content_type": "video/mp4",
        "expires_in": 3600,
        "file_url": _URL,
        "method": "PUT",
        "headers": {"Content-Type": "video/mp4"},
    }
)
class AnnouncedVideoOut(serializers.Serializer[Any]):
    """Where to send the video, and where it will be."""

    upload_url = serializers.CharField()
    file_key = serializers.CharField()
    content_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    file_url = serializers.CharField(help_text="Works for a while, once the video is there.")
    method = serializers.ChoiceField(choices=["PUT"])
    headers = serializers.DictField(child=serializers.CharField(), help_text="Send exactly these.")


def announce_video(
    request: Request, form: dict[str, Any], purpose: Purpose, about: str = ""
) -> dict[str, Any]:
    """Announce a video and say where to send it."""
    kind = announced.kind_of(form["content_type"], "content_type", among=VIDEOS)
    exact = "file_size" in form
    size = form["file_size"] if exact else max(1, int(form["file_size_mb"] * _MB))
    file = announced.announce(caller(request), kind, size, exact=exact, purpose=purpose, about=about)
    ticket = announced.ticket(file, request)
    return {
        "upload_url": ticket.url,
        "file_key": file.key,
        "content_type": file.content_type,
        "expires_in": ticket.seconds,
        "file_url": storage.url_for(file.key, request),
        "method": "PUT",
        "headers": ticket.headers,
    }


class AnnounceView(APIView):
    throttle_classes = (RequestsPerUser, UploadsPerUser)

    @extend_schema(
        request=AnnounceIn,
        responses={200: AnnouncedOut, 404: refusal("Not found."), 413: TOO_LARGE},
    )
    def post(self, request: Request) -> Response:
        """Get an address to which a file can be sent directly.

        `PUT` the bytes there with exactly the headers of the answer. Nobody is asked for a token there: the
        address is signed. With `fileKey` of a file announced before, the answer has a fresh address for it;
        when it has arrived already, sending it again changes nothing.
        """
        form, user = read_body(request, AnnounceIn), caller(request)
        kind, size = announced.kind_of(form["contentType"], "contentType"), form["fileSize"]
        file: StoredFile
        if form.get("fileKey"):
            file = announced.again(user, form["fileKey"], kind, size)
        else:
            file = announced.announce(user, kind, size)
        ticket = announced.ticket(file, request)
        return Response(
            {
                "uploadUrl": ticket.url,
                "method": "PUT",
                "headers": ticket.headers,
                "fileKey": file.key,
                "expiresIn": ticket.seconds,
            }
        )


class AnnounceBreakdownVideoView(APIView):
    throttle_classes = (RequestsPerUser, UploadsPerUser)

    @extend_schema(request=AnnounceVideoIn, responses={200: AnnouncedVideoOut, 413: TOO_LARGE})
    def post(self, request: Request) -> Response:
        """Get an address to which a video for a breakdown can be sent directly."""
        form = read_body(request, AnnounceVideoIn)
        return Response(announce_video(request, form, Purpose.BREAKDOWN))
