"""Bearer tokens: HS256, 24 hours, revoked when the password changes or the account is switched off."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib.auth import get_user_model
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, Token
from rest_framework_simplejwt.utils import get_md5_hash_password

from idance.lib.problems import NotSignedIn
from idance.prepared import Prepared

if TYPE_CHECKING:
    from accounts.models import User


#: Every request asks this.
_ACCOUNT: Final[Prepared[User]] = Prepared(lambda account: get_user_model().objects.filter(pk=account))


class BearerAuthentication(JWTAuthentication):
    """`Authorization: Bearer <token>`; anything else is a 401 that says so."""

    def get_validated_token(self, raw_token: bytes) -> Token:
        """What the token says, while it holds."""
        token = _verified(raw_token)
        if token["exp"] <= time.time():
            raise AuthenticationFailed()
        return token

    def get_user(self, validated_token: Token) -> Any:
        """Whose token it is, while they are active and their password is that of the token.

        The library's own method, with a query that is written once.
        """
        user = _ACCOUNT.first(account=str(validated_token.get(api_settings.USER_ID_CLAIM)))
        if user is None or not user.is_active:
            raise AuthenticationFailed()
        if validated_token.get(api_settings.REVOKE_TOKEN_CLAIM) != get_md5_hash_password(user.password):
            raise AuthenticationFailed()
        if user.is_suspended:
            raise NotSignedIn(user.suspension)
        return user

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def get_raw_token(self, header: bytes) -> bytes | None:
        # The name of a scheme is the same in any case (RFC 9110); our own answers write it in lower case.
        scheme, _, rest = header.strip().partition(b" ")
        found: bytes | None = super().get_raw_token(
            b"Bearer " + rest if scheme.lower() == b"bearer" else header
        )
        return found


@lru_cache(maxsize=10_000)
def _verified(raw_token: bytes) -> Token:
    """What a token of ours says. Its signature is looked at once; no error is remembered."""
    return JWTAuthentication().get_validated_token(raw_token)


def new_token(user: User) -> str:
    """A fresh access token for this user."""
    return str(AccessToken.for_user(user))


def caller(request: Request) -> User:
    """Who is signed in, in a view that nobody else reaches."""
    return cast("User", request.user)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "idance.api.auth.BearerAuthentication"
    name = "Bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
