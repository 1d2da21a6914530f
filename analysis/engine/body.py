"""The body as the engine names it: MediaPipe's 33 landmarks and the segments between them.

Sources
-------
Landmark order: MediaPipe Pose (BlazePose GHUM), 33 landmarks.
Segment masses and centres of mass: de Leva (1996), Adjustments to Zatsiorsky-Seluyanov's segment inertia
parameters, J. Biomech. 29(9), the mean of women and men.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple


class Landmark(IntEnum):
    """Index of each landmark in every ``[shape=(n, 33, ...)]`` array of the engine."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


LANDMARK_COUNT: Final = 33

#: Left and right partners, for mirroring and for the repair of swaps.
MIRROR_PAIRS: Final[tuple[tuple[Landmark, Landmark], ...]] = (
    (Landmark.LEFT_EYE_INNER, Landmark.RIGHT_EYE_INNER),
    (Landmark.LEFT_EYE, Landmark.RIGHT_EYE),
    (Landmark.LEFT_EYE_OUTER, Landmark.RIGHT_EYE_OUTER),
    (Landmark.LEFT_EAR, Landmark.RIGHT_EAR),
    (Landmark.MOUTH_LEFT, Landmark.MOUTH_RIGHT),
    (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER),
    (Landmark.LEFT_ELBOW, Landmark.RIGHT_ELBOW),
    (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST),
    (Landmark.LEFT_PINKY, Landmark.RIGHT_PINKY),
    (Landmark.LEFT_INDEX, Landmark.RIGHT_INDEX),
    (Landmark.LEFT_THUMB, Landmark.RIGHT_THUMB),
    (Landmark.LEFT_HIP, Landmark.RIGHT_HIP),
    (Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE),
    (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE),
    (Landmark.LEFT_HEEL, Landmark.RIGHT_HEEL),
    (Landmark.LEFT_FOOT_INDEX, Landmark.RIGHT_FOOT_INDEX),
)

#: MediaPipe landmark of each COCO-17 keypoint, in COCO's order.
COCO17: Final[tuple[Landmark, ...]] = (
    Landmark.NOSE,
    Landmark.LEFT_EYE,
    Landmark.RIGHT_EYE,
    Landmark.LEFT_EAR,
    Landmark.RIGHT_EAR,
    Landmark.LEFT_SHOULDER,
    Landmark.RIGHT_SHOULDER,
    Landmark.LEFT_ELBOW,
    Landmark.RIGHT_ELBOW,
    Landmark.LEFT_WRIST,
    Landmark.RIGHT_WRIST,
    Landmark.LEFT_HIP,
    Landmark.RIGHT_HIP,
    Landmark.LEFT_KNEE,
    Landmark.RIGHT_KNEE,
    Landmark.LEFT_ANKLE,
    Landmark.RIGHT_ANKLE,
)

#: The joints every score is made of; hands, face and toes are noisier and often out of the picture.
BODY_JOINTS: Final = COCO17[5:]


class Segment(NamedTuple):
    """A body segment between two ends; each end is the mean of one or two landmarks."""

    name: str
    proximal: tuple[Landmark, ...]
    distal: tuple[Landmark, ...]
    mass: float  # share of the whole body
    com: float  # centre of mass, share of the way from proximal to distal


_SHOULDERS = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
_HIPS = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)

SEGMENTS: Final[tuple[Segment, ...]] = (
    Segment("head", _SHOULDERS, (Landmark.LEFT_EAR, Landmark.RIGHT_EAR), 0.0681, 1.0),
    Segment("trunk", _SHOULDERS, _HIPS, 0.4302, 0.4383),
    Segment("left upper arm", (Landmark.LEFT_SHOULDER,), (Landmark.LEFT_ELBOW,), 0.0263, 0.5763),
    Segment("right upper arm", (Landmark.RIGHT_SHOULDER,), (Landmark.RIGHT_ELBOW,), 0.0263, 0.5763),
    Segment("left forearm and hand", (Landmark.LEFT_ELBOW,), (Landmark.LEFT_WRIST,), 0.0209, 0.6300),
    Segment("right forearm and hand", (Landmark.RIGHT_ELBOW,), (Landmark.RIGHT_WRIST,), 0.0209, 0.6300),
    Segment("left thigh", (Landmark.LEFT_HIP,), (Landmark.LEFT_KNEE,), 0.1447, 0.3854),
    Segment("right thigh", (Landmark.RIGHT_HIP,), (Landmark.RIGHT_KNEE,), 0.1447, 0.3854),
    Segment("left shank and foot", (Landmark.LEFT_KNEE,), (Landmark.LEFT_ANKLE,), 0.0590, 0.5550),
    Segment("right shank and foot", (Landmark.RIGHT_KNEE,), (Landmark.RIGHT_ANKLE,), 0.0590, 0.5550),
)
