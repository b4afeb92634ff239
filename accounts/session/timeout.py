"""A signed-in session: it ends after the idle time or, with "Keep me signed in", after a fixed number of days.

No HTTP and no database here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

RECORD = "stay"  # what the session calls it
CHOICE = "keep_signed_in"  # what the session calls the ticked box, until that attempt to sign in has ended


@dataclass(frozen=True)
class SessionLifetime:
    """How long one person stays signed in at one browser, as seen at `now`."""

    now: datetime
    active_at: datetime
    kept_until: datetime | None = None
    idle: timedelta = timedelta(minutes=30)

    @classmethod
    def begin(cls, now: datetime, idle: timedelta, kept_for: timedelta | None = None) -> "SessionLifetime":
        """The lifetime of a session that starts now: `kept_for` where the person chose to stay signed in."""
        return cls(now, now, now + kept_for if kept_for else None, idle)

    @property
    def ends_at(self) -> datetime:
        """When it ends without activity; a kept session ends then whatever happens."""
        return self.kept_until or self.active_at + self.idle

    @property
    def has_ended(self) -> bool:
        """Whether the person is no longer signed in."""
        return self.now >= self.ends_at

    @property
    def seconds_left(self) -> int:
        """How long it lasts unless something is done; never below 0."""
        return max(0, ceil((self.ends_at - self.now).total_seconds()))

    @property
    def noted_every(self) -> timedelta:
        """How often it is worth a write that something was done."""
        return min(timedelta(minutes=1), self.idle / 5)

    @property
    def warned_for(self) -> timedelta:
        """How long before the end an open page warns; a kept session, which nothing prolongs, ends without."""
        return timedelta() if self.kept_until else min(timedelta(minutes=2), self.idle * 0.4)

    @property
    def is_worth_noting(self) -> bool:
        """Whether that something is done now has to be written, so that it counts."""
        return self.now - self.active_at >= self.noted_every

    def noted(self) -> "SessionLifetime":
        """The lifetime after activity now."""
        return SessionLifetime(self.now, self.now, self.kept_until, self.idle)

    def to_record(self) -> dict[str, float]:
        """What the session keeps: the two times, in seconds since 1970."""
        record = {"active_at": self.active_at.timestamp()}
        return record | ({"kept_until": self.kept_until.timestamp()} if self.kept_until else {})

    @classmethod
    def from_record(cls, record: dict[str, Any], now: datetime, idle: timedelta) -> "SessionLifetime":
        """The lifetime that `to_record` kept."""
        kept_until = record.get("kept_until")
        return cls(
            now,
            datetime.fromtimestamp(record["active_at"], UTC),
            datetime.fromtimestamp(kept_until, UTC) if kept_until else None,
            idle,
        )
