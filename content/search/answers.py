"""The answer to a question: the key point of a page, quoted, and only if the whole question was understood.

A question names a page (by its title, a code or an editors' search term, in full), and what it asks names a key point
of that page. Every other word has to be in that key point too, so that no answer is given to half a question. There is
no score and no threshold: one key point answers, or none does. Reasons: docs/decisions/0076-answers-are-quoted.md.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from .phrases import LONGEST_PHRASE, Phrase, key, read
from .words import GENERAL, STOP, TELLING, every_word, stem, stems

MOST_PAGES = 40  # that one name may name: more say nothing about what is asked
# What a key point's first words may add without being asked for.
WEAK = frozenset("new high low poor".split())  # noqa: SIM905
PART = re.compile(r"[,;:/()]|\b(?:and|or)\b", re.IGNORECASE)


class Name(IntEnum):
    """How a page is named, the surest last: a page's own title counts more than a word that editors gave it."""

    TERM = 1
    HEAD = 2  # what stands before the first “ for ”, “: ” or “ in ” of its title
    TITLE = 4
    CODE = 5


@dataclass(frozen=True)
class KeyPoint:
    """A key point as the index has it: `lead` are its first words, `heading` the section's that they lead to."""

    page_id: int
    lead: str
    heading: str
    text: str
    html: str


@dataclass(frozen=True)
class Named:
    """A page that a question names, how surely, and by which of its phrases (their places)."""

    page_id: int
    sureness: int
    places: frozenset[int]


def find(base: sqlite3.Connection, phrases: Sequence[Phrase]) -> KeyPoint | None:
    """Return the key point that answers the question, or None."""
    named = names_in(base, phrases)
    if not named or len(named) > MOST_PAGES:
        return None
    pages = json.dumps([each.page_id for each in named])
    rows = base.execute(
        "SELECT page_id, lead, heading, text, html FROM key_point WHERE page_id IN (SELECT value FROM json_each(?))",
        (pages,),
    )
    points = [KeyPoint(*row) for row in rows]
    about = dict(base.execute("SELECT id, about FROM page WHERE id IN (SELECT value FROM json_each(?))", (pages,)))
    fits: dict[tuple[int, int, int], list[KeyPoint]] = defaultdict(list)
    by_page = {page.page_id: page for page in named}
    typed = {word for phrase in phrases for word in phrase.typed}
    for point in points:
        page = by_page[point.page_id]
        lead = _parts(base, point.lead)
        parts = lead or _parts(base, point.heading)  # “Who” says nothing by itself, “Who can have it” does
        if said := fit(phrases, page, point, parts, about[page.page_id], is_lead=bool(lead)):
            fits[page.sureness, said, len(typed.intersection(every_word(point.lead)))].append(point)
    best = fits[max(fits)] if fits else []
    return best[0] if len(best) == 1 else None


def named_alone(base: sqlite3.Connection, phrases: Sequence[Phrase]) -> list[int]:
    """Return the ids of the pages that the question names if it says nothing else, the surest first."""
    named = [
        page
        for page in names_in(base, phrases)
        if all(place in page.places or _says_nothing(phrase) for place, phrase in enumerate(phrases))
    ]
    return [page.page_id for page in sorted(named, key=lambda page: -page.sureness)]


def ambiguous_in(base: sqlite3.Connection, phrases: Sequence[Phrase]) -> Phrase | None:
    """Return the first phrase with several meanings, unless it is part of a page's name: “MS relapse” is not."""
    if not any(phrase.is_ambiguous for phrase in phrases):
        return None
    clear = frozenset[int]().union(*(page.places for page in names_in(base, phrases)))
    return next((each for place, each in enumerate(phrases) if each.is_ambiguous and place not in clear), None)


def names_in(base: sqlite3.Connection, phrases: Sequence[Phrase]) -> list[Named]:
    """Return the pages that a question names in full, each once."""
    places: dict[str, set[int]] = defaultdict(set)
    for start in range(len(phrases)):
        for end in range(start + 1, min(start + LONGEST_PHRASE, len(phrases)) + 1):
            part = range(start, end)
            for words in ("typed", "meant"):
                places[key(word for place in part for word in getattr(phrases[place], words))] |= set(part)
    whole = range(len(phrases))
    places[key(word for place in whole for word in phrases[place].typed)] |= set(whole)
    rows = base.execute(
        "SELECT page_id, key, how FROM name_in_full WHERE key IN (SELECT value FROM json_each(?)) LIMIT 500",
        (json.dumps(list(places)),),
    )
    hows: dict[int, set[int]] = defaultdict(set)
    by: dict[int, set[int]] = defaultdict(set)
    for page_id, found, how in rows:
        hows[page_id].add(how)
        by[page_id] |= places[found]
    return [Named(page_id, sum(hows[page_id]), frozenset(by[page_id])) for page_id in hows]


def fit(
    phrases: Sequence[Phrase],
    page: Named,
    point: KeyPoint,
    parts: Sequence[frozenset[str]],
    about: str,
    *,
    is_lead: bool = True,
) -> int:
    """Return how many of the words with which the key point begins are asked for, or 0 if it does not answer.

    `parts` are the stems of what it begins with; without `is_lead` they are its heading's, and the page's own name in
    it is no sign that it is asked for. `about` is what its page is called.
    """
    asked, name = _stems_of(phrases), _stems_of([phrases[place] for place in page.places])
    rest = [phrase for place, phrase in enumerate(phrases) if place not in page.places and not _says_nothing(phrase)]
    said = set(stems(f"{point.lead} {point.heading} {point.text} {about}")).union(*parts)
    if not rest or not all(_is_in(phrase, said, about) for phrase in rest):
        return 0
    wanted = [part for part in parts if part <= asked and (is_lead or not part <= name)]
    return len(frozenset[str]().union(*wanted))


def _stems_of(phrases: Sequence[Phrase]) -> set[str]:
    return {stem(word) for phrase in phrases for word in (*phrase.typed, *phrase.meant)}


def _is_in(phrase: Phrase, said: set[str], about: str) -> bool:
    """Return whether a phrase is said, with its words or its meaning. Of an ambiguous one, one meaning is its page's."""
    if phrase.is_ambiguous:
        return sum(set(stems(meaning)) <= set(stems(about)) for meaning in phrase.meanings) == 1
    return any({stem(word) for word in words if word not in STOP} <= said for words in (phrase.typed, phrase.meant))


def _says_nothing(phrase: Phrase) -> bool:
    return not phrase.meanings and all(word in GENERAL or word in STOP - TELLING for word in phrase.typed)


def _parts(base: sqlite3.Connection, text: str) -> list[frozenset[str]]:
    """Return the stems of each part of what a key point begins with."""
    found = []
    for phrases in read(base, PART.split(text)):
        words = [word for phrase in phrases if not _says_nothing(phrase) for word in phrase.meant]
        if part := frozenset(stem(word) for word in words if word not in STOP | GENERAL | WEAK):
            found.append(part)
    return found
