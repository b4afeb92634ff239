"""Which block of one text became which block of the other, in its place or elsewhere.

Blocks that say the same are found first, then, between them, those that share words. What is left over may have moved.
"""

from collections.abc import Iterator, Sequence

from .alignment import Pairs, align, gaps, rising
from .blocks import Block
from .likeness import alike, elect, share_words

MOVES_FROM = 4  # words: fewer are hardly the same text in another place, but another use of the same words
SHORT = 4  # words: what is now in the place of a text as short as this is shown inside it


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
        for i in self.free[0]:
            j = self.became.get(i + 1, 0) - 1
            if j >= 0 and j not in self.was and self.olds[i].is_heading and self.news[j].is_heading:
                found.append((i, j))
        return found

    def _is_replaced(self, i: int, j: int) -> bool:
        old, new = self.olds[i], self.news[j]
        is_short = max(len(old.words), len(new.words)) <= SHORT
        return (
            old.tag == new.tag
            and not old.is_heading
            and is_short
            and tags(old) == tags(new)
            and bool(old.words and new.words)
            and not old.reference
        )

    def find_alike_elsewhere(self) -> Pairs:
        """Find blocks that moved and were changed as well: three words in five are the same."""
        before, after = self.free
        olds, news = [self.olds[i] for i in before], [self.news[j] for j in after]
        return [(before[a], after[b]) for a, b in elect(olds, news, _words, _are_much_alike)]


def tags(block: Block) -> tuple[str, ...]:
    """Return the kinds of what a block is in, the outermost first."""
    return tuple(holder.tag for holder in block.holders)


def _words(block: Block) -> Sequence[str]:
    return block.spoken


def _are_alike(old: Block, new: Block, least: float = 0.4) -> bool:
    if _sort(old) != _sort(new):
        return False
    if old.rows and new.rows and _share_names(old, new):
        return True
    return share_words(old.shapes, new.shapes, least)


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
