"""`/api/feed`: what everybody shares."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.serializers import PersonOut
from feed import selectors
from feed.api import entries
from feed.api.serializers import PERSON
from feed.models import Kind
from idance.api.input import read_query
from idance.api.pages import PageQuery
from idance.api.schema import example


class FeedQuery(PageQuery):
    """Which part of the feed."""

    type = serializers.ChoiceField(choices=Kind.choices, required=False)


class Poster(serializers.Serializer[Any]):
    """Whose it is."""

    id = serializers.CharField()
    displayName = serializers.CharField()
    avatarUrl = serializers.CharField(help_text="Empty when there is none.")
    level = serializers.IntegerField()


class FeedContent(serializers.Serializer[Any]):
    """What is to be seen."""

    video_url = serializers.CharField(allow_null=True)
    thumbnail_url = serializers.CharField(allow_null=True)
    title = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    subject_id = serializers.CharField(help_text="Id of the submission, session or breakdown.")


class FeedItemOut(serializers.Serializer[Any]):
    """One item of the feed."""

    id = serializers.CharField()
    type = serializers.ChoiceField(choices=Kind.choices)
    user = Poster()
    content = FeedContent()
    created_at = serializers.DateTimeField()


class FeedPagination(serializers.Serializer[Any]):
    """Where in the feed this page is."""

    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    total = serializers.IntegerField()
    pages = serializers.IntegerField()


@example(
    {
        "items": [
            {
                "id": "68885e917dcfd112158b2a77",
                "type": "submission",
                "user": {"id": "68877865e63d6bd72cdda440", **PERSON},
                "content": {
                    "video_url": "https://example.com/video.mp4",
                    "thumbnail_url": "https://example.com/thumbnail.jpg",
                    "title": "Amazing Freestyle Performance",
                    "score": 85,
                    "subject_id": "68885e917dcfd112158b2a11",
                },
                "created_at": "2025-01-25T10:00:00Z",
            }
        ],
        "pagination": {"page": 1, "limit": 20, "total": 150, "pages": 8},
    }
)
class FeedPage(serializers.Serializer[Any]):
    """One page of the feed, newest first."""

    items = FeedItemOut(many=True)
    pagination = FeedPagination()


class FeedView(APIView):
    @extend_schema(parameters=[FeedQuery], responses=FeedPage)
    def get(self, request: Request) -> Response:
        """What everybody shares, newest first."""
        query = read_query(request, FeedQuery)
        kind = Kind(query.pop("type")) if "type" in query else None
        page, listed = selectors.feed(kind=kind, **query)
        people = PersonOut.all_of((entry.row.user for entry in listed), request)
        items = [
            {
                "id": entry.row.id,
                "type": entry.row.kind,
                "user": {"id": entry.row.user.id, **person},
                "content": entries.content(entry, request),
                "created_at": entry.row.at,
            }
            for entry, person in zip(listed, people, strict=True)
        ]
        where = {"page": page.page, "limit": page.limit, "total": page.total, "pages": page.pages}
        return Response({"items": items, "pagination": where})
