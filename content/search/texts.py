"""The tree of a version's HTML as what can be found in it: sections, each with its lines, and key points."""

import xml.etree.ElementTree as etree
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from content.markup import headings, tree

BLOCKS = {"p", "li", "table", "dt", "dd", "pre", "blockquote"}
RELATED = "related pages"  # the heading of the list of links: what it says is on those pages
SIMPLE = {"p", "li"}
HEADINGS = headings.LEVELS.keys()


@dataclass
class Section:
    """What stands under one heading: the heading's id and words, and its lines. Before the first, both are empty."""

    anchor: str = ""
    heading: str = ""
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class QuotedPoint:
    """A key point of a page, as it can be quoted elsewhere once its links are (`on_another_page`)."""

    lead: str
    heading: str
    text: str
    html: str


def key_points_of(root: etree.Element) -> list[QuotedPoint]:
    """Return the key points with which a version begins, changed in place to be quoted.

    `lead` is what it is on: the bold words at its beginning, and the words of other links to sections of the page.
    `heading` is the section's to which its first words lead.
    """
    begins = root.find("*")
    if begins is None or begins.get("class") != "key-points":
        return []
    names = {element.get("id"): headings.name(element) for element in root.iter() if element.tag in HEADINGS}
    return [_quote(point, names) for point in begins.findall("ul/li")]


def _quote(point: etree.Element, names: Mapping[str | None, str]) -> QuotedPoint:
    strong = point.find("strong")
    if strong is None or (point.text or "").strip():
        strong = etree.Element("strong")  # it begins with no bold words
    link = strong.find(".//a")
    heading = names.get((link.get("href") or "").removeprefix("#"), "") if link is not None else ""
    links = [each for each in point.iter("a") if each is not link and each.get("href", "").startswith("#h-")]
    lead, *others, text = (" ".join("".join(headings.words(each)).split()) for each in (strong, *links, point))
    for element in point.iter():
        element.attrib.pop("id", None)  # the page that quotes it may have the same
    return QuotedPoint("; ".join([lead, *others]), heading, text, tree.write(point))


def on_another_page(html: str, address: str) -> str:
    """Return a key point's HTML with its links within its page as another page needs them: with this address."""
    root = tree.parse(html)
    for element in root.iter("a"):
        if element.get("href", "").startswith("#"):
            element.set("href", f"{address}{element.get('href')}")
    return tree.write(root)


def sections_of(root: etree.Element) -> list[Section]:
    """Return the sections of a version in order.

    Those that say nothing are left out, and so are the references and the list of related pages.
    """
    found = [Section()]
    for element in _seen(root):
        if isinstance(element, str):
            found[-1].lines.append(element)
        else:
            found.append(Section(element.get("id", ""), headings.name(element)))
    return [each for each in found if (each.heading or each.lines) and each.heading.casefold() != RELATED]


def beside_the_text(root: etree.Element) -> str:
    """Return what a page says beside its text: references, the list of related pages, descriptions, and meanings."""
    said = [value for element in root.iter() for name in ("alt", "title") if (value := element.get(name))]
    said += (" ".join(each.itertext()) for each in root.iter("section") if each.get("class") == "references")
    parts = list(root)
    for heading, list_below in pairwise(parts):
        if heading.tag in HEADINGS and headings.name(heading).casefold() == RELATED:
            said += [*heading.itertext(), " ".join(list_below.itertext())]
    return "\n".join(said)


def _seen(parent: etree.Element) -> Iterator[etree.Element | str]:
    """Yield the headings in `parent`, and each line of text between them."""
    waiting: list[str] = []  # words that are in no block of their own
    for item in tree.items(parent):
        if isinstance(item, str):
            waiting.append(item)
        elif item.tag in SIMPLE and not len(item):  # most of a page
            yield from _line(waiting)
            waiting = []
            if line := " ".join((item.text or "").replace(headings.JOINER, "").split()):
                yield line
        elif item.tag == "section" and item.get("class") == "references":
            continue
        elif not (item.tag in BLOCKS | HEADINGS or _holds_blocks(item)):
            waiting += headings.words(item)
        else:
            yield from _line(waiting)
            waiting = []
            if item.tag in HEADINGS:
                yield item
            elif item.tag == "table":
                yield from _rows(item)
            elif _holds_blocks(item):
                yield from _seen(item)
            else:
                yield from _line(headings.words(item))
    yield from _line(waiting)


def _holds_blocks(element: etree.Element) -> bool:
    return any(inner.tag in BLOCKS | HEADINGS for inner in element.iter() if inner is not element)


def _line(words: Iterable[str]) -> Iterator[str]:
    """Yield the words as one line, if there are any."""
    if words and (line := " ".join("".join(words).split())):
        yield line


def _rows(table: etree.Element) -> Iterator[str]:
    """Yield a line for each row below the header, each cell behind its column's heading; last, those of none."""
    header, *rows = ([list(_line(headings.words(cell))) for cell in row] for row in table.iter("tr"))
    heads = ["".join(cell) for cell in header]
    cells = [["".join(cell) for cell in row] for row in rows]
    for row in cells:
        first, *others = row or [""]
        named = zip(heads[1:] + [""] * len(others), others, strict=False)
        told = "; ".join(f"{head}: {cell}" if head else cell for head, cell in named if cell)
        yield from _line([first, " – " if first and told else "", told])
    unsaid = [
        head for place, head in enumerate(heads) if not place or not any(row[place:][:1] != [""] for row in cells)
    ]
    yield from _line(["; ".join(filter(None, unsaid))])
