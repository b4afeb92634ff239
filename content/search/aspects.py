"""Terms instead of a question: the pages that are called so, and where they speak of an aspect, like dose or pregnancy.

A name counts only in full, an aspect only if a heading, the first words of a key point or a page's title say all of it.
Nothing is corrected and nothing is put in order by chance: if two sections of a page say it alike, both are returned.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from content.markup import key_points

from .answers import PART, Name
from .index import Index
from .phrases import Phrase, key, read
from .words import STOP, stem


@dataclass(frozen=True)
class Place:
    """A page or, with an anchor, one of its sections."""

    page_id: int
    anchor: str = ""
    heading: str = ""


@dataclass(frozen=True)
class Said:
    """The words of a text, by their stems: as they are written, and as the editors' synonyms have them."""

    typed: frozenset[str]
    meant: frozenset[str]


def called(name: str, index: Index | None = None) -> list[int]:
    """Return the ids of the pages of which `name` is the title, its first part or a search term, or a synonym of one.

    If it is the whole title of a page, no other page is returned; if it has several meanings, none is. They are in the
    order of their titles. Raises `Unavailable` without an index.
    """
    return (index or Index()).read(lambda base: _called(base, name))


def places_on(pages: Sequence[int], aspects: Sequence[str], index: Index | None = None) -> list[Place]:
    """Return where `pages` speak of one of `aspects`, in the order of the pages and of their sections.

    Of each page and aspect, only the places that say it best: the page itself if its title does. Raises `Unavailable`
    without an index.
    """
    return (index or Index()).read(lambda base: list(_places(base, pages, aspects)))


def _called(base: sqlite3.Connection, name: str) -> list[int]:
    (said,) = read(base, [name])
    if not said or (len(said) == 1 and said[0].is_ambiguous):
        return []
    keys = {key(word for phrase in said for word in getattr(phrase, words)) for words in ("typed", "meant")}
    rows = base.execute(
        "SELECT page_id, how FROM name_in_full JOIN page ON page.id = page_id "
        "WHERE key IN (SELECT value FROM json_each(?)) AND how <> ? ORDER BY title",
        (json.dumps(list(keys)), int(Name.CODE)),
    ).fetchall()
    titled = [page_id for page_id, how in rows if how == Name.TITLE]
    return list(dict.fromkeys(titled or [page_id for page_id, _how in rows]))


def _places(base: sqlite3.Connection, pages: Sequence[int], aspects: Sequence[str]) -> Iterator[Place]:
    parts = [part for aspect in aspects for part in PART.split(aspect)]
    wanted = [said for each in _said(base, parts) for said in each]
    for page in pages:
        named = _named_places(base, page)
        texts = _said(base, [text for _place, text in named])
        found = {place for aspect in wanted for place in _best(aspect, [place for place, _text in named], texts)}
        yield from dict.fromkeys(place for place, _text in named if place in found)


def _best(aspect: Said, places: Sequence[Place], texts: Sequence[Sequence[Said]]) -> Iterator[Place]:
    scores = [_how_well(aspect, text) for text in texts]
    best = max(scores, default=0)
    yield from (place for place, score in zip(places, scores, strict=True) if score == best and best)


def _named_places(base: sqlite3.Connection, page: int) -> list[tuple[Place, str]]:
    """Return the places of a page, each with a text that says what it is on; a place may have several."""
    titles = base.execute("SELECT title FROM page WHERE id = ?", (page,))
    named = [(Place(page), title) for (title,) in titles]
    rows = base.execute("SELECT anchor, heading FROM section WHERE page_id = ? AND anchor <> '' ORDER BY id", (page,))
    places = [Place(page, anchor, heading) for anchor, heading in rows]
    points = base.execute("SELECT lead, heading FROM key_point WHERE page_id = ?", (page,))
    leads = [(lead.partition("; ")[0], heading) for lead, heading in points]  # the rest leads to other sections
    for place in places:
        is_in_brief = place.heading.casefold() == key_points.HEADING.casefold()
        named += [] if is_in_brief else [(place, place.heading)]
        named += [(place, lead) for lead, heading in leads if heading == ("" if is_in_brief else place.heading)]
    return named


def _said(base: sqlite3.Connection, texts: Sequence[str]) -> list[list[Said]]:
    """Return of each text what all of it says, and then what each of its parts does, if it has several."""
    parts = [split if len(split) > 1 else [] for split in map(PART.split, texts)]
    read_texts = iter(read(base, [each for text, split in zip(texts, parts, strict=True) for each in (text, *split)]))
    found = [[_stems(next(read_texts)) for _ in range(1 + len(split))] for split in parts]
    return [[said for said in each if said.typed] for each in found]


def _stems(phrases: Sequence[Phrase]) -> Said:
    typed = {stem(word) for phrase in phrases for word in _telling(phrase.typed)}
    meant = {stem(word) for phrase in phrases for word in _telling(phrase.meant)}
    return Said(frozenset(typed), frozenset(meant))


def _telling(words: Iterable[str]) -> list[str]:
    return [word for word in words if word not in STOP]


def _how_well(aspect: Said, text: Sequence[Said]) -> int:
    """Return how well a text says an aspect: 3 if it says nothing else, 2 if a part of it does, 1 beside others, or 0.

    It does in its own words or in those that the editors' synonyms have for them.
    """
    if any(aspect.typed == each.typed or aspect.meant == each.meant for each in text[:1]):
        return 3
    if any(aspect.typed == each.typed or aspect.meant == each.meant for each in text[1:]):
        return 2
    return int(any(aspect.typed <= each.typed or aspect.meant <= each.meant for each in text))
