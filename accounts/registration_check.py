"""Verifying a registration: an administrator finds the number on its register, or removes the verification."""

from django.utils import timezone

from . import audit
from .models import NOT_VERIFIED, User


class RegistrationChanged(Exception):
    """The account's registration is no longer the one that the administrator saw."""


def verify(*, user: User, seen: tuple[str, str], by: User) -> bool:
    """Record that `by` found the registration they saw, `seen` (register, number), on its register.

    Returns True if it is now verified, and False, without a change, if it was already. Raises `RegistrationChanged` if
    the account has another registration, or none.
    """
    register, number = seen
    held = User.objects.filter(pk=user.pk, register=register, registration_number=number).exclude(register="")
    # The condition is in the UPDATE itself, so that a number that the owner changes at this moment is not verified.
    verified = held.filter(registration_verified_at=None).update(
        registration_verified_at=timezone.now(),
        registration_verified_by_id=by.pk,
        registration_verified_by_name=str(by)[:150],
    )
    if verified:
        audit.record("registration_verified", account=user, by=by.pk)
    elif not held.exists():
        raise RegistrationChanged
    return bool(verified)


def take_back(*, user: User, by: User) -> bool:
    """Remove the verification of the registration, and return whether it was verified."""
    verified = User.objects.filter(pk=user.pk).exclude(registration_verified_at=None).update(**NOT_VERIFIED)
    if verified:
        audit.record("registration_taken_back", account=user, by=by.pk)
    return bool(verified)
