"""System checks that try the real thing.

Every start of `manage.py` makes the quick ones: folders, secret, queue. What takes time or a connection is
asked for: `manage.py check --deploy` also asks the database, Redis and the storage (`--tag services` for them
alone), loads the pose model and starts ffmpeg (`--tag engine`).
"""

from __future__ import annotations

import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.utils import timezone

ENGINE = "engine"
SERVICES = "services"


# --- At every start ---------------------------------------------------------------------------------------
@register()
def several_processes_need_redis(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Limits are counted in memory, which several processes do not share."""
    if settings.WEB_PROCESSES > 1 and not settings.REDIS_URL:
        hint = "Set REDIS_URL, or leave WEB_PROCESSES at 1 and raise WEB_THREADS."
        return [Error("With WEB_PROCESSES above 1 limits would not hold.", hint=hint, id="idance.E001")]
    return []


@register()
def queue_does_not_run_jobs_twice(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """django-q2 hands a task out again after `retry`, a clock that starts when the task is fetched."""
    queue = settings.Q_CLUSTER
    found: list[CheckMessage] = []
    if queue["retry"] < 3 * queue["timeout"]:
        found.append(Error("The queue's retry must be at least three times its timeout.", id="idance.E002"))
    if queue.get("bulk") != 1 or queue.get("queue_limit") != 1:
        found.append(Error("The queue must hand out one task at a time.", id="idance.E003"))
    return found


@register(deploy=True)
def mails_reach_people(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Without a mail server nobody gets a link for a new password."""
    if settings.EMAIL_HOST:
        return []
    said = f"Mails are written to files in {settings.DATA_DIR / 'mails'}."
    return [Info(said, hint="Set EMAIL_HOST to send them.", id="idance.I011")]


@register()
def folders_can_be_written(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Everything that is kept lies in the data folder; try each part."""
    folders = [settings.DATA_DIR, Path(settings.FILE_UPLOAD_TEMP_DIR)]
    if not settings.S3_BUCKET:
        folders.append(settings.MEDIA_ROOT)
    return [error for folder in folders if (error := _cannot_write(folder))]


def _cannot_write(folder: Path) -> Error | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"ok")
    except OSError as error:
        hint = "Its owner must be the user that runs iDance; IDANCE_DATA_DIR names another folder."
        return Error(f"{folder} cannot be written: {error.strerror}.", hint=hint, id="idance.E004")
    return None


@register()
def secret_is_kept_from_others(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Whoever reads the secret key can sign tokens for anybody."""
    path = settings.DATA_DIR / "secret_key"
    if not path.exists() or not stat.S_IMODE(path.stat().st_mode) & 0o077:
        return []
    return [Error(f"Others can read {path}.", hint=f"chmod 600 {path}", id="idance.E005")]


# --- When asked for ---------------------------------------------------------------------------------------
@register(SERVICES, deploy=True)
def services_answer(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """The database, Redis and the storage, as far as they are configured."""
    return [error for error in (_database(), _key(), _redis(), _storage()) if error]


#: So many seconds may the clock of this machine and of the database's be apart: signs of life are compared.
CLOCKS = 5.0


def _database() -> CheckMessage | None:
    try:
        connection.ensure_connection()
        return _clock() if connection.vendor == "postgresql" else None
    except DatabaseError as error:
        return Error(f"The database does not answer: {error}", hint="Look at DATABASE_URL.", id="idance.E006")


def _clock() -> Warning | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        apart: float = (timezone.now() - cursor.fetchone()[0]).total_seconds()
    if abs(apart) <= CLOCKS:
        return None
    where = "ahead of" if apart > 0 else "behind"
    said = f"The clock of this machine is {abs(apart):.0f} s {where} the database's."
    hint = "Keep the clocks of all machines right by NTP: else running jobs are taken for dead."
    return Warning(said, hint=hint, id="idance.W012")


def _key() -> Warning | None:
    from idance import signing_key

    try:
        other = signing_key.other()
    except DatabaseError:
        return None  # It does not answer, or has no tables yet: both are said elsewhere.
    if other is None:
        return None
    said = (
        "This machine's SECRET_KEY is not that of the web server that was started last, "
        f"on {other.machine} at {other.started_at:%Y-%m-%d %H:%M} UTC: "
        "tokens and links of one do not work on the other."
    )
    hint = "Start all machines with the same SECRET_KEY. If you have just changed it, all is well."
    return Warning(said, hint=hint, id="idance.W013")


def _redis() -> Error | None:
    if not settings.REDIS_URL:
        return None
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5, socket_timeout=5).ping()
    except redis.RedisError as error:
        return Error(f"Redis does not answer: {error}", hint="Look at REDIS_URL.", id="idance.E007")
    return None


def _storage() -> Error | None:
    """Write, read and delete: a key may be allowed some of it only."""
    name = ""
    try:
        name = default_storage.save("checks/check.txt", ContentFile(b"ok"))
        with default_storage.open(name) as file:
            if file.read() != b"ok":
                return Error("The storage gives back something else.", id="idance.E008")
        default_storage.delete(name)
    except Exception as error:  # noqa: BLE001 - each storage has failures of its own
        hint = "Look at S3_BUCKET and what begins with S3_, or at IDANCE_DATA_DIR."
        return Error(f"Files cannot be stored: {error}", hint=hint, id="idance.E008")
    return None


@register(ENGINE, deploy=True)
def engine_can_run(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """The pose model loads, with every system library it needs, and ffmpeg starts."""
    return [error for error in (_pose_model(), _ffmpeg()) if error]


def _pose_model() -> Error | None:
    from analysis.engine.pose.estimator import MediaPipeEstimator

    try:
        MediaPipeEstimator()
    except RuntimeError as error:
        return Error(str(error), id="idance.E009")
    return None


def _ffmpeg() -> CheckMessage | None:
    import imageio_ffmpeg

    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
        subprocess.run([program, "-version"], check=True, capture_output=True, timeout=20)  # noqa: S603
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        return Warning(f"ffmpeg does not start: {error}", hint="pip install imageio-ffmpeg", id="idance.W010")
    return None
