"""Home as the way in: what it lists by drug and by problem, what changed lately, and searches to begin with.

Editors arrange it with `HomeEntry`. Nothing that can be read is out of reach: an entry below a page that is not listed
stands for itself, and a page without an entry is among the others. Reasons: docs/decisions/0072-home.md.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Protocol

from django.db.models import F

from .models import HomeEntry, Page, Version
from .remembered import until_changed

LATEST = 5  # changes that are shown
MOST_PLACES = 100  # in a list that editors arranged, without those below them
MOST_OTHERS = 50
EXAMPLES = 3
STATED = ("section", "label", "note", "position", "below")  # of a place, by its entry
LONGEST_WORDS = 60  # characters of a change note
LONGEST_ASPECT = 3  # words of a heading that goes into an example
END = re.compile(r"\.\s(?=[A-Z0-9])|;\s")  # of the first sentence of a note
NO_ASPECT = {"in brief", "related pages", "references"}


class Entry(Protocol):
    """What the rule needs to know of a `HomeEntry`."""

    section: str
    label: str
    note: str
    position: int
    below: str


@dataclass(frozen=True)
class Place:
    """A page in one of the lists. `below` are the pages that stand below it."""

    slug: str
    label: str
    note: str = ""
    below: tuple["Place", ...] = ()


@dataclass(frozen=True)
class Change:
    """A page whose live version is among the newest: the version, and the first words of what it changed."""

    slug: str
    title: str
    number: int
    published_at: datetime
    words: str


@dataclass(frozen=True)
class Home:
    """What is on home. `examples` are texts to search for, `others` the pages that nobody has arranged.

    `is_cut` says that a list was too long to be shown whole.
    """

    count: int
    by_drug: Sequence[Place]
    by_problem: Sequence[Place]
    others: Sequence[Any]
    changes: Sequence[Change]
    examples: Sequence[str]
    is_cut: bool


@until_changed
def find(*, with_examples: bool) -> Home:
    """Return what is on home now, in four queries, or in one if the content has not changed since the last time."""
    live: Any = Page.objects.live().guidance().annotate(**{name: F(f"home_entries__{name}") for name in STATED})
    rows = list(live.values_list("pk", "slug", "live_title", *STATED, named=True))  # one for each place, or one
    pages = {row.pk: row for row in rows}
    here = [(row.slug, row) for row in rows if row.section]
    placed = arrange(here)
    by_drug, by_problem = (placed[section] for section in (HomeEntry.Section.DRUG, HomeEntry.Section.PROBLEM))
    arranged = {row.pk for _, row in here}
    others = [page for page in pages.values() if page.pk not in arranged]
    return Home(
        count=len(pages),
        by_drug=by_drug[:MOST_PLACES],
        by_problem=by_problem[:MOST_PLACES],
        others=others[:MOST_OTHERS],
        changes=_changes(),
        examples=list(examples(by_drug, by_problem, _headings(by_drug))) if with_examples else [],
        is_cut=len(others) > MOST_OTHERS or max(len(by_drug), len(by_problem)) > MOST_PLACES,
    )


def arrange(entries: Sequence[tuple[str, Entry]]) -> dict[str, list[Place]]:
    """Return the places by section, in order, of entries that each come with the slug of their page.

    An entry stands below another one only if that one is in the same section and itself below none.
    """
    placed: dict[str, list[Place]] = {}
    for section in HomeEntry.Section.values:
        here = sorted(
            ((slug, entry) for slug, entry in entries if entry.section == section),
            key=lambda each: (each[1].position, each[1].label.casefold()),
        )
        tops = {slug for slug, entry in here if not entry.below}
        below: dict[str, list[Place]] = {}
        for slug, entry in here:
            if entry.below in tops:
                below.setdefault(entry.below, []).append(Place(slug, entry.label))
        placed[section] = [
            Place(slug, entry.label, entry.note, tuple(below.get(slug, ())))
            for slug, entry in here
            if entry.below not in tops
        ]
    return placed


def first_words(note: str) -> str:
    """Return the beginning of a change note: its first sentence or part of one, cut between words if it is long."""
    said = END.split(" ".join(note.split()))[0].removesuffix(".")
    if len(said) <= LONGEST_WORDS:
        return said
    cut = said[:LONGEST_WORDS]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else cut} …".replace(", …", " …")


def examples(drugs: Iterable[Place], problems: Iterable[Place], headings: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield texts to search for: a drug with a section of its page, each section's name once; then names alone.

    `headings` are the names of the sections by page.
    """
    found: list[str] = []
    used: set[str] = set()
    plain = [place.label for place in chain(drugs, problems)]
    for place in drugs:
        fitting = (each for each in headings.get(place.slug, ()) if _is_aspect(each) and each.casefold() not in used)
        if aspect := next(fitting, ""):
            used.add(aspect.casefold())
            found.append(f"{place.label} {_lower(aspect)}")
    yield from [_lower(text) for text in [*found, *plain]][:EXAMPLES]


def _is_aspect(heading: str) -> bool:
    return heading.casefold() not in NO_ASPECT and len(heading.split()) <= LONGEST_ASPECT and heading[0].isalpha()


def _lower(text: str) -> str:
    """Return a text as it reads after another word: a capital stays where the next letter is one too, as in NICE."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _headings(places: Iterable[Place]) -> dict[str, list[str]]:
    """Return the names of the sections of these pages by slug; of a short page, which has no contents, none."""
    live = Version.objects.live().filter(page__slug__in=[place.slug for place in places][: 2 * EXAMPLES])
    rows = live.values_list("page__slug", "rendering__contents")
    return {slug: [each["name"] for each in contents or ()] for slug, contents in rows}


def _changes() -> list[Change]:
    """Return the newest of the live texts."""
    live = Version.objects.live().filter(kind=Version.Kind.TEXT, page__kind=Page.Kind.GUIDANCE)
    newest = live.order_by("-published_at", "-pk")[:LATEST]
    rows = newest.values_list("page__slug", "title", "number", "published_at", "change_note")
    return [Change(slug, title, number, at, first_words(note)) for slug, title, number, at, note in rows]
