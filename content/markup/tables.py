"""Tables that can be read with a screen reader, on a phone and on paper.

The style sheet lets a wide table scroll by itself, and on paper gives it a type as small as its longest words need, so
that nothing is cut. Reasons: docs/decisions/0062-what-readers-get.md.
"""

import xml.etree.ElementTree as etree
from collections.abc import Iterator

from . import tree
from .tree import Item

PAPER = 695  # px: A4 between the widest margins that a browser sets by itself
INDENTS = {"blockquote": 80, "div": 40, "dd": 40, "li": 25}  # px that are lost to what is around a table
# The types that the style sheet sets on paper: the class, the size and the space beside a cell's words, in px. Where
# the words fit into none of them whole, they may break.
TYPES = (("", 12, 9), (" wide", 10.66, 9), (" wider", 9.33, 9), (" widest", 8, 5))
LAST = " crowded"
# About how wide a sign is, in ems, in the widest font that the style sheet may get.
NARROW, USUAL, BROAD = 0.4, 0.64, 0.8
NARROW_SIGNS = frozenset("iljtfrI.,;:'’|!()[]/-")
BROAD_SIGNS = frozenset("mwABCDEFGHKLMNOPQRSTUVWXYZ%@&–—")
BOLD = 1.12


def finish(root: etree.Element) -> None:
    """Change the tables of a page's tree in place: say what each heading is of, and give each table a place."""
    if root.find(".//table") is None:
        return
    waiting: list[tuple[etree.Element, float]] = [(root, PAPER)]
    while waiting:
        parent, room = waiting.pop()
        room -= INDENTS.get(parent.tag, 0)
        waiting += [(child, room) for child in parent]
        if parent.find("table") is not None:
            tree.fill(parent, _with_places(parent, room))


def _with_places(parent: etree.Element, room: float) -> Iterator[Item]:
    """Yield what is in `parent`, with each table in a place in which it can scroll."""
    for item in tree.items(parent):
        if isinstance(item, str) or item.tag != "table":
            yield item
            continue
        rows = [*item.iterfind("thead/tr"), *item.iterfind("tbody/tr")]
        _name_headings(rows)
        place = etree.Element("div", {"class": f"table-scroll{_type(rows, room)}"})
        tree.fill(place, [item])
        yield place


def _name_headings(rows: list[etree.Element]) -> None:
    """Say which cells are headings of a column and which of a row: the first column if its own heading is empty.

    A cell without words is no heading.
    """
    for cell in (cell for row in rows for cell in row if cell.tag == "th" and tree.is_empty(cell)):
        cell.tag = "td"
        cell.attrib.pop("scope", None)
    header, *others = rows or [etree.Element("tr")]
    for cell in header.iterfind("th"):
        cell.set("scope", cell.get("scope", "col"))
    if len(header) > 1 and tree.is_empty(header[0]) and not any(cell.get("rowspan") for row in rows for cell in row):
        for row in others:
            if len(row) and not tree.is_empty(row[0]):
                row[0].tag = "th"
                row[0].set("scope", "row")


def _type(rows: list[etree.Element], room: float) -> str:
    """Return the class of the largest type in which a table fits into `room` px of paper with its words whole."""
    widths: dict[int, float] = {}  # of each column's longest word
    for row in rows:
        for column, cell in enumerate(row):
            widths[column] = max(widths.get(column, 0), _width(cell))
    for name, size, space in TYPES:
        if sum(widths.values()) * size + len(widths) * space <= room:
            return name
    return LAST


def _width(cell: etree.Element) -> float:
    """Return about how wide a cell's longest word is, in ems. An address may break.

    The words that explain an abbreviation on paper count too.
    """
    explained = [each.get("title", "") for each in cell.iter("abbr") if each.get("tabindex") != "-1"]
    words = " ".join([tree.text(cell), *explained]).split()
    longest = max((sum(map(_sign_width, word)) for word in words if "://" not in word), default=0)
    return longest * (BOLD if cell.tag == "th" else 1)


def _sign_width(sign: str) -> float:
    return NARROW if sign in NARROW_SIGNS else BROAD if sign in BROAD_SIGNS else USUAL
