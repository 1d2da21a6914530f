"""The paths of challenges, submissions and their analyses."""

from __future__ import annotations

from django.urls import URLPattern, path

from challenges.api.challenges import ChallengesView, ChallengeView
from challenges.api.discovery import (
    CategoriesView,
    CategoryView,
    SearchView,
    TagsView,
    TodayView,
    UpcomingView,
)
from challenges.api.leaderboard import LeaderboardView, StatsView
from challenges.api.pose import (
    AnalysisStatusView,
    AnalyzePoseView,
    QueuePoseView,
    ReportView,
    ScoreSubmissionView,
)
from challenges.api.submissions import (
    ChallengeSubmissionsView,
    PersonSubmissionsView,
    PublicSubmissionsView,
    SubmissionMetadataView,
    SubmissionView,
)
from challenges.api.submit import SubmitView
from challenges.api.upload import AnnounceEntryView
from challenges.selectors import submission_seen_by
from idance.social import api as social

_CHALLENGE = "api/challenges/<oid:challenge_id>"
_SUBMISSION = "api/submissions/<oid:submission_id>"

urlpatterns: list[URLPattern] = [
    path("api/challenges", ChallengesView.as_view()),
    path("api/challenges/today", TodayView.as_view()),
    path("api/challenges/upcoming", UpcomingView.as_view()),
    path("api/challenges/tags", TagsView.as_view()),
    path("api/challenges/categories", CategoriesView.as_view()),
    path("api/challenges/category/<str:category>", CategoryView.as_view()),
    path("api/challenges/search", SearchView.as_view()),
    path(_CHALLENGE, ChallengeView.as_view()),
    path(f"{_CHALLENGE}/leaderboard", LeaderboardView.as_view()),
    path(f"{_CHALLENGE}/stats", StatsView.as_view()),
    path(f"{_CHALLENGE}/submit-unified", SubmitView.as_view()),
    path(f"{_CHALLENGE}/submissions", ChallengeSubmissionsView.as_view()),
    path(f"{_CHALLENGE}/public-submissions", PublicSubmissionsView.as_view()),
    path(_SUBMISSION, SubmissionView.as_view()),
    path(f"{_SUBMISSION}/metadata", SubmissionMetadataView.as_view()),
    path(f"{_SUBMISSION}/like", social.LikeView.as_view(find=submission_seen_by)),
    path(f"{_SUBMISSION}/comments", social.CommentsView.as_view(find=submission_seen_by)),
    path(f"{_SUBMISSION}/comments/<oid:comment_id>", social.CommentView.as_view(find=submission_seen_by)),
    path(f"{_SUBMISSION}/share", social.ShareView.as_view(find=submission_seen_by)),
    path(f"{_SUBMISSION}/report", social.ReportView.as_view(find=submission_seen_by, kind="submission")),
    path("api/users/<oid:user_id>/submissions", PersonSubmissionsView.as_view()),
    path("api/s3/upload/challenge-video", AnnounceEntryView.as_view()),
    path("api/ai/analyze-pose", AnalyzePoseView.as_view()),
    path("api/ai/analysis-status/<oid:submission_id>", AnalysisStatusView.as_view()),
    path("api/ai/score-submission", ScoreSubmissionView.as_view()),
    path("api/ai/submissions/<oid:submission_id>/report", ReportView.as_view()),
    path("api/background/jobs/pose-analysis", QueuePoseView.as_view()),
]
