"""What becomes of uploaded videos: clean at once, streamable later, sound and picture together throughout."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import av
import pytest

from idance.files import streamable
from idance.files.kinds import HEAD, MP4, Kind, sniff
from idance.files.probe import VideoFacts, probe
from idance.lib.problems import Unsupported
from tests.files import clips

QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
FORMATS: dict[str, dict[str, Any]] = {
    "h264.mp4": {},
    "hevc.mov": {"video": ("-c:v", "libx265", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le")},
    "sideways.mov": {"rotate": 90},
    "upside_down.mp4": {"rotate": 180},
    "silent.mp4": {"audio": None},
    "pcm.mov": {"audio": ("-c:a", "pcm_s16le")},
    "mpeg4.avi": {"video": ("-c:v", "mpeg4"), "audio": ("-c:a", "libmp3lame")},
    "vp9.webm": {"video": ("-c:v", "libvpx-vp9", "-deadline", "realtime"), "audio": ("-c:a", "libopus")},
    "large.mp4": {"size": "2560x1440", "seconds": 0.5, "fps": 10, "video": QUICK},
    "slow_motion.mp4": {"fps": 120},
    "prores.mov": {"video": ("-c:v", "prores_ks")},
    "odd_pixels.mp4": {"video": ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-aspect", "16:9")},
}


def kind_of(path: Path) -> Kind:
    with path.open("rb") as stream:
        kind = sniff(stream.read(HEAD))
    assert kind is not None
    return kind


def facts_of(path: Path) -> VideoFacts:
    return probe(path, kind_of(path))


def tells_no_place(path: Path) -> bool:
    """No metadata that any reader would show, and none of the known words and boxes in the bytes."""
    with av.open(str(path)) as container:
        told = [container.metadata, *(stream.metadata for stream in container.streams)]
    names = {name.lower() for metadata in told for name in metadata}
    content = path.read_bytes()
    traces = [rb"12\.97", rb"loci", rb"\xa9xyz", rb"com\.apple", b"Secret", b"Phone of"]
    return not any("location" in name or "title" in name for name in names) and not any(
        re.search(trace, content) for trace in traces
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_becomes_clean_and_then_streamable(name: str, tmp_path: Path) -> None:
    made = clips.make(tmp_path / name, **FORMATS[name])
    cleaned, film = tmp_path / "cleaned", tmp_path / "film.mp4"

    kind = streamable.clean(made, facts_of(made), cleaned)
    facts = probe(cleaned, kind)
    assert kind_of(cleaned) == kind
    assert tells_no_place(cleaned)

    streamable.transcode(cleaned, facts, film, seconds=60)
    result = facts_of(film)
    assert streamable.reasons(result) == []
    assert result.codec == "h264" and result.rotation == 0
    assert result.audio_codec == (None if name.startswith("silent") else "aac")
    assert max(result.width, result.height) <= 1920 and min(result.width, result.height) <= 1080
    assert result.width / result.height == pytest.approx(facts.width / facts.height, rel=0.01)
    assert result.duration == pytest.approx(facts.duration, abs=0.06)
    assert tells_no_place(film)
    # Faststart: the index comes before the data.
    assert film.read_bytes().index(b"moov") < film.read_bytes().index(b"mdat")
    if result.audio_codec and facts.duration and facts.duration > 1:
        before = clips.tone_starts(made)
        assert clips.tone_starts(cleaned) == pytest.approx(before, abs=0.001)
        assert clips.tone_starts(film) == pytest.approx(before, abs=0.002)


def test_a_trimmed_clip_keeps_its_sound_in_place(tmp_path: Path, clip: Path) -> None:
    trimmed, cleaned = tmp_path / "trimmed.mp4", tmp_path / "cleaned.mp4"
    # Cut without encoding, as galleries do: the container says from when on it is shown.
    clips._ffmpeg("-ss", "0.2", "-i", clip, "-c", "copy", trimmed)
    streamable.clean(trimmed, facts_of(trimmed), cleaned)
    assert clips.tone_starts(trimmed) == pytest.approx(clips.TONE_AT - 0.2, abs=0.002)
    assert clips.tone_starts(cleaned) == pytest.approx(clips.tone_starts(trimmed), abs=0.001)


def test_high_dynamic_range_becomes_standard(tmp_path: Path) -> None:
    hdr = clips.make(
        tmp_path / "hdr.mov",
        seconds=0.5,
        video=(
            *("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params"),
            "log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc",
        ),
    )
    facts = facts_of(hdr)
    assert facts.hdr
    film = tmp_path / "film.mp4"
    streamable.transcode(hdr, facts, film, seconds=60)
    assert streamable.reasons(facts_of(film)) == []


def test_the_thumbnail_is_upright(tmp_path: Path, phone_clip: Path) -> None:
    from PIL import Image

    picture = tmp_path / "picture.jpg"
    streamable.thumbnail(phone_clip, facts_of(phone_clip), picture)
    with Image.open(picture) as opened:
        assert opened.size == (240, 320)
        assert not opened.getexif()


def test_data_tracks_are_left_behind(tmp_path: Path, clip: Path) -> None:
    subtitles = tmp_path / "where.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:01,000\nGPS 12.9716 77.5946\n")
    tracked, cleaned = tmp_path / "tracked.mp4", tmp_path / "cleaned.mp4"
    clips._ffmpeg(
        "-i", clip, "-i", subtitles, "-map", "0", "-map", "1", "-c", "copy", "-c:s", "mov_text", tracked
    )
    with av.open(str(tracked)) as container:
        assert len(container.streams) == 3
    streamable.clean(tracked, facts_of(tracked), cleaned)
    with av.open(str(cleaned)) as container:
        assert sorted(stream.type for stream in container.streams) == ["audio", "video"]
    assert b"GPS 12" not in cleaned.read_bytes()


def test_what_is_fine_is_not_encoded_again(tmp_path: Path, clip: Path) -> None:
    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(video=0)]

    cleaned = tmp_path / "cleaned.mp4"
    assert streamable.clean(clip, facts_of(clip), cleaned) == MP4
    assert streamable.reasons(facts_of(cleaned)) == []
    assert packets(cleaned) == packets(clip)


def test_damaged_and_foreign_files_are_refused(tmp_path: Path, clip: Path) -> None:
    half = tmp_path / "half.mp4"
    half.write_bytes(clip.read_bytes()[:3000])
    with pytest.raises(Unsupported):
        facts_of(half)
    sound = tmp_path / "sound.mp4"
    clips._ffmpeg("-f", "lavfi", "-i", "sine=duration=1", sound)
    with pytest.raises(Unsupported, match="no video"):
        facts_of(sound)


def test_a_playlist_in_disguise_opens_nothing(tmp_path: Path, clip: Path) -> None:
    """A list of other files with a video's first bytes is read by no demuxer that would follow it."""
    for text in (f"ffconcat version 1.0\nfile {clip}\n", f"#EXTM3U\n#EXTINF:1,\n{clip}\n#EXT-X-ENDLIST\n"):
        trap = tmp_path / "trap.mp4"
        trap.write_text(text)
        assert sniff(trap.read_bytes()) is None
        with pytest.raises(Unsupported):
            probe(trap, MP4)
        from idance.files import ffmpeg

        with pytest.raises(ffmpeg.FFmpegFailed):
            ffmpeg.run(trap, "-c", "copy", "-f", "mp4", target=tmp_path / "out.mp4", seconds=20)


def test_encoding_stops_when_its_time_is_up(tmp_path: Path, phone_clip: Path) -> None:
    from idance.files.ffmpeg import FFmpegFailed

    with pytest.raises(FFmpegFailed, match="not done"):
        streamable.transcode(phone_clip, facts_of(phone_clip), tmp_path / "film.mp4", seconds=0.001)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((320, 240), (320, 240)),
        ((1920, 1080), (1920, 1080)),
        ((1080, 1920), (1080, 1920)),
        ((3840, 2160), (1920, 1080)),
        ((2160, 3840), (1080, 1920)),
        ((2000, 2000), (1080, 1080)),
        ((4000, 100), (1920, 48)),
    ],
)
def test_the_size_fits_1080p_either_way(given: tuple[int, int], expected: tuple[int, int]) -> None:
    assert streamable.fitted(*given) == expected
