"""`POST /api/s3/upload/challenge-video`: where to send the video of a challenge directly."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from challenges import selectors
from idance.api.input import read_body
from idance.api.schema import example, refusal
from idance.api.throttles import RequestsPerUser, UploadsPerUser
from idance.files.api.direct import TOO_LARGE, AnnouncedVideoOut, AnnounceVideoIn, announce_video
from idance.files.models import Purpose
from idance.lib.problems import NotNow


@example(
    {
        "challenge_id": "68885e917dcfd112158b2a10",
        "file_extension": "mp4",
        "content_type": "video/mp4",
        "file_size_mb": 25.5,
    }
)
class AnnounceEntryIn(AnnounceVideoIn):
    """A video that will be sent into a challenge."""

    challenge_id = serializers.CharField()


class AnnounceEntryView(APIView):
    throttle_classes = (RequestsPerUser, UploadsPerUser)

    @extend_schema(
        request=AnnounceEntryIn,
        responses={
            200: AnnouncedVideoOut,
            400: refusal("This challenge is not running."),
            404: refusal("There is no such challenge."),
            413: TOO_LARGE,
        },
    )
    def post(self, request: Request) -> Response:
        """Get an address to which a video for a challenge can be sent directly.

        Then submit its `file_key` to the challenge.
        """
        form = read_body(request, AnnounceEntryIn)
        challenge = selectors.challenge(form["challenge_id"])
        if not challenge.is_active:
            raise NotNow("This challenge is not running.")
        return Response(announce_video(request, form, Purpose.CHALLENGE, about=challenge.pk))
