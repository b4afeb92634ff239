"""The blocks of a Markdown text, line by line: what each line is, and which lists, quotations and boxes it stands in.

People write lists right after a line of text, nest them by two or three spaces, and put empty lines between the rows
of a table. What is read here is what such a text looks like; `dialect` then writes it as the parser needs it, and
`problems` looks for what is wrong. The time is in proportion to the length of the text.
Reasons: docs/decisions/0064-the-dialect.md.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

from .code import mask_code

BOXES = ("note", "warning", "important", "tip", "caution", "danger")
MOST_CONTAINERS = 20  # one within another; a mark within more is text

# What a line can be.
BLANK = "blank"
TEXT = "text"
HEADING = "heading"  # marked with #
TITLE = "title"  # a heading that the next line underlines
UNDERLINE = "underline"
RULE = "rule"
FENCE = "fence"
CODE = "code"
HEADER = "header"  # of a table
DELIMITER = "delimiter"  # the line of hyphens below a table's header
ROW = "row"
HTML = "html"
BOX_HEAD = "box head"
ABBREVIATION = "abbreviation"
ADDRESS = "address"  # of a link that names it
MARK = "mark"  # of a list item whose text comes on the next line

BULLET_MARK = re.compile(r"([-*+•◦▪▫‣●○■□‧∙·])( +|$)")
NUMBER_MARK = re.compile(r"(\d{1,9})[.)]( +|$)")
QUOTE_MARK = re.compile(r"(>) ?+(?!=|[\d.])")
REFERENCE_MARK = re.compile(r"\[\^([^\]]*)\]:")
MEANING_MARK = re.compile(r":( +)(?=\S)")
BOX_MARK = re.compile(r"!!! ?[\w-]")
CALLOUT_MARK = re.compile(r">\s*\[!([a-zA-Z]+)\]([^\n]*)$")
ABBREVIATION_MARK = re.compile(r"\*\[[^\]]+\]:")
ADDRESS_MARK = re.compile(r"\[[^\[\]^][^\[\]]*\]: *+(?:<[^<>]*>|\S++) *+(?:[\"'(].*)?$")
HEADING_MARK = re.compile(r"(#{1,6})(?= +[^\s#])")
FENCE_MARK = re.compile(r"(`{3,})[^`]*$|(~{3,})")
RULE_MARK = re.compile(r"([-*_])(?: *\1){2,} *$")
UNDERLINES = re.compile(r"(?:=+|-{3,}) *$")
HTML_MARK = re.compile(
    r"<(?:(!--)|(\?)|(!\[CDATA\[)|(/?)(address|article|aside|blockquote|body|center|colgroup|dd|details|dialog|dir|div|dl"
    r"|dt|fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|nav|noscript"
    r"|ol|option|p|pre|script|section|style|summary|table|tbody|td|textarea|tfoot|th|thead|title|tr|ul)(?=[\s/>]|$))",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.,;:!?]\W*$")
PIPE = re.compile(r"(?<!\\)((?:\\\\)*)\|")  # one that no backslash makes a part of its cell
END_BORDER = re.compile(r"(?<!\\)(?:\\\\)*\|$")
LONGEST_TITLE = 80  # characters: what is longer and underlined with hyphens is a sentence above a rule


@dataclass(eq=False)
class Container:
    """A list item, quotation, box, reference or meaning of a term that other lines stand in.

    `column` is where its mark stands and `content` where its text starts, both counted from the quotation around it.
    `mark` is a reference's key, a box's kind and title, or a number. `series` are the numbers of a list so far.
    """

    kind: str  # "bullet", "number", "quote", "callout", "reference", "meaning" or "box"
    column: int
    content: int
    mark: str = ""
    series: list[int] = field(default_factory=list)
    place: int = 0  # in the series
    takes_unindented: bool = False  # a box whose text is not indented
    line: int = 0

    @property
    def is_quote(self) -> bool:
        """Whether each of its lines has a > of its own."""
        return self.kind in ("quote", "callout")

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return self.kind in ("bullet", "number")


@dataclass
class Line:
    """A line of a text: its number, counted from 1, what it is, and what stands on it behind the marks around it.

    `inside` are the containers it stands in, the outermost first, and `opens` says how many of them begin on it.
    """

    number: int
    kind: str
    text: str
    inside: tuple[Container, ...] = ()
    opens: int = 0
    is_after_blank: bool = False
    is_first_paragraph: bool = False  # of the list item it stands in
    table: "Line | None" = None  # the header of the table whose row it is


def read(text: str) -> list[Line]:
    """Return the lines of `text`, one for each. Raises nothing, whatever the text."""
    return _Reader(text).read()


def cells(row: str, *, has_border: bool) -> list[str]:
    """Return the cells of a table's row, without its border if its header has one."""
    row = row.strip()
    if has_border:
        row = row.removeprefix("|")
        row = row[:-1] if END_BORDER.search(row) else row
    ends = [pipe.end() for pipe in PIPE.finditer(mask_code(row))]
    return [row[start : end - 1] for start, end in pairwise([0, *ends, len(row) + 1])]


def has_border(row: str) -> bool:
    """Return whether a row starts or ends with a |."""
    row = row.strip()
    return row.startswith("|") or bool(END_BORDER.search(row))


@lru_cache(maxsize=4)  # the lines that a text is at are asked for several times
def is_table(header: str, delimiter: str) -> bool:
    """Return whether two lines begin a table: its header, and a line of hyphens with as many cells."""
    if not set(delimiter) <= set("|:- \t") or "-" not in delimiter or "|" not in header:
        return False
    border = has_border(header)
    columns = cells(header, has_border=border)
    hyphens = cells(delimiter, has_border=border)
    if len(columns) == 1 and not (border and has_border(delimiter)):
        return False
    return len(columns) == len(hyphens) and all("-" in cell for cell in hyphens)


class _Reader:
    """Reads a text line by line; `stack` are the containers that the line before stands in."""

    def __init__(self, text: str) -> None:
        self.raw = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
        self.lines: list[Line] = []
        self.stack: list[Container] = []
        self.last: Line | None = None  # the last that is not blank
        self.is_after_blank = True
        self.fence = ""
        self.closes_html: Callable[[str], bool] | None = None
        self.table: Line | None = None
        self.fence_indent = 0

    def read(self) -> list[Line]:
        for raw in self.raw:
            if self.fence:
                self._read_in_fence(raw)
            elif self.closes_html:
                self._read_in_html(raw)
            elif raw.strip(" >") or (raw.strip() and not any(container.is_quote for container in self.stack)):
                self._read_line(raw)
            else:
                self._add(BLANK, "")
        return self.lines

    def _add(self, kind: str, text: str, opens: int = 0) -> None:
        line = Line(len(self.lines) + 1, kind, text, tuple(self.stack), opens, self.is_after_blank)
        if kind == TEXT:
            goes_on = not self.is_after_blank and self.last is not None and self.last.inside == line.inside
            line.is_first_paragraph = opens > 0 or (goes_on and self.last is not None and self.last.is_first_paragraph)
        self.lines.append(line)
        if kind == BLANK:
            if ">" not in self.raw[line.number - 1]:
                self._end_quotes()
        else:
            self.last = line
        self.is_after_blank = kind == BLANK

    def _end_quotes(self) -> None:
        """An empty line without a > ends the quotations around it."""
        for depth, container in enumerate(self.stack):
            if container.is_quote:
                del self.stack[depth:]
                return

    def _read_in_fence(self, raw: str) -> None:
        _, rest = self._match(raw, only_quotes=True)
        body = rest.strip()
        if body.startswith(self.fence) and not body.strip(self.fence[0]):
            self.fence = ""
            self._add(FENCE, "")
        else:
            indent = self.fence_indent
            self._add(CODE, rest[min(indent, len(rest) - len(rest.lstrip(" "))) :])

    def _read_in_html(self, raw: str) -> None:
        if self.closes_html is None or self.closes_html(raw):
            self.closes_html = None
        self._add(HTML, raw)

    def _match(self, raw: str, *, only_quotes: bool = False) -> tuple[int, str]:
        """Return how many containers of the line before `raw` stands in too, and what is left of it."""
        rest = raw
        for depth, container in enumerate(self.stack):
            if container.is_quote:
                mark = re.match(r" *> ?", rest)
                if not mark:
                    return depth, rest
                rest = rest[mark.end() :]
            elif only_quotes:
                continue
            elif not (len(rest) - len(rest.lstrip(" ")) >= container.column + 2 or self._takes_unindented(container)):
                return depth, rest
        return len(self.stack), rest

    def _takes_unindented(self, container: Container) -> bool:
        return container.takes_unindented and not self.is_after_blank

    def _read_line(self, raw: str) -> None:
        depth, rest = self._match(raw)
        before = tuple(self.stack)
        closed = self.stack[depth:]
        self.stack = self.stack[:depth]
        follows_text = not self.is_after_blank and self.last is not None and self.last.kind in (TEXT, MARK)
        if self._read_table_line(rest, before):
            return
        opens = 0
        while len(self.stack) < MOST_CONTAINERS:
            is_inside_text = follows_text and opens == 0
            container = self._container(rest, closed if opens == 0 else [], is_inside_text=is_inside_text)
            if container is None:
                break
            self.stack.append(container)
            opens += 1
            if container.kind == "callout":
                self._add(BOX_HEAD, container.mark, opens)
                return
            if container.kind == "box":
                self.stack.pop()
                self._add(BOX_HEAD, rest.strip(), opens - 1)
                self.stack.append(container)
                return
            rest = self._without_mark(rest, container)
            if not rest.strip():
                self._add(MARK, raw.strip(), opens)
                return
        self._read_leaf(raw, rest, opens, closed, before, follows_text=follows_text)

    def _without_mark(self, rest: str, container: Container) -> str:
        if container.is_quote:
            return rest.lstrip(" ")[1:].removeprefix(" ")
        return " " * container.content + rest[container.content :]

    def _container(self, rest: str, closed: list[Container], *, is_inside_text: bool) -> Container | None:
        """Return the container that begins at the start of `rest`, if one does."""
        column = len(rest) - len(rest.lstrip(" "))
        body = rest[column:]
        number = len(self.lines) + 1
        if body[:1].isalpha():  # no mark is a letter
            return None
        if self._is_code(rest, body, is_inside_text=is_inside_text) or RULE_MARK.match(body):
            return None
        if (callout := CALLOUT_MARK.match(body)) and callout[1].lower() in BOXES:
            return Container("callout", column, column + 2, _callout_head(callout[1], callout[2]), line=number)
        if QUOTE_MARK.match(body):
            return Container("quote", column, column + 2, line=number)
        mark = BULLET_MARK.match(body) or NUMBER_MARK.match(body)
        if mark and self._begins_table(body) and not self._is_indented_below(column + 2):
            return None  # a header that starts like a list
        if mark and not body[mark.end() :].strip() and (is_inside_text or not self._is_indented_below(column + 2)):
            return None
        if mark := BULLET_MARK.match(body):
            return self._item("bullet", column, mark, closed)
        if mark := NUMBER_MARK.match(body):
            is_next = any(container.kind == "number" for container in closed[:1])
            if is_inside_text and not is_next and int(mark[1]) != 1:
                return None
            return self._item("number", column, mark, closed)
        is_in_reference = any(container.kind == "reference" for container in self.stack)
        if (mark := REFERENCE_MARK.match(body)) and not is_in_reference:
            end = column + mark.end()
            end += len(rest[end:]) - len(rest[end:].lstrip(" "))
            return Container("reference", column, end, mark[1], line=number)
        if (mark := MEANING_MARK.match(body)) and self.last is not None and self._has_meaning(self.last):
            return Container("meaning", column, column + mark.end(), line=number)
        if BOX_MARK.match(body):
            return Container("box", column, column + 4, takes_unindented=self._is_unindented_box(column), line=number)
        return None

    def _has_meaning(self, term: Line) -> bool:
        """Return whether a line may be a term that is explained below it, or one of its meanings."""
        inside = term.inside
        if inside and inside[-1].kind == "meaning":
            inside = inside[:-1]
        return term.kind == TEXT and inside == tuple(self.stack)

    def _item(self, kind: str, column: int, mark: re.Match[str], closed: list[Container]) -> Container:
        is_next = (
            bool(closed) and closed[0].kind == kind and (self.last is None or self._has_no_block_between(closed[0]))
        )
        series = closed[0].series if is_next else []
        series.append(int(mark[1]) if kind == "number" else 0)
        spaces = len(mark[mark.lastindex or 0])
        content = column + mark.end() - (spaces - 1 if spaces > 4 else 0)
        return Container(kind, column, content, mark[1], series, len(series) - 1, line=len(self.lines) + 1)

    def _has_no_block_between(self, container: Container) -> bool:
        return self.last is not None and container in self.last.inside

    def _is_unindented_box(self, column: int) -> bool:
        """Return whether the text of a box that begins on this line follows it without being indented."""
        below = self.raw[len(self.lines) + 1 :][:1]
        if not below or not below[0].strip():
            return False
        body = below[0].lstrip(" ")
        is_block = BOX_MARK.match(body) or HEADING_MARK.match(body) or RULE_MARK.match(body) or body.startswith(">")
        return len(below[0]) - len(body) < column + 2 and not is_block

    def _is_indented_below(self, column: int) -> bool:
        """Return whether the next line has its text at `column` or further to the right."""
        below = (self.raw[len(self.lines) + 1 :][:1] or [""])[0].replace(">", " ")
        return bool(below.strip()) and len(below) - len(below.lstrip(" ")) >= column

    def _is_code(self, rest: str, body: str, *, is_inside_text: bool) -> bool:
        """Return whether a line is indented so far that it is code: by four spaces more than the text around it."""
        if is_inside_text or BULLET_MARK.match(body) or NUMBER_MARK.match(body) or self._begins_table(body):
            return False
        base = 0
        for container in self.stack:
            base = 0 if container.is_quote else max(container.content, container.column + 4)
            if container.kind in ("reference", "meaning", "box"):
                base = container.column + 4
        is_first = bool(self.stack) and self.stack[-1].line == len(self.lines) + 1
        return not is_first and len(rest) - len(body) >= base + 4

    def _read_leaf(
        self,
        raw: str,
        rest: str,
        opens: int,
        closed: list[Container],
        before: tuple[Container, ...],
        *,
        follows_text: bool,
    ) -> None:
        body = rest.strip()
        is_inside_text = follows_text and opens == 0
        if not opens and self._underlines(body, before, is_inside_text=is_inside_text):
            return
        if RULE_MARK.match(body):
            self._add(RULE, body, opens)
        elif self._begins_fence(rest, body):
            self._add(FENCE, body, opens)
        elif self._is_code(rest, rest.lstrip(" "), is_inside_text=is_inside_text):
            self._add(CODE, rest, opens)
        elif HEADING_MARK.match(body):
            self._add(HEADING, body, opens)
        elif ABBREVIATION_MARK.match(body):
            self._add(ABBREVIATION, body, opens)
        elif ADDRESS_MARK.match(body) and not is_inside_text:
            self._add(ADDRESS, body, opens)
        elif self._begins_html(raw, body):
            self._add(HTML, raw, opens)
        elif self._begins_table(body):
            self._add(HEADER, body, opens)
            self.table = self.last
        else:
            if is_inside_text and closed and not any(container.kind == "box" for container in closed):
                self.stack = list(before)  # the paragraph goes on without its marks
            self._add(TEXT, rest.lstrip(" "), opens)

    def _underlines(self, body: str, before: tuple[Container, ...], *, is_inside_text: bool) -> bool:
        """Add a line that underlines the line above it, if that is a heading by its looks."""
        title = self.last
        if title is None or not (is_inside_text and UNDERLINES.match(body) and tuple(self.stack) == before):
            return False
        above = self.lines[title.number - 2] if title.number > 1 else None
        is_single = title.opens > 0 or above is None or above.kind != TEXT or above.inside != title.inside
        is_heading = is_single and title.kind == TEXT
        if body[0] == "-":
            text = title.text.strip()
            is_heading = is_heading and len(text) <= LONGEST_TITLE and not SENTENCE_END.search(text)
        if not is_heading:
            return False
        title.kind = TITLE
        self._add(UNDERLINE, body)
        return True

    def _begins_fence(self, rest: str, body: str) -> bool:
        mark = FENCE_MARK.match(body)
        if not mark:
            return False
        fence = mark[1] or mark[2]
        if len(self.lines) + 1 >= self._last_fences.get(fence[0], [0])[min(len(fence), 20)]:
            return False  # nothing closes it: the text goes on as it is
        self.fence = fence
        self.fence_indent = len(rest) - len(rest.lstrip(" "))
        return True

    @cached_property
    def _last_fences(self) -> dict[str, list[int]]:
        """For each sign, the number of the last line that closes a fence of each length."""
        last = {"`": [0] * 21, "~": [0] * 21}
        for number, raw in enumerate(self.raw, start=1):
            body = raw.strip(" >")
            if body[:3] in ("```", "~~~") and not body.strip(body[0]):
                for length in range(3, min(len(body), 20) + 1):
                    last[body[0]][length] = number
        return last

    def _begins_html(self, raw: str, body: str) -> bool:
        mark = HTML_MARK.match(body)
        if not mark or self.stack:
            return False
        if mark[5]:
            return self._begins_element(raw, mark)
        ends = "-->" if mark[1] else ">" if mark[2] else "]]>"
        if ends not in body and len(self.lines) + 1 < self._last_line_with(ends):
            self.closes_html = lambda line: ends in line
        return True

    def _begins_element(self, raw: str, mark: re.Match[str]) -> bool:
        tag = mark[5].lower()
        ends = f"</{tag}"
        open_tags = re.compile(rf"<(/?){tag}(?=[\s/>]|$)", re.IGNORECASE)
        depth = 0

        def closes(line: str) -> bool:
            nonlocal depth
            depth += sum(-1 if found[1] else 1 for found in open_tags.finditer(line))
            return depth <= 0

        if not mark[4] and not closes(raw) and len(self.lines) + 1 < self._last_line_with(ends):
            self.closes_html = closes
        return True

    def _last_line_with(self, ends: str) -> int:
        if ends not in self._last_lines:
            lines = (number for number in range(len(self.raw), 0, -1) if ends in self.raw[number - 1].lower())
            self._last_lines[ends] = next(lines, 0)
        return self._last_lines[ends]

    @cached_property
    def _last_lines(self) -> dict[str, int]:
        return {}

    def _begins_table(self, body: str) -> bool:
        """Return whether a table begins: the line of hyphens may follow after empty lines if both have borders."""
        if "|" not in body:
            return False
        following = self.raw[len(self.lines) + 1 : len(self.lines) + 4]
        for distance, raw in enumerate(following):
            below = raw.lstrip(" >")
            if below:
                return is_table(body, below) and (distance == 0 or (body.startswith("|") and below.startswith("|")))
        return False

    def _read_table_line(self, rest: str, before: tuple[Container, ...]) -> bool:
        """Add a line of the table that the line before belongs to, if this one does too."""
        if self.table is None:
            return False
        body = rest.strip()
        in_table = self.last is not None and self.last.kind in (HEADER, DELIMITER, ROW)
        if not in_table or tuple(self.stack) != self.table.inside:
            self.table = None
            return False
        if self.last is self.table:
            self._add(DELIMITER, body)
            return True
        is_row = bool(PIPE.search(body)) and not RULE_MARK.match(body)
        if self.is_after_blank:
            is_row = is_row and body.startswith("|") and has_border(self.table.text) and not self._begins_table(body)
        if not is_row:
            self.table = None
            return False
        self._add(ROW, body)
        self.lines[-1].table = self.table
        return True


def _callout_head(kind: str, title: str) -> str:
    """Return the first line of a box for a quotation that names its kind."""
    title = title.strip().replace('"', "”")
    return f'!!! {kind.lower()} "{title}"' if title else f"!!! {kind.lower()}"
