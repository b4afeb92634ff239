"""A signed-in session: it ends after the idle time or, with "Keep me signed in", after a fixed number of days.

No HTTP and no database here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

RECORD = "stay"  # its name in the session
CHOICE = "keep_signed_in"  # the name in the session of the ticked box, until that attempt to sign in has ended


@dataclass(frozen=True)
class SessionLifetime:
    """How long one user stays signed in at one browser, as of `now`."""

    now: datetime
    active_at: datetime
    kept_until: datetime | None = None
    idle: timedelta = timedelta(minutes=30)

    @classmethod
    def begin(cls, now: datetime, idle: timedelta, kept_for: timedelta | None = None) -> "SessionLifetime":
        """Return the lifetime of a session that starts now. `kept_for` is for a user who chose “Keep me signed in”."""
        return cls(now, now, now + kept_for if kept_for else None, idle)

    @property
    def ends_at(self) -> datetime:
        """When the session ends if there is no activity; a kept session ends then in any case."""
        return self.kept_until or self.active_at + self.idle

    @property
    def has_ended(self) -> bool:
        """Whether the session is over."""
        return self.now >= self.ends_at

    @property
    def seconds_left(self) -> int:
        """How many seconds are left if there is no activity; never below 0."""
        return max(0, ceil((self.ends_at - self.now).total_seconds()))

    @property
    def noted_every(self) -> timedelta:
        """How often activity is worth a write to the database."""
        return min(timedelta(minutes=1), self.idle / 5)

    @property
    def warned_for(self) -> timedelta:
        """How long before the end an open page warns. Nothing prolongs a kept session, so it ends without a warning."""
        return timedelta() if self.kept_until else min(timedelta(minutes=2), self.idle * 0.4)

    @property
    def is_worth_noting(self) -> bool:
        """Whether activity now has to be written, so that it counts."""
        return self.now - self.active_at >= self.noted_every

    def noted(self) -> "SessionLifetime":
        """Return the lifetime after activity now."""
        return SessionLifetime(self.now, self.now, self.kept_until, self.idle)

    def to_record(self) -> dict[str, float]:
        """Return what the session stores: its times, in seconds since 1970."""
        record = {"active_at": self.active_at.timestamp()}
        return record | ({"kept_until": self.kept_until.timestamp()} if self.kept_until else {})

    @classmethod
    def from_record(cls, record: dict[str, Any], now: datetime, idle: timedelta) -> "SessionLifetime":
        """Return the lifetime that `to_record` stored."""
        kept_until = record.get("kept_until")
        return cls(
            now,
            datetime.fromtimestamp(record["active_at"], UTC),
            datetime.fromtimestamp(kept_until, UTC) if kept_until else None,
            idle,
        )
