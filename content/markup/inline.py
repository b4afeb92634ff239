"""What stands inside a line of Markdown: brackets, backticks and backslashes that are signs and no marks.

The parser looks from each [ and each ` to the end of the text for what closes it, which takes seconds for a few
thousand of them. Here both are paired once, before it looks; those that mark nothing are set aside as what they are.
Reasons: docs/decisions/0064-the-dialect.md.
"""

import re
import xml.etree.ElementTree as etree
from collections.abc import Callable, Iterator
from itertools import islice

import markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import ETX, STX, AtomicString

from . import addresses
from .code import IN_CODE, code_spans, mask

# What stands for a sign that is no mark; the library takes the outer characters out of what people type.
SIGNS = {"[": "\x02ob\x03", "]": "\x02cb\x03", "`": "\x02bt\x03", "&lt;": "\x02lt\x03"}
SIGN = re.compile("|".join(SIGNS.values()))
LESS_THAN = re.compile(r"<(?![a-zA-Z/][^<>]*+>|!--|\?|!\[CDATA\[)")
SPECIAL = re.compile(r"[\[\]`\\]|\*\*")
MARK = re.compile(r"[\[\]`\\*_<&]|  \n")  # without one of these there is nothing for the parser to find in a text
BRACKET = re.compile(r"\\.|[\[\]()]", re.DOTALL)
DESTINATION = re.compile(r"\s*+(?:<[^<>\n]*>|[^<>]*?)(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*")
TITLE = re.compile(r"\s(?:\"[^\"]*\"|'[^']*')\s*$")
LONGEST_PIECE = 8_000  # characters: the parser copies a piece for each mark in it
CUT = re.compile(r"[^\w\s*_~^`\\\[(<&]\s*(?=[\w&\[])|\s+")
BACKSLASH = f"{STX}92{ETX}"  # as the library sets aside a sign that a backslash stands before
# A path of a shared drive or a disk: its backslashes are no escapes.
PATH = re.compile(r"(?:(?<![\w\\])\\\\(?=[\w.$-]+\\)|\b[A-Za-z]:\\(?=\w))[^\s<>|" + IN_CODE + "]*")
# Two asterisks around part of a word are a mark; one is a sign, as in HLA-B*57:01.
STRONG_IN_WORD = re.compile(
    r"(?<![*\\])\*\*(?=[^\s*])([^*\n]{0,200}?[^\s*\\])\*\*(?!\*)(?:(?<=[^\W\d]\*\*)(?=\w)|(?=[^\W\d]))"
    r"|(?<=[^\W\d])\*\*(?=[^\s*])([^*\n]{0,200}?[^\s*\\])\*\*(?!\*)"
)


def restore(text: str) -> str:
    """Return HTML with the signs that were set aside in it."""
    signs = {token: sign for sign, token in SIGNS.items()}
    return SIGN.sub(lambda match: signs[match[0]], text)


class InlineExtension(Extension):
    """Sets signs aside before the parser looks for marks inside of lines, and puts them back at the end."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        """Register what runs before the parser's inline patterns, and after all else."""
        md.preprocessors.register(_LessThanPreprocessor(md), "less than", 22)  # after the code was set aside
        md.treeprocessors.register(_SignTreeprocessor(md), "signs", 22)
        md.postprocessors.register(_SignPostprocessor(md), "signs", 1)


class _LessThanPreprocessor(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        """Return the lines with each < that begins no tag set aside."""
        return LESS_THAN.sub(SIGNS["&lt;"], "\n".join(lines)).split("\n")


class _SignTreeprocessor(Treeprocessor):
    def run(self, root: etree.Element) -> None:
        """Change the parsed page in place."""
        escaped = re.compile(rf"\\([{re.escape(''.join(self.md.ESCAPED_CHARS))}])")
        for parent in list(root.iter()):
            if parent.text and parent.tag != "code":
                parent.text, *more = self._prepared(parent.text, escaped)
                parent[:0] = [_span(piece) for piece in more]
            for place, child in reversed(list(enumerate(parent, start=1))):
                if child.tail and child.tag != "span":
                    child.tail, *more = self._prepared(child.tail, escaped)
                    parent[place:place] = [_span(piece) for piece in more]

    def _prepared(self, text: str, escaped: re.Pattern[str]) -> list[str]:
        """Return `text` with its signs set aside, in pieces; those without marks as what the parser passes over."""
        pieces = _pieces(prepare(text, self._is_label, escaped))
        return [piece if MARK.search(piece) else AtomicString(piece) for piece in pieces]

    def _is_label(self, label: str) -> bool:
        return " ".join(label.lower().split()) in self.md.references


class _SignPostprocessor(Postprocessor):
    def run(self, text: str) -> str:
        """Return the page's HTML with the signs in it."""
        return restore(text)


def _pieces(text: str) -> list[str]:
    """Return `text` in pieces of a length that the parser reads fast, cut where no mark is open; mostly it is one."""
    pieces = []
    start = 0
    while len(text) - start > LONGEST_PIECE:
        cuts = islice(CUT.finditer(text, start + LONGEST_PIECE // 2), 100)
        cut = next((cut for cut in cuts if _has_no_open_mark(text[start : cut.end()])), None)
        if cut is None:
            break
        pieces.append(text[start : cut.end()])
        start = cut.end()
    return [*pieces, text[start:]]


def _has_no_open_mark(text: str) -> bool:
    has_pairs = text.count("[") == text.count("]") and text.count("`") % 2 == 0 and text.count("<") == text.count(">")
    return has_pairs and text.rfind("](") <= text.rfind(")")


def _span(text: str) -> etree.Element:
    """Return a piece of a text as an element; the page's HTML has its words without the tag."""
    span = etree.Element("span")
    span.text = text
    return span


def prepare(text: str, is_label: Callable[[str], bool], escaped: re.Pattern[str]) -> str:
    """Return `text` with its signs set aside, so that only marks are left for the parser.

    `is_label` says whether the text between two brackets names an address, `escaped` finds a backslash and the sign
    that it makes no mark. The time is in proportion to the length.
    """
    if not SPECIAL.search(text) and not addresses.MAY_BE.search(text):
        return text
    spans, loose = code_spans(text)
    paths = [path.span() for path in PATH.finditer(mask(text, spans))]
    masked = mask(text, sorted([*spans, *paths]))
    changes = [(start, end, SIGNS["`"] * (end - start)) for start, end in loose]
    changes += _brackets(text, masked, is_label)
    changes += [(start, end, text[start:end].replace("\\", BACKSLASH)) for start, end in paths]
    changes += [(sign.start(), sign.end(), f"{STX}{ord(sign[1])}{ETX}") for sign in escaped.finditer(masked)]
    changes += _signs_in_addresses(masked)
    for strong in STRONG_IN_WORD.finditer(masked):
        changes += [(strong.start(), strong.start() + 2, "<strong>"), (strong.end() - 2, strong.end(), "</strong>")]
    return _change(text, sorted(changes))


def _change(text: str, changes: list[tuple[int, int, str]]) -> str:
    """Return `text` with parts of it replaced; of two that overlap, only the first is."""
    kept, position = [], 0
    for start, end, new in changes:
        if start >= position:
            kept += [text[position:start], new]
            position = end
    return "".join([*kept, text[position:]])


def _brackets(text: str, masked: str, is_label: Callable[[str], bool]) -> Iterator[tuple[int, int, str]]:
    """Yield the changes for brackets that make no link, and for the quotes in the addresses of links."""
    partner = partners(masked)
    last_link = last_image = -1  # where the last of each begins among those that are closed
    for end, start in sorted((partner[start], start) for start in partner if masked[start] == "["):
        is_image = masked[start - 1 : start] == "!"
        close = partner.get(end + 1, -1) if masked[end + 1 : end + 2] == "(" else -1
        if close > 0 and DESTINATION.fullmatch(text, end + 2, close):
            is_link = True
            title = TITLE.search(text, end + 2, close)
            for quote in re.finditer("[\"']", text[end + 2 : title.start() if title else close]):
                yield end + 2 + quote.start(), end + 2 + quote.end(), "%27" if quote[0] == "'" else "%22"
        else:
            is_link = _names_address(text, start, end, partner, is_label)
            if not is_link and end - start <= 1000 and is_label(text[start + 1 : end]):
                is_link = True
                follows_link = text[start - 1 : start] == "]"  # it is the name that brackets before it ask for
                if not follows_link:
                    yield end + 1, end + 1, f"[{text[start + 1 : end]}]"  # or the next brackets would be taken for one
        is_citation = masked[start + 1] == "^" and "[" not in masked[start + 1 : min(end, start + 200)]
        is_link = is_link and last_image < start if is_image else is_link and last_link < start
        if is_link and is_image:
            last_image = start
        elif is_link:
            last_link = start
        elif not (is_citation and end - start <= 200):
            yield start, start + 1, SIGNS["["]
            yield end, end + 1, SIGNS["]"]
    for match in BRACKET.finditer(masked):
        if match[0] in ("[", "]") and match.start() not in partner:
            yield match.start(), match.end(), SIGNS[match[0]]


def _signs_in_addresses(masked: str) -> Iterator[tuple[int, int, str]]:
    """Yield the changes for the signs in addresses that would be marks elsewhere."""
    for start, end, _ in addresses.find(masked):
        for sign in re.finditer(r"[*_]", masked[start:end].split("[^")[0]):
            yield start + sign.start(), start + sign.end(), f"{STX}{ord(sign[0])}{ETX}"


def _names_address(text: str, start: int, end: int, partner: dict[int, int], is_label: Callable[[str], bool]) -> bool:
    """Return whether brackets are followed by others that hold the name of an address."""
    if text[end + 1 : end + 2] != "[" or end + 1 not in partner:
        return False
    return is_label(text[end + 2 : partner[end + 1]] or text[start + 1 : end])


def partners(masked: str) -> dict[int, int]:
    """Return the position of each bracket that has a partner, opening and closing, with that of the partner."""
    partner: dict[int, int] = {}
    waiting: dict[str, list[int]] = {"[": [], "(": []}
    for match in BRACKET.finditer(masked):
        sign, position = match[0], match.start()
        if sign in waiting:
            waiting[sign].append(position)
        elif sign in (")", "]"):
            opening = waiting["(" if sign == ")" else "["]
            if opening:
                partner[position] = opening.pop()
                partner[partner[position]] = position
    return partner
