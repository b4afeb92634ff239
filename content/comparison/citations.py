"""Citations are the same word if they name the same reference, whatever its key and number are."""

from collections.abc import Sequence

from .alignment import Pairs
from .blocks import Block
from .likeness import share_words


def pair_references(olds: Sequence[Block], news: Sequence[Block]) -> Pairs:
    """Pair references that say the same, then those of the same key that share words."""
    before, after = ([(place, block) for place, block in enumerate(side) if block.reference] for side in (olds, news))
    by_text = {block.key: place for place, block in reversed(after)}
    by_key = {block.reference: place for place, block in reversed(after)}
    became: dict[int, int] = {}
    was: dict[int, int] = {}
    for place, block in before:
        found = by_text.get(block.key)
        if found is not None and found not in was:
            became[place], was[found] = found, place
    for place, block in before:
        found = by_key.get(block.reference)
        is_free = found is not None and place not in became and found not in was
        if found is not None and is_free and share_words(block.shapes, news[found].shapes):
            became[place], was[found] = found, place
    return sorted(became.items())


def name_citations(olds: Sequence[Block], news: Sequence[Block], references: Pairs) -> list[tuple[str, str]]:
    """Make citations the same word if they name the same reference, and return those whose number changed."""
    names = {olds[i].reference: news[j].reference for i, j in references}
    numbers: tuple[dict[str, str], dict[str, str]] = {}, {}
    for side, blocks in enumerate((olds, news)):
        for word in (word for block in blocks for word in block.words if word.cites):
            name = word.cites if side else names.get(word.cites, f"\ufff9{word.cites}")
            word.key = f"\ufff9{name}"
            numbers[side][name] = word.text
    return [(number, numbers[1][name]) for name, number in numbers[0].items() if numbers[1].get(name, number) != number]
