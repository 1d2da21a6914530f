"""The second factor of staff: codes of an app on their phone, and codes on paper for when it is lost.

django-otp keeps the devices, takes no code twice and makes who guesses wait longer each time.
"""

from __future__ import annotations

import re
from math import ceil
from typing import Any, Final

import django_otp
import qrcode
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathImage

from accounts.models import User
from idance.lib.problems import Invalid, NotNow

OFF: Final = "off"
REQUIRED: Final = "required"
BACKUP_CODES: Final = 10
_WRONG: Final = "This code is not right, or was used already."


def device_of(user: User) -> TOTPDevice | None:
    """The phone that is set up; None while there is none."""
    found: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    return found


def pending_device(user: User) -> TOTPDevice:
    """The phone that is being set up: the same until it is confirmed, so that its picture may be reloaded."""
    found = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    made: TOTPDevice = found or TOTPDevice.objects.create(user=user, name="phone", confirmed=False)
    return made


def picture(device: TOTPDevice) -> str:
    """The QR code to scan, as SVG."""
    code = qrcode.QRCode(image_factory=SvgPathImage, border=2)
    code.add_data(device.config_url)
    return str(code.make_image().to_string(encoding="unicode"))


def missing(request: HttpRequest) -> str | None:
    """What is between this request and the console: `code`, `set-up`, or None."""
    user: Any = request.user
    if settings.STAFF_TWO_FACTOR == OFF or not user.is_staff or user.is_verified():
        return None
    if device_of(user) is not None:
        return "code"
    return "set-up" if settings.STAFF_TWO_FACTOR == REQUIRED else None


def confirm(user: User, code: str) -> tuple[TOTPDevice, list[str]]:
    """Make the pending phone the one, by its first code; returns it and new backup codes."""
    device = pending_device(user)
    _verify(user, device, _plain(code))
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        codes = new_backup_codes(user)
    device.confirmed = True
    return device, codes


def verify(user: User, code: str) -> Any:
    """The device whose code this is: six digits are the phone's, else it is one of the backup codes."""
    code = _plain(code)
    phone = device_of(user)
    device = phone if re.fullmatch(r"\d{6}", code) else StaticDevice.objects.filter(user=user).first()
    if device is None:
        raise Invalid("code", _WRONG)
    _verify(user, device, code)
    return device


def _plain(code: str) -> str:
    """As it was made: apps and people write codes in groups."""
    return re.sub(r"[\s-]", "", code).lower()


def _verify(user: User, device: Any, code: str) -> None:
    allowed, why = device.verify_is_allowed()
    if not allowed:
        until = (why or {}).get("locked_until")
        seconds = max(1, ceil((until - timezone.now()).total_seconds())) if until else 1
        raise NotNow(f"Too many wrong codes: try again in {seconds} seconds.")
    if django_otp.verify_token(user, device.persistent_id, code) is None:
        raise Invalid("code", _WRONG)
    device.refresh_from_db()


def new_backup_codes(user: User) -> list[str]:
    """Ten codes that work once each; the ones before work no more."""
    with transaction.atomic():
        # The device stays: whoever came in by one of its codes remains in.
        device, _ = StaticDevice.objects.get_or_create(user=user, defaults={"name": "backup codes"})
        device.token_set.all().delete()
        codes = [StaticToken.random_token() for _ in range(BACKUP_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def backup_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def reset(user: User) -> None:
    """Forget the phone and the backup codes."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
