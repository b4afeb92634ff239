"""Reads rendered HTML into blocks.

The renderer's HTML is always well-formed, and it is read by the meaning of its elements. Every word of it is in one
block, apart from the links back from a reference. The standard library's parser reads a page of 20,000 words in 40 ms;
lxml takes 9 ms and html5lib 130, and neither is needed for anything else.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from .blocks import BREAK, HEADINGS, JOINER, REFERENCES, Block, Cell, Holder, Row, Section, said
from .words import PICTURE, Mark, Marks, Run, Word, split

_LEAVES = {*HEADINGS, "h1", "p", "dt", "pre", "caption", "figcaption", "summary"}
_HOLDERS = {"ul", "ol", "li", "dl", "dd", "blockquote", "div", "section", "figure", "details", "aside", "article"}
_MARKS = {"a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "small", "strong", "sub", "sup"}
_SAME = {"b": "strong", "i": "em"}
_FACTS = {"a": ("href", "title"), "abbr": ("title",), "img": ("alt", "src", "title")}


def read(html: str, start: str) -> list[Block]:
    """Return the blocks of HTML that the renderer made. `start` is the name of what is before the first heading."""
    reader = _Reader(start)
    reader.feed(html)
    reader.close()
    reader.end_leaf()
    return reader.blocks


@dataclass
class _Leaf:
    """The block that is being read. If it is `flat`, blocks inside it are lines of it."""

    tag: str
    runs: list[Run | Word] = field(default_factory=list)
    flat: bool = False

    def add(self, text: str, marks: Marks) -> None:
        self.runs.append((text, marks))


class _Reader(HTMLParser):
    def __init__(self, start: str) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.section = Section(start)
        self.heading = start
        self.before_references = self.section, self.heading
        self.holders: list[Holder] = []
        self.marks: list[Mark] = []
        self.leaf: _Leaf | None = None
        self.citing = ""
        self.is_back_link = False
        self.reference, self.reference_depth = "", 0
        self.table = _TableReader()

    # Elements

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._break()
        elif tag == "img":
            self._add(Word("", (("", (*self.marks, _mark(tag, facts))),), key=PICTURE))
        elif tag in _MARKS:
            self._start_mark(tag, facts)
        elif tag == "table" or self.table.depth:
            self._start_in_table(tag, facts)
        elif tag in _HOLDERS:
            self._start_holder(tag, facts)
        elif tag in _LEAVES or tag == "hr":
            self._start_leaf("title" if "admonition-title" in facts.get("class", "").split() else tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _MARKS:
            self._end_mark(tag)
        elif self.table.depth:
            self._end_in_table(tag)
        elif tag in _HOLDERS:
            self._end_holder(tag)
        elif tag in _LEAVES:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if self.citing:
            cite = Word("", ((data, ()),), cites=self.citing, key=f"\ufff9{self.citing}")
            self._drop_joiner()
            self._add(cite)
        elif not self.is_back_link and (self.leaf or data.strip()) and self._is_in_cell_or_outside():
            self._open().add(data, tuple(self.marks))

    # Lines

    def _open(self) -> _Leaf:
        self.leaf = self.leaf or _Leaf("")
        return self.leaf

    def _add(self, word: Word) -> None:
        self._open().runs.append(word)

    def _break(self) -> None:
        if self.leaf:
            self.leaf.add(BREAK, ())

    def _drop_joiner(self) -> None:
        last = self.leaf.runs[-1] if self.leaf and self.leaf.runs else None
        if self.leaf and isinstance(last, tuple):
            self.leaf.runs[-1] = last[0].removesuffix(JOINER), last[1]

    def _start_mark(self, tag: str, facts: dict[str, str]) -> None:
        classes = facts.get("class", "").split()
        self.marks.append(_mark(_SAME.get(tag, tag), facts))
        if tag == "a" and "footnote-backref" in classes:
            self.is_back_link = True
        elif tag == "a" and facts.get("href", "").startswith("#fn:"):
            self.citing = facts["href"].removeprefix("#fn:")

    def _end_mark(self, tag: str) -> None:
        tag = _SAME.get(tag, tag)
        places = [place for place, mark in enumerate(self.marks) if mark.tag == tag]
        if places:
            del self.marks[places[-1]]
        if tag == "a":
            self.citing, self.is_back_link = "", False

    def _start_leaf(self, tag: str) -> None:
        self._end_line()
        if tag == "hr":
            self.blocks.append(self._block("hr", []))
        elif not self.leaf:
            self.leaf = _Leaf(tag)

    def _end_line(self) -> None:
        if self.leaf and self.leaf.flat:
            self._break()
        else:
            self.end_leaf()

    def end_leaf(self) -> None:
        """End the block that is being read, if there is one."""
        leaf, self.leaf = self.leaf, None
        words = split(leaf.runs) if leaf else []
        if not leaf or not words:
            return
        words[0].space = ""
        if leaf.tag in HEADINGS:
            self.heading = said(words)
            if leaf.tag == "h2" and self.section.kind != REFERENCES:
                self.section = Section(self.heading)
        self.blocks.append(self._block(leaf.tag, words))

    def _block(self, tag: str, words: list[Word]) -> Block:
        block = Block(tag, words, self.section, self.heading, tuple(self.holders), reference=self.reference)
        for holder in self.holders:
            holder.first = holder.first or block
        return block

    # What lines are in

    def _start_holder(self, tag: str, facts: dict[str, str]) -> None:
        self._end_line()
        holder = Holder(tag)
        if tag in ("div", "section"):
            classes = facts.get("class", "").split()
            holder.kind = " ".join(each for each in classes if each != "admonition")
            holder.tag = "box" if "admonition" in classes else tag
        if holder.tag == "section" and holder.kind == "references":
            self.before_references = self.section, self.heading
            self.section = Section("References", REFERENCES)
        if tag == "ol":
            holder.number = _whole(facts.get("start"), 1) - 1
            holder.skipped = holder.number
        if tag == "li":
            self._number(holder, facts)
        self.holders.append(holder)
        if tag == "li" and not self.reference and facts.get("id", "").startswith("fn:"):
            self.reference, self.reference_depth = facts["id"].removeprefix("fn:"), len(self.holders)
            self.leaf = _Leaf("reference", flat=True)

    def _number(self, item: Holder, facts: dict[str, str]) -> None:
        """Give an item of a numbered list its number. The list counts on from there."""
        items = next((each for each in reversed(self.holders) if each.tag in ("ol", "ul")), None)
        if items and items.tag == "ol":
            item.number = _whole(facts.get("value"), items.number + 1)
            item.skipped = item.number - items.number - 1 + items.skipped
            items.number, items.skipped = item.number, 0

    def _end_holder(self, tag: str) -> None:
        if self.reference and len(self.holders) == self.reference_depth:
            self.end_leaf()
            self.reference = ""
        self._end_line()
        holder = self.holders.pop() if self.holders else None
        if holder and holder.tag == "section" and holder.kind == "references":
            self.section, self.heading = self.before_references

    # Tables

    def _is_in_cell_or_outside(self) -> bool:
        return not self.table.depth or self.leaf is not None

    def _start_in_table(self, tag: str, facts: dict[str, str]) -> None:
        if self.table.depth == 0:
            self._end_line()
        if self.table.depth == 1 and tag in ("td", "th"):
            self.table.start_cell(tag, facts)
            self.leaf = _Leaf("cell", flat=True)
        elif self.table.depth == 1 and tag == "caption":
            self.leaf = _Leaf("caption", flat=True)
        elif tag not in ("table", "tr", "thead", "tbody", "tfoot"):
            self._break()
        self.table.start(tag)

    def _end_in_table(self, tag: str) -> None:
        if self.table.depth == 1 and self.leaf and tag in ("td", "th"):
            words = split(self.leaf.runs)
            self.leaf = None
            self.table.end_cell(words)
        elif self.table.depth == 1 and tag == "caption":
            self.end_leaf()
        else:
            self._break()
        self.table.end(tag)
        if tag == "table" and not self.table.depth:
            block = self._block("table", [word for row in self.table.rows for word in row.words])
            block.rows = self.table.rows
            self.blocks.append(block)
            self.table = _TableReader()


class _TableReader:
    """The rows of a table that is being read. A table in a cell of it is text of that cell."""

    def __init__(self) -> None:
        self.depth = 0
        self.rows: list[Row] = []
        self.is_head = False
        self.cell: Cell | None = None
        self.taken: dict[int, int] = {}  # for a column, how many rows a cell above still reaches down

    def start(self, tag: str) -> None:
        self.depth += tag == "table"
        if self.depth == 1 and tag == "thead":
            self.is_head = True
        elif self.depth == 1 and tag == "tr":
            self.taken = {column: rows - 1 for column, rows in self.taken.items() if rows > 1}
            self.rows.append(Row([], self.is_head))

    def end(self, tag: str) -> None:
        self.depth -= tag == "table"
        if self.depth == 1 and tag == "thead":
            self.is_head = False

    def start_cell(self, tag: str, facts: dict[str, str]) -> None:
        row = self.rows[-1]
        column = row.cells[-1].column + row.cells[-1].colspan if row.cells else 0
        while self.taken.get(column, 0) > 1:
            column += 1
        spans = [min(50, max(1, _whole(facts.get(name), 1))) for name in ("colspan", "rowspan")]
        self.cell = Cell(tag, column, spans[0], spans[1], facts.get("align", ""))
        row.cells.append(self.cell)

    def end_cell(self, words: list[Word]) -> None:
        if self.cell is None:
            return
        if words:
            words[0].space = ""
        self.cell.words = words
        reach = range(self.cell.column, self.cell.column + self.cell.colspan)
        if self.cell.rowspan > 1:
            self.taken |= dict.fromkeys(reach, self.cell.rowspan + 1)
        self.cell = None


def _mark(tag: str, facts: dict[str, str]) -> Mark:
    return Mark(tag, tuple((name, facts[name]) for name in _FACTS.get(tag, ()) if facts.get(name)))


def _whole(text: str | None, otherwise: int) -> int:
    """Return the whole number that an attribute states, or `otherwise` if it states none."""
    text = text or ""
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 10 else otherwise
