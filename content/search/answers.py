"""The answer to a question: the key point of a page, quoted, and only if the whole question was understood.

A question names a page (by its title, a code or an editors' search term, in full), and what it asks names a key point
of that page. Every other word has to be in that key point too, so that no answer is given to half a question. There is
no score and no threshold: one key point answers, or none does. Reasons: docs/decisions/0076-answers-are-quoted.md.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from functools import reduce
from itertools import pairwise
from operator import or_

from .phrases import LONGEST_PHRASE, Phrase, key, read
from .words import GENERAL, STOP, TELLING, every_word, stem, stems

MOST_PAGES = 40  # that one name may name: more say nothing about what is asked
GENERAL_PART = 0.25
# What a key point's first words may add without being asked for.
WEAK = frozenset("new high low poor".split())  # noqa: SIM905
# Words that say which way something goes: low platelets are not high ones.
TURNING = WEAK | frozenset("raised increased rising reduced decreased falling more less".split())  # noqa: SIM905
SENTENCE = re.compile(r"(?<=[.;])\s")
PART = re.compile(r"[,;:/()]|\b(?:and|or)\b", re.IGNORECASE)


class Name(IntFlag):
    """How a page is named, the surest last: a page's own title counts more than a word that editors gave it."""

    TERM = 1
    HEAD = 2  # what stands before the first “ for ”, “: ” or “ in ” of its title
    TITLE = 4
    CODE = 8


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
    """A page that a question names: the places of the phrases that do, for each of its names, and how each is one."""

    page_id: int
    names: Mapping[frozenset[int], Name]

    @property
    def sureness(self) -> int:
        """How surely it is named: by its title and by a search term is surer than by one of them."""
        return reduce(or_, self.names.values())

    @property
    def places(self) -> frozenset[int]:
        """The places of all its names."""
        return frozenset[int]().union(*self.names)


def find(base: sqlite3.Connection, phrases: Sequence[Phrase], named: Sequence[Named]) -> KeyPoint | None:
    """Return the key point of a `named` page that answers the question, or None."""
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
    leads = _parts(base, [point.lead for point in points])
    of_headings = _parts(base, [point.heading for point in points])
    for point, parts, of_heading in zip(points, leads, of_headings, strict=True):
        page = by_page[point.page_id]
        if said := fit(phrases, page, point, parts, of_heading, about[page.page_id]):
            fits[page.sureness, said, len(typed.intersection(every_word(point.lead)))].append(point)
    best = fits[max(fits)] if fits else []
    return best[0] if len(best) == 1 else None


def named_alone(phrases: Sequence[Phrase], named: Sequence[Named]) -> list[int]:
    """Return the ids of the `named` pages beside which the question says nothing else, the surest first."""
    alone = [
        page
        for page in named
        if all(place in page.places or _says_nothing(phrase) for place, phrase in enumerate(phrases))
    ]
    return [page.page_id for page in sorted(alone, key=lambda page: -page.sureness)]


def named_by(base: sqlite3.Connection, phrases: Sequence[Phrase], named: Sequence[Named]) -> set[int]:
    """Return the ids of the `named` pages that the question names by something particular.

    A name within a longer name does not count, nor one that many titles say: on a site about multiple sclerosis, that
    names no page.
    """
    longest = {places for page in named for places in page.names}
    particular = {places for places in longest if not any(places < other for other in longest)}
    particular = {places for places in particular if not _is_general(base, [phrases[place] for place in places])}
    return {page.page_id for page in named if particular.intersection(page.names)}


def _is_general(base: sqlite3.Connection, phrases: Sequence[Phrase]) -> bool:
    """Return whether more than a part `GENERAL_PART` of the titles say these words, one after the other."""
    said = " ".join(word for phrase in phrases for word in phrase.meant)
    titles = "SELECT count(*) FROM page_text WHERE page_text MATCH ?"
    here = base.execute(titles, (f'title : "{said}"',)).fetchone()[0]
    return bool(here > GENERAL_PART * base.execute("SELECT count(*) FROM page").fetchone()[0])


def ambiguous_in(phrases: Sequence[Phrase], named: Sequence[Named]) -> Phrase | None:
    """Return the first phrase with several meanings, unless it is part of a page's name: “MS relapse” is not."""
    clear = frozenset[int]().union(*(page.places for page in named))
    return next((each for place, each in enumerate(phrases) if each.is_ambiguous and place not in clear), None)


def names_in(base: sqlite3.Connection, phrases: Sequence[Phrase]) -> list[Named]:
    """Return the pages that a question names in full, each once."""
    places: dict[str, set[int]] = defaultdict(set)
    typed = tuple(key(phrase.typed) for phrase in phrases)
    for keys in {typed, tuple(key(phrase.meant) for phrase in phrases)}:
        for start in range(len(keys)):
            for end in range(start + 1, min(start + LONGEST_PHRASE, len(keys)) + 1):
                places[" ".join(filter(None, keys[start:end]))].update(range(start, end))
    places[" ".join(typed)].update(range(len(phrases)))
    rows = base.execute(
        "SELECT page_id, key, how FROM name_in_full JOIN page ON page.id = page_id "
        "WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key, slug LIMIT 500",
        (json.dumps(list(places)),),
    )
    names: dict[int, dict[frozenset[int], Name]] = defaultdict(dict)
    for page_id, found, how in rows:
        named = frozenset(places[found])
        names[page_id][named] = names[page_id].get(named, Name(0)) | how
    return [Named(page_id, each) for page_id, each in names.items()]


def fit(
    phrases: Sequence[Phrase],
    page: Named,
    point: KeyPoint,
    lead: Sequence[frozenset[str]],
    of_heading: Sequence[frozenset[str]],
    about: str,
) -> int:
    """Return how many of the words with which the key point begins are asked for, or 0 if it does not answer.

    `lead` are the stems of each thing that it begins with, `of_heading` those of its section's heading, and `about` is
    what its page is called.
    """
    parts = lead or of_heading  # “Who” says nothing by itself, “Who can have it” does
    asked = _stems_of(phrases)
    begins = set(stems(f"{point.lead} {point.heading}")).union(*parts)
    if not _are_turned_alike(phrases, f"{point.lead} {point.text}"):
        return 0
    best = 0
    for places, how in page.names.items():
        name = [phrases[place] for place in places]
        text = point.text
        if how == Name.TERM and not _are_in(name, begins.union(stems(about)), about):
            # A search term that the page's title does not say can be that of a part of it: of these sentences.
            text = " ".join(each for each in SENTENCE.split(text) if _are_in(name, set(stems(each)), about))
            if not text:
                continue
        said = begins.union(stems(f"{text} {about}"))
        others = [phrase for place, phrase in enumerate(phrases) if place not in places]
        rest = [each for each in others if not _says_nothing(each) or _stems_of([each]) <= begins]
        if rest and _are_in(rest, said, about) and _are_in([each for each in rest if each.is_denying], begins, about):
            wanted = [part for part in parts if part <= asked and (lead or not part <= _stems_of(name))]
            told = [*parts, *(part for part in of_heading if part <= set(stems(text)))]
            if all(any(part <= words | _stems_of(name) for part in told) for words in _asked_beside(phrases, rest)):
                best = max(best, len(frozenset[str]().union(*wanted)))
    return best


def _are_turned_alike(phrases: Sequence[Phrase], text: str) -> bool:
    """Return whether each word of direction, like low, stands before the same word in the question and in the text."""
    asked = [word for phrase in phrases for word in phrase.typed]
    said = set(pairwise(stems(text)))
    return all((stem(one), stem(other)) in said for one, other in pairwise([*asked, ""]) if one in TURNING)


def _asked_beside(phrases: Sequence[Phrase], rest: Sequence[Phrase]) -> list[set[str]]:
    """Return the stems of each thing that is asked for: several if “and” or “or” stands between them."""
    asked: list[set[str]] = [set()]
    for phrase in phrases:
        if phrase.typed in (("and",), ("or",)):
            asked.append(set())
        elif phrase in rest:
            asked[-1] |= _stems_of([phrase])
    return [words for words in asked if words]


def _stems_of(phrases: Sequence[Phrase]) -> set[str]:
    return {stem(word) for phrase in phrases for word in (*phrase.typed, *phrase.meant)}


def _are_in(phrases: Iterable[Phrase], said: set[str], about: str) -> bool:
    return all(_is_in(phrase, said, about) for phrase in phrases)


def _is_in(phrase: Phrase, said: set[str], about: str) -> bool:
    """Return whether a phrase is said, with its words or its meaning. Of an ambiguous one, one is the page's."""
    if phrase.is_ambiguous:
        return sum(set(stems(meaning)) <= set(stems(about)) for meaning in phrase.meanings) == 1
    told = ({stem(word) for word in words if word not in STOP - TELLING} for words in (phrase.typed, phrase.meant))
    return any(words <= said for words in told)


def _says_nothing(phrase: Phrase) -> bool:
    return not phrase.meanings and all(word in GENERAL or word in STOP - TELLING for word in phrase.typed)


def _parts(base: sqlite3.Connection, texts: Sequence[str]) -> list[list[frozenset[str]]]:
    """Return for each text the stems of each of its parts: without general words, unless there are no others."""
    split = [PART.split(text) for text in texts]
    said = iter(read(base, [part for parts in split for part in parts]))
    return [_telling([next(said) for _ in parts]) for parts in split]


def _telling(parts: Sequence[Sequence[Phrase]]) -> list[frozenset[str]]:
    for left_out in (STOP | GENERAL | WEAK, STOP):
        found = [_stems_of_meaning(phrases, left_out) for phrases in parts]
        if any(found):
            return [part for part in found if part]
    return []


def _stems_of_meaning(phrases: Sequence[Phrase], left_out: frozenset[str]) -> frozenset[str]:
    return frozenset(stem(word) for phrase in phrases for word in phrase.meant if word not in left_out)
