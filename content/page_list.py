"""All live guidance, in the order of its titles: the list of pages, of the whole site or of one topic."""

from array import array
from collections.abc import Sequence
from typing import Any

from .models import Page
from .remembered import until_changed

A_PAGE = 50


@until_changed
def in_title_order(topic: int | None = None) -> Sequence[int]:
    """Return the ids of the live guidance pages in the order of their titles: all, or those of a topic, by its id."""
    pages: Any = Page.objects.live().guidance()
    return array("q", (pages.filter(topics=topic) if topic else pages).values_list("pk", flat=True))


class Listed:
    """The pages with these ids, in their order; those of a slice are read when it is asked for."""

    def __init__(self, pks: Sequence[int]) -> None:
        self.pks = pks

    def count(self) -> int:
        """Return how many they are."""
        return len(self.pks)

    def __getitem__(self, place: slice) -> list[Any]:
        pks = self.pks[place]
        found: Any = Page.objects.titled().in_bulk(list(pks))
        return [found[pk] for pk in pks if pk in found]
