"""What changed between two versions of a page as readers meet it: section by section, block by block, word by word.

It compares the HTML that is shown, not what was typed. Texts are never merged: the words that stayed or were removed
are exactly the old text, and those that stayed or were added exactly the new one. Where aligning would take too long,
more is shown as changed than necessary, never less. Reasons: docs/decisions/0061-compare-what-is-read.md.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .alignment import Pairs, rising
from .blocks import FACT, REFERENCES, Block, Section, read
from .pairing import pair, share_words
from .stretches import Stretches, compare_words, has_changes
from .tables import ComparedTable, compare_tables, merge
from .unseen import Unseen, unseen_in_block, unseen_in_words
from .words import split_text

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"
START = "Start of the text"

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Reading:
    """What a reader of one version meets: its text as HTML, and the facts beside it, each a name and plain text."""

    facts: Fields
    html: str


@dataclass(frozen=True)
class Place:
    """Where something is: under which heading and, in a table, in which row and column. `anchor` leads there."""

    heading: str
    row: str = ""
    column: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Line:
    """Words that are read together: those of a block, or of a cell of a table.

    `is_whole` is whether the block, or the row or column of the cell, was added or removed as a whole.
    """

    stretches: Stretches
    place: Place
    is_whole: bool


@dataclass(frozen=True, eq=False)
class Change:
    """A block that stayed, became another, was removed or was added: its words in `stretches`, or those of a table.

    `old_place` and `new_place` are its numbers in the two texts, or -1 where it is not. `form` is what changed about it
    without a word, such as the level of a heading, and `prefix` how its anchor begins.
    """

    old: Block | None
    new: Block | None
    old_place: int
    new_place: int
    is_moved: bool = False
    stretches: Stretches = ()
    table: ComparedTable | None = None
    form: tuple[Unseen, ...] = ()
    prefix: str = ""

    @cached_property
    def lines(self) -> list[Line]:
        """Its words that are read together: the block, or the cells of a table, each with its place."""
        heading, is_whole = self.block.heading, not (self.old and self.new)
        if not self.table:
            return [Line(self.stretches, Place(heading, anchor=self.anchor), is_whole)]
        return [
            Line(cell.stretches, Place(heading, "" if row.is_head else row.name, column.heading, self.anchor), whole)
            for row in self.table.rows
            for column, cell in zip(self.table.columns, row.cells, strict=True)
            if cell
            for whole in [is_whole or cell.is_whole]
        ]

    @cached_property
    def unseen(self) -> list[tuple[Unseen, Place]]:
        """What changed without a visible word."""
        here = Place(self.block.heading, anchor=self.anchor)
        found = [(each, here) for each in self.form]
        return found + [(each, line.place) for line in self.lines for each in unseen_in_words(line.stretches)]

    @cached_property
    def kind(self) -> str:
        """`SAME`, `CHANGED`, `ADDED` or `REMOVED`, by its words alone."""
        if not self.new:
            return REMOVED
        if not self.old:
            return ADDED
        rows = self.table.rows if self.table else ()
        is_changed = has_changes(self.stretches) or any(row.is_changed for row in rows)
        return CHANGED if is_changed or self._has_other_columns else SAME

    @property
    def _has_other_columns(self) -> bool:
        columns = self.table.columns if self.table else ()
        return any(column.is_moved or column.old is None or column.new is None for column in columns)

    @property
    def is_seen(self) -> bool:
        """Whether anything changed that can be seen: a word, or its place."""
        return self.kind != SAME or self.is_moved

    @cached_property
    def is_here(self) -> bool:
        """Whether anything changed in this block, seen or not, that is not everywhere in the text."""
        return self.is_seen or any(not each.is_everywhere for each, _ in self.unseen)

    @property
    def block(self) -> Block:
        """The block as it is now or, if it was removed, as it was."""
        block = self.new or self.old
        assert block is not None  # noqa: S101 - a change has at least one side
        return block

    @property
    def anchor(self) -> str:
        """The id of its place on a page that shows the comparison."""
        return f"{self.prefix}new-{self.new_place}" if self.new else f"{self.prefix}old-{self.old_place}"


@dataclass(frozen=True)
class MovedAway:
    """The place that a block moved away from."""

    change: Change


Part = Change | MovedAway


@dataclass(frozen=True)
class ComparedSection:
    """A section of both texts, or a fact beside them, with its blocks in order.

    `anchor` is the id of its place on a page that shows the comparison.
    """

    name: str
    kind: str
    parts: tuple[Part, ...]
    anchor: str = ""

    @cached_property
    def changes(self) -> list[Change]:
        """Its blocks that changed."""
        return [part for part in self.parts if isinstance(part, Change) and part.is_here]

    @cached_property
    def whole(self) -> str:
        """`ADDED` or `REMOVED` if that happened to all of it, otherwise empty."""
        kinds = {part.kind if isinstance(part, Change) else SAME for part in self.parts}
        return kinds.pop() if len(kinds) == 1 and kinds & {ADDED, REMOVED} else ""

    @property
    def is_changed(self) -> bool:
        """Whether anything in it changed, came or went."""
        return bool(self.changes) or any(isinstance(part, MovedAway) for part in self.parts)

    @property
    def is_references(self) -> bool:
        """Whether it lists the references."""
        return self.kind == REFERENCES


@dataclass(frozen=True)
class Comparison:
    """The sections of two texts in the order of the new one, the removed ones where they were.

    `renumbered` are citations whose reference stayed but has another number: the old and the new one.
    """

    sections: tuple[ComparedSection, ...]
    renumbered: tuple[tuple[str, str], ...] = ()

    @cached_property
    def changed(self) -> list[ComparedSection]:
        """The sections in which something changed, without the references."""
        return [section for section in self.sections if section.is_changed and not section.is_references]

    @cached_property
    def unchanged(self) -> list[ComparedSection]:
        """The sections in which nothing changed, without the references."""
        return [section for section in self.sections if not section.is_changed and not section.is_references]

    @cached_property
    def references(self) -> ComparedSection | None:
        """The section with the references."""
        return next((section for section in self.sections if section.is_references), None)

    @property
    def changes(self) -> Iterator[tuple[ComparedSection, Change]]:
        """Every block that changed, with its section."""
        for section in self.sections:
            yield from ((section, change) for change in section.changes)

    @cached_property
    def unseen(self) -> list[tuple[Unseen, Place]]:
        """What changed without a visible word, block by block."""
        parts = (part for section in self.sections for part in section.parts if isinstance(part, Change))
        return [found for part in parts for found in part.unseen]

    @cached_property
    def is_seen(self) -> bool:
        """Whether a reader sees any difference in the words or their places."""
        return any(change.is_seen for _, change in self.changes)

    @cached_property
    def has_changes(self) -> bool:
        """Whether anything differs for a reader, seen or not."""
        return any(section.is_changed for section in self.sections) or bool(self.renumbered or self.unseen)


def compare(old: Reading, new: Reading, prefix: str = "") -> Comparison:
    """Compare two readings. The time grows only a little faster than their length.

    A page that shows two comparisons gives one of them a `prefix` for its anchors.
    """
    sections = [*_compare_facts(old.facts, new.facts, prefix)]
    olds, news = read(old.html, START), read(new.html, START)
    references = _pair_references(olds, news)
    renumbered = _name_citations(olds, news, references)
    sections += _sections(_compare_blocks(olds, news, pair(olds, news, references), prefix))
    numbered = (replace(section, anchor=f"{prefix}section-{n}") for n, section in enumerate(sections, start=1))
    return Comparison(tuple(numbered), tuple(renumbered))


# Facts beside the text


def _compare_facts(old: Fields, new: Fields, prefix: str) -> Iterator[ComparedSection]:
    """Yield the facts that differ. One that a side does not have counts as empty there."""
    before, after = dict(old), dict(new)
    for number, name in enumerate(before | after):
        olds, news = (_fact_blocks(name, side.get(name, "")) for side in (before, after))
        if [block.key for block in olds] != [block.key for block in news]:
            parts = _compare_blocks(olds, news, pair(olds, news), f"{prefix}fact-{number}-")
            yield ComparedSection(name, FACT, tuple(parts))


def _fact_blocks(name: str, text: str) -> list[Block]:
    section = Section(name, FACT)
    return [Block("p", split_text(part), section, name) for part in text.split("\n\n") if part.strip()]


# References


def _pair_references(olds: Sequence[Block], news: Sequence[Block]) -> Pairs:
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
        if found is not None and is_free and share_words(block.spoken, news[found].spoken):
            became[place], was[found] = found, place
    return sorted(became.items())


def _name_citations(olds: Sequence[Block], news: Sequence[Block], references: Pairs) -> list[tuple[str, str]]:
    """Make citations the same word if they name the same reference, and return those whose number changed."""
    names = {olds[i].reference: news[j].reference for i, j in references}
    numbers: tuple[dict[str, str], dict[str, str]] = {}, {}
    for side, blocks in enumerate((olds, news)):
        for word in (word for block in blocks for word in block.words if word.cites):
            name = word.cites if side else names.get(word.cites, f"\ufff9{word.cites}")
            word.key = f"\ufff9{name}"
            numbers[side][name] = word.text
    return [(number, numbers[1][name]) for name, number in numbers[0].items() if numbers[1].get(name, number) != number]


# Blocks


def _compare_blocks(olds: Sequence[Block], news: Sequence[Block], pairs: Pairs, prefix: str) -> Iterator[Part]:
    """Yield the blocks of both texts in the order of the new one, with what was removed or moved where it was."""
    in_place = set(rising(pairs))
    came_from = {j: i for i, j in pairs}
    changes = {}
    for i, j in pairs:
        is_moved = (i, j) not in in_place and not news[j].reference  # references stand in the order of their citations
        changes[i] = _change(olds[i], news[j], (i, j), prefix, is_moved=is_moved)
    for place, new_place in merge(pairs, len(olds), len(news)):
        if new_place is not None:
            found = came_from.get(new_place)
            yield _change(None, news[new_place], (-1, new_place), prefix) if found is None else changes[found]
        elif place is not None and place not in changes:
            yield _change(olds[place], None, (place, -1), prefix)
        elif place is not None and changes[place].is_moved:
            yield MovedAway(changes[place])


def _change(
    old: Block | None, new: Block | None, places: tuple[int, int], prefix: str, *, is_moved: bool = False
) -> Change:
    has_rows = bool((old and old.rows) or (new and new.rows))
    table = compare_tables(old.rows if old else (), new.rows if new else ()) if has_rows else None
    stretches = () if has_rows else compare_words(old.words if old else (), new.words if new else ())
    form = tuple(unseen_in_block(old, new)) if old and new else ()
    return Change(old, new, *places, is_moved, stretches, table, form, prefix)


# Sections


def _sections(parts: Iterable[Part]) -> list[ComparedSection]:
    """Return the sections of blocks in one order. What was removed is in the section that its own became."""
    parts = list(parts)
    became = _sections_that_became(parts)
    order: list[Section] = list(
        dict.fromkeys(part.new.section for part in parts if isinstance(part, Change) and part.new)
    )
    found: dict[Section, list[Part]] = {section: [] for section in order}
    last: Section | None = None
    for part in parts:
        block = (part.change.old or part.change.block) if isinstance(part, MovedAway) else part.block
        section = became.get(block.section, block.section)
        if section not in found:
            found[section] = []
            order.insert(order.index(last) + 1 if last else 0, section)
        found[section].append(part)
        last = section
    return [ComparedSection(section.name, section.kind, tuple(found[section])) for section in order]


def _sections_that_became(parts: Sequence[Part]) -> dict[Section, Section]:
    """Return for sections of the old text those of the new one that have their heading or else most of their blocks.

    The one before the first heading has none.
    """
    became: dict[Section, Section] = {}
    votes: dict[Section, Counter[Section]] = {}
    for part in parts:
        if isinstance(part, Change) and part.old and part.new:
            old, new = part.old, part.new
            if old.tag == new.tag == "h2":
                became[old.section] = new.section
            votes.setdefault(old.section, Counter())[new.section] += 1
    return {section: vote.most_common(1)[0][0] for section, vote in votes.items()} | became
