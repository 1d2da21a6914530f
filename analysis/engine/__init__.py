"""The analysis engine: a phone video goes in; landmarks, beats, steps, scores with reasons come out.

    from analysis.engine import analyze
    found = analyze("clip.mp4")
    found.total, found.scores["rhythm"].points, found.feedback.text

``analyze(path)``
    A clip from beginning to end; raises ``Refusal`` when there is nothing that can be scored.
``rescore(data)``
    The same from stored pose data, without the video.
``report.report(found)``
    Everything a score was made of, as plain JSON for charts.
``reference_of(score)``
    The timing of a demo's rhythm, to compare other dancers on the same music with.
``warm_up()``
    Loads the pose network and compiles what is compiled, so that the first clip need not wait.

The way of a clip is in ``pipeline``, the data that flow in ``types``, every constant in ``config``, how each
dimension is scored in ``scoring/``. Files in, dataclasses out; no Django, no settings, no state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.engine.errors import Refusal

if TYPE_CHECKING:
    from analysis.engine.pipeline import analyze, reference_of, rescore, warm_up

__all__ = ["Refusal", "analyze", "reference_of", "rescore", "warm_up"]


def __getattr__(name: str) -> Any:
    """The pipeline is heavy to import; who needs only a constant or an error code does not pay for it."""
    if name in __all__:
        from analysis.engine import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
