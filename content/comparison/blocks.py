"""A text as readers meet it: sections, and in them headings, paragraphs, list items, tables and references."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .words import Word

TEXT, FACT, REFERENCES = "text", "fact", "references"

HEADINGS = ("h2", "h3", "h4", "h5", "h6")
JOINER = "\u2060"  # the renderer puts it before a citation, so that the line does not break there
BREAK = "\u2028"  # a line that ends inside a block; a line break in the HTML is only a space


@dataclass(eq=False)
class Section:
    """What is under one main heading, under the name that readers know; a fact is something beside the text."""

    name: str
    kind: str = TEXT


@dataclass(eq=False)
class Holder:
    """What blocks are in: a list, an item of one, a box, a quotation.

    `number` is what is before an item of a numbered list, and `skipped` how many numbers it leaves out before that.
    `first` is the first block in it.
    """

    tag: str
    kind: str = ""
    number: int = 0
    skipped: int = 0
    first: "Block | None" = field(default=None, repr=False)


@dataclass(eq=False)
class Cell:
    """A cell of a table, with the first column that it is in."""

    tag: str
    column: int
    colspan: int
    rowspan: int
    align: str
    words: list[Word] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its words, to compare."""
        return " ".join(word.key for word in self.words)

    @property
    def text(self) -> str:
        """Its words in plain characters."""
        return said(self.words)


@dataclass(eq=False)
class Row:
    """A row of a table."""

    cells: list[Cell]
    is_head: bool

    @property
    def words(self) -> list[Word]:
        """The words of all its cells."""
        return [word for cell in self.cells for word in cell.words]

    @cached_property
    def spoken(self) -> list[str]:
        """Its words without lone signs, by which it is recognised."""
        return spoken(self.words, lambda word: word.key)

    @cached_property
    def shapes(self) -> list[str]:
        """The same, with # for numbers: rows are alike although doses changed."""
        return spoken(self.words, lambda word: word.shape)

    @property
    def key(self) -> str:
        """Its words, to compare, cell by cell."""
        return "\x1f".join(cell.key for cell in self.cells)


@dataclass(eq=False)
class Block:
    """A heading, paragraph, list item, table or reference. Text directly in a list item has no tag, a box's is `title`.

    `heading` is the nearest heading before it, or its own words if it is one. `holders` are what it is in, the
    outermost first. `reference` is the key of a reference.
    """

    tag: str
    words: list[Word]
    section: Section
    heading: str = ""
    holders: tuple[Holder, ...] = ()
    rows: list[Row] = field(default_factory=list)
    reference: str = ""

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading."""
        return self.tag in HEADINGS

    @cached_property
    def spoken(self) -> list[str]:
        """Its words without lone signs, by which it is recognised."""
        return spoken(self.words, lambda word: word.key)

    @cached_property
    def shapes(self) -> list[str]:
        """The same, with # for numbers: blocks are alike although doses changed."""
        return spoken(self.words, lambda word: word.shape)

    @property
    def key(self) -> str:
        """What it says, to compare. A heading and a paragraph, or two tables divided otherwise, are never the same."""
        if self.tag == "table":
            return "\x1e".join(row.key for row in self.rows) + "\x1e"
        return ("\x1d" if self.is_heading else self.tag if not self.words else "") + " ".join(
            word.key for word in self.words
        )

    @property
    def text(self) -> str:
        """What it says in plain characters."""
        return (
            " ".join(cell.text for row in self.rows for cell in row.cells if cell.words)
            if self.rows
            else said(self.words)
        )


def spoken(words: Sequence[Word], of: Callable[[Word], str]) -> list[str]:
    """Return a text of each word that is more than a sign."""
    return [of(word) for word in words if any(map(str.isalnum, word.key))]


def said(words: Sequence[Word]) -> str:
    """Return words in plain characters, without the citations."""
    return " ".join("".join(word.space + word.plain for word in words if not word.cites).split())
