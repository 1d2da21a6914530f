"""What likes, comments and reports look like on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.serializers import PersonOut
from idance.api.fields import TextField
from idance.api.schema import example
from idance.api.shape import Shape
from idance.social.models import COMMENT_LENGTH, Comment, Reason

_COMMENT = {
    "id": "68885e917dcfd112158b2a44",
    "userId": "68877865e63d6bd72cdda440",
    "userProfile": {
        "displayName": "Dance Master",
        "avatarUrl": "https://example.com/avatar.jpg",
        "level": 5,
    },
    "text": "Amazing moves!",
    "timestamp": "2025-01-25T10:30:00Z",
}


@example({"text": "Amazing moves!"})
class CommentIn(serializers.Serializer[Any]):
    """What somebody says."""

    text = TextField(max_length=COMMENT_LENGTH)


@example(_COMMENT)
class CommentOut(Shape[Comment]):
    """A comment."""

    id = serializers.CharField()
    userId = serializers.CharField(source="user_id")
    userProfile = PersonOut(source="user")
    text = serializers.CharField()
    timestamp = serializers.DateTimeField(source="created_at")


@example({"comments": [_COMMENT], "total": 1, "page": 1, "limit": 20})
class CommentPage(serializers.Serializer[Any]):
    """One page of comments, newest first."""

    comments = CommentOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()


@example({"liked": True, "likesCount": 12})
class LikeOut(serializers.Serializer[Any]):
    """Whether the caller likes it now, and how many do."""

    liked = serializers.BooleanField()
    likesCount = serializers.IntegerField()


@example({"shares": 5})
class ShareOut(serializers.Serializer[Any]):
    """How often it was shared."""

    shares = serializers.IntegerField()


@example({"reason": "stolen", "details": "This is my video, posted here last week."})
class ReportIn(serializers.Serializer[Any]):
    """Why a moderator should look."""

    reason = serializers.ChoiceField(choices=Reason.choices)
    details = TextField(max_length=1000, required=False, allow_blank=True, default="")


@example({"message": "It is done."})
class Done(serializers.Serializer[Any]):
    """It is done, in words."""

    message = serializers.CharField()
