"""The outline video: the dancer's skeleton, the beat and the name of each step, drawn over the dance.

``render`` makes one style; ``render_all`` makes several from one reading of the source. Each style costs
its own drawing and encoding, so the second one is not free. Pure: files in, files out.
"""

from breakdowns.outline.film import Style, render, render_all

__all__ = ["Style", "render", "render_all"]
