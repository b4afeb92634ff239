"""What changed inside a block: stretches of words that stayed, and stretches that were replaced."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .alignment import align, gaps
from .words import Word

GLUE = 2  # words: so few that stayed in the middle of longer changes would make neither text readable


@dataclass(frozen=True)
class Stretch:
    """Words next to each other that stayed, or those on both sides of which one replaced the other.

    The words of all stretches are the old text on one side and the new text on the other. Words that stayed are on
    both, because their spacing, their marks and the number of a citation can differ.
    """

    old: tuple[Word, ...]
    new: tuple[Word, ...]
    is_same: bool = False

    @property
    def length(self) -> int:
        """How many words the longer side has."""
        return max(len(self.old), len(self.new))


Stretches = tuple[Stretch, ...]


def compare_words(old: Sequence[Word], new: Sequence[Word]) -> Stretches:
    """Compare two lists of words, either of which can be empty."""
    if not old or not new:
        return (Stretch(tuple(old), tuple(new)),) if old or new else ()
    found: list[Stretch] = []
    stayed: list[tuple[int, int]] = []
    pairs = align([word.key for word in old], [word.key for word in new])
    for i, k, j, m in gaps(pairs, len(old), len(new)):
        if i < k or j < m:
            found += _stayed(old, new, stayed)
            found.append(Stretch(tuple(old[i:k]), tuple(new[j:m])))
            stayed = []
        if k < len(old) and m < len(new):
            stayed.append((k, m))
    return tuple(_glue([*found, *_stayed(old, new, stayed)]))


def _stayed(old: Sequence[Word], new: Sequence[Word], pairs: Sequence[tuple[int, int]]) -> list[Stretch]:
    if not pairs:
        return []
    return [Stretch(tuple(old[i] for i, _ in pairs), tuple(new[j] for _, j in pairs), is_same=True)]


def _glue(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Make one of two changes with hardly a word between them that stayed. A number that stayed is never hidden so."""
    glued: list[Stretch] = []
    for stretch in stretches:
        if len(glued) > 1 and _is_lost_between(glued[-2], glued[-1], stretch):
            between, before = glued.pop(), glued.pop()
            stretch = Stretch(before.old + between.old + stretch.old, before.new + between.new + stretch.new)
        glued.append(stretch)
    return glued


def _is_lost_between(before: Stretch, between: Stretch, after: Stretch) -> bool:
    if before.is_same or not between.is_same or after.is_same:
        return False
    if len(between.old) > GLUE or any(word.is_number or word.cites for word in between.old):
        return False
    spoken = sum(any(map(str.isalnum, word.key)) for word in between.old)
    sides = (before.old, before.new, after.old, after.new)
    return min(len(before.old) + len(after.old), len(before.new) + len(after.new)) > 2 * spoken and all(sides)


def has_changes(stretches: Stretches) -> bool:
    """Return whether a word was removed, added or replaced."""
    return any(not stretch.is_same for stretch in stretches)
