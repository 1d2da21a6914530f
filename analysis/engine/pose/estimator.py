"""The pose network behind one small interface. Only this module and ``network.py`` import mediapipe.

An ``Estimator`` answers two questions about one picture and remembers nothing in between: where are bodies
(``find``), and where are the landmarks of the body in this region (``look``). Following one body from
picture to picture is ours (``follow.py``): only so can a dancer among several be chosen and kept. Another
runtime or network takes part by answering the same two questions.

``MediaPipeEstimator`` runs the detector and the landmark network of MediaPipe Pose 0.10.21 (BlazePose GHUM,
"full", complexity 1) [1]_ with MediaPipe's own pre- and postprocessing. Compared with MediaPipe's ready-made
``solutions.pose.Pose`` two things are left out that assume 30 frames per second: smoothing of the landmarks,
and of the region (a one-euro filter that cannot be switched off there).

References
----------
.. [1] Bazarevsky, Grishchenko, Raveendran, Zhu, Zhang, Grundmann (2020), BlazePose: On-device Real-time
   Body Pose tracking, arXiv:2006.10204.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.engine.pose.network import networks_without_mask
from analysis.engine.types import FloatArray

#: Side of the square that the landmark network looks at, over twice the distance from the middle of the hips
#: to the end of the body; the margin the network was trained with.
MARGIN: Final = 1.25


@dataclass(frozen=True, slots=True)
class Region:
    """The square in which a body is looked for: around the middle of its hips, upright with its trunk."""

    x: float  # frame heights
    y: float  # frame heights
    size: float  # frame heights, length of a side
    turn: float  # rad, clockwise

    @property
    def reach(self) -> float:
        """From the middle of the hips to the end of the body, in frame heights; about two torso lengths."""
        return self.size / (2 * MARGIN)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A body that was found in a picture."""

    region: Region
    score: float  # 0..1, how sure


@dataclass(frozen=True, slots=True)
class Body:
    """Landmarks of one body in one picture."""

    xy: FloatArray  # [shape=(33, 2)] frame heights
    visibility: FloatArray  # [shape=(33,)] 0..1
    region: Region  # where to look for the body in the next picture


class Estimator(Protocol):
    """Finds bodies and their landmarks in upright RGB pictures [shape=(height, width, 3), uint8]."""

    def find(self, picture: NDArray[np.uint8]) -> list[Sighting]:
        """All bodies that are seen, in no particular order."""

    def look(self, picture: NDArray[np.uint8], region: Region) -> Body | None:
        """Landmarks of the body in the region; None when there is none."""


class MediaPipeEstimator:
    """MediaPipe's pose networks. Loading takes about a second; one per process is enough.

    The networks keep nothing between calls, so answers do not depend on what was asked before. Calls from
    several threads wait for each other. Not to be carried across a fork.

    Raises
    ------
    RuntimeError : a system library that mediapipe needs is missing; the sentence names the package.
    """

    def __init__(self) -> None:
        with _without_chatter():
            self._mediapipe = _Bindings()
            with self._mediapipe.networks():
                self._load()

    def _load(self) -> None:
        self._finder = _Graph(self._mediapipe, _FINDER, ("bodies",))
        self._looker = _Graph(self._mediapipe, _LOOKER, ("landmarks", "frame"), model_complexity=1)
        blank = np.zeros((256, 256, 3), dtype=np.uint8)
        self.find(blank)
        self.look(blank, Region(0.5, 0.5, 1.0, 0.0))

    def find(self, picture: NDArray[np.uint8]) -> list[Sighting]:
        """All bodies that are seen with a score of at least .5; the network reduces pictures to 224 px."""
        answer = self._finder.ask(image=self._mediapipe.picture(picture))
        if "bodies" not in answer:
            return []
        return [
            Sighting(_region(body.location_data.relative_keypoints, picture.shape), float(body.score[0]))
            for body in self._mediapipe.get_list(answer["bodies"])
        ]

    def look(self, picture: NDArray[np.uint8], region: Region) -> Body | None:
        """Landmarks of the body in the region; None when the network doubts that there is one (< .5)."""
        image, square = self._mediapipe.picture(picture), self._mediapipe.square(region, picture.shape)
        answer = self._looker.ask(image=image, region=square)
        if "landmarks" not in answer:
            return None
        points = self._mediapipe.get(answer["landmarks"]).landmark
        frame = self._mediapipe.get(answer["frame"]).landmark
        height, width = picture.shape[:2]
        return Body(
            xy=np.array([(point.x * width / height, point.y) for point in points]),
            visibility=np.array([point.visibility for point in points]),
            region=_region(frame, picture.shape),
        )


# Graphs run in the thread that asks: handing each step to another thread and waiting for it costs more.
_FINDER = """
input_stream: "image"
output_stream: "bodies"
executor { name: "" type: "ApplicationThreadExecutor" }
node {
  calculator: "PoseDetectionCpu"
  input_stream: "IMAGE:image"
  output_stream: "DETECTIONS:bodies"
}
"""

_LOOKER = """
input_stream: "image"
input_stream: "region"
output_stream: "landmarks"
output_stream: "frame"
executor { name: "" type: "ApplicationThreadExecutor" }
node {
  calculator: "PoseLandmarkByRoiCpu"
  input_side_packet: "MODEL_COMPLEXITY:model_complexity"
  input_stream: "IMAGE:image"
  input_stream: "ROI:region"
  output_stream: "LANDMARKS:landmarks"
  output_stream: "AUXILIARY_LANDMARKS:frame"
}
"""


def _region(points: Sequence[Any], shape: tuple[int, ...]) -> Region:
    """Both networks frame a body by two points: the middle of the hips and the end of the body."""
    height, width = shape[:2]
    x, y = points[0].x * width / height, points[0].y
    across, down = points[1].x * width / height - x, points[1].y - y
    return Region(x, y, 2 * MARGIN * math.hypot(across, down), math.atan2(across, -down))


class _Bindings:
    """The parts of mediapipe that are used, imported late and with a helpful error."""

    def __init__(self) -> None:
        try:
            import mediapipe  # noqa: F401  # sets up the paths of its submodules
            from mediapipe.framework.formats import rect_pb2
            from mediapipe.python import packet_creator, packet_getter
            from mediapipe.python._framework_bindings import calculator_graph, image_frame, resource_util
        except ImportError as error:
            raise RuntimeError(explain_import_error(str(error))) from error
        self._packages, self._look_in = Path(mediapipe.__file__).parents[1], resource_util.set_resource_dir
        self._packets, self._rect = packet_creator, rect_pb2.NormalizedRect
        self._rgb = image_frame.ImageFormat.SRGB
        self.graph = calculator_graph.CalculatorGraph
        self.integer = packet_creator.create_int
        self.get, self.get_list = packet_getter.get_proto, packet_getter.get_proto_list

    @contextmanager
    def networks(self) -> Iterator[None]:
        """While a graph is made and first asked, it reads its networks from here."""
        with networks_without_mask(self._packages) as folder:
            self._look_in(str(folder))
            try:
                yield
            finally:
                self._look_in(str(self._packages))

    def picture(self, picture: NDArray[np.uint8]) -> Any:
        view = picture.view()
        view.flags.writeable = False  # so that it is lent, not copied; the graph is idle before we return
        return self._packets.create_image_frame(image_format=self._rgb, data=view)

    def square(self, region: Region, shape: tuple[int, ...]) -> Any:
        aspect = shape[1] / shape[0]
        rect = self._rect(
            x_center=region.x / aspect,
            y_center=region.y,
            width=region.size / aspect,
            height=region.size,
            rotation=region.turn,
        )
        return self._packets.create_proto(rect)


class _Graph:
    """A MediaPipe graph that is asked one question at a time."""

    def __init__(self, bindings: _Bindings, text: str, outputs: tuple[str, ...], **settings: int) -> None:
        self._graph = bindings.graph(graph_config=text)
        self._answer: dict[str, Any] = {}
        self._asked = 0
        self._lock = threading.Lock()
        for name in outputs:
            self._graph.observe_output_stream(name, self._answer.__setitem__)
        self._graph.start_run({name: bindings.integer(value) for name, value in settings.items()})

    def ask(self, **packets: Any) -> dict[str, Any]:
        with self._lock:
            self._answer.clear()
            self._asked += 1
            for name, packet in packets.items():
                self._graph.add_packet_to_input_stream(name, packet.at(self._asked))
            self._graph.wait_until_idle()
            return dict(self._answer)


#: Debian and Ubuntu packages of the libraries that mediapipe and its OpenCV load.
_PACKAGES: Final = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libgomp.so.1": "libgomp1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libSM.so.6": "libsm6",
    "libXext.so.6": "libxext6",
    "libxcb.so.1": "libxcb1",
    "libstdc++.so.6": "libstdc++6",
}


def explain_import_error(message: str) -> str:
    """One sentence for an operator: what is missing and how to get it."""
    for library, package in _PACKAGES.items():
        if library in message:
            return (
                f"The pose network needs the system library {library}. "
                f"On Debian or Ubuntu: apt-get install {package}"
            )
    return f"The pose network cannot be loaded: {message}. Install requirements.txt again."


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep what MediaPipe's C++ prints while it loads to itself; show it when loading fails."""
    os.environ.setdefault("GLOG_minloglevel", "2")
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        own = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            os.write(own, kept.read())
            raise
        finally:
            os.dup2(own, 2)
            os.close(own)
