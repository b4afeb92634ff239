"""Abbreviations that explain themselves: by a touch, by keyboard and on paper, not only under a mouse.

The style sheet shows the explanation after an abbreviation that has the focus, and on paper after the first. The Tab
key stops only at the first, so that a page with many abbreviations is not a long way by keyboard. Reasons:
docs/decisions/0062-what-readers-get.md.
"""

import re
import xml.etree.ElementTree as etree
from collections.abc import Collection, Iterator, Mapping
from html import unescape

from . import addresses, tree
from .tree import Item

LONGEST = 100  # characters of an abbreviation
WORD = re.compile(r"\w+")


class Abbreviations:
    """The abbreviations that a text defines, with their meanings, to be found in its words."""

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self.meanings = {unescape(short): unescape(meaning) for short, meaning in meanings.items()}
        self.lengths: dict[str, list[int]] = {}  # of those that start with each word, the longest first
        for short in sorted(self.meanings, key=len, reverse=True):
            if len(short) <= LONGEST and (word := WORD.match(short)):
                lengths = self.lengths.setdefault(word[0], [])
                lengths += [len(short)] if len(short) not in lengths[-1:] else []

    def explain(self, root: etree.Element) -> None:
        """Mark the abbreviations in a page's tree in place.

        In a link, where a touch follows the link, an abbreviation is marked only if it is nowhere else.
        """
        if self.lengths:
            for element in list(tree.outside(root, "abbr", "a", "code", "pre")):
                tree.fill(element, self._mark(element))
        marked = [each for each in root.iter("abbr") if each.get("title")]
        in_links = {each for link in root.iter("a") for each in link.iter("abbr")}
        explained: set[str] = set()
        for abbreviation in marked:
            if abbreviation not in in_links:
                short = tree.text(abbreviation)
                abbreviation.set("tabindex", "-1" if short in explained else "0")
                explained.add(short)
        if self.lengths:
            self._explain_in_links(root, explained)

    def _explain_in_links(self, root: etree.Element, explained: set[str]) -> None:
        for link in root.iter("a"):
            if not _is_address(tree.text(link)):
                for element in list(tree.outside(link, "abbr", "code")):
                    tree.fill(element, self._mark(element, explained))
                explained |= {tree.text(each) for each in link.iter("abbr")}

    def _mark(self, element: etree.Element, explained: Collection[str] = ()) -> Iterator[Item]:
        """Yield what is in `element`, with the abbreviations in its texts marked, but not those in `explained`."""
        for item in tree.items(element):
            if not isinstance(item, str):
                yield item
                continue
            position = 0
            for start, short in self.find(item):
                if short not in explained:
                    mark = etree.Element("abbr", {"title": self.meanings[short]})
                    mark.text = short
                    yield from (item[position:start], mark)
                    position = start + len(short)
            yield item[position:]

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield the position of each abbreviation in `text` that is a whole word, or words, and the abbreviation."""
        end = 0
        for word in WORD.finditer(text):
            for length in self.lengths.get(word[0], ()) if word.start() >= end else ():
                short = text[word.start() : word.start() + length]
                if short in self.meanings and not re.match(r"\w\w", text[word.start() + length - 1 :][:2]):
                    yield word.start(), short
                    end = word.start() + length
                    break


def _is_address(text: str) -> bool:
    found = next(addresses.find(text), None)
    return found is not None and found[:2] == (0, len(text))
