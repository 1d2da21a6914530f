"""Share links: a signature over a breakdown's id and nonce, so that the owner can take all of them back."""

from __future__ import annotations

import secrets
from typing import Final

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from breakdowns.models import Breakdown

#: The query parameter that carries the signature.
PARAMETER: Final = "share"


def new_nonce() -> str:
    """What the next link is signed with."""
    return secrets.token_hex(8)


def path_of(breakdown: Breakdown, *, shared: bool = False) -> str:
    """The page of a breakdown: for its owner, or as its share link when it has one."""
    query = f"?{PARAMETER}={_signature(breakdown)}" if shared else ""
    return f"/breakdowns/{breakdown.pk}{query}"


def opens(breakdown: Breakdown, signature: str) -> bool:
    """Whether this is the signature of the breakdown's present share link."""
    return bool(breakdown.share_nonce) and constant_time_compare(signature, _signature(breakdown))


def _signature(breakdown: Breakdown) -> str:
    signer = Signer(salt="breakdowns.share", algorithm="sha256")
    return signer.signature(f"{breakdown.pk}:{breakdown.share_nonce}")
