"""The time by which a version is live or still scheduled: the one place that is asked for it."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """Return the present moment, aware of its time zone."""
    return timezone.now()


def today() -> date:
    """Return the present day in the UK."""
    return timezone.localdate(now())
