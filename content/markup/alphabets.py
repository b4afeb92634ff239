"""Words that mix two alphabets: a letter that looks like another, such as the Cyrillic а in “Nа”.

Searching, the comparison and a screen reader take such a word for another. A Greek letter that stands for itself, as in
µg, TNFα, NFκB or ΔG, is part of what clinicians write and is not such a letter.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d_]{2,}")
FOREIGN = {"CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC"}  # no word of medicine mixes them with Latin or Greek letters
KNOWN = FOREIGN | {"LATIN", "GREEK"}
LIKE_CAPITALS = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")  # Greek capitals that look exactly like Latin ones
LIKE_SMALL = frozenset("αγινορυχ")  # Greek small letters that pass for a Latin one between two Latin ones


@dataclass(frozen=True)
class Mixture:
    """A word with a letter of another alphabet: where the word starts, the word, and the letter."""

    start: int
    word: str
    letter: str

    def __str__(self) -> str:
        name = f"{unicodedata.name(self.letter)} (U+{ord(self.letter):04X})"
        return f"“{self.word}” mixes two alphabets: its {self.letter} is {name}. Type the word again."


def find_mixtures(text: str) -> Iterator[Mixture]:
    """Yield the words of `text` that mix alphabets, each with the first letter that is not what it looks like."""
    if text.isascii():
        return
    for word in WORD.finditer(text):
        if not word[0].isascii() and (letter := _find_look_alike(word[0])):
            yield Mixture(word.start(), word[0], letter)


def _find_look_alike(word: str) -> str:
    """Return the first letter of a word in two alphabets that looks like one of the other, or an empty string."""
    alphabets = [_alphabet_of(letter) for letter in word]
    if len(KNOWN.intersection(alphabets)) < 2:
        return ""
    for place, (letter, alphabet) in enumerate(zip(word, alphabets, strict=True)):
        if alphabet in FOREIGN or (alphabet == "GREEK" and _passes_for_latin(word, place)):
            return letter
    return ""


def _passes_for_latin(word: str, place: int) -> bool:
    """Return whether a reader would take the Greek letter for a Latin one."""
    around = word[max(0, place - 1) : place] + word[place + 1 : place + 2]
    is_inside = len(around) == 2 and all(letter.islower() and _alphabet_of(letter) == "LATIN" for letter in around)
    return word[place] in LIKE_CAPITALS or word[place] == "ο" or (word[place] in LIKE_SMALL and is_inside)


def _alphabet_of(letter: str) -> str:
    """Return the first word of the letter's name in Unicode, such as LATIN; µ, Ω and ² have names of their own."""
    return unicodedata.name(letter, "").partition(" ")[0]
