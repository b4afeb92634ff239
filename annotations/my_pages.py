"""A reader's pages on home: those with their notes, first the ones where something is to be done."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

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
    """Return the live pages of a reader's `annotations`, in five queries, however many notes and pages there are.

    The database counts. Notes are read only where their section may have changed, and without their texts.
    """
    is_due = Q(check_on__lte=timezone.localdate())
    counted = annotations.active().order_by().values("page")
    counted = counted.annotate(
        notes=Count("pk"),
        to_check=Count("pk", filter=is_due),
        check_since=Min("check_on", filter=is_due),
        written_at=Max(Coalesce("edited_at", "written_at")),
    )
    facts = {each.pop("page"): each for each in counted}
    live: Any = Page.objects.live().filter(pk__in=facts)
    pages = {page.pk: page for page in live}
    older: dict[int, list[Any]] = defaultdict(list)
    # With its owner, whom Django otherwise asks for at each: a reader's annotations say whose they are.
    for annotation in annotations.on_older_headings().only("owner", "page", "heading", "written_on_version"):
        if annotation.page_id in pages:
            older[annotation.page_id].append(annotation)
    read = sections.of_versions({(pk, pages[pk].live_number): notes for pk, notes in older.items()})
    found = [
        MyPage(page, changed=sum(read.has_changed(each, page.live_number) for each in older[pk]), **facts[pk])
        for pk, page in pages.items()
    ]
    found.sort(key=lambda mine: mine.order)
    return MyPages(found[:MOST], max(0, len(found) - MOST))
