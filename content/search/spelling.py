"""Which of the site's own words a misspelt one was meant to be.

Nothing here guesses: where one drug could be taken for another, there is no correction, and where several plain words
are as near, all are named. Reasons and figures: docs/decisions/0070-spelling-in-search.md and
docs/decisions/0074-search-at-its-full-size.md.
"""

import sqlite3
from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from string import ascii_lowercase
from typing import NamedTuple

from symspellpy.editdistance import DistanceAlgorithm, EditDistance

from . import lexicon
from .look_alikes import NAMES, WORDS, is_name, is_slip, opposites, sounds_alike
from .spellings import LONGEST, MOST, variants
from .words import fold

__all__ = ["LONGEST", "MOST", "Vocabulary", "is_english", "variants"]

ENGLISH = "frequency_dictionary_en_82_765.txt"
MOST_MEANT = 3  # words that one may have been meant to be
LISTED = dict.fromkeys(spelling for name in NAMES | WORDS for spelling in (name, *variants(name)))
_distance = EditDistance(DistanceAlgorithm.DAMERAU_OSA).compare  # -1 if it is more than the third value


def _plain_numbers(word: str) -> Iterator[str]:
    """Yield the word's plain plural and singular."""
    yield from (word + "s", word + "es")
    if word.endswith("y"):
        yield word[:-1] + "ies"
    if word.endswith("ies"):
        yield word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
    if word.endswith("es"):
        yield word[:-2]


def _forms(word: str) -> Iterator[str]:
    """Yield the word, its other spellings, and the plain plural and singular of each."""
    for spelling in (word, *variants(word)):
        yield spelling
        yield from _plain_numbers(spelling)


class Near(NamedTuple):
    """A word that is one or two edits from the one that was typed."""

    term: str
    distance: int


class Vocabulary:
    """The words of the site, to see if one is known, which one was meant, and which ones begin alike."""

    def __init__(self, known: Mapping[str, int] | sqlite3.Connection) -> None:
        """Take words in lower case with how often each occurs, or an index that has them."""
        if isinstance(known, sqlite3.Connection):
            self._base = known
        else:
            self._base = sqlite3.connect(":memory:")
            self._base.executescript(lexicon.TABLES)
            lexicon.renew(self._base, known)
        self._counts: dict[str, int] = {}  # what was looked up: a question asks several times for each of its words

    def knows(self, word: str) -> bool:
        """Return whether the site has the word, another spelling of it, or its plain plural or singular."""
        return any(map(self._count, _forms(fold(word))))

    def correct(self, word: str) -> str | None:
        """Return the word of the site that was meant by one it does not know, or None if that would be a guess."""
        found = self.meant(word)
        return found[0] if len(found) == 1 else None

    def meant(self, word: str) -> list[str]:
        """Return the words of the site that may have been meant by one it does not know, the most frequent first.

        Mostly this is one or none. Several plain English words can be as near; of names of drugs there is one or none.
        """
        if not lexicon.is_plain(word) or self.knows(word) or any(map(is_english, (word, *variants(word)))):
            return []
        near = self._near(word, 1 if len(word) < 8 else 2)
        is_strict = any(is_name(each.term) for each in near) or is_like_a_name(word)
        if not near and not is_strict:
            return self._of_family(word)
        if not is_strict:
            nearest = [each for each in near if each.distance == near[0].distance]
            near = [each for each in nearest if not _is_common(each.term) or self._accept(word, each, is_strict)]
        accepted = {each.term: self._accept(word, each, is_strict) for each in near}
        found = {self._settle(term): taken for term, taken in accepted.items() if taken}
        rivals = {self._settle(term) for term, taken in accepted.items() if not taken} - found.keys()
        if not is_strict:
            found = {key: each for key, each in found.items() if not self._is_slip_here(each, found.values())}
        if rivals or len(found) > MOST_MEANT:
            return []
        if len(found) > 1 and not all(map(_is_common, found.values())):
            return []
        return sorted(found.values(), key=lambda each: (-self._count(each), each))

    def parted(self, word: str) -> str | None:
        """Return the two words of the site that were run together in one it does not know, or None if unsure."""
        if not lexicon.is_plain(word) or self.knows(word) or is_english(word) or is_like_a_name(word):
            return None
        shortest = lexicon.SHORTEST
        cuts = ((word[:place], word[place:]) for place in range(shortest, len(word) - shortest + 1))
        found = [" ".join(parts) for parts in cuts if all(map(self._count, parts)) and not any(map(is_name, parts))]
        return found[0] if len(found) == 1 else None

    def joined(self, one: str, other: str) -> str | None:
        """Return the word of the site that was written as two, of which it lacks one, or None."""
        if min(len(one), len(other)) < lexicon.SHORTEST:  # a symptomatic relapse is no asymptomatic one
            return None
        both = one + other
        is_one = lexicon.is_plain(both) and self._count(both) and not (self.knows(one) and self.knows(other))
        return both if is_one else None

    def complete(self, prefix: str, limit: int) -> list[str]:
        """Return up to `limit` of the site's words that begin with the prefix, the most frequent first."""
        return lexicon.beginning(self._base, prefix, limit)

    def _near(self, word: str, edits: int) -> list[Near]:
        """Return the words within so many edits, the nearest first.

        A listed word that the site lacks is near too: it stops a correction, and is never one itself.
        """
        listed = (each for key in lexicon.keys(word, edits) for each in _listed().get(key, "").split())
        terms = dict.fromkeys((*lexicon.near(self._base, word, edits), *listed))
        found = [Near(term, distance) for term in terms if (distance := _distance(word, term, edits)) >= 0]
        return sorted(found, key=lambda each: each.distance)

    def _accept(self, word: str, near: Near, is_strict: bool) -> str | None:
        """Return the site's word for one that is near, if that is certainly the one that was meant."""
        term, distance = near
        if term[0] != word[0]:
            return None
        if distance == 2 and not (sounds_alike(word, term) and (len(word) >= 10 or not is_strict)):
            return None
        is_no_name = len(word) >= 8 and is_name(term) and not is_name(word)  # fingolimob: nothing is called like that
        if (is_strict or len(word) < 6) and distance == 1 and not (is_no_name or is_slip(word, term)):
            return None
        is_as_near = any(_distance(word, opposite, distance) >= 0 for opposite in opposites(term))
        return None if is_as_near else self._spelt_here(term)

    def _spelt_here(self, term: str) -> str | None:
        """Return the site's spelling of a word, the most frequent of several, or None if the site lacks it."""
        if self._count(term):
            return term
        here = lexicon.counts(self._base, variants(term))
        return max(here, key=lambda each: (here[each], each), default=None)

    def _count(self, word: str) -> int:
        if word not in self._counts:
            self._counts[word] = lexicon.counts(self._base, (word,)).get(word, 0)
        return self._counts[word]

    def _of_family(self, word: str) -> list[str]:
        """Return the English word that was meant, if the site has another of its family: biology for biologically."""
        english = {each for each in _before_a_slip(word) if each[0] == word[0] and _is_common(each)}
        return [each for each in english if len(english) == 1 and self.complete(each[: max(8, len(each) - 4)], 1)]

    def _is_slip_here(self, word: str, others: Iterable[str]) -> bool:
        """Return whether the site itself misspells another word with this one: it has it once, and English never."""
        if self._count(word) > 1 or is_english(word):
            return False
        return any(_is_common(other) and _distance(word, other, 1) > 0 for other in others)

    def _settle(self, term: str) -> str:
        """Return one word for a spelling and its plain plural, so that they do not compete."""
        found = self._spelt_here(term) or term
        forms = [each for each in _forms(found) if each in LISTED or self._count(each)]
        return min(forms, key=lambda each: (len(each), each), default=found)


@cache
def _listed() -> dict[int, str]:
    """Return the listed names and words by their keys; several of one key with a space between them."""
    found: dict[int, str] = {}
    for word in filter(lexicon.is_plain, LISTED):
        for key in lexicon.keys(word):
            found[key] = f"{found[key]} {word}" if key in found else word
    return found


@cache
def _english() -> dict[bytes, bytearray]:
    """Return English words as lines, by their first two letters. They take 1 MB, as a set of words 9."""
    found: defaultdict[bytes, bytearray] = defaultdict(lambda: bytearray(b"\n"))
    with (resources.files("symspellpy") / ENGLISH).open("rb") as lines:
        for line in lines:
            word = line.removeprefix(BOM_UTF8).partition(b" ")[0]
            found[word[:2]] += word + b"\n"
    return dict(found)


def is_english(word: str) -> bool:
    """Return whether the word is in a list of English words, and not known as the name of a drug."""
    letters = word.encode()
    return b"\n%b\n" % letters in _english().get(letters[:2], b"") and not is_name(word)


def is_confused(word: str) -> bool:
    """Return whether the word is listed as one that people take for another, in any spelling."""
    return word in LISTED


def _is_common(word: str) -> bool:
    """Return whether the word is English and nobody takes it for another."""
    return not is_confused(word) and is_english(word)


def is_like_a_name(word: str) -> bool:
    """Return whether the word is built like the name of a drug, and not by chance: functoin ends as phenytoin does."""
    return is_name(word) and not any(map(is_english, _exchanged(word)))


def _exchanged(word: str) -> Iterator[str]:
    """Yield the words that are this one with two letters exchanged."""
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _before_a_slip(word: str) -> Iterator[str]:
    """Yield the words that become this one if two letters are exchanged or one is left out."""
    yield from _exchanged(word)
    for place in range(1, len(word) + 1):
        yield from (word[:place] + letter + word[place:] for letter in ascii_lowercase)
