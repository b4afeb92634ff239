"""The time that decides whether a version is live or scheduled. Every rule about it asks this module."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """Return the current time, with its time zone."""
    return timezone.now()


def today() -> date:
    """Return today's date in the UK."""
    return timezone.localdate(now())
