"""A page's cleaned HTML as a tree, and back letter by letter, so that what readers need can be added to it."""

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterable, Iterator
from html import unescape

VOID = {"br", "hr", "img"}
PART = re.compile(r'<(/?)([a-z0-9]+)((?: [a-z-]+="[^"]*")*+)>|([^<]+)')
ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')

Item = etree.Element | str


def parse(html: str) -> etree.Element:
    """Return an element that contains the tree of HTML as the cleaner writes it: it closes every element."""
    root = etree.Element("root")
    opened = [root]
    for closes, tag, attributes, said in PART.findall(html):
        parent = opened[-1]
        if said and len(parent):
            parent[-1].tail = unescape(said)
        elif said:
            parent.text = unescape(said)
        elif closes:
            opened.pop()
        else:
            typed = ATTRIBUTE.findall(attributes) if attributes else ()
            element = etree.SubElement(parent, tag, {name: unescape(value) for name, value in typed})
            if tag not in VOID:
                opened.append(element)
    return root


def write(root: etree.Element) -> str:
    """Return the HTML of what is in `root`, in the cleaner's own form, however deep it is."""
    parts = [_escape(root.text)]
    waiting: list[Item] = list(reversed(root))  # elements, and the HTML at the end of one
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            parts.append(each)
            continue
        attributes = "".join(f' {name}="{_escape(value, quotes=True)}"' for name, value in each.items())
        parts.append(f"<{each.tag}{attributes}>{_escape(each.text)}")
        closing = _escape(each.tail) if each.tag in VOID else f"</{each.tag}>{_escape(each.tail)}"
        waiting.append(closing)
        waiting += reversed(each)
    return "".join(parts)


def items(element: etree.Element) -> list[Item]:
    """Return what is in `element`: its texts and elements, in order."""
    found: list[Item] = [element.text or ""]
    for child in element:
        found += [child, child.tail or ""]
    return [item for item in found if item != ""]


def fill(element: etree.Element, contents: Iterable[Item]) -> None:
    """Replace what is in `element`."""
    texts: list[list[str]] = [[]]
    children: list[etree.Element] = []
    for item in contents:
        if isinstance(item, str):
            texts[-1].append(item)
        else:
            children.append(item)
            texts.append([])
    element.text = "".join(texts[0])
    element[:] = children
    for child, tail in zip(children, texts[1:], strict=True):
        child.tail = "".join(tail)


def text(element: etree.Element) -> str:
    """Return the words in `element`."""
    return "".join(element.itertext())


def is_empty(element: etree.Element) -> bool:
    """Return whether `element` shows nothing: no words and no picture."""
    return not text(element).strip() and element.find(".//img") is None


def outside(root: etree.Element, *tags: str) -> Iterator[etree.Element]:
    """Yield `root` and the elements in it, but none with one of these tags and nothing inside those."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += [child for child in reversed(element) if child.tag not in tags]


def _escape(typed: str | None, *, quotes: bool = False) -> str:
    if not typed:
        return ""
    typed = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")
    return typed.replace('"', "&quot;") if quotes else typed
