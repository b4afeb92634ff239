"""The guard: every word, number and sign of a text must be in what readers see, in the same order and column.

The source is read with as few rules as possible, none of them the renderer's own: what is a mark and may vanish stands
in one list, `MARKS`. The rest is compared with the text of the finished HTML, the references each on their own.
Reasons: docs/decisions/0065-the-guard.md.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import partial
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

from . import blocks
from .blocks import Line
from .code import code_spans, mask_code
from .inline import PATH, partners
from .masking import Prose

# A word or number, or a sign; punctuation that Markdown uses for marks is no token.
TOKEN = re.compile(r"[^\W_]+|[\x1c-\x1f<>≤≥=±×÷%°+−~^&/\\#|@$£€§†‡→←↑↓]")
# Marks inside of a word that leave it whole, never between two digits: **A**irway, H_2_O.
MARK_IN_WORD = re.compile(r"(?<=[^\W\d_])(?:\*{2,3}|_{1,3})(?=[^\W_])|(?<=\d)(?:\*{2,3}|_{1,3})(?=[^\W\d_])")
TABLE_MARK, TABLE_END, ROW_MARK, CELL_MARK = "\x1c", "\x1d", "\x1e", "\x1f"  # of a table that is written in HTML
# What may vanish from a line, each with what stays of it.
MARKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"<(?:mailto:)?(https?://[^<>\s]*|[^<>\s@]+@[^<>\s@]+)>"), r"\1"),  # an address
    (re.compile(r"<img\b[^<>]*?\balt=\"([^\"]*)\"[^<>]*>", re.IGNORECASE), r" \1 "),  # a picture's description
    (re.compile(r"<table\b[^<>]*>", re.IGNORECASE), TABLE_MARK),
    (re.compile(r"</table\b[^<>]*>", re.IGNORECASE), TABLE_END),
    (re.compile(r"<tr\b[^<>]*>", re.IGNORECASE), ROW_MARK),
    (re.compile(r"<t[dh]\b[^<>]*>", re.IGNORECASE), CELL_MARK),
    (re.compile(r"</?(?:br|p|div|li|td|th|tr|table|h[1-6]|hr|ul|ol|blockquote|img)\b[^<>]*>", re.IGNORECASE), " "),
    (re.compile(r"</?[a-zA-Z][^<>]*>"), ""),  # a tag; `problems` names those that are none
    (re.compile(r"\\$", re.MULTILINE), " "),  # a line break
)
DESTINATION = re.compile(r"\]\(\s*+(?:<[^<>\n]*+>|(?:[^\s()<>]|\([^\s()]*+\))*+)(?:\s++(?:\"[^\"]*\"|'[^']*'))?\s*\)")
LABEL = re.compile(r"\]\[([^\[\]\n]*)\]")
CITATION = re.compile(r"(?<!\\)\[\^([^\]\n]{0,100})\]")  # its number is the renderer's
ESCAPE = re.compile(r"\\([\\`*_{}\[\]()>#+\-.!|])")
LONGEST_SEARCH = 250_000  # steps: where more would be needed, the first line that differs is named


@dataclass(frozen=True)
class Token:
    """A word, number or sign with the line it stands on; in a table also a mark for the column it stands in."""

    text: str
    line: int


def find_differences(prose: Prose, html: str) -> Iterator[tuple[int, str, str]]:
    """Yield each line of a text that readers would not see as it is written: what stands there, and what is shown.

    `html` is what was rendered from the text. The line is counted from 1. Raises nothing.
    """
    source, shown = _source_streams(prose), _shown_streams(html)
    for key, tokens in source.items():
        if key and key not in shown:
            continue  # a reference that nothing cites has a problem of its own
        yield from _compare(tokens, shown.get(key, []))


def _compare(source: list[Token], shown: list[str]) -> Iterator[tuple[int, str, str]]:
    expected = [token.text for token in source]
    start = 0
    while start < min(len(expected), len(shown)) and expected[start] == shown[start]:
        start += 1
    end = 0
    while end < min(len(expected), len(shown)) - start and expected[-1 - end] == shown[-1 - end]:
        end += 1
    old, new = expected[start : len(expected) - end], shown[start : len(shown) - end]
    if not old and not new:
        return
    if len(old) * len(new) > LONGEST_SEARCH:
        line = source[min(start, len(source) - 1)].line if source else 1
        yield line, " ".join(old[:8]), " ".join(new[:8])
        return
    by_line: dict[int, tuple[list[str], list[str]]] = {}
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            at = max(0, min(start + a, len(source) - 1) - (tag == "insert"))
            missing, extra = by_line.setdefault(source[at].line if source else 1, ([], []))
            missing += old[a:b]
            extra += new[c:d]
    for line, (missing, extra) in by_line.items():
        yield line, _words(missing), _words(extra)


def _words(tokens: Iterable[str]) -> str:
    return " ".join(token for token in tokens if not token.startswith("\t"))


def _cell(column: int) -> str:
    """Return the token that begins a table's cell."""
    return f"\t{column}"


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(MARK_IN_WORD.sub("", text) if "*" in text or "_" in text else text)


def _source_streams(prose: Prose) -> dict[str, list[Token]]:
    """Return the tokens of a text: of the page under the key "", of each reference under its own."""
    streams: dict[str, list[Token]] = {"": []}
    lines = _without_comments(prose)
    items = [item for line in lines for item in line.inside[_depth(line) :]]
    numbers = _numbers(items)
    defined = Counter(item.mark for item in items if item.kind == "reference")
    labels = {line.text[1:].partition("]")[0].lower() for line in lines if line.kind == blocks.ADDRESS}
    labels |= {f"^{key}" for key in defined}
    table_depth, column = 0, -1  # in tables that are written in HTML
    for group in _paragraphs(lines):
        first = group[0]
        for line, content in zip(group, _contents(group, labels), strict=True):
            key = next((item.mark for item in reversed(line.inside) if item.kind == "reference"), "")
            stream = streams.setdefault(key, [])
            stream += [
                Token(numbers[id(item)], line.number) for item in line.inside[_depth(line) :] if id(item) in numbers
            ]
            if first.kind in (blocks.HEADER, blocks.ROW):
                for column, cell in enumerate(_cells_of(content, first)):
                    stream += [Token(token, line.number) for token in (_cell(column), *_tokens(cell))]
                continue
            for token in _tokens(content):
                if token in (TABLE_MARK, TABLE_END):
                    table_depth += 1 if token == TABLE_MARK else -1
                elif token == ROW_MARK:
                    column = -1
                elif token != CELL_MARK:
                    stream.append(Token(token, line.number))
                elif table_depth > 0:
                    column += 1
                    stream.append(Token(_cell(column), line.number))
    return {key: tokens for key, tokens in streams.items() if defined[key] < 2}  # twice is a problem of its own


def _without_comments(prose: Prose) -> list[Line]:
    """Return the lines of a text, comments replaced by spaces; `problems` names each of those."""
    if not prose.unseen:
        return prose.blocks
    seen = "".join(" " if kept == " " else sign for sign, kept in zip(prose.raw, prose.text, strict=True)).split("\n")
    return [
        replace(line, text=seen[line.number - 1].rstrip()[-len(line.text.rstrip()) :])
        if line.kind not in (blocks.CODE, blocks.BOX_HEAD) and line.text.strip()
        else line
        for line in prose.blocks
    ]


def _paragraphs(lines: list[Line]) -> Iterator[list[Line]]:
    """Yield lines that belong to one paragraph together, and every other line that has words alone."""
    group: list[Line] = []
    for line in lines:
        goes_on = group and line.kind == group[-1].kind and not line.is_after_blank and not line.opens
        if goes_on and line.kind in (blocks.TEXT, blocks.HTML) and line.inside == group[-1].inside:
            group.append(line)
            continue
        if group:
            yield group
        group = [line]
    if group:
        yield group


def _contents(group: list[Line], labels: set[str]) -> list[str]:
    """Return what readers should see of the lines of a paragraph.

    `labels` are the names of addresses, and the keys of references with a ^ before them, that the text defines.
    """
    kind = group[0].kind
    if kind in (blocks.TEXT, blocks.TITLE, blocks.HTML, blocks.ROW, blocks.HEADER):
        return _without_marks("\n".join(line.text for line in group), labels).split("\n")
    if kind == blocks.HEADING:
        return [_without_marks(re.sub(r"^#+|\s#+$", "", group[0].text), labels)]
    if kind == blocks.BOX_HEAD:
        return [_without_marks(_box_title(group[0].text), labels)]
    return [group[0].text if kind == blocks.CODE else "" for _ in group]


def _box_title(head: str) -> str:
    match = re.match(r"!!! ?([\w-]+)[^\"]*(?:\"(.*)\")?", head)
    return (match[2] if match[2] is not None else match[1].capitalize()) if match else head


def _without_marks(text: str, labels: set[str]) -> str:
    """Return `text` without its marks, its line breaks kept."""
    text = _without_destinations(text)
    kept, position = [], 0
    for start, end in [*code_spans(text)[0], (len(text), len(text))]:
        kept.append(_without_marks_around_code(text[position:start], labels))
        kept.append(text[start:end].strip("`"))
        position = end
    return "".join(kept)


def _without_destinations(text: str) -> str:
    """Return `text` without the addresses of its links: they follow a bracket that another one opens."""
    masked = mask_code(text)
    pairs = partners(masked) if "](" in masked else {}
    kept, position = [], 0
    for found in DESTINATION.finditer(masked):
        if found.start() in pairs:
            kept += [text[position : found.start() + 1], "\n" * found[0].count("\n")]
            position = found.end()
    return "".join([*kept, text[position:]])


def _without_marks_around_code(text: str, labels: set[str]) -> str:
    def drop(kept: str, match: re.Match[str]) -> str:
        kept = match.expand(kept)
        return kept + "\n" * (match[0].count("\n") - kept.count("\n"))

    if "[" in text:
        text = LABEL.sub(lambda label: "]" if not label[1] or label[1].lower() in labels else label[0], text)
        text = CITATION.sub(lambda citation: " " if f"^{citation[1]}" in labels else citation[0], text)
    if "<" in text or "\\" in text:
        for pattern, kept in MARKS:
            text = pattern.sub(partial(drop, kept), text)
    if "\\" in text:
        text = _without_backslashes(text)
    if "&" in text:  # an entity may be a line break, which is a space to readers
        text = "\n".join(unescape(line).replace("\n", " ") for line in text.split("\n"))
    return text


def _without_backslashes(text: str) -> str:
    """Return `text` without the backslashes that stand before a mark; those of a path stay."""
    paths = [path.span() for path in PATH.finditer(text)]
    pieces = [0, *(place for path in paths for place in path), len(text)]
    return "".join(
        text[start:end] if number % 2 else ESCAPE.sub(r"\1", text[start:end])
        for number, (start, end) in enumerate(pairwise(pieces))
    )


def _cells_of(content: str, line: Line) -> list[str]:
    table = line.table or line
    cells = blocks.cells(content, has_border=blocks.has_border(table.text))
    missing = len(blocks.cells(table.text, has_border=blocks.has_border(table.text))) - len(cells)
    return cells + [""] * missing


def _depth(line: Line) -> int:
    """Return how many containers a line stands in, without those that begin on it."""
    return len(line.inside) - line.opens


def _numbers(items: Iterable[blocks.Container]) -> dict[int, str]:
    """Return the token of each list item's number by the item's id; items that all carry the same are counted."""
    numbered = [item for item in items if item.kind == "number"]
    counted = {id(each): len(set(each)) == 1 for each in {id(item.series): item.series for item in numbered}.values()}
    return {
        id(item): f"{item.series[0] + item.place if counted[id(item.series)] else int(item.mark)}." for item in numbered
    }


class _Shown(HTMLParser):
    """Reads what readers see from a page's HTML."""

    SPACING = {
        "br", "p", "div", "li", "td", "th", "tr", "table", "h2", "h3", "h4", "h5", "h6", "hr", "ul", "ol", "blockquote",
        "img", "pre", "dt", "dd", "section",
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[str] = []
        self.words: list[str] = []
        self.lists: list[int | None] = []
        self.column = 0
        self.unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if self.unseen or attributes.get("class") in ("footnote-ref", "footnote-backref", "references-title"):
            if tag not in ("img", "br", "hr"):
                self.unseen.append(tag)
            return
        if tag in self.SPACING:
            self.words.append(" ")
        if tag in ("ol", "ul"):
            self.lists.append(int(attributes.get("start", 1)) if tag == "ol" else None)
        elif tag == "li":
            self._begin_item(attributes)
        elif tag == "tr":
            self.column = 0
        elif tag in ("td", "th"):
            self.end_words()
            self.tokens.append(_cell(self.column))
            self.column += 1
        elif tag == "img":
            self.words.append(attributes.get("alt", "") + " ")

    def _begin_item(self, attributes: dict[str, str]) -> None:
        self.end_words()
        number = self.lists[-1] if self.lists else None
        if number is not None:
            number = int(attributes.get("value", number))
            self.tokens.append(f"{number}.")
            self.lists[-1] = number + 1

    def handle_endtag(self, tag: str) -> None:
        if self.unseen:
            if self.unseen[-1] == tag:
                self.unseen.pop()
            return
        if tag in self.SPACING:
            self.words.append(" ")
        if tag in ("ol", "ul") and self.lists:
            self.lists.pop()
        if tag in ("td", "th", "li", "section"):
            self.end_words()

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.words.append(data)

    def end_words(self) -> None:
        self.tokens += _tokens("".join(self.words))
        self.words = []


def _shown_streams(html: str) -> dict[str, list[str]]:
    """Return the tokens that readers see: of the page under the key "", of each reference under its own."""
    page, _, references = html.partition('<section class="references">')
    items = re.findall(r'<li id="fn:([^"]*)">(.*?)(?=<li id="fn:|</section>|\Z)', references, re.DOTALL)
    return {"": _shown_tokens(page), **{key: _shown_tokens(item) for key, item in items}}


def _shown_tokens(html: str) -> list[str]:
    reader = _Shown()
    reader.feed(html)
    reader.close()
    reader.end_words()
    return reader.tokens
