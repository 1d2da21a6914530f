"""What an analysis costs: CPU seconds per second of video by stage, memory, wall time on one and two workers.

    python -m benchmarks.engine [CLIP ...]

Every figure comes from a process of its own that has loaded the engine before (as a worker has). CPU counts
everything that the process and its children used: decoding, pose, sound, steps, scores, and writing the pose
data, the report and the thumbnail. Beside it, in the same run, stands what is usually done: OpenCV reads
every frame in full size, MediaPipe's ready-made solution looks at each, ffmpeg unpacks the sound for librosa.
The machine should be idle; figures move by some per cent.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np

DEMO = Path(__file__).resolve().parents[1] / "demo" / "jesse_dance_front.mp4"
LENGTHS = (10, 60, 150, 298)  # s
STAGES = (
    "open",
    "decode",
    "convert",
    "pose",
    "sound",
    "music",
    "movement",
    "steps",
    "scores",
    "feedback",
    "files",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", nargs="*", type=Path, default=[DEMO])
    parser.add_argument("--child", choices=("engine", "naive"), help=argparse.SUPPRESS)
    parser.add_argument("--complexity", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        work = engine_once if options.child == "engine" else naive_once
        print(json.dumps(work(options.clips[0], options.complexity)))
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, Python {sys.version.split()[0]}\n")
    for clip in options.clips:
        compare(clip)
    with tempfile.TemporaryDirectory() as folder:
        growth(options.clips[0], Path(folder))
        workers(options.clips[0], Path(folder))


def compare(clip: Path) -> None:
    """The engine by stage, and the usual way beside it."""
    ours = child("engine", clip)
    seconds = ours["seconds"]
    print(f"{clip.name}: {seconds:.1f} s, {ours['picture']}, CPU s per s of video")
    for stage in STAGES:
        spent = ours["stages"].get(stage, 0.0)
        print(f"  {stage:<10} {spent / seconds:7.4f}  {spent / ours['cpu']:5.1%}")
    print(f"  {'all':<10} {ours['cpu'] / seconds:7.4f}  peak memory {ours['memory']:.0f} MB")
    for name, complexity in (("naive loop", 1), ("naive loop, heavy model", 2)):
        theirs = child("naive", clip, complexity)
        if "missing" in theirs:
            print(f"  {name}: {theirs['missing']}")
            continue
        cost, times = theirs["cpu"] / seconds, theirs["cpu"] / ours["cpu"]
        print(f"  {name}: {cost:.4f}, {times:.2f} times as much, peak memory {theirs['memory']:.0f} MB")
    print()


def growth(clip: Path, folder: Path) -> None:
    """Cost and memory as clips get longer (the same clip again and again)."""
    print("length s   CPU s/s   peak memory MB")
    for length in LENGTHS:
        ours = child("engine", looped(clip, length, folder))
        print(f"{ours['seconds']:8.0f} {ours['cpu'] / ours['seconds']:9.4f} {ours['memory']:12.0f}")
    print()


def workers(clip: Path, folder: Path, jobs: int = 4) -> None:
    """Wall time of some analyses one after the other, and by two processes at once."""
    longer = looped(clip, 30, folder)
    print(f"{jobs} clips of 30 s   wall s (engine loaded before)")
    walls = {}
    for count in (1, 2):
        running = [start("engine", longer, repeat=jobs // count) for _ in range(count)]
        walls[count] = max(result(process)["wall"] for process in running)
        print(f"  {count} worker{'s' if count > 1 else ' '}        {walls[count]:7.1f}")
    print(f"  two are {walls[1] / walls[2]:.2f} times as fast as one")


def child(kind: str, clip: Path, complexity: int = 1) -> dict[str, Any]:
    """One measurement in a process of its own."""
    return result(start(kind, clip, complexity))


def start(kind: str, clip: Path, complexity: int = 1, repeat: int = 1) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.engine", "--child", kind, "--complexity", str(complexity)]
    environment = os.environ | {"BENCHMARK_REPEAT": str(repeat), "GLOG_minloglevel": "2"}
    return subprocess.Popen(
        [*command, str(clip)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        cwd=DEMO.parents[1],
    )


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a child measured, with its peak memory as the kernel tells it."""
    text = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{process.args!r} failed; run it by hand to see why")
    measured: dict[str, Any] = json.loads(text.splitlines()[-1])
    return measured | {"memory": usage.ru_maxrss / 1024}


def looped(clip: Path, seconds: int, folder: Path) -> Path:
    """The clip again and again until it is so long, without coding it anew."""
    longer = folder / f"{clip.stem}_{seconds}{clip.suffix}"
    if not longer.exists():
        source = ["-stream_loop", "-1", "-i", str(clip)]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *source, "-t", str(seconds)]
        subprocess.run([*command, "-c", "copy", str(longer)], check=True)
    return longer


def engine_once(clip: Path, _: int) -> dict[str, Any]:
    """Analyse and write everything a worker writes. The engine's own clock is made to count CPU time."""
    from analysis.engine import pipeline, posedata

    pipeline.warm_up()
    wall = time.monotonic()
    time.perf_counter = time.process_time
    before = cpu()
    for _repeat in range(int(os.environ["BENCHMARK_REPEAT"])):
        found = pipeline.analyze(clip)
        writing = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "pose_data.json").write_bytes(posedata.dump(found))
            Path(folder, "report.json").write_text(json.dumps(pipeline.report(found), allow_nan=False))
            Path(folder, "thumbnail.jpg").write_bytes(found.thumbnail or b"")
        stages = found.timings | {"files": time.process_time() - writing}
    picture = f"{found.video.width}x{found.video.height} at {found.video.fps:.3g} fps"
    return {
        "seconds": found.video.duration,
        "picture": picture,
        "cpu": cpu() - before,
        "wall": time.monotonic() - wall,
        "stages": stages,
    }


def naive_once(clip: Path, complexity: int) -> dict[str, Any]:
    """Every frame in full size through MediaPipe's solution, the sound through ffmpeg and librosa."""
    import cv2
    import librosa
    import mediapipe

    models = Path(mediapipe.__file__).parent / "modules" / "pose_landmark"
    if complexity == 2 and not (models / "pose_landmark_heavy.tflite").exists():
        return {"missing": "not measured, this MediaPipe does not carry the heavy model"}
    librosa.beat.beat_track(y=np.random.default_rng(0).standard_normal(3 * 22050), sr=22050)  # compiles
    with mediapipe.solutions.pose.Pose(model_complexity=complexity) as pose:
        before, frames = cpu(), 0
        video = cv2.VideoCapture(str(clip))
        while True:
            more, frame = video.read()
            if not more:
                break
            pose.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            frames += 1
        with tempfile.TemporaryDirectory() as folder:
            sound = Path(folder, "sound.wav")
            command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(clip), str(sound)]
            if subprocess.run(command, check=False).returncode == 0:
                samples, rate = librosa.load(sound)
                librosa.beat.beat_track(y=samples, sr=rate)
    return {"cpu": cpu() - before, "frames": frames}


def cpu() -> float:
    """CPU seconds of this process and of its children that ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


if __name__ == "__main__":
    main()
