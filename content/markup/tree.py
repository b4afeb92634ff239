"""A page's cleaned HTML as a tree, and back letter by letter, so that what readers need can be added to it."""

import xml.etree.ElementTree as etree
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

VOID = {"br", "hr", "img"}

Item = etree.Element | str


def parse(html: str) -> etree.Element:
    """Return an element that contains the tree of HTML as the cleaner writes it."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.root


def write(root: etree.Element) -> str:
    """Return the HTML of what is in `root`, in the cleaner's own form, however deep it is."""
    parts: list[str] = []
    waiting: list[tuple[Item, bool]] = [(each, False) for each in reversed(items(root))]
    while waiting:
        each, is_markup = waiting.pop()
        if isinstance(each, str):
            parts.append(each if is_markup else _escape(each))
            continue
        attributes = "".join(f' {name}="{_escape(value, quotes=True)}"' for name, value in each.items())
        parts.append(f"<{each.tag}{attributes}>")
        if each.tag not in VOID:
            waiting.append((f"</{each.tag}>", True))
            waiting += [(inner, False) for inner in reversed(items(each))]
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


def _escape(typed: str, *, quotes: bool = False) -> str:
    typed = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")
    return typed.replace('"', "&quot;") if quotes else typed


class _Parser(HTMLParser):
    """Builds the tree of what the cleaner wrote, in which every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.root = etree.Element("root")
        self.open = [self.root]
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        element = etree.SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def close(self) -> None:
        super().close()
        self._flush()

    def _flush(self) -> None:
        """Put the text since the last tag where it belongs."""
        said = "".join(self.texts)
        self.texts = []
        parent = self.open[-1]
        if len(parent):
            parent[-1].tail = said
        else:
            parent.text = said
