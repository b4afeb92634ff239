"""The meter: a visitor may open five different pages, and each counts for 30 days after they first open it.

One rule gives both the number shown and the decision: `remaining(page) = 5 − |pages already opened, other than this
one|`, and the page is served if that is at least 1. No HTTP and no database here. It is a courtesy limit: anyone who
clears their cookies starts again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")  # the header, and those that browsers sent before it
AHEAD = {"prefetch", "prerender", "preview", "instant"}  # what these say of a page that nobody has asked for yet
EPOCH = date(2020, 1, 1)  # days are stored as the number of days since then, to be short


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """Return whether the browser asks ahead of a click: the page is then neither served nor counted."""
    said = ";".join(headers.get(name, "").lower() for name in PURPOSES)
    return not AHEAD.isdisjoint(re.split(r"[\s;,]+", said))


def counts(method: str, status: int) -> bool:
    """Return whether an answer opened the page: a GET that showed it, new (200) or from the browser's copy (304)."""
    return method == "GET" and status in (200, 304)


@dataclass(frozen=True)
class Meter:
    """The pages that one visitor has opened (page → the day they first opened it), as of `today`."""

    today: date
    opened: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    free_pages: int = 5
    days: int = 30

    def __post_init__(self) -> None:
        """Forget pages that were first opened `days` or more days ago."""
        since = self.today - timedelta(days=self.days)
        object.__setattr__(self, "opened", {page: day for page, day in self.opened.items() if day > since})

    def remaining(self, page: str | None = None) -> int:
        """Return how many pages the visitor may still open, including `page` itself if it is given; never below 0."""
        return max(0, self.free_pages - len(self.opened.keys() - {page}))

    def allows(self, page: str) -> bool:
        """Return whether the visitor may open `page`."""
        return self.remaining(page) >= 1

    def open(self, page: str) -> "Meter":
        """Return the meter after the visitor opened `page`; opening a page again changes nothing."""
        if page in self.opened:
            return self
        return Meter(self.today, {**self.opened, page: self.today}, self.free_pages, self.days)

    def to_record(self) -> dict[str, int]:
        """Return what the visitor's browser stores: page → days from 1 Jan 2020 to its first opening."""
        return {page: (day - EPOCH).days for page, day in self.opened.items()}

    @classmethod
    def from_record(cls, record: Any, today: date, free_pages: int = 5, days: int = 30) -> "Meter":
        """Return the meter that `to_record` stored. Any other record gives a new visitor's meter, never an error."""
        try:
            opened = {str(page): EPOCH + timedelta(days=int(day)) for page, day in record.items()}
        except (AttributeError, TypeError, ValueError, OverflowError):
            opened = {}
        return cls(today, opened, free_pages, days)
