"""Problems of a Markdown text, line by line, in words for its writer.

An error stops submission, publication and import; a warning does not. A problem is named wherever the renderer would
drop something without a trace, so that nothing typed disappears unnoticed. The time of every search is in proportion to
the length of the text, whatever it contains. Reasons: docs/decisions/0013-errors-stop-warnings-tell.md.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from accounts.characters import find_unseen
from content.length import describe_excess

from . import blocks, guard, key_points, references, signs
from .alphabets import find_mixtures
from .code import IN_CODE
from .link_problems import LinkProblems, written
from .masking import ATTRIBUTE, Prose
from .rendering import PAGE_ADDRESS, TAGS, render

ERROR = "error"
WARNING = "warning"

KEY = re.compile(r"[\w.-]+")
CITATION = re.compile(r"(?<!\\)\[\^([^\]\n]{0,100})\]")
SHOWN_CITATION = re.compile(r'<sup id="fnref\d*:([^"]+)"><a class="footnote-ref"')
HIDDEN_CITATION = (
    "[^{}] is cited where no citation can be shown: in the words or the address of a link, the description of a "
    "picture, the meaning of an abbreviation, or a tag. Cite it in the text."
)
DEFINITION = re.compile(r"[ \t>]*\[\^([^\]]{0,100})\]:")
LINK_DEFINITION = re.compile(r" {0,3}\[([^\[\]^][^\[\]]*)\]:[ ]*+\S++[ ]*+(?:[\"'(].*)?$")
PAGE_LINK = re.compile(rf"(?:\]\(\s*+<?|\]:\s*+<?|href\s*+=\s*+[\"']?){PAGE_ADDRESS}")
EMPTY_HEADER = re.compile(r"\|[| ]*+")
BOX = re.compile(r"!!! ?([\w-]++(?: ++[\w-]++)*)")
IMAGE = re.compile(r"(?<!\\)!\[\s*+\](?=[(\[])")
ADDRESS = re.compile(r"<((https?|ftp)://[^<>]*|[^<>\s!]+@[^<>@\s]+)>", re.IGNORECASE)
# HTML's own tags that the site does not show: without them a text keeps its words.
FORMATTING = {
    "article", "aside", "b", "big", "body", "center", "col", "colgroup", "del", "figcaption", "figure", "font",
    "footer", "h1", "header", "html", "i", "ins", "kbd", "label", "main", "mark", "nav", "q", "samp", "small", "span",
    "strike", "tfoot", "tt", "u", "var", "wbr",
}  # fmt: skip
INLINE = {"a", "abbr", "br", "code", "em", "img", "s", "strong", "sub", "sup"}  # the other tags make blocks
BEGINS_WITH_TAG = re.compile(r"^[ \t>]*+<[a-zA-Z/]", re.MULTILINE)
UNCLOSED_TAG = re.compile(r"<(?=[a-zA-Z/!?])[^<>]*+(?=<|\Z)")


@dataclass(frozen=True, order=True)
class Problem:
    """A problem of a text: its line, counted from 1, `ERROR` or `WARNING`, and what the writer can do."""

    line: int
    level: str
    message: str

    @property
    def is_error(self) -> bool:
        """Whether the problem stops the text from being published."""
        return self.level == ERROR


def find(text: str, live: Collection[str] | None = None, *, is_guidance: bool = False) -> list[Problem]:
    """Return the problems of `text` in line order. Raises nothing, whatever the text.

    `live` are the slugs of the pages that can be read. Without it, links to pages are not checked. `is_guidance` says
    that the text is the whole of a guidance page, which begins with key points.
    """
    if excess := describe_excess(text):
        return [Problem(1, ERROR, excess)]
    prose = Prose(text)
    html = render(text).html
    found = {
        *_find_characters(text, prose),
        *_find_front_matter(prose),
        *_find_references(prose, html),
        *_find_faulty_identifiers(prose),
        *_find_unused_addresses(prose),
        *_find_dead_links(prose, live),
        *_find_headings(prose),
        *_find_boxes(prose),
        *_find_tables(prose),
        *_find_cells_beyond_the_header(prose),
        *_find_images(prose),
        *_find_unseen(prose),
        *(Problem(line, WARNING, message) for line, message in signs.find_signs(prose)),
        *(Problem(*each) for each in LinkProblems(prose, html).find()),
        *(Problem(line, WARNING, message) for line, message in key_points.find_problems(prose) if is_guidance),
    }
    return sorted({*found, *_find_differences(prose, html, {problem.line for problem in found if problem.is_error})})


def linked_slugs(text: str) -> set[str]:
    """Return the slugs of the pages that `text` links to: the only ones that `find` looks for in `live`."""
    return set(PAGE_LINK.findall(Prose(text).text))


def _find_differences(prose: Prose, html: str, named: Collection[int]) -> Iterator[Problem]:
    """Find what readers would not see as it is written, on lines that have no error yet."""
    for line, missing, shown in guard.find_differences(prose, html):
        if line not in named:
            if not missing and not shown:
                message = "Cells of this row would be shown under other columns."
            elif not missing:
                message = f"“{_shorten(shown)}” would be shown here, which is not written so."
            elif not shown:
                message = f"“{_shorten(missing)}” would not be shown, or in another place."
            else:
                message = f"“{_shorten(missing)}” would be shown as “{_shorten(shown)}”."
            yield Problem(
                line, ERROR, f"{message} Write a backslash before a sign that is no mark, or reword the line."
            )


def _find_characters(text: str, prose: Prose) -> Iterator[Problem]:
    """Find characters that nobody can see, or that change the order of others, and words that mix two alphabets."""
    for unseen in find_unseen(text):
        yield Problem(unseen.line, ERROR, unseen.sentence)
    for mixture in find_mixtures(prose.text):
        yield Problem(prose.line_at(mixture.start), WARNING, str(mixture))


def _find_front_matter(prose: Prose) -> Iterator[Problem]:
    start = len(prose.raw) - len(prose.raw.lstrip("\ufeff \t\n"))
    if re.match(r"---[ \t]*(\n|$)", prose.raw[start:]):
        line = prose.line_at(start)
        yield Problem(
            line, ERROR, "The text starts with ---. Front matter belongs in files: remove it, with both its lines."
        )


def _find_references(prose: Prose, html: str) -> Iterator[Problem]:
    """Find references and citations that readers would not see: `html` is what they get."""
    defined: dict[str, int] = {}
    cited: dict[str, list[int]] = {}  # lines, by key
    shown = Counter(SHOWN_CITATION.findall(html))
    for number, (line, block) in enumerate(zip(prose.lines, prose.blocks, strict=True), start=1):
        definition = DEFINITION.match(line)
        inside = next((item.mark for item in reversed(block.inside) if item.kind == "reference"), None)
        if inside is None or inside in shown:  # what an uncited reference cites is not cited
            for key in CITATION.findall(line, definition.end() if definition else 0):
                cited.setdefault(key, []).append(number)
        if definition and definition[1] in defined:
            first = defined[definition[1]]
            yield Problem(
                number, ERROR, f"[^{definition[1]}] is already defined on line {first}. Give one of them another key."
            )
        elif definition:
            defined[definition[1]] = number
    for key, lines in cited.items():
        if key not in defined:
            yield from (Problem(line, ERROR, f"The reference [^{key}] is cited but not defined.") for line in lines)
        elif not KEY.fullmatch(key):
            message = f"The key of [^{key}] may contain only letters, digits, hyphens, dots and underscores."
            yield from (Problem(line, ERROR, message) for line in lines)
        elif shown[key] < len(lines):
            yield Problem(lines[0], ERROR, HIDDEN_CITATION.format(key))
    for key in defined.keys() - cited.keys():
        yield Problem(defined[key], WARNING, f"[^{key}] is not cited, so readers do not see it. Cite it or remove it.")


def _find_faulty_identifiers(prose: Prose) -> Iterator[Problem]:
    """Find references whose DOI, number or address has the wrong shape, so that it leads nowhere."""
    for reference in references.find(prose.raw, prose.blocks):
        for message in references.find_faults(reference):
            yield Problem(reference.line, WARNING, f"In [^{reference.key}], {message}")


def _find_unused_addresses(prose: Prose) -> Iterator[Problem]:
    """Find lines that would not be shown.

    Markdown reads "[Note]: urgent" as the address of a link, and shows nothing unless a link uses it.
    """
    named = {
        number: match[1] for number, line in enumerate(prose.lines, start=1) if (match := LINK_DEFINITION.match(line))
    }
    used = {" ".join(label.lower().split()) for label in re.findall(r"\[([^\[\]]*)\](?!:)", prose.text)}
    for number, label in named.items():
        if " ".join(label.lower().split()) not in used:
            yield Problem(
                number, ERROR, f"“[{label}]:” begins the address of a link, and would not be shown. Reword the line."
            )


def _find_dead_links(prose: Prose, live: Collection[str] | None) -> Iterator[Problem]:
    for link in PAGE_LINK.finditer(prose.text):
        if live is not None and link[1] not in live:
            yield Problem(
                prose.line_at(link.start(1)), WARNING, f"There is no live page “{link[1]}”. Check the link's address."
            )


def _find_headings(prose: Prose) -> Iterator[Problem]:
    """Find headings that repeat the first level, which is the title's, or skip a level."""
    above = 1
    for number, level in sorted(_headings(prose)):
        if level == 1:
            yield Problem(number, WARNING, "The title is the page's only first-level heading. Begin this one with ##.")
        elif level > above + 1:
            yield Problem(number, WARNING, f"This heading skips a level. Begin it with {'#' * (above + 1)}.")
        above = max(level, 2)


def _find_boxes(prose: Prose) -> Iterator[Problem]:
    """Find boxes of an unknown kind, and empty ones.

    The first line of a box names its kind and, in quotes, its title. Any other word there would not be shown.
    """
    for line in prose.blocks:
        if line.kind == blocks.BOX_HEAD and (box := BOX.match(line.text)) and box[1].lower() not in blocks.BOXES:
            message = f"Begin a box with !!! and one of {', '.join(blocks.BOXES)}, then its title in quotes."
            yield Problem(line.number, ERROR, message)
    for number in signs.find_empty_boxes(prose):
        yield Problem(number, ERROR, "This box is empty. Indent the lines that belong in it by four spaces.")


def _headings(prose: Prose) -> Iterator[tuple[int, int]]:
    """Yield line and level of each heading: marked with #, underlined, or written as a tag."""
    for line, below in zip_longest(prose.blocks, prose.blocks[1:]):
        if line.kind == blocks.HEADING:
            yield line.number, len(line.text) - len(line.text.lstrip("#"))
        elif line.kind == blocks.TITLE and below is not None:
            yield line.number, 1 if below.text[0] == "=" else 2
    for tag in prose.tags:
        if not tag[1] and tag[2].lower() in {"h2", "h3", "h4", "h5", "h6"}:
            yield prose.line_at(tag.start()), int(tag[2][1])


def _find_tables(prose: Prose) -> Iterator[Problem]:
    message = "This table has no header. Say in its first row what each column contains."
    for line in prose.blocks:
        if line.kind == blocks.HEADER and EMPTY_HEADER.fullmatch(line.text):
            yield Problem(line.number, WARNING, message)
    begins: int | None = None
    for name, start in [*((f"{tag[1]}{tag[2].lower()}", tag.start()) for tag in prose.tags), ("/table", 0)]:
        if name in ("table", "/table") and begins is not None:
            yield Problem(prose.line_at(begins), WARNING, message)
        if name in ("table", "/table", "th"):
            begins = start if name == "table" else None


def _find_cells_beyond_the_header(prose: Prose) -> Iterator[Problem]:
    """Find the rows of tables with more cells than the header: the renderer leaves out the last ones."""
    for line in prose.blocks:
        if line.kind != blocks.ROW or line.table is None:
            continue
        has_border = blocks.has_border(line.table.text)
        columns = len(blocks.cells(prose.content(line.table), has_border=has_border))
        if lost := " | ".join(blocks.cells(prose.content(line), has_border=has_border)[columns:]).strip(" |"):
            shown = _shorten(lost.replace(IN_CODE, "…"))
            message = f"This row has more cells than the table's header, so “{shown}” would not be shown. "
            message += "Add a column to the header, or write \\| for a | inside a cell."
            yield Problem(line.number, ERROR, message)


def _find_images(prose: Prose) -> Iterator[Problem]:
    message = "This image has no description. Say between its [ and ] what it shows."
    for image in IMAGE.finditer(prose.text):
        yield Problem(prose.line_at(image.start()), ERROR, message)
    for tag in prose.tags:
        if tag[2].lower() == "img" and not any(
            name.lower() == "alt" and value.strip("\"' ") for name, value in ATTRIBUTE.findall(tag[3])
        ):
            yield Problem(prose.line_at(tag.start()), ERROR, "This image has no description. Say in alt what it shows.")


def _find_unseen(prose: Prose) -> Iterator[Problem]:
    """Find what the renderer would take for a comment or a tag that the site does not show.

    A tag that the site shows counts too if it contains bare words, as in "<p value of 5>".
    """
    for start in prose.unseen:
        yield Problem(prose.line_at(start), WARNING, "This comment would not be shown. Remove it before publication.")
    opened: set[str] = set()
    may_be_address = "](<" in prose.text
    targets = {target.position for target in written(prose)} if may_be_address else set()
    for tag in prose.tags:
        if tag.start() in targets:
            continue
        if prose.text[max(0, tag.start() - 1) : tag.start()] == "\\":
            message = f"“\\{_shorten(tag[0], ends='>')}” reads as a tag, with a backslash before it. Write &lt; for <."
            yield Problem(prose.line_at(tag.start()), ERROR, message)
            continue
        name = tag[2].lower()
        words = ATTRIBUTE.sub("", tag[3]).strip(" \t\n/")
        if (name in TAGS and not words) or ADDRESS.fullmatch(tag[0]) or (tag[1] and name in opened):
            continue
        opened.add(name)
        level = WARNING if name in FORMATTING and not words else ERROR
        shown = _shorten(tag[0], ends=">")
        yield Problem(
            prose.line_at(tag.start()), level, f"“{shown}” reads as a tag and would not be shown. Write &lt; for <."
        )
    blocks = ((tag.start(), -1 if tag[1] else 1) for tag in prose.tags if tag[2].lower() in TAGS - INLINE)
    upcoming, depth = next(blocks, None), 0
    for unclosed in UNCLOSED_TAG.finditer(prose.text) if prose.tags or BEGINS_WITH_TAG.search(prose.text) else ():
        while upcoming and upcoming[0] < unclosed.start():
            depth = max(0, depth + upcoming[1])
            upcoming = next(blocks, None)
        message = f"“{_shorten(unclosed[0])}” starts a tag that nothing ends, so words may be lost. Write &lt; for <."
        # Between the tags of a block the parser of HTML drops the words; elsewhere they are shown.
        yield Problem(prose.line_at(unclosed.start()), ERROR if depth else WARNING, message)


def _shorten(text: str, ends: str = "") -> str:
    """Return `text` on one line, in at most 40 characters."""
    shown = " ".join(text.split())
    return shown if len(shown) <= 40 else f"{shown[:38]}…{ends}"
