"""Choosing one dancer and staying with her.

The dancer is chosen in the first second: the largest body, with a preference for the middle of the picture.
From then on the landmark network looks where the body was in the picture before. What it finds there must be
the same body: hips cannot leap by a torso length within a fifteenth of a second, nor can a body double its
size. If they do, the network has slid to somebody or something else; the picture counts as not seen, and the
body is searched again, near the place where it was lost. With several people in the picture it is never
searched far from there: missing pictures are better than another dancer's.

Bodies are found down to about a quarter of the picture's height; where nobody is found, the picture is
searched again in overlapping squares, down to about a tenth. Once found, a body is looked at in as many
pixels as the video has, up to what the network can use, however small it is. So there is no fixed crop whose
size would have to be known before the movement is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.engine.config import DEFAULT, RATE, EngineConfig
from analysis.engine.media import Picture
from analysis.engine.pose.estimator import Body, Estimator, Region, Sighting


class Follower:
    """Follows one body through a clip.

    Attributes
    ----------
    people : bodies seen at once in the opening of the clip, the largest number.
    since : time from which the present dancer is followed; bodies given before were somebody else's.
    """

    def __init__(self, estimator: Estimator, *, aspect: float, config: EngineConfig = DEFAULT) -> None:
        self.people = 0
        self.since = 0.0
        self._estimator = estimator
        self._rules = config.pose
        self._aspect = aspect
        self._region: Region | None = None  # of the dancer, as last seen
        self._seen_at = 0.0
        self._lost = True
        self._next_look = 0.0
        self._next_tiles = 0.0

    def pixels(self, picture: Picture) -> NDArray[np.uint8]:
        """The picture as large as the network can use it. [shape=(height, width, 3)]"""
        region = None if self._lost else self._region
        return picture.rgb(
            self._overview_height() if region is None else self._detail_height(picture, region)
        )

    def forget(self, t: float) -> None:
        """A new shot begins: whoever is followed next is chosen afresh."""
        self._region, self._lost, self._next_tiles = None, True, t

    def follow(self, picture: Picture) -> Body | None:
        """The dancer in the next picture; None when she is not seen."""
        body = None if self._lost or self._region is None else self._track(picture, self._region)
        sightings: list[Sighting] = []
        if body is None or self._opening_look(picture.t):
            sightings = self._search(picture, tiles=body is None)
        if picture.t <= self._rules.opening:
            self.people = max(self.people, len(sightings), body is not None)
            body = self._better_choice(picture, body, sightings)
        if body is None:
            body = self._find_again(picture, sightings)
        self._lost = body is None
        if body is not None:
            self._region, self._seen_at = body.region, picture.t
        return body

    def _track(self, picture: Picture, region: Region) -> Body | None:
        body = self._look(picture, region)
        if body is None:
            return None
        steps = max(1.0, (picture.t - self._seen_at) * RATE)
        same = _distance(body.region, region) <= self._rules.jump * steps * region.reach
        growth = max(body.region.size, region.size) / max(1e-6, min(body.region.size, region.size))
        return body if same and growth <= self._rules.growth**steps else None

    def _look(self, picture: Picture, region: Region) -> Body | None:
        return self._estimator.look(picture.rgb(self._detail_height(picture, region)), region)

    def _opening_look(self, t: float) -> bool:
        """Is it time to look for everybody? A few times in the first second."""
        if t < self._next_look or t > self._rules.opening:
            return False
        self._next_look = t + self._rules.opening_step
        return True

    def _better_choice(self, picture: Picture, body: Body | None, found: list[Sighting]) -> Body | None:
        """In the opening: change to a body that is clearly larger or nearer to the middle."""
        if body is None or not found:
            return body
        best = max((sighting.region for sighting in found), key=self._rank)
        if _distance(best, body.region) <= self._rules.same_body * max(best.reach, body.region.reach):
            return body
        if self._rank(best) <= self._rules.better * self._rank(body.region):
            return body
        other = self._look(picture, best)
        if other is not None:
            self.since = picture.t
        return other or body

    def _find_again(self, picture: Picture, found: list[Sighting]) -> Body | None:
        """The best body when nobody is followed yet, else the one nearest to where the dancer was lost."""
        last = self._region
        if last is None:
            for sighting in sorted(found, key=lambda one: -self._rank(one.region)):
                body = self._look(picture, sighting.region)
                if body is not None:
                    return body
            return None
        for sighting in sorted(found, key=lambda one: _distance(one.region, last)):
            body = self._look(picture, sighting.region)
            if body is not None and self._may_be(body.region, last, picture.t):
                return body
        return None

    def _may_be(self, region: Region, last: Region, t: float) -> bool:
        rules = self._rules
        away = rules.jump + rules.lost_speed * (t - self._seen_at)
        if self.people > 1:
            away = min(away, rules.lost_range)
        growth = max(region.size, last.size) / max(1e-6, min(region.size, last.size))
        alone_for_long = self.people <= 1 and t - self._seen_at > 1.0
        return _distance(region, last) <= away * last.reach and (
            growth <= rules.lost_growth or alone_for_long
        )

    def _rank(self, region: Region) -> float:
        off_centre = min(1.0, abs(region.x / self._aspect - 0.5) * 2)
        return region.reach * (1.0 - self._rules.off_centre * off_centre)

    def _overview_height(self) -> int:
        return round(self._rules.overview / max(1.0, self._aspect))

    def _detail_height(self, picture: Picture, region: Region) -> int:
        if picture.frame.width * picture.frame.height <= self._rules.as_is:
            return picture.largest
        return round(min(picture.largest, self._rules.detail / max(region.size, 1e-6)))

    def _search(self, picture: Picture, *, tiles: bool) -> list[Sighting]:
        """Everybody in the picture; in tiles when that finds nobody, and not too often."""
        found = self._estimator.find(picture.rgb(self._overview_height()))
        if found or not tiles or picture.t < self._next_tiles:
            return found
        self._next_tiles = picture.t + self._rules.tile_wait
        for size in self._rules.tile_sizes:
            found = self._search_tiles(picture, size)
            if found:
                return found
        return []

    def _search_tiles(self, picture: Picture, size: float) -> list[Sighting]:
        whole = picture.rgb(picture.largest)
        height, width = whole.shape[:2]
        side = max(1, round(size * min(height, width)))
        found: list[Sighting] = []
        for top in _starts(height, side):
            for left in _starts(width, side):
                tile = np.ascontiguousarray(whole[top : top + side, left : left + side])
                for sighting in self._estimator.find(tile):
                    found.append(_in_whole(sighting, left / height, top / height, side / height))
        return _distinct(found, self._rules.same_body)


def _distance(one: Region, other: Region) -> float:
    return float(np.hypot(one.x - other.x, one.y - other.y))


def _starts(length: int, side: int) -> Iterator[int]:
    """Where squares begin that cover the length and overlap by half or more."""
    count = max(1, int(np.ceil((length - side) / (side / 2))) + 1)
    for i in range(count):
        yield round(i * (length - side) / max(1, count - 1))


def _in_whole(sighting: Sighting, left: float, top: float, scale: float) -> Sighting:
    """From a tile's coordinates to the picture's."""
    region = sighting.region
    moved = Region(left + region.x * scale, top + region.y * scale, region.size * scale, region.turn)
    return Sighting(moved, sighting.score)


def _distinct(found: list[Sighting], same: float) -> list[Sighting]:
    """One sighting per body, the surest."""
    kept: list[Sighting] = []
    for sighting in sorted(found, key=lambda one: -one.score):
        if all(
            _distance(sighting.region, other.region) > same * max(sighting.region.reach, other.region.reach)
            for other in kept
        ):
            kept.append(sighting)
    return kept
