"""What likes, comments and reports look like on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.serializers import PersonOut
from idance.api.fields import TextField
from idance.social.models import COMMENT_LENGTH, Comment, Reason


class CommentIn(serializers.Serializer[Any]):
    """What somebody says."""

    text = TextField(max_length=COMMENT_LENGTH)


class CommentOut(serializers.Serializer[Comment]):
    """A comment."""

    id = serializers.CharField()
    userId = serializers.CharField(source="user_id")
    userProfile = PersonOut(source="user")
    text = serializers.CharField()
    timestamp = serializers.DateTimeField(source="created_at")


class CommentPage(serializers.Serializer[Any]):
    """One page of comments, newest first."""

    comments = CommentOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()


class LikeOut(serializers.Serializer[Any]):
    """Whether the caller likes it now, and how many do."""

    liked = serializers.BooleanField()
    likesCount = serializers.IntegerField()


class ShareOut(serializers.Serializer[Any]):
    """How often it was shared."""

    shares = serializers.IntegerField()


class ReportIn(serializers.Serializer[Any]):
    """Why a moderator should look."""

    reason = serializers.ChoiceField(choices=Reason.choices)
    details = TextField(max_length=1000, required=False, allow_blank=True, default="")


class Done(serializers.Serializer[Any]):
    """It is done, in words."""

    message = serializers.CharField()
