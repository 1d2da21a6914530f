"""The app developer's guide, as an app: compiled against the schema, run against a real server and worker."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api_client import openapi
from tests.ops.served import ROOT, Server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("npm") is None, reason="There is no npm here."),
]
PACKAGES = ("openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3", "xhr2@0.2.1")
ADMIN, PASSWORD = "admin@example.com", "shuffle-ball-change"
MAIN = """
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const [baseUrl, clip, challengeId] = process.argv.slice(2) as [string, string, string];
globalThis.XMLHttpRequest = createRequire(import.meta.url)("xhr2");
await signUp(baseUrl, "maya@example.com", "shuffle-ball-change", "Maya");
const client = await signIn(baseUrl, "MAYA@example.com", "shuffle-ball-change");
const sent: number[] = [], seen: number[] = [];
const video = new Uint8Array(readFileSync(clip));
const fileKey = await upload(client, video, "video/mp4", (share) => sent.push(share));
const id = await submit(client, challengeId, fileKey, "My first");
const began = Date.now();
const score = await waitForScore(client, id, (share) => seen.push(share));
const took = (Date.now() - began) / 1000;
const why = await report(client, id);
const { rank, of } = await place(client, challengeId);
const stages: string[] = [];
const dance = await breakDown(client, fileKey, (share, stage) => stages.push(stage));
console.log(JSON.stringify({ sent, seen, took, score, why, rank, of, stages, dance }));
"""
CONFIG = {
    "compilerOptions": {
        "strict": True,
        "target": "es2022",
        "module": "es2022",
        "moduleResolution": "bundler",
        "lib": ["es2022", "dom"],
        "types": ["node"],
        "noUncheckedIndexedAccess": True,
        "outDir": "out",
    },
    "files": ["app.ts"],
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guide as a compiled program."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    npm = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *PACKAGES, "@types/node@20"]
    _run(folder, *npm)
    (folder / "schema.json").write_text(json.dumps(openapi()))
    _run(folder, "npx", "openapi-typescript", "schema.json", "-o", "idance.ts")
    pieces = re.findall(r"```ts\n(.*?)```", (ROOT / "docs/app-guide.md").read_text(), re.DOTALL)
    assert len(pieces) >= 6
    (folder / "app.ts").write_text("\n".join([*pieces, MAIN]))
    (folder / "tsconfig.json").write_text(json.dumps(CONFIG))
    _run(folder, "npx", "tsc", "-p", ".")
    return folder


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def test_the_guide_leads_from_signing_up_to_the_report(app: Path, server: Server) -> None:
    server.start(DJANGO_SUPERUSER_EMAIL=ADMIN, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
    until = time.monotonic() + 60
    while not server.answers():
        assert time.monotonic() < until, "the server does not answer"
        time.sleep(0.3)
    base = f"http://127.0.0.1:{server.port}"
    clip = str(ROOT / "demo/jesse_dance_front.mp4")

    told = json.loads(_run(app, "node", "out/app.js", base, clip, _challenge(base)))

    assert told["sent"][-1] == 1
    assert told["seen"] == sorted(told["seen"]) and told["seen"][-1] == 1
    assert len(told["seen"]) <= told["took"] + 2, "more often than the limit of requests allows"
    assert told["score"]["total_score"] == sum(told["score"]["score_breakdown"].values())
    assert told["score"]["feedback"]
    assert told["why"]["engine_version"]
    assert (told["rank"], told["of"]) == (1, 1)
    assert told["dance"]["success"] and "watch" in told["stages"]
    assert len(told["dance"]["steps"]) == told["dance"]["totalSteps"] > 1
    assert "outline_black" in told["dance"]["outlineUrl"]


def _challenge(base: str) -> str:
    now = datetime.now(UTC)
    token = _post(base, "/auth/login", {"email": ADMIN, "password": PASSWORD})["access_token"]
    challenge = {
        "title": "Freestyle Friday",
        "description": "Show your moves!",
        "type": "freestyle",
        "difficulty": "beginner",
        "startTime": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "endTime": f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "points": 100,
        "badgeName": "Freestyle Master",
        "categories": ["hip hop"],
        "tags": [],
    }
    return str(_post(base, "/api/challenges", challenge, token)["challenge_id"])


def _post(base: str, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(base + path, json.dumps(body).encode(), headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found
