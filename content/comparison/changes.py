"""What became of each block of two texts: it stayed, became another, moved, was removed or was added."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .alignment import Pairs, rising
from .blocks import Block
from .stretches import Stretches, compare_words, has_changes
from .tables import ComparedTable, compare_tables, merge
from .unseen import Unseen, unseen_in_block, unseen_in_words

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"


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


def compare_blocks(olds: Sequence[Block], news: Sequence[Block], pairs: Pairs, prefix: str) -> Iterator[Part]:
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
