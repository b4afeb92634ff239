"""Equal items of two lists, of words or of blocks, found in about the time it takes to read them.

difflib alone takes minutes for a whole page. So each stretch is first divided at runs of items that occur exactly once
on each side, repeatedly, and difflib gets only the short stretches that are left. A long stretch that cannot be divided
is compared position by position if both sides have the same length, and otherwise counts as wholly different.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

WIDTHS = (3, 2, 1)  # items in a dividing run: three words in a row are seldom the same by chance
DEEPEST = 6  # how often a stretch is divided
LARGEST = 400  # most pairs of items for difflib: its time can grow faster than their number

Pairs = list[tuple[int, int]]


def align(old: Sequence[str], new: Sequence[str], depth: int = DEEPEST) -> Pairs:
    """Return pairs of positions (in `old`, in `new`) of equal items, rising on both sides.

    They are not always as many as possible. `depth` is how often a stretch may still be divided.
    """
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    pairs = [(n, n) for n in range(head)]
    pairs += [(head + i, head + j) for i, j in _divide(inner_old, inner_new, depth)]
    return pairs + [(len(old) - n, len(new) - n) for n in range(tail, 0, -1)]


def _divide(old: Sequence[str], new: Sequence[str], depth: int) -> Pairs:
    """Align two stretches whose first items differ, and whose last items differ."""
    if not old or not new or len(old) == len(new) == 1:
        return []
    anchors = next(filter(None, (_anchors(old, new, width) for width in WIDTHS)), []) if depth else []
    if anchors:
        pairs = []
        for i, k, j, m in gaps(anchors, len(old), len(new)):
            pairs += [(i + a, j + b) for a, b in align(old[i:k], new[j:m], depth - 1)] if i < k and j < m else []
            pairs += [(k, m)] if k < len(old) and m < len(new) else []
        return pairs
    if len(old) * len(new) <= LARGEST:
        blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        return [(a + n, b + n) for a, b, size in blocks for n in range(size)]
    if len(old) == len(new):
        return [(n, n) for n in range(len(old)) if old[n] == new[n]]
    return []


def _anchors(old: Sequence[str], new: Sequence[str], width: int) -> Pairs:
    """Return the positions of the runs of `width` items that occur exactly once on each side, rising on both."""
    old_places, new_places = _once(old, width), _once(new, width)
    return rising([(i, new_places[run]) for run, i in old_places.items() if run in new_places])


def _once(items: Sequence[str], width: int) -> dict[tuple[str, ...], int]:
    """Return the runs of `width` items that occur exactly once, with their positions."""
    places: dict[tuple[str, ...], int] = {}
    for place, run in enumerate(zip(*(items[n:] for n in range(width)), strict=False)):
        places[run] = -1 if run in places else place
    return {run: place for run, place in places.items() if place >= 0}


def rising(pairs: Pairs) -> Pairs:
    """Return the largest possible selection of `pairs`, which rise on the left, that rises on the right too."""
    ends: list[int] = []  # for each length of a run, the lowest right side that ends one
    holders: list[int] = []  # and the number of the pair that has it
    before: list[int] = []  # for each pair, the one before it in its run
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        before.append(holders[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        holders[length : length + 1] = [number]
    run, number = [], holders[-1] if holders else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]


def gaps(pairs: Pairs, old: int, new: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the stretches before each pair, and last those after the last pair.

    Each is four numbers: start and end on the left, start and end on the right.
    """
    i = j = 0
    for k, m in [*pairs, (old, new)]:
        yield i, k, j, m
        i, j = k + 1, m + 1
