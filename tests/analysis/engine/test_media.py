"""Reading files: every kind a phone or an upload can bring, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from analysis.engine.config import DEFAULT
from analysis.engine.errors import Refusal
from analysis.engine.media import Picture, Reader, probe
from analysis.engine.soundtrack import Soundtrack
from analysis.engine.types import Sound, Video
from tests.analysis.engine.conftest import MakeClip
from tests.media import DANCER, PROJECT, Clip, clicks, dancer, flat, repeated, times, uneven_times, write

FAST_VP9 = {"cpu-used": "8", "deadline": "realtime", "crf": "30"}
QUIET_HEVC = {"preset": "ultrafast", "x265-params": "log-level=none"}


def read(path: Path) -> tuple[Video, list[Picture], Sound | None]:
    """The whole pass, without decoding into pictures."""
    with Reader(path) as reader:
        pictures = list(reader.pictures())
        return reader.video, pictures, reader.sound()


def refusal(path: Path) -> str:
    with pytest.raises(Refusal) as refused:
        read(path)
    return refused.value.code


def onset(sound: Sound | None) -> float:
    """When the first click is heard, in s."""
    assert sound is not None
    return float(np.flatnonzero(np.abs(sound.samples) > 0.2)[0]) / sound.rate


def half(picture: Picture, height: int = 60) -> np.ndarray:
    return picture.rgb(height).astype(float)


# --- what the container says ----------------------------------------------------------------------


def test_the_bundled_clip() -> None:
    video = probe(DANCER)
    assert (video.width, video.height, video.rotation) == (720, 1280, 0)
    assert video.duration == pytest.approx(10.07, abs=0.01)
    assert (video.fps, video.codec, video.container, video.has_audio) == (30.0, "h264", "mov", True)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotated_clips_come_upright(make_clip: MakeClip, rotation: int) -> None:
    upright = dancer(240)
    stored = Clip(
        rotation=rotation, picture=lambda t: np.ascontiguousarray(np.rot90(upright(t), rotation // 90))
    )
    video, pictures, _ = read(make_clip(f"rotated{rotation}.mp4", stored))
    assert (video.rotation, video.width, video.height) == (rotation, 136, 240)
    shown = pictures[20].rgb(240).astype(float)
    assert shown.shape == (240, 136, 3)
    assert np.abs(shown - upright(pictures[20].t)).mean() < 6


def test_landscape_and_odd_sizes(make_clip: MakeClip) -> None:
    wide = Clip(picture=flat(90, height=121, width=203), pixels="yuv444p")
    video, pictures, _ = read(make_clip("odd.mp4", wide))
    assert (video.width, video.height) == (203, 121)
    assert pictures[0].rgb(121).shape == (121, 203, 3)
    assert pictures[0].rgb(50).shape == (54, 91, 3)  # the next step of sizes
    assert np.abs(half(pictures[5]) - 90).max() < 4


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    path = tmp_path / "camcorder.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 180, 144, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(64, 45)
        for _ in range(90):
            frame = av.VideoFrame.from_ndarray(flat(80, 144, 180)(0), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    video, pictures, _ = read(path)
    assert (video.width, video.height) == (256, 144)
    assert pictures[0].rgb(144).shape == (144, 256, 3)


@pytest.mark.parametrize(
    ("name", "clip", "codec", "container"),
    [
        ("plain.mp4", Clip(), "h264", "mov"),
        ("plain.mov", Clip(), "h264", "mov"),
        ("plain.mkv", Clip(), "h264", "matroska"),
        ("b_frames.mp4", Clip(options={"preset": "fast", "bf": "3"}), "h264", "mov"),
        ("old.avi", Clip(codec="mpeg4", tick=Fraction(1, 30), options={"b": "2M"}), "mpeg4", "avi"),
        ("b_frames.avi", Clip(options={"preset": "fast"}, tick=Fraction(1, 30)), "h264", "avi"),
        ("vp9.webm", Clip(codec="libvpx-vp9", options=FAST_VP9), "vp9", "matroska"),
        ("hevc.mov", Clip(codec="libx265", options=QUIET_HEVC), "hevc", "mov"),
        ("ten_bit.mp4", Clip(codec="libx265", pixels="yuv420p10le", options=QUIET_HEVC), "hevc", "mov"),
        ("motion_jpeg.mov", Clip(codec="mjpeg", pixels="yuvj420p", options={}), "mjpeg", "mov"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_containers_and_codecs(
    make_clip: MakeClip, name: str, clip: Clip, codec: str, container: str
) -> None:
    video, pictures, sound = read(make_clip(name, clip))
    assert (video.codec, video.container, video.has_audio) == (codec, container, False)
    assert sound is None and not video.truncated
    assert video.duration == pytest.approx(3.5, abs=0.05)
    assert len(pictures) == 53
    for picture in pictures[1::9]:
        shown = picture.rgb(360).astype(float)
        assert np.abs(shown - clip.picture(picture.t)).mean() < 8
        wrong = np.abs(shown - clip.picture(picture.t + 0.4)).mean()
        assert np.abs(shown - clip.picture(picture.t)).mean() < wrong


def flicker(t: float) -> np.ndarray:
    """A picture like no other. [shape=(64, 64, 3)]"""
    squares = np.random.default_rng(round(t * 1e4)).integers(0, 255, (4, 4, 3), dtype=np.uint8)
    return squares.repeat(16, axis=0).repeat(16, axis=1)


# --- time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moments",
    [times(24), times(25), times(30), times(60), times(30000 / 1001), uneven_times(), times(10)],
    ids=["24", "25", "30", "60", "29.97", "uneven", "10"],
)
def test_the_nearest_frame_to_each_grid_point(
    make_clip: MakeClip, moments: tuple[float, ...], request: pytest.FixtureRequest
) -> None:
    clip = Clip(times=moments, picture=flicker)
    _, pictures, _ = read(make_clip(f"rate-{request.node.callspec.id}.mp4", clip))
    rows = [row for picture in pictures for row in picture.rows]
    assert rows == list(range(len(rows)))
    assert len(rows) == int(moments[-1] * 15 + 1e-6) + 1
    shown = np.array([picture.t for picture in pictures for _ in picture.rows])
    grid = np.arange(len(rows)) / 15
    nearest = np.abs(np.array(moments)[None, :] - grid[:, None]).min(axis=1)
    np.testing.assert_allclose(np.abs(shown - grid), nearest, atol=1e-4)


@pytest.mark.parametrize("fps", [24, 60])
def test_a_frame_that_is_shown_again_keeps_its_time(make_clip: MakeClip, fps: int) -> None:
    """A film of 16 frames a second, coded anew: each picture is told with the time of its first showing."""
    clip = Clip(
        times=times(fps),
        picture=lambda t: flicker(np.floor(t * 16 + 1e-6) / 16),
        options={"preset": "fast", "bf": "3"},
    )
    _, pictures, _ = read(make_clip(f"16-in-{fps}.mp4", clip))
    first = {np.floor(t * 16 + 1e-6): t for t in reversed(times(fps))}
    settled = [picture.t for picture in pictures if picture.t > 1.0]  # a few frames are left out before
    assert len(settled) > 30
    np.testing.assert_allclose(settled, [first[np.floor(t * 16 + 1e-4)] for t in settled], atol=1e-4)


def test_a_picture_that_stands_is_still_seen(make_clip: MakeClip) -> None:
    """Only for a tenth of a second is a frame the same moment; then somebody stands still."""
    _, pictures, _ = read(make_clip("stands.mp4", Clip(times=times(30), picture=flat(100, 64, 64))))
    assert max(np.diff([picture.t for picture in pictures])) < 0.15
    assert [row for picture in pictures for row in picture.rows] == list(range(53))


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        ("b_frames.mp4", Clip(options={"preset": "fast", "bf": "3"})),
        ("b_frames_uneven.mkv", Clip(options={"preset": "fast", "bf": "3"}, times=uneven_times())),
        ("b_frames_60.mov", Clip(codec="libx265", options=QUIET_HEVC | {"preset": "fast"}, times=times(60))),
    ],
    ids=["h264", "uneven", "hevc60"],
)
def test_frames_that_are_left_out_change_nothing(
    make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch, name: str, clip: Clip
) -> None:
    path = make_clip(name, clip)
    quick = [picture.rgb(360) for picture in read(path)[1]]
    with monkeypatch.context() as patch:
        patch.setattr("analysis.engine.media._may_skip", lambda *_: False)
        whole = [picture.rgb(360) for picture in read(path)[1]]
    assert len(quick) == len(whole)
    for one, other in zip(quick, whole, strict=True):
        np.testing.assert_array_equal(one, other)
    with Reader(path) as reader:
        decoded = list(reader._frames)
    assert len(decoded) < len(clip.times) - 1  # some were indeed not decoded


def test_a_picture_that_starts_late_is_the_zero(make_clip: MakeClip) -> None:
    clip = Clip(times=[1 + t for t in times(30)], sound=clicks([2.0], 4.5))
    video, pictures, sound = read(make_clip("late_picture.mp4", clip))
    assert pictures[0].t == 0 and len(pictures) == 53
    assert onset(sound) == pytest.approx(1.0, abs=0.003)
    assert video.duration == pytest.approx(3.5, abs=0.05)


# --- sound ----------------------------------------------------------------------------------------

AAC_44, AAC_48 = {"sound_rate": 44_100}, {"sound_rate": 48_000}
OPUS = {"sound_codec": "libopus", "sound_rate": 48_000, "codec": "libvpx-vp9", "options": FAST_VP9}


@pytest.mark.parametrize(
    ("name", "how"),
    [("aac44.mp4", AAC_44), ("aac48.mov", AAC_48), ("aac.mkv", AAC_48), ("opus.webm", OPUS)],
)
@pytest.mark.parametrize("start", [0.0, 0.75], ids=["from_zero", "late"])
def test_sound_is_on_the_zero_of_the_picture(make_clip: MakeClip, name: str, how: dict, start: float) -> None:
    sound = clicks([1.0, 1.5], 2.5, how["sound_rate"])
    clip = Clip(sound=sound, sound_start=start, picture=flat(100, 64, 64), **how)
    _, _, heard = read(make_clip(f"sound-{start}-{name}", clip))
    assert heard is not None and heard.rate == 22_050 and heard.samples.dtype == np.float32
    assert onset(heard) == pytest.approx(start + 1.0, abs=0.002)
    assert len(heard.samples) / heard.rate == pytest.approx(start + 2.5, abs=0.05)


def test_sound_ends_with_the_picture(make_clip: MakeClip) -> None:
    clip = Clip(sound=clicks([1.0], 8.0), picture=flat(100, 64, 64))
    video, _, sound = read(make_clip("long_sound.mp4", clip))
    assert sound is not None and len(sound.samples) / sound.rate == pytest.approx(video.duration, abs=0.001)
    assert not video.truncated


def test_short_sound_stays_short(make_clip: MakeClip) -> None:
    clip = Clip(sound=clicks([0.5], 1.5), picture=flat(100, 64, 64))
    video, _, sound = read(make_clip("short_sound.mkv", clip))
    assert sound is not None and len(sound.samples) / sound.rate == pytest.approx(1.5, abs=0.05)
    assert not video.truncated


class Played:
    """Stands for a packet of sound: what it decodes to. The end of the stream has none."""

    def __init__(self, *frames: av.AudioFrame) -> None:
        self.size, self._frames = len(frames), frames

    def decode(self) -> tuple[av.AudioFrame, ...]:
        return self._frames


def packets_of_sound(ticks: int, hole: float) -> Iterator[Played]:
    """Two seconds of noise in stereo, in ``ticks`` of a second; a hole in time in the middle, then mono."""
    rng, at = np.random.default_rng(2), 0.25
    for i in range(86):
        layout = "stereo" if i < 60 else "mono"
        samples = rng.normal(0, 0.1, (2 if i < 60 else 1, 1024)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate, frame.time_base = 44_100, Fraction(1, ticks)
        frame.pts = None if i == 20 else round((at + (hole if i >= 43 else 0.0)) * ticks)
        at += 1024 / 44_100
        yield Played(frame)
    yield Played()


@pytest.mark.parametrize("ticks", [44_100, 1000], ids=["exact", "rounded"])
@pytest.mark.parametrize("hole", [0.0, 0.5])
def test_sound_resampled_in_blocks_is_the_same(
    make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch, ticks: int, hole: float
) -> None:
    """Bit for bit as if frame by frame, with late starts, holes and other formats where they were."""
    heard = []
    with av.open(
        str(make_clip("beeps.mp4", Clip(picture=flat(9, 64, 64), sound=clicks([1.0], 3.5))))
    ) as file:
        for block in (1, 16_384):
            monkeypatch.setattr("analysis.engine.soundtrack._BLOCK", block)
            track = Soundtrack(file.streams.audio[0])
            for packet in packets_of_sound(ticks, hole):
                track.hear(packet)  # type: ignore[arg-type]
            heard.append(track.finish(0.0, 10.0).samples)
    np.testing.assert_array_equal(heard[0], heard[1])
    assert len(heard[1]) / 22_050 == pytest.approx(0.25 + 86 * 1024 / 44_100 + hole, abs=0.01)
    quiet = np.flatnonzero(np.abs(heard[1]) > 0.001)
    assert quiet[0] / 22_050 == pytest.approx(0.25, abs=0.005)
    assert np.diff(quiet).max() / 22_050 == pytest.approx(hole, abs=0.01)


def test_digital_silence_is_sound(make_clip: MakeClip) -> None:
    clip = Clip(sound=np.zeros(154_350, dtype=np.float32), picture=flat(100, 64, 64))
    video, _, sound = read(make_clip("silent.mp4", clip))
    assert video.has_audio and sound is not None
    assert len(sound.samples) == pytest.approx(3.5 * 22_050, abs=600) and np.abs(sound.samples).max() < 1e-4


# --- what is refused, and what is damaged ---------------------------------------------------------


def test_too_short_and_too_long(make_clip: MakeClip, tmp_path: Path) -> None:
    assert (
        refusal(make_clip("two_seconds.mp4", Clip(times=times(30, 2), picture=flat(9, 64, 64))))
        == "too_short"
    )
    slow = Clip(times=[0.5 * i for i in range(605)], picture=flat(9, 64, 64))
    assert refusal(make_clip("five_minutes_and_two_seconds.mp4", slow)) == "too_long"


def test_exactly_three_seconds_are_enough(make_clip: MakeClip) -> None:
    _, pictures, _ = read(make_clip("three_seconds.mp4", Clip(times=times(30, 3), picture=flicker)))
    assert len(pictures) == 45


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.mp4", b"", "corrupt_video"),
        ("text.mp4", b"This is a letter, not a video.\n" * 50, "unsupported_format"),
        ("picture.mp4", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "unsupported_format"),
        ("playlist.mp4", b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "unsupported_format"),
        ("concat.mp4", b"ffconcat version 1.0\nfile /etc/hostname\n", "unsupported_format"),
        ("beginning.mp4", b"\x00\x00\x00\x20ftypisom" + bytes(200), "corrupt_video"),
        ("noise.webm", b"\x1aE\xdf\xa3" + bytes(range(256)) * 20, "corrupt_video"),
    ],
)
def test_files_that_are_no_videos(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == code


def test_a_missing_file_is_a_fault_not_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "nowhere.mp4")


def test_sound_alone(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44_100, layout="mono")
        frame = av.AudioFrame.from_ndarray(clicks([1.0], 4.0)[None, :1024], format="fltp", layout="mono")
        frame.sample_rate = 44_100
        for i in range(150):
            frame.pts = i * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert refusal(path) == "no_video_stream"


def test_a_cut_off_file_without_its_index(make_clip: MakeClip, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(make_clip("plain.mp4").read_bytes()[:20_000])
    assert refusal(path) == "corrupt_video"


def test_a_cut_off_file_is_used_as_far_as_it_goes(make_clip: MakeClip, tmp_path: Path) -> None:
    whole = make_clip("six_seconds.mkv", Clip(times=times(30, 6), sound=clicks([1.0], 6.0)))
    content = whole.read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(content[: int(len(content) * 0.75)])
    video, pictures, sound = read(path)
    assert video.truncated
    assert 3.0 < video.duration < 5.5
    assert len(pictures) == pytest.approx(video.duration * 15, abs=2)
    assert sound is not None and onset(sound) == pytest.approx(1.0, abs=0.003)
    path.write_bytes(content[: int(len(content) * 0.3)])
    assert refusal(path) == "corrupt_video"


def test_a_cut_off_fast_start_file(tmp_path: Path) -> None:
    """The bundled clip has its index in front, as apps write it; it announces ten seconds."""
    content = DANCER.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(content[: int(len(content) * 0.5)])
    video, pictures, _ = read(path)
    assert video.truncated and 3.0 < video.duration < 7.0
    assert len(pictures) == pytest.approx(video.duration * 15, abs=2)


def test_damage_in_the_middle_is_survived(make_clip: MakeClip, tmp_path: Path) -> None:
    content = bytearray(make_clip("plain.mp4").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = bytes(3000)
    path = tmp_path / "scratched.mp4"
    path.write_bytes(bytes(content))
    _, pictures, _ = read(path)
    assert len(pictures) >= 45


def test_a_track_without_frames(tmp_path: Path) -> None:
    path = tmp_path / "nothing.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.start_encoding()
    assert refusal(path) in {"corrupt_video", "no_video_stream"}


def test_a_recording_without_a_duration(tmp_path: Path) -> None:
    """Browsers record WebM without knowing how long it will be."""
    path = tmp_path / "live.webm"
    clip = Clip(picture=flicker, codec="libvpx-vp9", options=FAST_VP9)
    write(path, clip)
    live = tmp_path / "streamed.webm"
    with av.open(str(path)) as source, av.open(str(live), "w", format="webm", options={"live": "1"}) as sink:
        copy = sink.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = copy
                sink.mux(packet)
    video, pictures, _ = read(live)
    assert video.duration == pytest.approx(3.5, abs=0.05) and len(pictures) == 53 and not video.truncated


def test_pictures_too_large_for_a_worker(make_clip: MakeClip) -> None:
    small = replace(DEFAULT, media=replace(DEFAULT.media, largest_picture=100 * 100))
    with pytest.raises(Refusal) as refused, Reader(make_clip("plain.mp4"), config=small):
        pass
    assert refused.value.code == "unsupported_format"


def test_strips_are_not_searched_for_people(tmp_path: Path) -> None:
    """A search in squares of their width would look at thousands for each picture."""
    strip = write(tmp_path / "strip.mp4", Clip(picture=flat(90, height=32, width=160)))
    with pytest.raises(Refusal) as refused, Reader(strip):
        pass
    assert refused.value.code == "unsupported_format"
    with Reader(write(tmp_path / "wide.mp4", Clip(picture=flat(90, height=40, width=160)))) as reader:
        assert (reader.video.width, reader.video.height) == (160, 40)


# --- memory ---------------------------------------------------------------------------------------

_MEASURE = """
import resource, sys
from analysis.engine.media import Reader
with Reader(sys.argv[1]) as reader:
    for picture in reader.pictures():
        picture.rgb(240)
    reader.sound()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_clip(make_clip: MakeClip, tmp_path: Path) -> None:
    base = make_clip("no_reordering.mp4", Clip(options={"preset": "ultrafast", "tune": "zerolatency"}))
    peaks = []
    for seconds in (10, 299):
        path = repeated(tmp_path / f"{seconds}.mp4", base, seconds)
        command = [sys.executable, "-c", _MEASURE, str(path)]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=120)
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] + 20, f"{peaks} MB"
