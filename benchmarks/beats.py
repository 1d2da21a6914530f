"""Tempo and beats against known ones, beside librosa: ``python -m benchmarks.beats`` prints the tables.

All music of the data folder with a known tempo, and the rendered clips with exact beats. The files alternate,
in alphabetical order, between a development half (on which the constants of ``MusicConfig`` were chosen) and
a validation half. Phone clips are short, so every file is also judged in excerpts of ten seconds.

A tempo is right within 4 %; with octaves allowed, also at a half, a third, double or triple. A beat is right
within 70 ms of a true one, one for one; F is the harmonic mean of precision and recall.

``fof_*`` come from games whose charts may round the tempo; ``the_fast_route`` is written at 128 but sounds in
dotted quarters (85.3), which no listener can know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from analysis.engine.music import hear
from analysis.engine.music.decode import decode_sound
from analysis.engine.types import FloatArray, Sound
from benchmarks.population import data_folder

Half = Literal["development", "validation", "rendered"]

EXCERPT = 10.0  # s
TEMPO_TOLERANCE = 0.04
BEAT_TOLERANCE = 0.07  # s
_OCTAVES = (1.0 / 3.0, 0.5, 1.0, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Piece:
    """A sound whose tempo is known, and its beats where they are."""

    name: str
    half: Half
    sound: Sound
    bpm: float
    beats: FloatArray | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What one listener made of a piece."""

    bpm: float | None
    beats: FloatArray

    def strict(self, piece: Piece) -> bool:
        """Is the tempo right?"""
        return self.bpm is not None and abs(self.bpm / piece.bpm - 1.0) <= TEMPO_TOLERANCE

    def octave(self, piece: Piece) -> bool:
        """Is it right but for the octave?"""
        return self.bpm is not None and any(
            abs(self.bpm / (piece.bpm * octave) - 1.0) <= TEMPO_TOLERANCE for octave in _OCTAVES
        )

    def f_measure(self, piece: Piece) -> float:
        """Of the beats; nan where the true ones are not known."""
        return float("nan") if piece.beats is None else f_measure(self.beats, piece.beats)


@dataclass(frozen=True, slots=True)
class Row:
    """A piece, heard by us without and with the tempo told, and by librosa."""

    piece: Piece
    ours: Heard
    told: Heard
    librosa: Heard


def main() -> None:
    """Print both tables."""
    rows = [listen(piece) for piece in pieces()]
    print(f"{'':38}  true |   ours  told  librosa | F: ours  told  librosa")
    for row in rows:
        bpm = "".join(f"{x.bpm or float('nan'):8.2f}" for x in (row.ours, row.told, row.librosa))
        f = "".join(f"{x.f_measure(row.piece):8.2f}" for x in (row.ours, row.told, row.librosa))
        print(f"{row.piece.name[:38]:38} {row.piece.bpm:6.1f} {bpm} {f}  {row.piece.half}")
    print("\nwhole files")
    summary(rows)
    print(f"\nexcerpts of {EXCERPT:g} s")
    summary([listen(excerpt) for piece in pieces() for excerpt in excerpts(piece)])


def summary(rows: Sequence[Row]) -> None:
    """Shares of right tempi and mean F by half."""
    print(f"{'':14}{'n':>4} | {'strict':^23} | {'octaves allowed':^23} | {'F of beats':^23}")
    print(
        f"{'':18} | {'ours   told librosa':>23} | {'ours   told librosa':>23} | {'ours   told librosa':>23}"
    )
    for half in ("development", "validation", "rendered"):
        some = [row for row in rows if row.piece.half == half]
        cells = []
        for measure in ("strict", "octave", "f_measure"):
            for listener in ("ours", "told", "librosa"):
                values = [float(getattr(getattr(row, listener), measure)(row.piece)) for row in some]
                cells.append(f"{np.nanmean(values):7.2f}")
        groups = ["".join(cells[i : i + 3]) for i in (0, 3, 6)]
        print(f"{half:14}{len(some):4} |  " + "   |  ".join(groups))


def pieces() -> list[Piece]:
    """All music with a known tempo, then the rendered clips."""
    data = data_folder()
    files = sorted(file for file in (data / "music").iterdir() if file.suffix != ".beats")
    found = []
    for number, file in enumerate(files):
        told = re.search(r"([\d.]+)bpm", file.stem)
        if told is None:
            raise ValueError(f"no tempo in the name {file.name}")
        beside = file.with_suffix(".beats")
        beats = np.loadtxt(beside) if beside.is_file() else None
        half: Half = "validation" if number % 2 else "development"
        found.append(_piece(file.stem, half, file, float(told[1]), beats))
    for file in sorted((data / "free" / "clips").glob("*.json")):
        about = json.loads(file.read_text())
        video = file.with_suffix(".mp4")
        found.append(_piece(file.stem, "rendered", video, about["bpm"], np.array(about["beat_times"])))
    return found


def _piece(name: str, half: Half, file: Path, bpm: float, beats: FloatArray | None) -> Piece:
    sound = decode_sound(file)
    if sound is None:
        raise ValueError(f"no sound in {file}")
    duration = len(sound.samples) / sound.rate
    return Piece(name, half, sound, bpm, None if beats is None else beats[beats < duration])


def excerpts(piece: Piece) -> list[Piece]:
    """Ten seconds at a time; the whole piece when it is hardly longer."""
    size = round(EXCERPT * piece.sound.rate)
    if len(piece.sound.samples) < 2 * size:
        return [piece]
    found = []
    for first in range(0, len(piece.sound.samples) - size + 1, size):
        start = first / piece.sound.rate
        beats = piece.beats
        if beats is not None:
            beats = beats[(beats >= start) & (beats < start + EXCERPT)] - start
        sound = Sound(piece.sound.samples[first : first + size], piece.sound.rate)
        found.append(Piece(f"{piece.name}@{start:.0f}", piece.half, sound, piece.bpm, beats))
    return found


def listen(piece: Piece) -> Row:
    """Hear a piece with all three."""
    ours, told = hear(piece.sound), hear(piece.sound, target_bpm=piece.bpm)
    return Row(piece, Heard(ours.bpm, ours.beats), Heard(told.bpm, told.beats), by_librosa(piece.sound))


def by_librosa(sound: Sound) -> Heard:
    """Plain ``librosa.beat.beat_track`` with all its defaults."""
    import librosa

    tempo, beats = librosa.beat.beat_track(y=sound.samples, sr=sound.rate, units="time")
    return Heard(float(np.ravel(tempo)[0]), np.asarray(beats))


def f_measure(found: FloatArray, true: FloatArray) -> float:
    """Share of beats that are right, found and true ones taken together."""
    if not len(found) or not len(true):
        return 0.0
    right, free = 0, np.ones(len(found), dtype=bool)
    for beat in true:
        near = np.where(free, np.abs(found - beat), np.inf)
        best = int(near.argmin())
        if near[best] <= BEAT_TOLERANCE:
            right, free[best] = right + 1, False
    return 2.0 * right / (len(found) + len(true))


if __name__ == "__main__":
    main()
