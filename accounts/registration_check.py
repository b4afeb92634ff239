"""Verifying a registration: an administrator has found the number on its register, or takes that back."""

from django.utils import timezone

from . import audit
from .models import NOT_VERIFIED, User


class RegistrationChanged(Exception):
    """The account holds another registration than the one that was seen."""


def verify(*, user: User, seen: tuple[str, str], by: User) -> bool:
    """Record that `by` found the registration they saw (register, number) on its register.

    Returns whether that is new: one that is verified already stays as it is. Raises `RegistrationChanged` when the
    account holds another one, or none.
    """
    register, number = seen
    held = User.objects.filter(pk=user.pk, register=register, registration_number=number).exclude(register="")
    # The condition is in the UPDATE itself: whoever changes the number at this moment does not get it verified.
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
    """Record that the registration is not verified after all; returns whether it was."""
    verified = User.objects.filter(pk=user.pk).exclude(registration_verified_at=None).update(**NOT_VERIFIED)
    if verified:
        audit.record("registration_taken_back", account=user, by=by.pk)
    return bool(verified)
