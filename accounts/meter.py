"""The meter: a visitor may open five distinct pages, each counted for 30 days from its first opening.

One rule gives both the number shown and the decision: `remaining(page) = 5 − |pages already opened, other than this
one|`, and the page is served when that is at least 1. No HTTP and no database here. It is a courtesy limit: whoever
clears their cookies starts anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

PURPOSES = ("Sec-Purpose", "Purpose", "X-Moz")  # the header, and what browsers sent before it
EPOCH = date(2020, 1, 1)  # days are kept as small whole numbers since then


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """Whether a browser asks ahead of a click: the page is then neither served nor counted."""
    return any("prefetch" in headers.get(name, "").lower() for name in PURPOSES)


def counts(method: str, status: int) -> bool:
    """Whether an answer opened the page: a GET that showed it, anew (200) or from the browser's own copy (304)."""
    return method == "GET" and status in (200, 304)


@dataclass(frozen=True)
class Meter:
    """What one visitor has opened (page → the day it was first opened), as seen on `today`."""

    today: date
    opened: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    free_pages: int = 5
    days: int = 30

    def __post_init__(self) -> None:
        """Forget what was first opened `days` or more days ago."""
        since = self.today - timedelta(days=self.days)
        object.__setattr__(self, "opened", {page: day for page, day in self.opened.items() if day > since})

    def remaining(self, page: str | None = None) -> int:
        """How many pages may still be opened, counting `page` itself when it is given; never below 0."""
        return max(0, self.free_pages - len(self.opened.keys() - {page}))

    def allows(self, page: str) -> bool:
        """Whether `page` is served."""
        return self.remaining(page) >= 1

    def open(self, page: str) -> "Meter":
        """The meter after `page` was served; opening a page again changes nothing."""
        if page in self.opened:
            return self
        return Meter(self.today, {**self.opened, page: self.today}, self.free_pages, self.days)

    def to_record(self) -> dict[str, int]:
        """What the visitor's browser keeps: page → days from 1 Jan 2020 to its first opening."""
        return {page: (day - EPOCH).days for page, day in self.opened.items()}

    @classmethod
    def from_record(cls, record: Any, today: date, free_pages: int = 5, days: int = 30) -> "Meter":
        """The meter kept by `to_record`. Anything else makes a new visitor's meter: never an error."""
        try:
            opened = {str(page): EPOCH + timedelta(days=int(day)) for page, day in record.items()}
        except (AttributeError, TypeError, ValueError, OverflowError):
            opened = {}
        return cls(today, opened, free_pages, days)
