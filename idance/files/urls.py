from __future__ import annotations

from django.urls import path

from idance.files import serving
from idance.files.api.uploads import UploadView

urlpatterns = [
    path("api/s3/upload", UploadView.as_view()),
    path("files/<path:key>", serving.serve),
]
