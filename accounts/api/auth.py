"""`/auth/*`: making an account and getting a token for it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.models import normal_email
from idance.api import throttles
from idance.api.auth import new_token
from idance.api.fields import LineField
from idance.api.input import read_body
from idance.api.schema import MEANINGS, answer, refusal

#: Names and passwords are short, also with every character escaped. Anybody may send these bodies, and who
#: sends one slowly keeps a thread.
_MOST_BYTES = 32 * 1024
_SIGNED_IN = {
    "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
    "token_type": "bearer",
    "user_id": "68877865e63d6bd72cdda440",
}


class SignUpForm(serializers.Serializer[Any]):
    """A new account."""

    email = serializers.EmailField(max_length=254, help_text="Compared without regard to case.")
    password = serializers.CharField(
        trim_whitespace=False, max_length=1024, help_text="At least 8 characters; not a common password."
    )
    displayName = LineField(max_length=80, required=False, allow_blank=True, help_text="What others see.")

    def validate_email(self, email: str) -> str:
        if len(normal_email(email)) > 254:  # a few letters grow when they are written small
            raise serializers.ValidationError("This address is too long.", code="max_length")
        return email


class LogInForm(serializers.Serializer[Any]):
    """Who somebody says they are."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(trim_whitespace=False)


class SignedIn(serializers.Serializer[Any]):
    """A token for this person, good for 24 hours."""

    access_token = serializers.CharField(help_text="Send it as `Authorization: Bearer <access_token>`.")
    token_type = serializers.ChoiceField(choices=["bearer"])
    user_id = serializers.CharField()


class SignedUp(SignedIn):
    """A new account and its first token."""

    message = serializers.CharField()


class SignUpView(APIView):
    """Anybody may make an account."""

    max_body_bytes = _MOST_BYTES
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(
        operation_id="signUp",
        request=SignUpForm,
        responses={
            200: SignedUp,
            400: refusal("Email already registered", "The address has an account, or the body is not JSON."),
            429: refusal(MEANINGS["429"][1], "Too many sign-ups from this network address."),
        },
        examples=[
            OpenApiExample(
                "A dancer",
                value={
                    "email": "user@example.com",
                    "password": "shuffle-ball-change",
                    "displayName": "Dance Master",
                },
                request_only=True,
            ),
            answer("Welcome", {"message": "Signup successful", **_SIGNED_IN}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Make an account.

        The answer carries a token already, so the app need not log in afterwards.
        """
        form = read_body(request, SignUpForm)
        user = services.sign_up(
            email=form["email"],
            password=form["password"],
            display_name=form.get("displayName", ""),
            address=throttles.address(request),
        )
        return Response(
            {
                "message": "Signup successful",
                "user_id": user.id,
                "access_token": new_token(user),
                "token_type": "bearer",
            }
        )


class LogInView(APIView):
    """Anybody may try to log in, but only so often wrongly."""

    max_body_bytes = _MOST_BYTES
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    @extend_schema(
        operation_id="logIn",
        request=LogInForm,
        responses={
            200: SignedIn,
            401: refusal(
                "Email or password is wrong.",
                "Email or password is wrong; or the account is suspended, then it says until when and why.",
            ),
            429: refusal(MEANINGS["429"][1], "Too many failed logins from this network address."),
        },
        examples=[
            OpenApiExample(
                "A dancer",
                value={"email": "user@example.com", "password": "shuffle-ball-change"},
                request_only=True,
            ),
            answer("Signed in", _SIGNED_IN),
        ],
    )
    def post(self, request: Request) -> Response:
        """Log in with email and password.

        The token is good for 24 hours. A changed password or a deactivated account revokes it at once.
        """
        form = read_body(request, LogInForm)
        user = services.log_in(
            email=form["email"], password=form["password"], address=throttles.address(request)
        )
        return Response({"access_token": new_token(user), "token_type": "bearer", "user_id": user.id})
