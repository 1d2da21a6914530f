"""What others see of a person, for lists that read nothing else of them."""

from __future__ import annotations

from typing import Final, NamedTuple

#: The columns of a `User` that are enough to show them to others.
SHOWN: Final = ("id", "display_name", "avatar_url", "points")


class Person(NamedTuple):
    """A person as others see them; a `User` has all of this too."""

    id: str
    display_name: str
    avatar_url: str
    points: int

    @property
    def name(self) -> str:
        """What others see: the chosen name, else one that gives nothing of the address away."""
        return name_of(self.id, self.display_name)


def name_of(person_id: str, display_name: str) -> str:
    """The chosen name, else one made of the id."""
    return display_name or f"Dancer {person_id[-4:]}"


def shown(relation: str) -> tuple[str, ...]:
    """The same columns, of the person to whom ``relation`` leads."""
    return tuple(f"{relation}__{column}" for column in SHOWN)
