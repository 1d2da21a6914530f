"""What happens in the demo, in order: every step is one or two requests and what the answer says."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from idance.demo import result
from idance.demo.client import ApiError, Client
from idance.demo.screen import Screen
from idance.demo.server import ADMIN, FOLDER, DemoServer, ServerFailed

DANCER = "maya@example.com"
#: As often as an app should ask: the limit is 100 requests a minute.
POLL_SECONDS = 0.8
#: Without any progress. The very first worker compiles what it needs, which takes a slow machine a minute.
PATIENCE_SECONDS = 300


class Story:
    """Maya enters a challenge with one clip."""

    def __init__(self, screen: Screen, server: DemoServer, clip: Path, *, bundled: bool) -> None:
        self.screen = screen
        self.server = server
        self.clip = clip
        self.bundled = bundled

    def tell(self) -> None:
        dancer = self._sign_up()
        challenge_id = self._open_challenge()
        try:
            upload = self._upload(dancer)
            submission = self._submit(dancer, challenge_id, upload["file_key"])
        except ApiError as error:
            if error.status not in (413, 415, 422):
                raise
            code = f"{error.code}: " if error.code else ""
            self.screen.refused(f"Refused: {code}{error.sentence} (HTTP {error.status})")
            return
        status = self._wait(dancer, submission["id"])
        if status["status"] != "completed":
            self.screen.refused(f"Refused: {status['error_code']}")
            self.screen.text(
                f"{status['error_message']}\nNothing was scored, nothing was invented.", indent=4
            )
            return
        result.show_scores(self.screen, status)
        result.show_reasons(self.screen, dancer.get(f"/api/ai/submissions/{submission['id']}/report"))
        result.show_leaderboard(self.screen, dancer.get(f"/api/challenges/{challenge_id}/leaderboard"))
        self._break_down(dancer, upload["file_key"])
        self._show_files(dancer, submission["video"], status)

    # --- Steps --------------------------------------------------------------------------------------------
    def _sign_up(self) -> Client:
        visitor, password = Client(self.server.url), secrets.token_urlsafe(12)
        account = {"email": DANCER, "password": password}
        visitor.post("/auth/signup", {**account, "displayName": "Maya"})
        token = visitor.post("/auth/login", account)["access_token"]
        dancer = Client(self.server.url, token)
        profile = dancer.get("/api/users/profile")
        what = f"{profile['displayName']} has signed up and in, level {profile['level']}"
        self.screen.done(what, "POST /auth/signup, /auth/login")
        return dancer

    def _open_challenge(self) -> str:
        visitor = Client(self.server.url)
        account = {"email": ADMIN, "password": self.server.admin_password}
        admin = Client(self.server.url, visitor.post("/auth/login", account)["access_token"])
        now = datetime.now(UTC).replace(microsecond=0)
        challenge = {
            "title": "Freestyle Friday",
            "description": "Show your freestyle moves!",
            "type": "freestyle",
            "difficulty": "intermediate",
            "startTime": _stamp(now - timedelta(hours=1)),
            "endTime": _stamp(now + timedelta(days=2)),
            "points": 100,
            "badgeName": "Freestyle Master",
            "categories": ["hip hop", "trendy"],
            "tags": ["freestyle", "challenge"],
        }
        challenge_id: str = admin.post("/api/challenges", challenge)["challenge_id"]
        self.screen.done("An admin has opened the challenge Freestyle Friday", "POST /api/challenges")
        return challenge_id

    def _upload(self, dancer: Client) -> dict[str, Any]:
        megabytes = self.clip.stat().st_size / 1e6

        def told(share: float) -> None:
            if self.screen.terminal:
                self.screen.progress("Uploading", share, f"{share * megabytes:.1f} MB")

        upload: dict[str, Any] = dancer.upload("/api/s3/upload", self.clip, told)
        self.screen.done(f"Uploaded {self.clip.name}, {megabytes:.1f} MB", "POST /api/s3/upload")
        return upload

    def _submit(self, dancer: Client, challenge_id: str, file_key: str) -> dict[str, Any]:
        metadata = {
            "caption": "My freestyle challenge attempt!",
            "tags": ["freestyle"],
            "location": "",
            "isPublic": True,
            "sharedToFeed": True,
            "highlightText": "",
        }
        submission: dict[str, Any] = dancer.post(
            f"/api/challenges/{challenge_id}/submit-unified", {"video_file": file_key, "metadata": metadata}
        )
        self.screen.done("Submitted, the analysis is queued", "POST /api/challenges/{id}/submit-unified")
        return submission

    def _wait(self, dancer: Client, submission_id: str) -> dict[str, Any]:
        """Ask for the state of the analysis until it has ended."""
        began = moved = time.monotonic()
        last = None
        while time.monotonic() - moved < PATIENCE_SECONDS:
            status: dict[str, Any] = dancer.get(f"/api/ai/analysis-status/{submission_id}")
            if status["status"] not in ("queued", "processing"):
                seconds = time.monotonic() - began
                self.screen.done(f"Analysed in {seconds:.1f} s", "GET /api/ai/analysis-status/{id}")
                return status
            now = (status["progress"], status["stage"])
            if now != last:
                last, moved = now, time.monotonic()
            self.screen.progress("Analysing", status["progress"], status["stage"] or status["status"])
            time.sleep(POLL_SECONDS)
        raise ServerFailed(
            f"The analysis has not moved for {PATIENCE_SECONDS} s. The server's last words:\n"
            f"{self.server.last_lines()}"
        )

    def _break_down(self, dancer: Client, file_key: str) -> None:
        """The same video as steps to learn. The request waits for them, and is sent again if it has to."""
        asked = {"video_url": file_key, "mode": "manual", "target_difficulty": "beginner"}
        began = time.monotonic()
        self.screen.progress("Breaking it down", 0.0, "")
        found: dict[str, Any] = {"status": "processing"}
        while found["status"] == "processing" and time.monotonic() - began < PATIENCE_SECONDS:
            found = dancer.post("/api/ai/dance-breakdown", asked)
        if not found["success"]:
            self.screen.refused(found["error_message"] or "The breakdown takes too long.")
            return
        what = f"Broken down into {found['total_steps']} steps in {time.monotonic() - began:.1f} s"
        self.screen.done(what, "POST /api/ai/dance-breakdown")
        result.show_steps(self.screen, found)

    # --- Files --------------------------------------------------------------------------------------------
    def _show_files(self, dancer: Client, video: dict[str, Any], status: dict[str, Any]) -> None:
        """Fetch what the API offers, as the app would, and say where it lies."""
        self.screen.heading("Files, fetched by their links")
        files = [
            ("Video", video["url"], 1024),
            ("Thumbnail", video["thumbnail_url"], 0),
            ("Pose data", status["pose_data_url"], 0),
        ]
        for name, address, first_bytes in files:
            if address:
                self._show_file(dancer, name, address, first_bytes)

    def _show_file(self, dancer: Client, name: str, address: str, first_bytes: int) -> None:
        code, headers, content = dancer.fetch(address, first_bytes)
        if code >= 400:
            raise ApiError(code, f"{name} cannot be fetched from {address}.")
        total = headers.get("content-range", "").rpartition("/")[2] or len(content)
        streamed = ", streams from any second" if code == 206 else ""
        kind = headers.get("content-type", "")
        self.screen.line(f"  {name:<10} {kind}, {int(total) / 1e6:.2f} MB{streamed}")
        path = FOLDER / "media" / unquote(urlsplit(address).path).removeprefix("/files/")
        if path.exists():
            self.screen.line(self.screen.paint(f"             {path}", "dim"))


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
