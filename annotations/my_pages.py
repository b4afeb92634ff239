"""A reader's pages on home: those with their notes, first the ones where something is to be done."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from content.models import Page

from . import sections

MOST = 5  # pages that home shows


@dataclass(frozen=True)
class MyPage:
    """A page with a reader's notes: how many they are, to check since when, and on sections that changed."""

    page: Any
    notes: int
    to_check: int
    check_since: date | None
    changed: int
    written_at: datetime

    @property
    def order(self) -> tuple[bool, float]:
        """Where it stands among the reader's pages: what asks for something first, then the last written on."""
        return not (self.to_check or self.changed), -self.written_at.timestamp()


@dataclass(frozen=True)
class MyPages:
    """The pages that home shows, and how many more there are."""

    shown: Sequence[MyPage]
    more: int


def find(annotations: Any) -> MyPages:
    """Return the live pages of a reader's `annotations`, in four queries, however many notes and pages there are."""
    by_page: dict[int, list[Any]] = defaultdict(list)
    for annotation in annotations.active().defer("text"):
        by_page[annotation.page_id].append(annotation)
    live: Any = Page.objects.live().filter(pk__in=by_page)
    pages = {page.pk: page for page in live}
    read = sections.of_versions({(pk, page.live_number): by_page[pk] for pk, page in pages.items()})
    found = [_look(page, by_page[pk], read) for pk, page in pages.items()]
    found.sort(key=lambda mine: mine.order)
    return MyPages(found[:MOST], max(0, len(found) - MOST))


def _look(page: Any, notes: Sequence[Any], read: sections.Sections) -> MyPage:
    due = [each.check_on for each in notes if each.needs_checking]
    changed = sum(read.has_changed(each, page.live_number) for each in notes)
    last = max(each.edited_at or each.written_at for each in notes)
    return MyPage(page, len(notes), len(due), min(due, default=None), changed, last)
