"""A reader's pages on home: those with their notes, first the ones where something is to be done."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from content.models import Page, Rendering, Version

from . import sections
from .headings import Path

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
    read = _sections({(pk, page.live_number): by_page[pk] for pk, page in pages.items()})
    found = [_look(page, by_page[pk], read) for pk, page in pages.items()]
    found.sort(key=lambda mine: mine.order)
    return MyPages(found[:MOST], max(0, len(found) - MOST))


def _sections(notes: dict[tuple[int, int], list[Any]]) -> dict[tuple[int, int], dict[Path, str]]:
    """Return the sections of the versions that notes on headings were written on and of the live ones.

    The keys are page and number. Of a page whose notes were all written on the live version, nothing is needed.
    """
    needed: set[tuple[int, int]] = set()
    for (page, live), here in notes.items():
        if older := {each.written_on_version for each in here if each.heading and each.written_on_version < live}:
            needed |= {(page, number) for number in older | {live}}
    pages, numbers = {page for page, _ in needed}, {number for _, number in needed}
    rows = Version.objects.filter(page__in=pages, number__in=numbers).values_list("pk", "page", "number")
    which = {pk: (page, number) for pk, page, number in rows if (page, number) in needed}
    html = Rendering.objects.filter(version__in=which).values_list("version", "html")
    return {which[pk]: sections.find(text) for pk, text in html}


def _look(page: Any, notes: Sequence[Any], read: dict[tuple[int, int], dict[Path, str]]) -> MyPage:
    due = [each.check_on for each in notes if each.needs_checking]
    live = page.live_number
    changed = sum(
        sections.has_changed(
            each.heading_path,
            written_on=each.written_on_version,
            live=live,
            before=read.get((page.pk, each.written_on_version), {}),
            after=read.get((page.pk, live), {}),
        )
        for each in notes
    )
    last = max(each.edited_at or each.written_at for each in notes)
    return MyPage(page, len(notes), len(due), min(due, default=None), changed, last)
