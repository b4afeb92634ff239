"""Key points: the list under "In brief" with which a guidance page begins.

The mark is the heading itself, so that the text reads well in any editor. Each point is a sentence or two with its
citation, and names the section that says more. Reasons: docs/decisions/0066-key-points.md.
"""

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterator
from itertools import pairwise

from . import blocks, headings
from .masking import Prose

HEADING = "In brief"
FEWEST, MOST = 3, 6
CITATION = re.compile(r"(?<!\\)\[\^[^\]\n]+\]")
SECTION_LINK = re.compile(r"\]\(\s*#h-[^\s()]+\s*\)")

NONE = (
    f"This page has no key points. Begin it with “## {HEADING}” and a list of three to six, each with its citation and "
    "a link to its section."
)
NOT_FIRST = f"“{HEADING}” is not the first on the page. Move it up, with its list."
NO_LIST = f"“{HEADING}” has no list below it. Write each key point on a line of its own that begins with a hyphen."
NUMBER = f"“{HEADING}” has {{}}. Write three to six."
NO_CITATION = "This key point has no citation."
NO_LINK = "This key point names no section. Begin it with **[Its subject](#h-…):** and the id of the section's heading."


def mark(root: etree.Element) -> None:
    """Put the key points of a page's tree, if it has any, into a section of their own, in place."""
    for position, (heading, points) in enumerate(pairwise(list(root))):
        if heading.tag == "h2" and _is_heading(headings.name(heading)) and points.tag == "ul":
            for inner in points.iter("section"):  # so that the first that ends is the one around the points
                inner.tag = "div"
            heading.set("id", heading.get("id") or "h-in-brief")
            section = etree.Element("section", {"class": "key-points", "aria-labelledby": heading.get("id", "")})
            section.text, section.tail, points.tail = "\n", points.tail, "\n"
            section.extend((heading, points))
            root[position : position + 2] = [section]
            return


def divide(html: str) -> tuple[str, str]:
    """Return the HTML of a page's key points and that of the rest. The first is empty unless the page begins so."""
    if not html.startswith('<section class="key-points"'):
        return "", html
    end = html.index("</section>") + len("</section>")
    return html[:end], html[end:]


def find_problems(prose: Prose) -> Iterator[tuple[int, str]]:
    """Yield line and message of what is wrong with the key points of a guidance page."""
    lines = [line for line in prose.blocks if line.kind != blocks.BLANK]
    begin = next((place for place, line in enumerate(lines) if _is_mark(line)), None)
    if begin is None:
        yield 1, NONE
        return
    number = lines[begin].number
    if begin:
        yield number, NOT_FIRST
    points: list[tuple[int, str]] = []
    for line in lines[begin + 1 :]:
        if not line.inside or line.inside[0].kind != "bullet":
            break
        if line.opens == len(line.inside):
            points.append((line.number, ""))
        points[-1] = (points[-1][0], f"{points[-1][1]}\n{prose.content(line)}")
    if not points:
        yield number, NO_LIST
    elif not FEWEST <= len(points) <= MOST:
        yield number, NUMBER.format(f"{len(points)} key point{'s' if len(points) > 1 else ''}")
    for first, text in points:
        if not CITATION.search(text):
            yield first, NO_CITATION
        if not SECTION_LINK.search(text):
            yield first, NO_LINK


def _is_mark(line: blocks.Line) -> bool:
    return line.kind == blocks.HEADING and not line.inside and _is_heading(line.text.strip("# "))


def _is_heading(name: str) -> bool:
    return name.casefold() == HEADING.casefold()
