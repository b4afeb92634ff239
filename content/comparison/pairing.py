"""Which block of one text became which block of the other, in its place or elsewhere.

Blocks that say the same are found first, then, between them, those that share words. What is left over may have moved.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from .alignment import Pairs, align, gaps, rising
from .blocks import Block
from .words import Word

MOVES_FROM = 4  # words: fewer are hardly the same text in another place, but another use of the same words
SHORT = 12  # words: what is now in the place of a text as short as this is shown inside it
Item = TypeVar("Item")


def pair(olds: Sequence[Block], news: Sequence[Block], known: Sequence[tuple[int, int]] = ()) -> Pairs:
    """Return the positions of blocks that became each other, in the order of the old text, and those that are known."""
    pairing = _Pairing(olds, news)
    pairing.add(known)
    pairing.add(align([block.key for block in olds], [block.key for block in news]))
    pairing.add(pairing.find_same_elsewhere())
    pairing.add(pairing.find_alike_between())
    pairing.add(pairing.find_neighbours())
    pairing.add(pairing.find_alike_elsewhere())
    return sorted(pairing.became.items())


class _Pairing:
    def __init__(self, olds: Sequence[Block], news: Sequence[Block]) -> None:
        self.olds, self.news = olds, news
        self.became: dict[int, int] = {}
        self.was: dict[int, int] = {}

    def add(self, pairs: Sequence[tuple[int, int]]) -> None:
        for i, j in pairs:
            if i not in self.became and j not in self.was:
                self.became[i], self.was[j] = j, i

    @property
    def free(self) -> tuple[list[int], list[int]]:
        """The positions on both sides that are not paired yet."""
        return (
            [i for i in range(len(self.olds)) if i not in self.became],
            [j for j in range(len(self.news)) if j not in self.was],
        )

    def free_gaps(self) -> Iterator[tuple[list[int], list[int]]]:
        """Yield what is not paired yet between the pairs that are in their place."""
        for i, k, j, m in gaps(rising(sorted(self.became.items())), len(self.olds), len(self.news)):
            before = [a for a in range(i, k) if a not in self.became]
            after = [b for b in range(j, m) if b not in self.was]
            if before and after:
                yield before, after

    def find_same_elsewhere(self) -> Pairs:
        """Find blocks that say the same in another place."""
        places: dict[str, tuple[list[int], list[int]]] = {}
        for side, (free, blocks) in enumerate(zip(self.free, (self.olds, self.news), strict=True)):
            for place in free:
                places.setdefault(blocks[place].key, ([], []))[side].append(place)
        return [
            (i, j)
            for before, after in places.values()
            for i, j in zip(before, after, strict=False)
            if _may_move(self.olds[i], self.news[j], is_only_one=len(before) == len(after) == 1)
        ]

    def find_alike_between(self) -> Pairs:
        """Find blocks that share words, in their order, between pairs that are in their place."""
        found = []
        for before, after in self.free_gaps():
            olds, news = [self.olds[i] for i in before], [self.news[j] for j in after]
            found += [(before[a], after[b]) for a, b in alike(olds, news, _words, _are_alike)]
        return found

    def find_neighbours(self) -> Pairs:
        """Find headings over what stayed, and short blocks that were replaced one for one."""
        found = []
        for before, after in self.free_gaps():
            if len(before) == len(after):
                found += [(i, j) for i, j in zip(before, after, strict=True) if self._is_replaced(i, j)]
        taken = {i for i, _ in found}
        for i in self.free[0]:
            for step in (1, -1):
                j = self.became.get(i + step, -2) - step
                if i not in taken and j >= 0 and j not in self.was and self._are_headings(i, j):
                    found.append((i, j))
                    taken.add(i)
        return found

    def _is_replaced(self, i: int, j: int) -> bool:
        old, new = self.olds[i], self.news[j]
        is_short = max(len(old.words), len(new.words)) <= SHORT
        return (
            old.tag == new.tag
            and is_short
            and tags(old) == tags(new)
            and bool(old.words and new.words)
            and not old.reference
        )

    def _are_headings(self, i: int, j: int) -> bool:
        return self.olds[i].is_heading and j < len(self.news) and self.news[j].is_heading

    def find_alike_elsewhere(self) -> Pairs:
        """Find blocks that moved and were changed as well: three words in five are the same."""
        before, after = self.free
        olds, news = [self.olds[i] for i in before], [self.news[j] for j in after]
        return [(before[a], after[b]) for a, b in _elect(olds, news, _words, _are_much_alike)]


def tags(block: Block) -> tuple[str, ...]:
    """Return the kinds of what a block is in, the outermost first."""
    return tuple(holder.tag for holder in block.holders)


def alike(
    olds: Sequence[Item],
    news: Sequence[Item],
    words: Callable[[Item], Sequence[Word]],
    are_alike: Callable[[Item, Item], bool],
) -> Pairs:
    """Return pairs of changed items that became each other, in order.

    Items that share words which no other of them has are paired first, and between those, items in the same place.
    """
    found = []
    for i, k, j, m in gaps(rising(_elect(olds, news, words, are_alike)), len(olds), len(news)):
        places = zip(range(i, k), range(j, m), strict=False)
        found += [(a, b) for a, b in places if are_alike(olds[a], news[b])]
        found += [(k, m)] if k < len(olds) and m < len(news) else []
    return found


def _elect(
    olds: Sequence[Item],
    news: Sequence[Item],
    words: Callable[[Item], Sequence[Word]],
    are_alike: Callable[[Item, Item], bool],
) -> Pairs:
    """Return pairs of items that share most of the words, or pairs of words, that only one item on each side has."""
    old_marks, new_marks = [_marks([words(item) for item in side]) for side in (olds, news)]
    votes: dict[int, Counter[int]] = {}
    for mark, i in old_marks.items():
        if mark in new_marks:
            votes.setdefault(i, Counter())[new_marks[mark]] += 1
    elected = [(i, votes[i].most_common(1)[0][0]) for i in sorted(votes)]
    return [(i, j) for i, j in elected if are_alike(olds[i], news[j])]


def _marks(items: Sequence[Sequence[Word]]) -> dict[tuple[str, ...], int]:
    """Return words, and pairs of neighbouring words, that only one item has, with the number of that item."""
    marks: dict[tuple[str, ...], int] = {}
    for number, words in enumerate(items):
        keys = [word.key for word in words]
        for mark in {*((key,) for key in keys), *pairwise(keys)}:
            marks[mark] = -1 if mark in marks else number
    return {mark: number for mark, number in marks.items() if number >= 0}


def share_words(old: Sequence[Word], new: Sequence[Word], *, least: float = 0.4) -> bool:
    """Return whether so many of the words are the same that it helps to show what changed between them.

    A number counts as the same word if only its digits changed.
    """
    few, many = sorted((len(old), len(new)))
    if not few or few < least * many:  # without counting: one of them may be a whole page
        return False
    same = Counter(word.shape for word in old) & Counter(word.shape for word in new)
    return sum(same.values()) >= least * many


def _words(block: Block) -> Sequence[Word]:
    return block.spoken


def _are_alike(old: Block, new: Block, least: float = 0.4) -> bool:
    if _sort(old) != _sort(new):
        return False
    if old.rows and new.rows and _share_names(old, new):
        return True
    return share_words(old.spoken, new.spoken, least=least)


def _sort(block: Block) -> str:
    """Return what no change makes into another."""
    return "heading" if block.is_heading else block.tag if block.tag in ("table", "reference") else "text"


def _are_much_alike(old: Block, new: Block) -> bool:
    return min(len(old.spoken), len(new.spoken)) > MOVES_FROM and _are_alike(old, new, least=0.6)


def _share_names(old: Block, new: Block) -> bool:
    """Return whether two tables have the same columns, or half of their rows have the same names."""
    if old.rows[0].key.strip("\x1f") and old.rows[0].key == new.rows[0].key:
        return True
    names = [{row.cells[0].key for row in block.rows[1:] if row.cells and row.cells[0].key} for block in (old, new)]
    return 2 * len(names[0] & names[1]) >= max(map(len, names)) > 0


def _may_move(old: Block, new: Block, *, is_only_one: bool) -> bool:
    if len(old.words) >= MOVES_FROM:
        return True
    has_number = any(word.is_number for word in old.words)
    return is_only_one and bool(old.words) and not has_number and (old.is_heading or old.heading == new.heading)
