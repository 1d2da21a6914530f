"""Outline videos of a known body on a plain clip: what is drawn where and when, and that players play it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.engine.body import Landmark as L
from analysis.engine.types import RawPose, Step
from breakdowns.outline import render, render_all
from tests.media import Clip, clicks, flat, times, uneven_times, write

SECONDS, RATE = 3.0, 15
STEPS = (Step(0.0, 1.5, "Arm wave", counts=(3, 5)), Step(1.5, 3.0, "Chassé", counts=(6, 8)))
BEATS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)
Plain = flat(120, 480, 270)


def pose(*, hidden: tuple[L, ...] = ()) -> RawPose:
    """Everything stands at one place but the left wrist, which rises from .9 to .3 in three seconds."""
    t = np.arange(round(SECONDS * RATE) + 1) / RATE
    xy = np.full((len(t), 33, 2), np.nan)
    for landmark, place in {
        L.LEFT_SHOULDER: (0.36, 0.4), L.RIGHT_SHOULDER: (0.2, 0.4),
        L.LEFT_HIP: (0.33, 0.6), L.RIGHT_HIP: (0.23, 0.6), L.LEFT_ELBOW: (0.4, 0.5),
    }.items():  # fmt: skip
        xy[:, landmark] = place
    xy[:, L.LEFT_WRIST] = np.stack([np.full(len(t), 0.48), 0.9 - 0.2 * t], axis=1)
    visibility = np.where(np.isfinite(xy[:, :, 0]), 1.0, 0.0)
    visibility[:, list(hidden)] = 0.3
    return RawPose(t=t, xy=xy, visibility=visibility)


def made(tmp_path: Path, clip: Clip, name: str = "source.mp4", **changes: Any) -> Path:
    source, target = write(tmp_path / name, clip), tmp_path / "outline.mp4"
    given: dict[str, Any] = {"pose": pose(), "beats": BEATS, "steps": STEPS, **changes}
    render(source, target, **given)
    return target


def plain(**changes: Any) -> Clip:
    return replace(Clip(times=times(30, SECONDS), picture=Plain), **changes)


def pictures(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    with av.open(str(path)) as film:
        return [(float(f.time or 0), f.to_ndarray(format="rgb24")) for f in film.decode(video=0)]


def at(path: Path, t: float) -> NDArray[np.uint8]:
    return min(pictures(path), key=lambda pair: abs(pair[0] - t))[1]


def is_orange(picture: NDArray[np.uint8], x: float, y: float) -> bool:
    """Whether the colour of the left side is near a place, given in frame heights."""
    row, column = round(y * len(picture)), round(x * len(picture))
    red, _, blue = picture[row - 4 : row + 5, column - 4 : column + 5].reshape(-1, 3).astype(int).T
    return bool((red - blue > 90).any())


def test_every_player_can_play_it(tmp_path: Path) -> None:
    target = made(tmp_path, plain(sound=clicks(BEATS, SECONDS)))
    with av.open(str(target)) as film:
        video, sound = film.streams.video[0], film.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert video.profile in ("High", "Main", "Constrained Baseline")
        assert sound.codec_context.name == "aac"
        assert (video.width, video.height) == (270, 480)
    head = target.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")
    assert len(pictures(target)) == 90


def test_the_skeleton_is_where_the_body_is(tmp_path: Path) -> None:
    target = made(tmp_path, plain())
    for t in (0.5, 1.35, 2.5):  # 1.35 lies between two measured moments
        picture = at(target, t)
        assert is_orange(picture, 0.44, (0.5 + 0.9 - 0.2 * t) / 2)
    assert not is_orange(at(target, 2.5), 0.47, 0.86)


def test_what_is_not_seen_well_is_faint(tmp_path: Path) -> None:
    seen = at(made(tmp_path, plain(), style="black"), 1.0)
    faint = at(made(tmp_path, plain(), style="black", pose=pose(hidden=(L.LEFT_WRIST,))), 1.0)
    place = np.s_[round(0.6 * 480) - 5 : round(0.6 * 480) + 6, round(0.44 * 480) - 5 : round(0.44 * 480) + 6]
    assert 30 < faint[place].max() < 0.8 * seen[place].max()


def test_the_edge_flashes_on_the_beat(tmp_path: Path) -> None:
    target = made(tmp_path, plain(), steps=())
    edge = {t: picture[100:300, 1:3, 0].mean() for t, picture in pictures(target)}
    for beat in BEATS[1:]:
        now = min(edge, key=lambda t: abs(t - beat))
        assert edge[now] > 180
        assert edge[max(t for t in edge if t < now)] < 100


def test_the_name_of_the_step_and_the_count_change(tmp_path: Path) -> None:
    film = made(tmp_path, plain(), style="black", pose=pose())
    top, bottom = np.s_[20:75, :], np.s_[400:465, :]
    first, same, second = (at(film, t).astype(int) for t in (1.25, 1.35, 1.75))
    assert abs(first[top] - same[top]).mean() < 1 < abs(first[top] - second[top]).mean()
    assert abs(first[bottom] - same[bottom]).mean() < 1 < abs(first[bottom] - second[bottom]).mean()


def test_the_two_styles(tmp_path: Path) -> None:
    source = write(tmp_path / "source.mp4", plain())
    films = {"video": tmp_path / "a.mp4", "black": tmp_path / "b.mp4"}
    render_all(source, films, pose=pose(), beats=BEATS, steps=STEPS)  # type: ignore[arg-type]
    ground = {style: at(path, 1.25)[380, 20].mean() for style, path in films.items()}
    assert ground["black"] < 5
    assert 40 < ground["video"] < 90


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_it_stands_upright(tmp_path: Path, rotation: int) -> None:
    upright = np.full((480, 270, 3), 120, np.uint8)
    upright[:, :60] = 250  # the left is bright
    stored = np.ascontiguousarray(np.rot90(upright, rotation // 90))
    target = made(tmp_path, plain(picture=lambda t: stored, rotation=rotation), steps=(), beats=())
    picture = at(target, 1.0)
    assert picture.shape[:2] == (480, 270)
    assert picture[:, 20].mean() > picture[:, 250].mean() + 40
    with av.open(str(target)) as film:
        assert next(film.decode(video=0)).rotation == 0


def test_odd_sizes_become_even(tmp_path: Path) -> None:
    odd = made(tmp_path, plain(picture=flat(120, 361, 203), pixels="yuv444p"))
    assert pictures(odd)[0][1].shape[:2] == (360, 202)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (2560, 1440)])
def test_large_pictures_become_smaller_and_show_the_same(tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    large = np.full((height, width, 3), 40, np.uint8)
    large[height // 4 :, : width // 4] = 250, 30, 30
    film = made(
        tmp_path, plain(times=times(4, 1.0), picture=lambda t: large), pose=pose(), steps=(), beats=()
    )
    picture = pictures(film)[0][1].astype(int)
    assert picture.shape[:2] == (540, 960)
    for row, column, is_red in ((150, 225, True), (150, 255, False), (120, 225, False)):
        red, _, blue = picture[row, column]
        assert (red - blue > 40) == is_red
    # Nothing but the border of the two surfaces lies between their brightness.
    across = picture[400, :, 0]
    low, high = across[300:900].max() + 12, across[5:200].min() - 12
    assert ((low < across) & (across < high)).sum() < 6


def test_the_head_is_a_ring(tmp_path: Path) -> None:
    whole = pose()
    for landmark, place in {L.NOSE: (0.28, 0.2), L.LEFT_EAR: (0.3, 0.2), L.RIGHT_EAR: (0.26, 0.2)}.items():
        whole.xy[:, landmark], whole.visibility[:, landmark] = place, 1.0
    picture = at(made(tmp_path, plain(), pose=whole, style="black", steps=(), beats=()), 1.0)
    centre, radius = 0.2 * 480, 0.5 * (0.4 - 0.2) * 480
    turn = np.linspace(0, 2 * np.pi, 24)
    rows, columns = centre + radius * np.sin(turn), 0.28 * 480 + radius * np.cos(turn)
    assert (picture[rows.round().astype(int), columns.round().astype(int)] > 180).all()
    assert picture[round(centre), round(0.28 * 480)].max() < 40


def test_uneven_frames_stay_uneven(tmp_path: Path) -> None:
    stamps = [t for i, t in enumerate(uneven_times(SECONDS)) if i % 3 == 0]
    shown = [t for t, _ in pictures(made(tmp_path, plain(times=stamps)))]
    assert np.allclose(shown, stamps, atol=0.001)


@pytest.mark.parametrize(("name", "codec"), [("source.mp4", "aac"), ("source.mkv", "libmp3lame")])
def test_the_sound_stays_in_time(tmp_path: Path, name: str, codec: str) -> None:
    late = 0.4
    clip = plain(sound=clicks((1.0,), SECONDS - late), sound_start=late, sound_codec=codec)
    with av.open(str(made(tmp_path, clip, name))) as film:
        heard = [(float(f.time or 0), f.to_ndarray()[0], f.sample_rate) for f in film.decode(audio=0)]
    loudest = max(heard, key=lambda one: np.abs(one[1]).max())
    moment = loudest[0] + int(np.abs(loudest[1]).argmax()) / loudest[2]
    assert moment == pytest.approx(1.0 + late, abs=0.035)  # MP3 begins with a padding of its own


def test_a_clip_whose_end_is_missing_is_drawn_to_where_it_ends(tmp_path: Path) -> None:
    source, target = write(tmp_path / "cut.mkv", plain()), tmp_path / "outline.mp4"
    whole = source.read_bytes()
    source.write_bytes(whole[: round(0.6 * len(whole))])
    left = []
    with av.open(str(source)) as film, suppress(av.FFmpegError):
        left += [float(frame.time or 0) for frame in film.decode(video=0)]
    render(source, target, pose=pose(), beats=BEATS, steps=STEPS)
    assert 10 < len(left) < 90
    assert [t for t, _ in pictures(target)] == pytest.approx(left, abs=0.001)


def test_a_silent_clip_stays_silent(tmp_path: Path) -> None:
    with av.open(str(made(tmp_path, plain()))) as film:
        assert not film.streams.audio


def test_it_is_cancelled_by_who_hears_of_its_progress(tmp_path: Path) -> None:
    heard: list[float] = []

    def stop(share: float) -> None:
        heard.append(share)
        if share > 0.3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        made(tmp_path, plain(), progress=stop)
    assert heard == sorted(heard) and heard[-1] < 0.4
    assert not (tmp_path / "outline.mp4").exists()
