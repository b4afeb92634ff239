"""What changed, as a clinician reads it in ten seconds: the numbers first, then what came, went and moved."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from .blocks import FACT, said
from .changes import ADDED, CHANGED, REMOVED, Change, Line, Place
from .comparison import ComparedSection, Comparison
from .numbers import NumberChange, listed, number_changes
from .stretches import Stretch
from .unseen import quoted, start_of

SHOWN = 6  # of a kind: more are folded, and none is left out
REWORDED = "Reworded"
BRIEF = 32  # characters of a reference
TOGETHER = 8  # numbers named in one go
NEGATION = re.compile(
    r"\b(?:avoid|cannot|contraindicated|neither|never|no|non|nor|not|stop|unless|without)\b|n['’]t\b", re.I
)


@dataclass(frozen=True)
class Item:
    """Something that changed, in a few words, and where; `around` is what it is part of, `times` how often it did."""

    text: str
    place: Place | None = None
    around: str = ""
    came_from: str = ""
    times: int = 1


@dataclass(frozen=True)
class Topic:
    """What of one kind changed: how much, in a few words, and what; `most` is how many are shown at once."""

    name: str
    lead: str
    items: tuple[Item, ...] = ()
    most: int = SHOWN

    @property
    def shown(self) -> tuple[Item, ...]:
        """The first of its items."""
        return self.items[: self.most]

    @property
    def folded(self) -> tuple[Item, ...]:
        """The rest of them."""
        return self.items[self.most :]


def summarise(comparison: Comparison) -> list[Topic]:
    """Return what changed, kind by kind. Numbers are always the first, even if none changed.

    If there is much beside the numbers, only what says "not" is shown of it, and the rest is folded: that is what the
    text below is read for.
    """
    others = [
        Topic("Added", "", tuple(_whole(comparison, ADDED))),
        Topic("Removed", "", tuple(_whole(comparison, REMOVED))),
        Topic("Moved", "", tuple(_moved(comparison))),
        Topic(REWORDED, "", tuple(sorted(_worded(comparison), key=_weight))),
        _references(comparison),
        Topic("Also changed", "", tuple(_unseen(comparison))),
    ]
    if sum(len(topic.items) for topic in others) > SHOWN:
        others = [replace(topic, most=_count_negations(topic)) for topic in others]
    return [_numbers(comparison), *(topic for topic in others if topic.items or topic.lead)]


def _lines(comparison: Comparison) -> Iterator[Line]:
    for section, change in comparison.changes:
        if not section.is_references:
            yield from change.lines


# Numbers


def _numbers(comparison: Comparison) -> Topic:
    found = [number for line in _lines(comparison) for number in number_changes(line)]
    changed = [number for number in found if number.old and number.new]
    removed, added = [each for each in found if not each.new], [each for each in found if not each.old]
    counts = [(len(changed), "changed"), (len(removed), "removed"), (len(added), "added")]
    lead = ", ".join(f"{count} {what}" for count, what in counts if count) or "None changed"
    items = [Item(each.text, each.place, each.around) for each in changed]
    return Topic("Numbers", lead, (*items, *_together("Removed", removed), *_together("Added", added)))


def _together(what: str, numbers: Iterable[NumberChange]) -> Iterator[Item]:
    """Yield numbers under the same heading, or in the same row, together."""
    for _, group in groupby(numbers, lambda number: (number.place.heading, number.place.row)):
        together = list(group)
        for start in range(0, len(together), TOGETHER):
            some = together[start : start + TOGETHER]
            place = some[0].place
            if len({number.place.column for number in some}) > 1:
                place = replace(place, column="")
            yield Item(f"{what}: {', '.join(number.text for number in some)}", place)


# Blocks, rows and columns


def _whole(comparison: Comparison, kind: str) -> Iterator[Item]:
    """Yield what was added or removed as a whole: sections, blocks, and rows and columns of tables."""
    for section in comparison.sections:
        if section.is_references:
            continue
        if section.whole == kind and section.kind != FACT:
            yield Item("Whole section", Place(section.name, anchor=section.anchor))
            continue
        for run in _runs(section, lambda change: change.kind == kind):
            yield Item(_name(run), Place(run[0].block.heading, anchor=run[0].anchor))
        for change in section.changes:
            yield from _rows_and_columns(change, kind) if change.kind == CHANGED else ()


def _rows_and_columns(change: Change, kind: str) -> Iterator[Item]:
    if not change.table:
        return
    here = Place(change.block.heading, anchor=change.anchor)
    gone = "new" if kind == REMOVED else "old"
    for row in change.table.rows:
        if getattr(row, gone) is None:
            yield Item(f"Row {quoted(row.name or 'without a name')}", here)
    for column in change.table.columns:
        if getattr(column, gone) is None:
            yield Item(f"Column {quoted(column.heading or 'without a heading')}", here)


def _moved(comparison: Comparison) -> Iterator[Item]:
    for section in comparison.sections:
        for run in _runs(section, lambda change: change.is_moved):
            old, new = run[0].old, run[0].new
            if old and new:
                came_from = old.heading if old.heading != new.heading and not new.is_heading else ""
                yield Item(_name(run), Place(new.heading, anchor=run[0].anchor), came_from=came_from)
        for change in section.changes:
            table, here = change.table, Place(change.block.heading, anchor=change.anchor)
            if table:
                yield from (Item(f"Row {quoted(row.name)}", here) for row in table.rows if row.is_moved)
                yield from (Item(f"Column {quoted(each.heading)}", here) for each in table.columns if each.is_moved)


def _runs(section: ComparedSection, is_one: Callable[[Change], bool]) -> Iterator[list[Change]]:
    """Yield blocks next to each other of which the same is true. What moved stays a run only if it moved together."""
    run: list[Change] = []
    for part in section.parts:
        belongs = isinstance(part, Change) and is_one(part)
        if run and not (belongs and isinstance(part, Change) and _continues(run[-1], part)):
            yield run
            run = []
        if belongs and isinstance(part, Change):
            run.append(part)
    if run:
        yield run


def _continues(before: Change, after: Change) -> bool:
    return not after.is_moved or after.old_place == before.old_place + 1


def _name(run: list[Change]) -> str:
    """Name blocks by the first words of the first."""
    first = run[0].block
    kind = "Heading" if first.is_heading else "Table" if first.rows else ""
    name = f"{kind} {start_of(first)}".strip()
    return name if len(run) == 1 else f"{name} and {len(run) - 1} more"


# Words


def _worded(comparison: Comparison) -> Iterator[Item]:
    for line in _lines(comparison):
        for stretch in () if line.is_whole else line.stretches:
            if text := _replaced(line, stretch):
                yield Item(text, line.place)


def _replaced(line: Line, stretch: Stretch) -> str:
    """Return what was replaced by what, or an empty string if only numbers and citations were, or nothing."""
    numbers = {word for side in listed(line, stretch) for word in side}
    if stretch.is_same or all(word in numbers or word.cites for word in (*stretch.old, *stretch.new)):
        return ""
    old, new = said(stretch.old), said(stretch.new)
    if old and new:
        return f"{quoted(old)} → {quoted(new)}"
    return f"Removed: {quoted(old)}" if old else f"Added: {quoted(new)}"


def _count_negations(topic: Topic) -> int:
    """Return how many of the reworded are about what says "not", at most `SHOWN`: they are the first."""
    return sum(_weight(item) == 0 for item in topic.items[:SHOWN]) if topic.name == REWORDED else 0


def _weight(item: Item) -> int:
    """Return where an item belongs among others: what says "not" first, signs alone last."""
    return 0 if NEGATION.search(item.text) else 1 if re.search(r"“\W*\w", item.text) else 2


# References


def _references(comparison: Comparison) -> Topic:
    items = [*_in_references(comparison.references), *_citations(comparison)]
    return Topic("References", count_references(comparison.references), tuple(items))


def count_references(section: ComparedSection | None) -> str:
    """Return how many references changed, and how, in words; an empty string if none did."""
    kinds = Counter(change.kind for change in section.changes if change.block.reference) if section else Counter()
    counts = [(kinds[ADDED], "added"), (kinds[REMOVED], "removed"), (kinds[CHANGED], "reworded")]
    total = sum(count for count, _ in counts)
    how = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"{total} reference{'' if total == 1 else 's'} changed: {how}" if total else ""


def _in_references(section: ComparedSection | None) -> Iterator[Item]:
    """Yield what changed inside references that stayed, under the number that each has now."""
    number = 0
    for change in _every_reference(section):
        number += change.new is not None
        for line in change.lines if change.kind == CHANGED else ():
            place = replace(line.place, heading=f"reference {number}")
            yield from (replace(_item(each), place=place) for each in number_changes(line))
            texts = [_replaced(line, stretch) for stretch in line.stretches]
            yield from (Item(text, place) for text in texts if text)


def _every_reference(section: ComparedSection | None) -> Iterator[Change]:
    for part in section.parts if section else ():
        if isinstance(part, Change) and part.block.reference:
            yield part


def _item(number: NumberChange) -> Item:
    what = "" if number.old and number.new else " removed" if number.old else " added"
    return Item(number.text + what, number.place)


def _citations(comparison: Comparison) -> Iterator[Item]:
    """Yield citations that name another reference now, each with the first words of both."""
    references = list(_every_reference(comparison.references))
    olds = {change.old.reference: start_of(change.old, BRIEF) for change in references if change.old}
    news = {change.new.reference: start_of(change.new, BRIEF) for change in references if change.new}
    for line in _lines(comparison):
        for stretch in () if line.is_whole else line.stretches:
            old = " ".join(f"{word.text} {olds.get(word.cites, '')}" for word in stretch.old if word.cites)
            new = " ".join(f"{word.text} {news.get(word.cites, '')}" for word in stretch.new if word.cites)
            if (old or new) and not stretch.is_same:
                what = f"{old} → {new}" if old and new else f"{old} removed" if old else f"{new} added"
                yield Item(f"Citation {what}", line.place)


# What changed without a word


def _unseen(comparison: Comparison) -> Iterator[Item]:
    """Yield what changed behind the words, each once with how often: an abbreviation is explained everywhere."""
    found: dict[str, tuple[Place, int]] = {}
    for each, place in comparison.unseen:
        first, times = found.get(str(each), (place, 0))
        found[str(each)] = first, times + 1
    yield from (Item(text, place, times=times) for text, (place, times) in found.items())
    if comparison.renumbered:
        numbers = ", ".join(f"{old} → {new}" for old, new in comparison.renumbered)
        yield Item(f"Numbers of the same references: {numbers}")
