"""Endpoints that every likeable thing has. Its app says how a subject is found and routes them:

    path("api/sessions/<oid:session_id>/like", LikeView.as_view(find=selectors.visible))

``find(id, user)`` returns the subject as far as this person may see it, or raises ``Missing``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from idance.api.auth import caller
from idance.api.input import read_body, read_query
from idance.api.pages import PageQuery
from idance.api.schema import refusal
from idance.social import selectors, services
from idance.social.models import Popular
from idance.social.serializers import CommentIn, CommentOut, CommentPage, Done, LikeOut, ReportIn, ShareOut

if TYPE_CHECKING:
    from accounts.models import User

Find: TypeAlias = "Callable[[str, User], Popular]"


class SubjectView(APIView):
    """An endpoint beneath one subject, whose id is the first part of the path that varies."""

    # Given to `as_view`, which sets them on each instance.
    find: Find | None = None
    kind = ""

    def subject(self, request: Request) -> Popular:
        """The subject, as far as the caller may see it."""
        if self.find is None:
            raise TypeError("Give `find` to `as_view`.")
        subject_id: str = next(value for name, value in self.kwargs.items() if name != "comment_id")
        return self.find(subject_id, caller(request))


class LikeView(SubjectView):
    @extend_schema(request=None, responses=LikeOut)
    def post(self, request: Request, **ids: str) -> Response:
        """Like it.

        Liking again changes nothing.
        """
        count = services.like(self.subject(request), caller(request))
        return Response({"liked": True, "likesCount": count})

    @extend_schema(responses={200: LikeOut})
    def delete(self, request: Request, **ids: str) -> Response:
        """Take the like back.

        Where there is none, nothing changes.
        """
        count = services.unlike(self.subject(request), caller(request))
        return Response({"liked": False, "likesCount": count})


class CommentsView(SubjectView):
    @extend_schema(parameters=[PageQuery], responses=CommentPage)
    def get(self, request: Request, **ids: str) -> Response:
        """What people say about it, newest first."""
        query = read_query(request, PageQuery)
        page = selectors.comments(self.subject(request), **query)
        return Response({"comments": CommentOut.all_of(page.rows, request), "total": page.total, **query})

    @extend_schema(request=CommentIn, responses=CommentOut)
    def post(self, request: Request, **ids: str) -> Response:
        """Say something about it."""
        subject = self.subject(request)
        text = read_body(request, CommentIn)["text"]
        return Response(CommentOut.of(services.comment(subject, caller(request), text), request))


class CommentView(SubjectView):
    @extend_schema(responses={200: Done, 403: refusal("Only its author can delete a comment.")})
    def delete(self, request: Request, comment_id: str, **ids: str) -> Response:
        """Delete a comment.

        Its author may, and staff.
        """
        services.delete_comment(self.subject(request), comment_id, caller(request))
        return Response({"message": "Comment deleted successfully"})


class ShareView(SubjectView):
    @extend_schema(request=None, responses=ShareOut)
    def post(self, request: Request, **ids: str) -> Response:
        """Count that the caller shared it."""
        return Response({"shares": services.share(self.subject(request))})


class ReportView(SubjectView):
    @extend_schema(request=ReportIn, responses=Done)
    def post(self, request: Request, **ids: str) -> Response:
        """Ask a moderator to look at it.

        Once for each person; asking again changes nothing.
        """
        subject = self.subject(request)
        form = read_body(request, ReportIn)
        services.report(subject, self.kind, caller(request), **form)
        return Response({"message": "Thank you. A moderator will look at it."})
