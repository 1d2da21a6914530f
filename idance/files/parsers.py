"""Request bodies that carry a file: multipart/form-data, or JSON with the file in base64."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from idance.api.throttles import RequestsPerUser, UploadsPerUser
from idance.files import base64_json
from idance.files.intake import Intake, removed_afterwards
from idance.files.keys import owner_of
from idance.files.links import key_in
from idance.lib.problems import Invalid, TooLarge

_CHUNK = 256 * 1024
#: Characters; what is longer is a file.
_LONGEST_LINK = 2000
_NO_VIDEO = "Please send a video, in base64 or as a file part, or the key of an upload of yours."


def largest_body() -> int:
    """The most bytes of a body with a file: base64 is four characters for three bytes, in lines."""
    return int(settings.MAX_VIDEO_BYTES) * 7 // 5 + int(settings.MAX_JSON_BYTES)


class TakenFile(UploadedFile[bytes]):
    """A file part that was received."""

    def __init__(self, intake: Intake, name: str) -> None:
        super().__init__(name=name, size=intake.size)
        self.intake = intake

    def digest(self) -> str:
        """SHA-256 of its content, in hex."""
        return self.intake.digest()


class _Handler(FileUploadHandler):
    """Receives the one file part that the endpoint knows, and the texts that come as files do; skips others.

    JSON comes with a file's name when an app gives it to a form as a blob.
    """

    chunk_size = _CHUNK

    def __init__(self, field: str, text_fields: Sequence[str]) -> None:
        super().__init__()
        self.texts: dict[str, bytes] = {}
        self._field = field
        self._text_fields = text_fields
        self._intake: Intake | None = None
        self._done = False

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name in self._text_fields:
            self.texts[field_name] = b""
            return
        if field_name != self._field or self._done:
            raise SkipFile
        self._intake = Intake()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._intake is not None:
            self._intake.write(raw_data)
            return
        name = self.field_name or ""
        self.texts[name] += raw_data
        if len(self.texts[name]) > settings.MAX_JSON_BYTES:
            raise TooLarge("The request is too large.")

    def file_complete(self, file_size: int) -> TakenFile | None:
        if self._intake is None:
            return None
        self._intake.finish()
        taken, self._intake, self._done = TakenFile(self._intake, self.file_name or ""), None, True
        return taken

    def upload_interrupted(self) -> None:
        if self._intake is not None:
            self._intake.close()


class _Counted:
    """A body that counts what arrives: the server takes a connection that ends early for the body's end."""

    def __init__(self, stream: IO[Any]) -> None:
        self._stream = stream
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self._stream.read(size)
        self.size += len(chunk)
        return chunk


class FileMultiPartParser(MultiPartParser):
    """multipart/form-data whose file part goes to disk as it arrives."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        context = parser_context or {}
        request: Request = context["request"]
        _check_length(request, largest_body())
        view = context["view"]
        handler = _Handler(view.file_field, view.text_fields)
        request.upload_handlers = [handler]
        counted = _Counted(stream)
        parts = super().parse(cast(IO[Any], counted), media_type, parser_context)
        if counted.size < int(request.META.get("CONTENT_LENGTH") or "0"):
            raise ParseError("The file did not arrive completely.")
        data = parts.data.copy()
        for name, text in handler.texts.items():
            data[name] = text.decode(errors="replace")  # as Django reads texts that come without a name
        return DataAndFiles(data, parts.files)


class FileJSONParser(BaseParser):
    """application/json in which one value may be a file in base64, or as a data URL."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        context = parser_context or {}
        _check_length(context["request"], largest_body())
        try:
            return base64_json.parse(
                _chunks(stream), field=context["view"].file_field, most_text=settings.MAX_JSON_BYTES
            )
        except ValueError:
            raise ParseError("The request body is not valid JSON.") from None


def _check_length(request: Request, most: int) -> None:
    """Refuse by the announced length, before anything is read."""
    announced = str(request.META.get("CONTENT_LENGTH") or "0")
    if announced.isdigit() and int(announced) > most:
        raise TooLarge(f"A video may have at most {settings.MAX_VIDEO_BYTES // 1_000_000} MB.")


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


class FileView(APIView):
    """A view whose body carries a file in ``file_field``."""

    file_field = "file"
    #: Parts that are texts, though they may come with the name of a file.
    text_fields: Sequence[str] = ()
    parser_classes: Sequence[type[BaseParser]] = (FileMultiPartParser, FileJSONParser)
    throttle_classes: Sequence[type[BaseThrottle]] = (RequestsPerUser, UploadsPerUser)
    max_body_bytes = largest_body()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with removed_afterwards():
            return super().dispatch(request, *args, **kwargs)


@extend_schema_field({"type": "string", "format": "binary"})
class FilePart(serializers.Field[Intake, Any, Any, Any]):
    """A file: a multipart part, or base64 in JSON. Becomes an ``Intake``."""

    def to_internal_value(self, data: Any) -> Intake:
        if isinstance(data, TakenFile):
            return data.intake
        if isinstance(data, Intake):
            return data
        if not isinstance(data, str) or not data:
            raise serializers.ValidationError("Please send a file.", code="file")
        try:
            return base64_json.decode_text(data, self.field_name or "file")
        except Invalid as problem:
            raise serializers.ValidationError(problem.sentence, code="base64") from None


@extend_schema_field(
    {"type": "string", "description": "Key or link of an upload of yours, or the video in base64."}
)
class FileOrKey(FilePart):
    """A file as above, or an earlier upload by its key or a link to it. Becomes an ``Intake`` or a key."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and len(data) <= _LONGEST_LINK:
            key = key_in(data) if data.startswith(("http://", "https://")) else data
            if key is not None and owner_of(key):
                return key
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError:
            raise serializers.ValidationError(_NO_VIDEO, code="file") from None
