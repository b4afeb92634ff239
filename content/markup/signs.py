"""What is legal Markdown and probably not meant: the signs of other dialects, which readers would see as they are."""

import re
from collections.abc import Iterator
from itertools import pairwise, zip_longest

from . import blocks
from .blocks import Line
from .masking import Prose

# Signs inside of lines, each with its name. Code and comments are not searched.
SIGNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\{[:#.][\w-][^{}\n]{0,100}\}"), "The attributes in {…} are shown as text. Remove them."),
    (re.compile(r"\{\{|\{%"), "{{ and {% are shown as text: pages have no templates. Write the words themselves."),
    (
        re.compile(
            r"(?<![\\$])\$(?=[^\s$])[^$\n]{0,200}[\\^_{=][^$\n]{0,200}\$|\$\$"
            r"|\\(?:frac|times|cdot|[rR]ightarrow|uparrow|downarrow|leq?|geq?|text|mathrm|alpha|beta|mu|ce)\b|\\[(]"
        ),
        "Formulas are shown as they are typed. Write them in plain signs, such as ×, ≤ and ².",
    ),
    (re.compile(r"\^\["), "^[ is shown as text. Cite a reference as [^key], and define it at the end."),
    (re.compile(r"\[@[\w:-]+(?![^\]]*\]\()"), "[@…] is shown as text. Cite a reference as [^key]."),
    (re.compile(r"\[\[[^\[\]\n]{1,200}\]\]"), "[[…]] makes no link. Write [words](/pages/name/)."),
    (re.compile(r"~~[^\s~][^~\n]{0,200}~~"), "~~ strikes nothing out: it is shown as text. Delete the words."),
    (re.compile(r"(?<![=<>!])==[^\s=][^=\n]{0,200}=="), "== marks nothing: it is shown as text. Use ** for bold."),
    (re.compile(r"(?<=\w)~[^\s~]{1,20}~"), "~ is shown as text. Write <sub> and </sub>, or ₂."),
    (re.compile(r"(?<=\w)\^[^\s^]{1,20}\^"), "^ is shown as text. Write <sup> and </sup>, or ²."),
    (re.compile(r"(?<![\w:]):[a-z][a-z_-]{2,30}:(?![\w:])"), "A name between colons is shown as text."),
    (re.compile(r"(?<=[^\W\d])\*[^\W\d][^*\s]*\*|\*[^*\s]*[^\W\d]\*(?=[^\W\d])"), "An * in a word is shown as a sign."),
)  # fmt: skip
# Signs at the start of a line of text.
FIRST_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r":::"), "::: makes no box: it is shown as text. Begin a box with !!! and indent its text."),
    (re.compile(r"\?\?\?\+? "), "??? makes no box: it is shown as text. Begin a box with !!! and indent its text."),
    (re.compile(r'=== ?"'), "=== makes no tabs: it is shown as text. Use headings."),
    (re.compile(r"\[[ xX]\] "), "[ ] makes no box to tick: it is shown as text."),
    (re.compile(r"--8<--|\[TOC\]|\\newpage|%%"), "This line is shown as text. Remove it."),
    (re.compile(r"\+[-=+]{3,}\+?$"), "This table is shown as running text. Write | between its cells."),
    (re.compile(r"-{2,}(?: +-{2,})+$"), "This table is shown as running text. Write | between its cells."),
    (re.compile(r"\|.*\|"), "This line is in no table. Below a table's header is a line such as | --- | --- |."),
    (re.compile(r"```|~~~"), "Nothing ends the code that begins here. Add a line with the same signs."),
    (re.compile(r">(?!=)"), "This > is shown as the sign “greater than”. To quote, put a word before the number."),
)  # fmt: skip
LIKE_A_NUMBER = re.compile(r"\d{1,3}[.)] ")


def find_signs(prose: Prose) -> Iterator[tuple[int, str]]:
    """Yield line and message of each sign that is shown as text and probably meant as a mark."""
    for line, below in zip_longest(prose.blocks, prose.blocks[1:]):
        content = prose.content(line)
        if line.kind in (blocks.CODE, blocks.FENCE, blocks.BLANK, blocks.HTML):
            continue
        for pattern, message in SIGNS:
            if pattern.search(content):
                yield line.number, message
        if line.kind in (blocks.TEXT, blocks.RULE):
            yield from ((line.number, message) for pattern, message in FIRST_SIGNS if pattern.match(content))
        if line.kind == blocks.TITLE and below is not None and below.text.startswith("-"):
            yield (
                line.number,
                "This line is a heading, because of the hyphens below it. Begin it with ##, or leave an empty line.",
            )
    yield from _find_code(prose.blocks)
    yield from _find_numbers(prose.blocks)
    yield from _find_unused_abbreviations(prose)


def find_empty_boxes(prose: Prose) -> Iterator[int]:
    """Yield the lines that begin a box with nothing in it."""
    full = {id(container) for line in prose.blocks if line.text.strip() for container in line.inside}
    full_lines = {
        container.line
        for line in prose.blocks
        for container in line.inside
        if id(container) in full and container.line != line.number and line.text.strip()
    }
    for line in prose.blocks:
        if line.kind == blocks.BOX_HEAD and line.number not in full_lines:
            yield line.number


def _find_code(lines: list[Line]) -> Iterator[tuple[int, str]]:
    is_in_code = False
    for line in lines:
        if line.kind == blocks.CODE and not is_in_code:
            yield line.number, "Text that is indented by four spaces is shown as code. Remove the spaces."
        if line.kind != blocks.BLANK:
            is_in_code = line.kind in (blocks.CODE, blocks.FENCE)


def _find_numbers(lines: list[Line]) -> Iterator[tuple[int, str]]:
    for above, line in pairwise(lines):
        goes_on = line.kind == above.kind == blocks.TEXT and not line.opens
        if goes_on and LIKE_A_NUMBER.match(line.text):
            yield line.number, "This line goes on the line above it. To begin a list, leave an empty line before it."


def _find_unused_abbreviations(prose: Prose) -> Iterator[tuple[int, str]]:
    defined = {}
    for line in prose.blocks:
        if line.kind == blocks.ABBREVIATION:
            defined[line.text[2 : line.text.index("]")]] = line.number
    used = "\n".join(prose.content(line) for line in prose.blocks if line.kind != blocks.ABBREVIATION)
    words = set(re.findall(r"\w+", used)) if defined else set()
    for name, number in defined.items():
        if not (name in words or (re.search(r"\W", name) and name in used)):
            yield (
                number,
                f"The abbreviation {name} is not in the text, so nobody sees what it means. Use it or remove it.",
            )
