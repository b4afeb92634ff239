"""A query as phrases: words, and groups of words that the editors gave a meaning or several.

The index has the editors' synonyms and the pages' names by the stems of their words, so that a query finds those in it
by one look-up each, however many there are.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .words import DENYING, every_word, stem, stems

LONGEST_PHRASE = 8  # words of a synonym, or of a name that is part of a query


@dataclass(frozen=True)
class Phrase:
    """One or more words that stand together. `meanings` are the editors': none for a word that they did not name."""

    typed: tuple[str, ...]
    meanings: tuple[str, ...] = ()

    @property
    def is_ambiguous(self) -> bool:
        """Whether it has several meanings."""
        return len(self.meanings) > 1

    @property
    def is_denying(self) -> bool:
        """Whether it is a word that can turn an answer into its opposite, like not."""
        return not self.meanings and DENYING.issuperset(self.typed)

    @property
    def meant(self) -> tuple[str, ...]:
        """The words that stand for it on this site: its only meaning's, or as typed."""
        return tuple(every_word(self.meanings[0])) if len(self.meanings) == 1 else self.typed


def key(words: Iterable[str]) -> str:
    """Return what phrases of the same words have in common, in whatever form each word is."""
    return " ".join(map(stem, words))


def key_of(text: str) -> str:
    """Return the key of the words of a text."""
    return " ".join(stems(text))


def read(base: sqlite3.Connection, texts: Sequence[str]) -> list[list[Phrase]]:
    """Return each text as phrases in order, the longest that the editors named before its parts."""
    worded = [every_word(text) for text in texts]
    keys = {key(part) for words in worded for part in _parts(words)}
    rows = base.execute(
        "SELECT key, meaning FROM synonym WHERE key IN (SELECT value FROM json_each(?)) ORDER BY meaning",
        (json.dumps(list(keys)),),
    )
    meanings: dict[str, dict[str, str]] = defaultdict(dict)
    for found, meaning in rows:
        meanings[found].setdefault(key_of(meaning), meaning)  # in whatever form: vaccine, vaccines
    return [_divide(words, {found: list(each.values()) for found, each in meanings.items()}) for words in worded]


def meanings_of(base: sqlite3.Connection, words: Sequence[str]) -> list[str]:
    """Return what the words mean, all of them together."""
    rows = base.execute("SELECT meaning FROM synonym WHERE key = ? ORDER BY meaning", (key(words),))
    return [meaning for (meaning,) in rows]


def _parts(words: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST_PHRASE, len(words)) + 1):
            yield words[start:end]


def _divide(words: Sequence[str], meanings: Mapping[str, list[str]]) -> list[Phrase]:
    phrases: list[Phrase] = []
    start = 0
    while start < len(words):
        for end in range(min(start + LONGEST_PHRASE, len(words)), start, -1):
            found = meanings.get(key(words[start:end]), [])
            if found or end == start + 1:
                phrases.append(Phrase(tuple(words[start:end]), tuple(found)))
                start = end
                break
    return phrases
