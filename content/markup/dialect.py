"""The Markdown that people write, as the parser needs it: lists and tables between empty lines, nesting by four spaces.

Python-Markdown reads a list right after a line of text as text, and flattens lists that are nested by two or three
spaces. `blocks` reads what the text looks like; here it is written again in the parser's own form, word for word.
Reasons: docs/decisions/0064-the-dialect.md.
"""

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterable, Iterator
from functools import partial
from html import escape
from itertools import groupby

import markdown
from markdown.blockparser import BlockParser
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from . import blocks
from .blocks import Container, Line

BATCH = 300  # blocks
NUMBER = "\x02li%s\x03"  # the number of a list item; the library takes both signs out of what people type
NUMBER_AT_START = re.compile(NUMBER % r"(\d+)")
# A line that is text although the parser would take it for a list item, a quotation, a heading's line or a rule.
TEXT_THAT_LOOKS_LIKE_A_MARK = re.compile(r"(\d+(?=[.)](?: |$))|(?=[-*+](?: |$)|>|-+ *$|#{1,6}(?: |$)|\[[^\[\]]*\]:))")
ENUMERATION = re.compile(
    r"(?:\(?[a-zA-Z]\)|\(\d{1,3}\)|\(?[ivxIVX]{1,5}\)|[ivx]{1,5}\.|[a-z]\.|[–—☐☑☒✓✔✗✘→➔►»])\s+(?=\S)"
)
NOT_SHOWN_THERE = (blocks.BLANK, blocks.ABBREVIATION, blocks.ADDRESS, blocks.FENCE)
END_OF_HEADING = re.compile(r"\s+#+$")
TRAILING_BACKSLASH = re.compile(r"(?<!\\)((?:\\\\)*)\\$")


class DialectExtension(Extension):
    """Lets Python-Markdown read lists, tables, quotations, boxes and code as they look."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        """Register what runs before the parser looks for HTML, and what numbers list items after it."""
        md.preprocessors.register(_DialectPreprocessor(md), "dialect", 25)
        md.parser.parseChunk = partial(_parse_in_batches, md.parser)  # type: ignore[method-assign]
        md.treeprocessors.register(_NumberTreeprocessor(md), "numbers", 25)  # before what is inline


def _parse_in_batches(parser: BlockParser, parent: etree.Element, text: str) -> None:
    """Parse the blocks of a text some hundred at a time: the parser moves all that wait whenever it takes one.

    No block that is cut off from those before it is indented, so none belongs to them.
    """
    batch: list[str] = []
    for block in text.split("\n\n"):
        if len(batch) >= BATCH and not block.startswith(" "):
            parser.parseBlocks(parent, batch)
            batch = []
        batch.append(block)
    parser.parseBlocks(parent, batch)


class _DialectPreprocessor(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        """Return the lines in the parser's own form, the code among them stashed."""
        return list(self._written(blocks.read("\n".join(lines))))

    def _written(self, lines: list[Line]) -> Iterator[str]:
        numbers = dict(_numbers(lines))
        before = start = Line(0, blocks.BLANK, "")  # the line before, and the first since an empty one was written
        written: set[int] = set()
        for is_code, group in groupby(_with_code_whole(lines), key=lambda line: line.kind == blocks.CODE):
            run = list(group)
            if is_code:
                run = [self._stashed(run)]
            for index, line in enumerate(run):
                # The parser reads a block as deep as it starts: what comes further out begins another.
                if line.number > 1 and (_needs_blank(before, line) or _depth(line) < _depth(start)):
                    shared = [container for container in line.inside if container in before.inside]
                    yield "".join("> " if item.kind == "quote" else "    " for item in shared).rstrip()
                    start = line
                follows = run[index + 1] if index + 1 < len(run) else None
                yield from _write(line, follows, written, numbers)
                before = line

    def _stashed(self, code: list[Line]) -> Line:
        """Return one line that stands for a block of code: what is in it is shown as it is."""
        text = "\n".join(line.text for line in code).strip("\n")
        placeholder = self.md.htmlStash.store(f"<pre><code>{escape(text, quote=False)}\n</code></pre>")
        return Line(code[0].number, blocks.CODE, placeholder, code[0].inside, code[0].opens, is_after_blank=True)


def _with_code_whole(lines: list[Line]) -> Iterator[Line]:
    """Yield the lines without the empty ones, except in code that goes on after them."""
    blanks: list[Line] = []
    last: Line | None = None
    for line in lines:
        if line.kind == blocks.BLANK:
            blanks.append(line)
            continue
        if line.kind == blocks.CODE and last and last.kind == blocks.CODE and last.inside == line.inside:
            yield from (Line(blank.number, blocks.CODE, "", line.inside) for blank in blanks)
        blanks = []
        last = line
        yield line


def _numbers(lines: list[Line]) -> Iterator[tuple[int, str]]:
    """Yield the list items that have another number than the one that would be counted, by their id, and the number.

    Lists whose items all carry the same number are counted, as Markdown's writers expect.
    """
    items = [item for line in lines for item in line.inside[_depth(line) :] if item.kind == "number"]
    counted = {
        id(series) for series in {id(item.series): item.series for item in items}.values() if len(set(series)) == 1
    }
    continues = set(_continuing(lines))
    for item in items:
        is_next = item.place and int(item.mark) == item.series[item.place - 1] + 1
        if id(item) in continues or (item.place and id(item.series) not in counted and not is_next):
            yield id(item), item.mark


def _continuing(lines: Iterable[Line]) -> Iterator[int]:
    """Yield the ids of first items of lists that would go on counting: nothing is shown between them and a list."""
    before: tuple[Container, ...] = ()  # around the last line that is shown where it stands
    for line in lines:
        if line.kind in NOT_SHOWN_THERE or any(container.kind == "reference" for container in line.inside):
            continue
        for depth in range(_depth(line), len(line.inside)):
            item = line.inside[depth]
            is_below_list = line.inside[:depth] == before[:depth] and {each.kind for each in before[depth : depth + 1]}
            if item.kind == "number" and not item.place and is_below_list == {"number"}:
                yield id(item)
        before = line.inside


def _needs_blank(before: Line, line: Line) -> bool:
    """Return whether the parser needs an empty line between two lines that are written one after the other."""
    pair = (before.kind, line.kind)
    if line.is_after_blank and line.kind not in (blocks.DELIMITER, blocks.ROW):
        return True
    if pair[0] in (blocks.HEADER, blocks.DELIMITER, blocks.ROW) and pair[1] in (blocks.DELIMITER, blocks.ROW):
        return False
    if pair in {(blocks.TITLE, blocks.UNDERLINE), (blocks.HTML, blocks.HTML)}:
        return False
    if blocks.MARK in pair and before.kind == blocks.MARK:
        return False
    if before.kind not in (blocks.TEXT, blocks.ABBREVIATION, blocks.ADDRESS):
        return True
    if line.kind not in (blocks.TEXT, blocks.TITLE, blocks.MARK):
        return True
    if not line.opens:
        return line.kind == blocks.TITLE or line.inside != before.inside
    begins = line.inside[_depth(line)]
    around = line.inside[: _depth(line)]
    if begins.kind == "meaning":
        return False
    if not begins.is_item:
        return True
    return not _follows_tightly(begins, around, before)


def _depth(line: Line) -> int:
    """Return how many containers a line stands in, without those that begin on it."""
    return len(line.inside) - line.opens


def _follows_tightly(item: Container, around: tuple[Container, ...], before: Line) -> bool:
    """Return whether a list item belongs right below the line before it: in the same list, or below its first words."""
    if before.inside[: len(around)] != around:
        return False
    deeper = before.inside[len(around) :]
    if deeper:
        return deeper[0].kind == item.kind and deeper[0].series is item.series
    return bool(around) and around[-1].is_item and before.is_first_paragraph


def _write(line: Line, follows: Line | None, written: set[int], numbers: dict[int, str]) -> Iterator[str]:
    """Yield a line in the parser's form; nothing for what only marks where code begins or ends."""
    if line.kind in (blocks.FENCE, blocks.BLANK, blocks.MARK):
        return
    if line.kind == blocks.HTML:
        yield line.text
        return
    yield _prefix(line, written, numbers) + _text(line, follows)


def _prefix(line: Line, written: set[int], numbers: dict[int, str]) -> str:
    prefix = ""
    for container in line.inside:
        is_new = id(container) not in written
        written.add(id(container))
        if container.kind == "quote":
            prefix += "> "
        elif container.kind == "bullet" and is_new:
            prefix += "- "
        elif container.kind == "number" and is_new:
            prefix += f"{container.mark}. "
            if id(container) in numbers and container is line.inside[-1] and line.kind == blocks.TEXT:
                prefix += NUMBER % container.mark
        elif container.kind == "reference" and is_new:
            prefix += f"[^{container.mark}]: "
        elif container.kind == "meaning" and is_new:
            prefix += ":   "
        elif not (container.kind == "callout" and line.kind == blocks.BOX_HEAD and container is line.inside[-1]):
            prefix += "    "
    return prefix


def _text(line: Line, follows: Line | None) -> str:
    if line.kind == blocks.HEADING:
        text = END_OF_HEADING.sub("", line.text)
        return f"{text[:-1]}\\#" if text.endswith("#") and not text.endswith("\\#") else text
    if line.kind != blocks.TEXT:
        return line.text
    text = line.text
    if TEXT_THAT_LOOKS_LIKE_A_MARK.match(text):
        text = TEXT_THAT_LOOKS_LIKE_A_MARK.sub(r"\1\\", text, count=1)
    if follows is not None and follows.kind == blocks.TEXT and not follows.opens and not follows.is_after_blank:
        text = TRAILING_BACKSLASH.sub(r"\1  ", text)
        if ENUMERATION.match(follows.text):
            text = f"{text.rstrip()}  "
    return text


class _NumberTreeprocessor(Treeprocessor):
    """Gives list items the numbers that were typed."""

    def run(self, root: etree.Element) -> None:
        """Change the parsed page in place."""
        for item in root.iter("li"):
            holder = item if (item.text or "").strip() else next(iter(item), item)
            if number := NUMBER_AT_START.match(holder.text or ""):
                holder.text = (holder.text or "")[number.end() :]
                item.set("value", number[1])
