"""Seeing: where the dancer's body is, picture by picture."""

from analysis.engine.pose.watching import Watched, warm_up, watch

__all__ = ["Watched", "warm_up", "watch"]
