"""Every number and dose that changed: what it was, what it is, and where.

None is ever left out: one that has no counterpart counts as removed or as added.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from .alignment import Pairs, align
from .changes import Line, Place
from .stretches import Stretch
from .words import Word

CLOSE = 6  # words: numbers that replaced each other in so short a stretch are each other's, whatever their units
AROUND = 3  # words shown on either side of a number
ENDS = ".;:!?"
LINKING = "a an and are at by for from had has have if in is of on or per than that the then to was were when with"
_FIGURES = re.compile(r".*[\d⁰¹²³⁴-⁹¼½¾⅓⅔]")


@dataclass(frozen=True)
class NumberChange:
    """A number or dose that became another, was removed (`new` is empty) or was added (`old` is empty).

    `around` is the number with the words next to it; it is empty in a table, where row and column say more. `counted`
    is what comes after a bare number: lesions in "9 lesions".
    """

    old: str
    new: str
    place: Place
    around: str = ""
    counted: str = ""

    @property
    def text(self) -> str:
        """What happened, with the unit once if it is the same: 0.5 → 5 mg."""
        if not (self.old and self.new):
            return f"{self.old or self.new} {self.counted}".rstrip()
        old, new = _FIGURES.match(self.old), _FIGURES.match(self.new)
        unit_stayed = old and new and self.old[old.end() :] == self.new[new.end() :]
        return f"{old[0] if old and unit_stayed else self.old} → {self.new}"


def number_changes(line: Line) -> Iterator[NumberChange]:
    """Yield the numbers of a line that changed."""
    olds = [word for stretch in line.stretches for word in stretch.old]
    news = [word for stretch in line.stretches for word in stretch.new]
    places = {word: place for words in (olds, news) for place, word in enumerate(words)}
    for stretch in line.stretches:
        for old, new in _pair_numbers(*listed(line, stretch), are_close=stretch.length <= CLOSE):
            words, place = (news, places[new]) if new else (olds, places[old] if old else 0)
            around = "" if line.place.column or line.place.row else _around(words, place)
            yield NumberChange(_plain(old), _plain(new), line.place, around, _counted(words, place))


def listed(line: Line, stretch: Stretch) -> tuple[list[Word], list[Word]]:
    """Return the numbers on both sides of what was replaced in a line.

    In a line that was added or removed as a whole, "one", "daily" and names such as TA127 are words like others.
    """
    if stretch.is_same:
        return [], []
    olds, news = (
        [word for word in side if word.is_number and not (line.is_whole and word.key[0].isalpha())]
        for side in (stretch.old, stretch.new)
    )
    return olds, news


def _pair_numbers(olds: list[Word], news: list[Word], *, are_close: bool) -> Iterator[tuple[Word | None, Word | None]]:
    """Yield numbers in pairs: those of the same unit and, if they are close together, any. The same stayed."""
    pairs: Pairs = align([word.shape for word in olds], [word.shape for word in news])
    if are_close and len(olds) == len(news):
        pairs = [(n, n) for n in range(len(olds))]
    became, was = dict(pairs), {j for _, j in pairs}
    for i, old in enumerate(olds):
        new = news[became[i]] if i in became else None
        if new is None or new.key != old.key:
            yield old, new
    yield from ((None, new) for j, new in enumerate(news) if j not in was)


def _around(words: Sequence[Word], place: int) -> str:
    """Return a word with the words next to it, as far as its sentence goes."""
    first = place
    while first > 0 and place - first < AROUND and words[first - 1].key not in ENDS:
        first -= 1
    last = place
    while last < len(words) - 1 and last - place < AROUND and words[last + 1].key not in ENDS:
        last += 1
    shown = [word for word in words[first : last + 1] if not word.cites]
    return "".join(word.space + word.plain for word in shown).strip() if len(shown) > 1 else ""


def _counted(words: Sequence[Word], place: int) -> str:
    """Return the two words after a bare number, if they are part of its sentence."""
    if any(map(str.isalpha, words[place].key)):
        return ""
    following = words[place + 1 : place + 3]
    spoken = list(takewhile(lambda word: word.key[0].isalpha(), following))
    while spoken and spoken[-1].key.lower() in LINKING.split():
        spoken.pop()
    return " ".join(map(_plain, spoken))


def _plain(word: Word | None) -> str:
    return " ".join(word.plain.split()) if word else ""
