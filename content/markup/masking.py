"""A Markdown text without its code and comments, to be searched for problems. Lines and positions stay the same."""

import re
from bisect import bisect_left

from .blocks import BLANK, CODE, FENCE, Line, read
from .code import mask_code

TAG = re.compile(r"<(/?)([a-zA-Z][^\s<>/]*+)([^<>]*+)>")
ATTRIBUTE = re.compile(r"(?<![\w:-])([\w:-]++)\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s\"']++)")
OPENS_UNSEEN = re.compile(r"<!--|<\?|<!\[CDATA\[")
CLOSES_UNSEEN = {"<!--": "-->", "<?": ">", "<![CDATA[": ">"}


class Prose:
    """A text with its code and comments blanked out.

    `raw` is the text with plain line breaks and without tabs, `blocks` says what each of its lines is, `text` and
    `lines` are without code and comments, `unseen` are the positions of the comments and `tags` the matches of `TAG`.
    """

    def __init__(self, text: str) -> None:
        self.raw = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
        self.blocks = read(self.raw)
        self.text, self.unseen = _without_unseen(_without_code(self.raw, self.blocks))
        self.lines = self.text.split("\n")
        self.tags = list(TAG.finditer(self.text))
        self._ends = [match.start() for match in re.finditer("\n", self.text)]

    def content(self, line: Line) -> str:
        """Return what stands on a line behind the marks around it, without code and comments."""
        return self.lines[line.number - 1].rstrip()[-len(line.text.rstrip()) :] if line.text.strip() else ""

    def line_at(self, position: int) -> int:
        """Return the line, counted from 1, that contains the `position`."""
        return bisect_left(self._ends, position) + 1


def _without_code(text: str, blocks: list[Line]) -> str:
    """Return `text` with its code blocks blank and each character of a code span replaced by `IN_CODE`."""
    prose: list[str] = []
    block: list[str] = []
    for line, raw in zip(blocks, text.split("\n"), strict=True):
        if line.kind in (BLANK, CODE, FENCE):
            prose += _without_code_spans(block)
            block = []
            prose.append(raw if line.kind == BLANK else " " * len(raw))
        else:
            block.append(raw)
    return "\n".join([*prose, *_without_code_spans(block)])


def _without_code_spans(lines: list[str]) -> list[str]:
    """Return the lines of one block without code spans, which may extend over several lines."""
    return mask_code("\n".join(lines)).split("\n") if lines else []


def _without_unseen(text: str) -> tuple[str, list[int]]:
    """Return `text` with comments and the like blank, and the positions where they start."""
    kept: list[str] = []
    starts: list[int] = []
    position = 0
    unclosed: set[str] = set()
    for opening in OPENS_UNSEEN.finditer(text):
        if opening.start() < position or opening[0] in unclosed:
            continue
        end = text.find(CLOSES_UNSEEN[opening[0]], opening.end())
        if end < 0:
            unclosed.add(opening[0])  # so no later one is closed either
            continue
        end += len(CLOSES_UNSEEN[opening[0]])
        starts.append(opening.start())
        kept += [text[position : opening.start()], re.sub(r"[^\n]", " ", text[opening.start() : end])]
        position = end
    return "".join([*kept, text[position:]]), starts
