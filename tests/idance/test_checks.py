"""System checks try the real thing."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.checks import CheckMessage, run_checks
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from idance import checks, signing_key
from idance.models import KeyInUse


def services() -> list[str | None]:
    return ids(run_checks(tags=[checks.SERVICES], include_deployment_checks=True))


def ids(found: Sequence[CheckMessage]) -> list[str | None]:
    return [message.id for message in found]


def test_nothing_is_wrong_here() -> None:
    # Where mails go without a server is said, and nothing wrong.
    assert ids(run_checks()) == []


def test_a_start_makes_no_slow_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a slow check was made")

    for name in ("_pose_model", "_ffmpeg", "_database", "_redis", "_storage"):
        monkeypatch.setattr(checks, name, slow)
    run_checks()
    # `migrate` asks for the checks of its database.
    run_checks(tags=["database"], databases=["default"])
    for tag in (checks.ENGINE, checks.SERVICES):
        with pytest.raises(AssertionError):
            run_checks(tags=[tag], include_deployment_checks=True)


def test_several_processes_need_redis(settings: LazySettings) -> None:
    settings.WEB_PROCESSES, settings.REDIS_URL = 2, ""
    assert ids(checks.several_processes_need_redis(None)) == ["idance.E001"]
    settings.REDIS_URL = "redis://localhost"
    assert not checks.several_processes_need_redis(None)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"retry": 2699, "timeout": 900}, ["idance.E002"]),
        ({"bulk": 2}, ["idance.E003"]),
        ({"queue_limit": 8}, ["idance.E003"]),
    ],
)
def test_the_queue_does_not_run_jobs_twice(
    settings: LazySettings, change: dict[str, int], found: list[str]
) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, **change}
    assert ids(checks.queue_does_not_run_jobs_twice(None)) == found


def test_a_folder_that_cannot_be_written_is_named(settings: LazySettings, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    settings.MEDIA_ROOT = blocked / "media"
    (error,) = checks.folders_can_be_written(None)
    assert error.id == "idance.E004"
    assert str(settings.MEDIA_ROOT) in error.msg
    settings.S3_BUCKET = "media"
    assert not checks.folders_can_be_written(None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    tmp_path.chmod(0o500)
    assert ids(checks.folders_can_be_written(None)) == ["idance.E004"]


def test_a_secret_that_others_can_read_is_named(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    assert not checks.secret_is_kept_from_others(None)
    secret = tmp_path / "secret_key"
    secret.touch(mode=0o600)
    assert not checks.secret_is_kept_from_others(None)
    secret.chmod(0o640)
    (error,) = checks.secret_is_kept_from_others(None)
    assert error.id == "idance.E005"
    assert error.hint == f"chmod 600 {secret}"


def test_services_that_answer(db: None) -> None:
    assert services() == []


def test_a_database_that_does_not_answer(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise OperationalError("no route to host")

    with monkeypatch.context() as broken:
        broken.setattr(connection, "ensure_connection", gone)
        assert services() == ["idance.E006"]


def test_a_redis_that_does_not_answer(db: None, settings: LazySettings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    start = time.monotonic()
    assert services() == ["idance.E007"]
    assert time.monotonic() - start < 6


@pytest.mark.usefixtures("on_postgresql")
def test_a_clock_that_is_wrong_is_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks._database() is None
    wrong = timezone.now() + timedelta(minutes=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: wrong)
    found = checks._database()
    assert found is not None and found.id == "idance.W012"
    assert re.fullmatch(r"The clock of this machine is 1[12]\d s ahead of the database's.", found.msg)


def test_a_storage_that_does_not_keep_files(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise PermissionError("AccessDenied")

    monkeypatch.setattr("django.core.files.storage.Storage.save", refuse)
    assert services() == ["idance.E008"]


@pytest.mark.slow
def test_the_engine_can_run() -> None:
    call_command("check", tags=[checks.ENGINE], deploy=True)


def test_a_missing_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis.engine.pose import estimator

    def missing(self: object) -> None:
        sentence = "libGL.so.1: cannot open shared object file: No such file or directory"
        raise RuntimeError(estimator.explain_import_error(sentence))

    monkeypatch.setattr(estimator.MediaPipeEstimator, "__init__", missing)
    (error,) = checks.engine_can_run(None)
    assert error.id == "idance.E009"
    assert "apt-get install libgl1" in error.msg


def test_an_ffmpeg_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise subprocess.CalledProcessError(127, "ffmpeg")

    monkeypatch.setattr("analysis.engine.pose.estimator.MediaPipeEstimator.__init__", lambda self: None)
    monkeypatch.setattr("subprocess.run", broken)
    assert ids(checks.engine_can_run(None)) == ["idance.W010"]


def test_machines_with_different_secrets_are_told(db: None, settings: LazySettings) -> None:
    assert services() == []  # nobody was here before
    signing_key.note()
    assert services() == []
    settings.SECRET_KEY = "another secret of thirty-two characters"
    (found,) = run_checks(tags=[checks.SERVICES], include_deployment_checks=True)
    assert found.id == "idance.W013"
    kept = KeyInUse.objects.get()
    assert kept.machine in found.msg
    assert not any(secret in found.msg for secret in (kept.fingerprint, settings.SECRET_KEY))
    signing_key.note()
    assert services() == [] and KeyInUse.objects.count() == 1
