"""The paths of files."""

from __future__ import annotations

from django.urls import path

from idance.files import serving
from idance.files.api.direct import AnnounceBreakdownVideoView, AnnounceView
from idance.files.api.kept import DeleteView, DownloadView
from idance.files.api.uploads import UploadView

urlpatterns = [
    path("api/s3/upload", UploadView.as_view()),
    path("api/s3/presigned-url", AnnounceView.as_view()),
    path("api/s3/upload/dance-breakdown-video", AnnounceBreakdownVideoView.as_view()),
    path("api/s3/download-url/<path:file_key>", DownloadView.as_view()),
    path("api/s3/delete/<path:file_key>", DeleteView.as_view()),
    path("files/<path:key>", serving.file),
]
