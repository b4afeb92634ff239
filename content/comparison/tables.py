"""What changed in a table: its rows and columns, each under the name it has, and inside them the cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from .alignment import Pairs, align, gaps, rising
from .blocks import Cell, Row, spoken
from .likeness import alike, share_words
from .stretches import Stretches, compare_words, has_changes

ORDINALS = "0123456789.)( "


@dataclass(frozen=True)
class ComparedCell:
    """A cell under one column, in one or both tables.

    `is_whole` is whether its row or its column was added or removed as a whole.
    """

    old: Cell | None
    new: Cell | None
    stretches: Stretches
    is_whole: bool

    @property
    def is_changed(self) -> bool:
        """Whether a word of it changed."""
        return has_changes(self.stretches)


@dataclass(frozen=True)
class ComparedRow:
    """A row in one or both tables, with a place for each column of both; None where neither has a cell."""

    old: Row | None
    new: Row | None
    cells: tuple[ComparedCell | None, ...]
    is_moved: bool = False

    @property
    def name(self) -> str:
        """The words of its first cell that has any."""
        row = self.new or self.old
        return next((cell.text for cell in row.cells if cell.words), "") if row else ""

    @property
    def is_head(self) -> bool:
        """Whether it names the columns."""
        row = self.new or self.old
        return bool(row and row.is_head)

    @property
    def is_changed(self) -> bool:
        """Whether a word of it changed, or the row as a whole."""
        return self.is_moved or not (self.old and self.new) or any(cell and cell.is_changed for cell in self.cells)


@dataclass(frozen=True)
class Column:
    """A column in one or both tables, by its number in each, and its heading."""

    old: int | None
    new: int | None
    heading: str
    is_moved: bool = False


@dataclass(frozen=True)
class ComparedTable:
    """The rows of two tables in the order of the new one, the removed ones where they were."""

    columns: tuple[Column, ...]
    rows: tuple[ComparedRow, ...]


def compare_tables(olds: Sequence[Row], news: Sequence[Row]) -> ComparedTable:
    """Compare the rows of two tables, either of which can have none."""
    row_pairs = _pair_rows(olds, news)
    columns = _columns(olds, news, row_pairs)
    moved = set(row_pairs) - set(rising(row_pairs))
    left = {i for i, _ in moved}
    rows = [
        ComparedRow(was, now, _compare_cells(was, now, columns), is_moved=(i, j) in moved)
        for i, j in merge(row_pairs, len(olds), len(news))
        if j is not None or i not in left
        for was, now in [(olds[i] if i is not None else None, news[j] if j is not None else None)]
    ]
    return ComparedTable(tuple(columns), tuple(rows))


def merge(pairs: Pairs, old: int, new: int) -> list[tuple[int | None, int | None]]:
    """Return the places on both sides in one order: that of the new side, with what was removed or moved where it was.

    `pairs` are sorted by their place on the old side, and `old` and `new` are how many there are on each. What moved is
    there twice: alone where it was, and as a pair where it is now.
    """
    in_place = rising(pairs)
    came_from = {j: i for i, j in pairs}
    merged: list[tuple[int | None, int | None]] = []
    for i, k, j, m in gaps(in_place, old, new):
        merged += [(place, None) for place in range(i, k)]
        merged += [(came_from.get(place), place) for place in range(j, m)]
        merged += [(k, m)] if k < old and m < new else []
    return merged


# Rows


def _pair_rows(olds: Sequence[Row], news: Sequence[Row]) -> Pairs:
    """Pair rows: the heads in their order, then those of the same name, then those that say the same or share words."""
    pairs: Pairs = []
    for is_head in (True, False):
        before = [i for i, row in enumerate(olds) if row.is_head == is_head]
        after = [j for j, row in enumerate(news) if row.is_head == is_head]
        pairs += list(zip(before, after, strict=False)) if is_head else _pair_body(olds, news, before, after)
    return sorted(pairs)


def _pair_body(olds: Sequence[Row], news: Sequence[Row], before: list[int], after: list[int]) -> Pairs:
    old_names, new_names = _names([olds[i] for i in before]), _names([news[j] for j in after])
    pairs = [(before[i], after[new_names[name]]) for name, i in old_names.items() if name in new_names]
    before, after = _left(before, {i for i, _ in pairs}), _left(after, {j for _, j in pairs})
    same = align([olds[i].key for i in before], [news[j].key for j in after])
    for i, k, j, m in gaps(same, len(before), len(after)):
        rows = [olds[place] for place in before[i:k]], [news[place] for place in after[j:m]]
        pairs += [(before[i + a], after[j + b]) for a, b in alike(*rows, lambda row: row.spoken, _are_alike)]
        pairs += [(before[k], after[m])] if k < len(before) and m < len(after) else []
    before, after = _left(before, {i for i, _ in pairs}), _left(after, {j for _, j in pairs})
    elsewhere = {news[j].key: j for j in after}
    moved = {elsewhere[olds[i].key]: i for i in before if olds[i].key in elsewhere}
    return [*pairs, *((i, j) for j, i in moved.items())]


def _names(rows: Sequence[Row]) -> dict[str, int]:
    """Return the names that exactly one row has, with its number. What only counts the rows is no name."""
    names: dict[str, int] = {}
    for number, row in enumerate(rows):
        name = row.cells[0].key if row.cells else ""
        names[name] = -1 if name in names else number
    return {name: number for name, number in names.items() if number >= 0 and name.strip(ORDINALS)}


def _left(places: list[int], taken: set[int]) -> list[int]:
    return [place for place in places if place not in taken]


def _are_alike(old: Row, new: Row) -> bool:
    """Return whether one row became the other. Rows of other names did only if the rest hardly changed."""
    if any(cell.words for cell in old.cells[1:]) and [c.key for c in old.cells[1:]] == [c.key for c in new.cells[1:]]:
        return True
    names = [spoken(row.cells[0].words, lambda word: word.shape) if row.cells else [] for row in (old, new)]
    has_names = all(" ".join(name).strip("# ") for name in names)
    is_renamed = has_names and not share_words(names[0], names[1])
    return share_words(old.shapes, new.shapes, 0.8 if is_renamed else 0.4)


# Columns


def _columns(olds: Sequence[Row], news: Sequence[Row], row_pairs: Pairs) -> list[Column]:
    """Return the columns of both tables, in one order."""
    old_heads, new_heads = _headings(olds), _headings(news)
    if any(_has_spans(rows) for rows in (olds, news)):
        pairs = [(n, n) for n in range(min(len(old_heads), len(new_heads)))]
    else:
        pairs = _pair_columns(olds, news, row_pairs, old_heads, new_heads)
    moved = set(pairs) - set(rising(pairs))
    left = {i for i, _ in moved}
    return [
        Column(i, j, new_heads[j] if j is not None else old_heads[i or 0], is_moved=(i, j) in moved)
        for i, j in merge(pairs, len(old_heads), len(new_heads))
        if j is not None or i not in left
    ]


def _headings(rows: Sequence[Row]) -> list[str]:
    """Return the heading of each column of a table, empty where it has none."""
    width = max((cell.column + cell.colspan for row in rows for cell in row.cells), default=0)
    headings = [""] * width
    for row in rows:
        for cell in row.cells:
            if row.is_head and cell.words:
                headings[cell.column] = cell.text
    return headings


def _has_spans(rows: Sequence[Row]) -> bool:
    return any(cell.colspan > 1 or cell.rowspan > 1 for row in rows for cell in row.cells)


def _pair_columns(
    olds: Sequence[Row], news: Sequence[Row], row_pairs: Pairs, old_heads: list[str], new_heads: list[str]
) -> Pairs:
    """Pair columns of the same heading and the same cells, then of the same heading, then in the same place."""
    old_cells = [[_cell_key(olds[i], column) for i, _ in row_pairs] for column in range(len(old_heads))]
    new_cells = [[_cell_key(news[j], column) for _, j in row_pairs] for column in range(len(new_heads))]
    became: dict[int, int] = {}
    for keys in ([*map(str, old_cells)], [*map(str, new_cells)]), (old_heads, new_heads):
        places: dict[str, list[int]] = {}
        for j, key in enumerate(keys[1]):
            if j not in became.values():
                places.setdefault(key, []).append(j)
        for i, key in enumerate(keys[0]):
            if i not in became and (key or len(old_heads) == len(new_heads)) and places.get(key):
                became[i] = places[key].pop(0)
    for i, k, j, m in gaps(rising(sorted(became.items())), len(old_heads), len(new_heads)):
        before = [a for a in range(i, k) if a not in became]
        after = [b for b in range(j, m) if b not in became.values()]
        for a, b in zip(before, after, strict=False):
            same = sum(one == other for one, other in zip(old_cells[a], new_cells[b], strict=True))
            if len(before) == len(after) or 2 * same >= len(row_pairs):
                became[a] = b
    return sorted(became.items())


def _cell_key(row: Row, column: int) -> str:
    return next((cell.key for cell in row.cells if cell.column == column), "")


def _compare_cells(old: Row | None, new: Row | None, columns: Sequence[Column]) -> tuple[ComparedCell | None, ...]:
    befores = {cell.column: cell for cell in old.cells} if old else {}
    afters = {cell.column: cell for cell in new.cells} if new else {}
    cells: list[ComparedCell | None] = []
    for column in columns:
        was = befores.get(column.old) if column.old is not None else None
        now = afters.get(column.new) if column.new is not None else None
        stretches = compare_words(was.words if was else (), now.words if now else ())
        is_whole = not (old and new) or column.old is None or column.new is None
        cells.append(ComparedCell(was, now, stretches, is_whole) if was or now else None)
    return tuple(cells)
