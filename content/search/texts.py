"""A version's HTML as what can be found in it: its sections, each with the lines that a reader sees."""

import xml.etree.ElementTree as etree
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

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


def sections_of(html: str) -> list[Section]:
    """Return the sections of a version's HTML in order.

    Those that say nothing are left out, and so are the references and the list of related pages.
    """
    found = [Section()]
    for element in _seen(tree.parse(html)):
        if isinstance(element, str):
            found[-1].lines.append(element)
        else:
            found.append(Section(element.get("id", ""), headings.name(element)))
    return [each for each in found if (each.heading or each.lines) and each.heading.casefold() != RELATED]


def _seen(parent: etree.Element) -> Iterator[etree.Element | str]:
    """Yield the headings in `parent`, and each line of text between them."""
    waiting: list[str] = []  # words that are in no block of their own
    for item in tree.items(parent):
        if isinstance(item, str):
            waiting.append(item)
        elif item.tag in SIMPLE and not len(item):  # most of a page
            yield from _line(waiting)
            waiting = []
            yield from _line([(item.text or "").replace(headings.JOINER, "")])
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
    if line := " ".join("".join(words).split()):
        yield line


def _rows(table: etree.Element) -> Iterator[str]:
    """Yield a line for each row below the header, each cell behind the heading of its column."""
    header, *rows = ([list(_line(headings.words(cell))) for cell in row] for row in table.iter("tr"))
    heads = ["".join(cell) for cell in header]
    for row in rows:
        first, *others = ["".join(cell) for cell in row] or [""]
        named = zip(heads[1:] + [""] * len(others), others, strict=False)
        told = "; ".join(f"{head}: {cell}" if head else cell for head, cell in named if cell)
        yield from _line([first, " – " if first and told else "", told])
    if not rows:
        yield from _line(["; ".join(heads)])
