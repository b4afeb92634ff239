"""How a word may also be spelt, and which of the site's own words a misspelt one was meant to be.

Nothing here guesses: where two words are as near, or one drug could be taken for another, there is no correction.
Reasons and figures: docs/decisions/0070-spelling-in-search.md.
"""

import heapq
import re
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import groupby
from pathlib import Path
from string import ascii_lowercase

from symspellpy import SymSpell, Verbosity
from symspellpy.editdistance import DistanceAlgorithm, EditDistance
from symspellpy.suggest_item import SuggestItem

from .look_alikes import NAMES, WORDS, is_name, is_slip, opposites, sounds_alike

ENGLISH = "frequency_dictionary_en_82_765.txt"
SPELLINGS = Path(__file__).with_name("spellings.txt")
LONGEST = 40  # letters of a word that is looked at
MOST = 12  # spellings of one word
ISE = re.compile(
    r"(.{2,}(?:[aiouy]l|ll|[aeiou]n|[aeou]r|[aeio]t|[ioy]m|ic|gn|[io]d|ard|[eor]g|[ae]s|ath|oph)i)"
    r"([sz])(e[ds]?|ers?|ing|able|ations?|ational)"
)
YSE = re.compile(r"(.*(?:anal|paral|dial|catal|hydrol|electrol|haemol|hemol|autol)y)([sz])(e[ds]?|ers?|ing)")
OTHER_WORDS = re.compile(r"treatise|improvis|promis|clitoris|metropolis|trellis")  # they end in -ise for another reason
MOST_MEANT = 3  # words that one may have been meant to be
OTHER = {"s": "z", "z": "s"}
_distance = EditDistance(DistanceAlgorithm.DAMERAU_OSA).compare  # -1 if it is more than the third value


def _read_spellings() -> tuple[dict[str, frozenset[str]], list[tuple[re.Pattern[str], str]]]:
    """Return the whole words, each with its other spellings, and the fragments, each with what can stand for it."""
    words: dict[str, frozenset[str]] = {}
    fragments: list[tuple[re.Pattern[str], str]] = []
    for line in SPELLINGS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        spellings = line.split()
        for one in spellings:
            others = [other for other in spellings if other != one]
            if "-" not in one:
                for ending in ("", "s"):
                    key = one + ending
                    words[key] = words.get(key, frozenset()) | {other + ending for other in others}
            else:
                fragments += [(_pattern(one, other), other.strip("-")) for other in others]
    return words, fragments


def _pattern(fragment: str, other: str) -> re.Pattern[str]:
    """Return what finds the fragment where it is not the end of the other spelling, as esophag is of oesophag."""
    letters = fragment.strip("-")
    longer = other.strip("-").removesuffix(letters)
    start = "" if fragment.startswith("-") else "^"
    before = f"(?<!{longer})" if other.strip("-").endswith(letters) and longer else ""
    return re.compile(f"{start}{before}{letters}{'' if fragment.endswith('-') else '$'}")


WHOLE_WORDS, FRAGMENTS = _read_spellings()


def _respell(word: str) -> Iterator[str]:
    """Yield the spellings of the word that are one rule away."""
    yield from WHOLE_WORDS.get(word, ())
    for pattern, other in FRAGMENTS:
        if pattern.search(word):
            yield pattern.sub(other, word)
    for rule in (ISE, YSE):
        if (match := rule.fullmatch(word)) and not OTHER_WORDS.search(word):
            yield match[1] + OTHER[match[2]] + match[3]


def variants(word: str) -> frozenset[str]:
    """Return the other spellings of a lower-case word, British and American, without the word itself."""
    if len(word) > LONGEST:
        return frozenset()
    found = [word]
    for each in found:  # grows: haematemesised has two places
        found += [other for other in dict.fromkeys(_respell(each)) if other not in found][: MOST - len(found)]
    return frozenset(found[1:])


LISTED = dict.fromkeys(spelling for name in NAMES | WORDS for spelling in (name, *variants(name)))


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


class Vocabulary:
    """The words of the site, to see if one is known, which one was meant, and which ones begin alike."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """Take up to 100,000 words in lower case, with how often each occurs."""
        self._counts = dict(words)
        self._sorted = sorted(self._counts)
        self._meant: dict[str, str] = {}  # a spelling that is not the site's → the site's
        for word in filter(_is_plain, sorted(self._counts, key=self._counts.__getitem__)):
            self._meant |= {spelling: word for spelling in variants(word) if spelling not in self._counts}
        self._nearby = SymSpell(max_dictionary_edit_distance=2, prefix_length=5)  # 5: the least memory
        # A listed word that the site lacks is near too: it stops a correction, and is never one itself.
        for word in filter(_is_plain, {**self._counts, **self._meant, **LISTED}):
            self._nearby.create_dictionary_entry(word, 1)

    def knows(self, word: str) -> bool:
        """Return whether the site has the word, another spelling of it, or its plain plural or singular."""
        return any(each in self._counts for each in _forms(word))

    def correct(self, word: str) -> str | None:
        """Return the word of the site that was meant by one it does not know, or None if that would be a guess."""
        found = self.meant(word)
        return found[0] if len(found) == 1 else None

    def meant(self, word: str) -> list[str]:
        """Return the words of the site that may have been meant by one it does not know, the most frequent first.

        Mostly this is one or none. Several plain English words can be as near; of names of drugs there is one or none.
        """
        if not _is_plain(word) or self.knows(word) or any(map(is_english, (word, *variants(word)))):
            return []
        near = self._nearby.lookup(word, Verbosity.ALL, 1 if len(word) < 8 else 2)
        is_strict = any(is_name(item.term) for item in near) or (
            is_name(word) and not any(map(is_english, _exchanged(word)))
        )
        if not near and not is_strict:
            return self._of_family(word)
        if not is_strict:
            nearest = [item for item in near if item.distance == near[0].distance]
            near = [item for item in nearest if not _is_common(item.term) or self._accept(word, item, is_strict)]
        found = {self._settle(item.term): taken for item in near if (taken := self._accept(word, item, is_strict))}
        if not is_strict:
            found = {key: each for key, each in found.items() if not self._is_slip_here(each, found.values())}
        rivals = {self._settle(item.term) for item in near if not self._accept(word, item, is_strict)} - found.keys()
        if rivals or len(found) > (1 if is_strict else MOST_MEANT):
            return []
        if len(found) > 1 and not all(map(_is_common, found.values())):
            return []
        return sorted(found.values(), key=lambda each: (-self._counts[each], each))

    def _accept(self, word: str, item: SuggestItem, is_strict: bool) -> str | None:
        """Return the site's word for one that is near, if that is certainly the one that was meant."""
        found = self._meant.get(item.term, item.term)
        if found not in self._counts or item.term[0] != word[0]:
            return None
        if item.distance == 2 and not (sounds_alike(word, item.term) and (len(word) >= 10 or not is_strict)):
            return None
        if (is_strict or len(word) < 6) and item.distance == 1 and not is_slip(word, item.term):
            return None
        is_as_near = any(_distance(word, opposite, item.distance) >= 0 for opposite in opposites(item.term))
        return None if is_as_near else found

    def _of_family(self, word: str) -> list[str]:
        """Return the English word that was meant, if the site has another of its family: biology for biologically."""
        english = {each for each in _before_a_slip(word) if each[0] == word[0] and _is_common(each)}
        return [each for each in english if len(english) == 1 and self.complete(each[: max(8, len(each) - 4)], 1)]

    def _is_slip_here(self, word: str, others: Iterable[str]) -> bool:
        """Return whether the site itself misspells another word with this one: it has it once, and English never."""
        if self._counts[word] > 1 or is_english(word):
            return False
        return any(_is_common(other) and _distance(word, other, 1) > 0 for other in others)

    def _settle(self, term: str) -> str:
        """Return one word for a spelling and its plain plural, so that they do not compete."""
        found = self._meant.get(term, term)
        forms = [each for each in _forms(found) if each in self._counts or each in LISTED]
        return min(forms, key=lambda each: (len(each), each), default=found)

    def complete(self, prefix: str, limit: int) -> list[str]:
        """Return up to `limit` of the site's words that begin with the prefix, the most frequent first."""
        start, end = bisect_left(self._sorted, prefix), bisect_left(self._sorted, prefix + chr(sys.maxunicode))
        return heapq.nsmallest(limit, self._sorted[start:end], key=lambda word: (-self._counts[word], word))


@cache
def _english() -> dict[str, str]:
    """Return English words as lines, by their first three letters."""
    lines = (resources.files("symspellpy") / ENGLISH).read_text(encoding="utf-8-sig").splitlines()
    words = sorted(line.partition(" ")[0] for line in lines)
    return {start: "\n".join(["", *group, ""]) for start, group in groupby(words, key=lambda word: word[:3])}


def is_english(word: str) -> bool:
    """Return whether the word is in a list of English words, and not known as the name of a drug."""
    return f"\n{word}\n" in _english().get(word[:3], "") and not is_name(word)


def _is_common(word: str) -> bool:
    """Return whether the word is English and nobody takes it for another."""
    return word not in LISTED and is_english(word)


def _exchanged(word: str) -> Iterator[str]:
    """Yield the words that are this one with two letters exchanged."""
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _before_a_slip(word: str) -> Iterator[str]:
    """Yield the words that become this one if two letters are exchanged or one is left out."""
    yield from _exchanged(word)
    for place in range(1, len(word) + 1):
        yield from (word[:place] + letter + word[place:] for letter in ascii_lowercase)


def _is_plain(word: str) -> bool:
    return 4 <= len(word) <= LONGEST and word.isalpha()
