"""Which of two lists of changed items became each other, by the words that they share."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

from .alignment import Pairs, gaps, rising

Item = TypeVar("Item")
Words = Callable[[Item], Sequence[str]]
Alike = Callable[[Item, Item], bool]


def alike(olds: Sequence[Item], news: Sequence[Item], words: Words[Item], are_alike: Alike[Item]) -> Pairs:
    """Return pairs of changed items that became each other, in order.

    Items that share words which no other of them has are paired first, and between those, items in the same place.
    `words` are those of an item, and `are_alike` says whether two may be a pair.
    """
    found = []
    for i, k, j, m in gaps(rising(elect(olds, news, words, are_alike)), len(olds), len(news)):
        places = zip(range(i, k), range(j, m), strict=False)
        found += [(a, b) for a, b in places if are_alike(olds[a], news[b])]
        found += [(k, m)] if k < len(olds) and m < len(news) else []
    return found


def elect(olds: Sequence[Item], news: Sequence[Item], words: Words[Item], are_alike: Alike[Item]) -> Pairs:
    """Return for items the one on the other side with which they share most words that no other has.

    They are in the order of the old side; two can have elected the same.
    """
    old_marks, new_marks = [_marks([words(item) for item in side]) for side in (olds, news)]
    votes: dict[int, Counter[int]] = {}
    for mark, i in old_marks.items():
        if mark in new_marks:
            votes.setdefault(i, Counter())[new_marks[mark]] += 1
    elected = [(i, votes[i].most_common(1)[0][0]) for i in sorted(votes)]
    return [(i, j) for i, j in elected if are_alike(olds[i], news[j])]


def _marks(items: Sequence[Sequence[str]]) -> dict[tuple[str, ...], int]:
    """Return words, and pairs of neighbouring words, that only one item has, with the number of that item."""
    marks: dict[tuple[str, ...], int] = {}
    for number, words in enumerate(items):
        for mark in {*((word,) for word in words), *pairwise(words)}:
            marks[mark] = -1 if mark in marks else number
    return {mark: number for mark, number in marks.items() if number >= 0}


def share_words(old: Sequence[str], new: Sequence[str], least: float = 0.4) -> bool:
    """Return whether this part of the words is the same, so that it helps to show what changed between them."""
    few, many = sorted((len(old), len(new)))
    if not few or few < least * many:  # without counting: one of them may be a whole page
        return False
    return sum((Counter(old) & Counter(new)).values()) >= least * many
