"""Typed reading of environment variables. A wrong value stops the start with one clear sentence."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "", *, choices: Sequence[str] | None = None) -> str:
    """The variable as text, stripped; ``default`` when unset or empty."""
    value = os.environ.get(name, "").strip() or default
    if choices is not None and value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def flag(name: str, default: bool) -> bool:
    """The variable as a yes or no: 1/0, true/false, yes/no, on/off."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def whole(name: str, default: int, *, least: int | None = None, most: int | None = None) -> int:
    """The variable as a whole number within ``least``..``most``."""
    value = os.environ.get(name, "").strip()
    try:
        number = int(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if (least is not None and number < least) or (most is not None and number > most):
        span = f"{'' if least is None else least}..{'' if most is None else most}"
        raise ImproperlyConfigured(f"{name} must be within {span}, not {number}.")
    return number


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """The variable as a list: words separated by commas."""
    value = os.environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] or list(default)


def folder(name: str, default: Path) -> Path:
    """The variable as an absolute folder path (not created here)."""
    value = os.environ.get(name, "").strip()
    return Path(value).expanduser().resolve() if value else default


def secret(name: str, keep_in: Path) -> str:
    """The variable, or else a random secret made once and kept in a file only the owner can read.

    Two processes starting at the same moment agree: the file is created exclusively and the loser reads it.
    """
    given = os.environ.get(name, "").strip()
    if given:
        if len(given) < 32:
            raise ImproperlyConfigured(f"{name} must have at least 32 characters.")
        return given
    keep_in.parent.mkdir(parents=True, exist_ok=True)
    fresh = keep_in.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
    try:
        # A link appears whole or not at all, so nobody ever reads a half-written secret.
        os.link(fresh, keep_in)
        fresh.unlink()
    except FileExistsError:
        fresh.unlink()
    except OSError:
        # A file system without links: the first file to take the name stays, as far as one can see.
        if keep_in.exists():
            fresh.unlink()
        else:
            fresh.rename(keep_in)
    kept = keep_in.read_text(encoding="ascii").strip()
    if len(kept) < 32:
        raise ImproperlyConfigured(
            f"{keep_in} is damaged. Remove it to get a new secret; tokens end with it."
        )
    return kept
