"""MediaPipe's pose networks without what the engine does not use.

The landmark network ("full") also paints a mask of the body in 256 x 256 pixels, which nobody here asks for.
Its last layers cost a quarter of a look, and the runtime works them out whether the mask is read or not. So
the layers that lead to the mask alone are taken out of the network's plan when it is loaded. All other layers
and their weights stay as they are: the landmarks are the same, bit for bit.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

LANDMARKS: Final = "mediapipe/modules/pose_landmark/pose_landmark_full.tflite"
_DETECTOR: Final = "mediapipe/modules/pose_detection/pose_detection.tflite"

#: Places among the landmark network's outputs, as MediaPipe's graph takes them apart: landmarks, whether
#: there is a body, the mask, heat maps, landmarks in metres.
_PRESENCE, _MASK, _OUTPUTS = 1, 2, 5


@contextmanager
def networks_without_mask(packages: Path) -> Iterator[Path]:
    """A folder that MediaPipe can read its pose networks from while they are being loaded.

    Parameters
    ----------
    packages : where mediapipe is installed.

    Raises
    ------
    RuntimeError : the network is not the one that is known; another release of mediapipe is installed.
    """
    with TemporaryDirectory(prefix="idance-networks-") as name:
        folder = Path(name)
        for path in (LANDMARKS, _DETECTOR):
            (folder / path).parent.mkdir(parents=True)
        shutil.copyfile(packages / _DETECTOR, folder / _DETECTOR)
        (folder / LANDMARKS).write_bytes(without_mask((packages / LANDMARKS).read_bytes()))
        yield folder


def without_mask(model: bytes) -> bytes:
    """The landmark network (a TensorFlow Lite file) without the layers that lead to the mask alone.

    The mask's place among the outputs is kept, since MediaPipe counts them; the presence stands there again.
    """
    import flatbuffers
    from mediapipe.tasks.metadata import schema_py_generated as schema

    network = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))
    graph = network.subgraphs[0]
    outputs = [int(tensor) for tensor in graph.outputs]
    if len(outputs) != _OUTPUTS or list(graph.tensors[outputs[_MASK]].shape) != [1, 256, 256, 1]:
        raise RuntimeError(
            "The landmark network of this mediapipe is not known. Install requirements.txt again."
        )
    outputs[_MASK] = outputs[_PRESENCE]
    graph.operators = _leading_to(outputs, graph.operators)
    graph.outputs = outputs
    builder = flatbuffers.Builder(len(model))
    builder.Finish(network.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _leading_to(tensors: list[int], operators: list[Any]) -> list[Any]:
    """The operators without which these tensors cannot be worked out, in their order."""
    wanted, kept = set(tensors), []
    for operator in reversed(operators):  # each stands behind those whose results it takes
        if wanted.intersection(map(int, operator.outputs)):
            kept.append(operator)
            wanted.update(map(int, operator.inputs))
    return kept[::-1]
