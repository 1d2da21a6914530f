"""What a service raises when it cannot do what was asked: one sentence for a person, and the HTTP status.

Services know nothing of HTTP beyond this number; `idance.api.errors` turns a problem into a response.
"""

from __future__ import annotations


class Problem(Exception):
    """A request that cannot be fulfilled, and why."""

    status = 400

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


class NotNow(Problem):
    """Not allowed in the present state: taken, over, already done."""

    status = 400


class NotSignedIn(Problem):
    """Whoever asks could not show who they are."""

    status = 401


class Forbidden(Problem):
    """Signed in, but not entitled."""

    status = 403


class Missing(Problem):
    """Does not exist, or is somebody else's private object: the two are not told apart."""

    status = 404

    def __init__(self, sentence: str = "Not found.") -> None:
        super().__init__(sentence)


class TooLarge(Problem):
    """A file or body over its limit."""

    status = 413


class Unsupported(Problem):
    """Not a kind of file we take, judged by its content."""

    status = 415


class Invalid(Problem):
    """A well-formed field with a value that cannot be."""

    status = 422

    def __init__(self, field: str, sentence: str, *, kind: str = "value_error", place: str = "body") -> None:
        super().__init__(sentence)
        self.errors = [{"loc": [place, *field.split(".")], "msg": sentence, "type": kind}]

    def and_also(self, *others: Invalid) -> Invalid:
        """This complaint and further ones in one."""
        for other in others:
            self.errors += other.errors
        return self


class TooOften(Problem):
    """Over a limit of uses per time."""

    status = 429

    def __init__(self, wait: float, sentence: str = "") -> None:
        super().__init__(sentence or "Too many requests. Please wait a moment and try again.")
        self.wait = wait


class Unavailable(Problem):
    """A part of the service does not answer at the moment."""

    status = 503
