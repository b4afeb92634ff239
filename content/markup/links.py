"""What readers get for links and pictures: addresses become links, and what leads nowhere is shown as its text."""

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from . import addresses, references, tree
from .tree import Item

NO_LINKS = ("a", "code", "pre")  # in which an address stays text
AFTER_ADDRESS = ("br", "img", "p", "sup", "ul", "ol")  # what may follow an address with no space between


def finish(root: etree.Element) -> None:
    """Change the links and pictures of a page's tree in place.

    A link without an address becomes its text, and a picture without one its description. A link without text shows
    its address. Addresses in the text, DOIs, PMIDs and email addresses become links that show what was typed.
    """
    if any(map(_is_dead, root.iter())):
        for parent in list(root.iter()):
            if any(map(_is_dead, parent)):
                tree.fill(parent, _alive(parent))
    if addresses.MAY_BE.search(tree.text(root)):
        for element in list(tree.outside(root, *NO_LINKS)):
            if any(addresses.MAY_BE.search(text or "") for text in (element.text, *(child.tail for child in element))):
                tree.fill(element, _with_links(element))
    for link in root.iter("a"):
        if not (link.text or "").strip() and tree.is_empty(link):
            link.text = link.get("href", "").removeprefix("mailto:")


def finish_references(root: etree.Element) -> None:
    """Make links of PMCIDs and of the numbers of NICE guidance in references without an address of their own there."""
    for section in root.findall("section[@class='references']"):
        for item in section.iter("li"):
            addressed = " ".join(link.get("href", "") for link in item.iter("a"))
            numbers = references.numbers_in(tree.text(item))
            found = {number: address for number, address in numbers if not references.is_at_site(address, addressed)}
            for element in list(tree.outside(item, *NO_LINKS)) if found else ():
                tree.fill(element, _with_numbers(element, found))


def _with_numbers(element: etree.Element, addresses_of: Mapping[str, str]) -> Iterator[Item]:
    """Yield what is in `element`, with these numbers in its texts as links."""
    numbers = re.compile(rf"(?<![\w/-])(?:{'|'.join(map(re.escape, addresses_of))})(?![\w/-]|\.[0-9])")
    for item in tree.items(element):
        if not isinstance(item, str):
            yield item
            continue
        position = 0
        for number in numbers.finditer(item):
            start, end = number.span()
            link = etree.Element("a", {"href": addresses_of[number[0]]})
            link.text = item[start:end]
            yield from (item[position:start], link)
            position = end
        yield item[position:]


def _is_dead(element: etree.Element) -> bool:
    """Return whether the cleaner has taken the address from a link or a picture."""
    return (element.tag == "a" and not element.get("href")) or (element.tag == "img" and not element.get("src"))


def _alive(parent: etree.Element) -> Iterator[Item]:
    """Yield what is in `parent`, with what is dead replaced by its words."""
    for item in tree.items(parent):
        if isinstance(item, str) or not _is_dead(item):
            yield item
        elif item.tag == "a":
            yield from _alive(item)
        else:
            yield item.get("alt", "")


def _with_links(element: etree.Element) -> Iterator[Item]:
    """Yield what is in `element`, with the addresses in its texts as links, but none that a mark has cut off."""
    contents = tree.items(element)
    for item, following in zip_longest(contents, contents[1:]):
        if not isinstance(item, str):
            yield item
            continue
        position = 0
        for start, end, address in addresses.find(item):
            if end == len(item) and isinstance(following, etree.Element) and following.tag not in AFTER_ADDRESS:
                continue
            link = etree.Element("a", {"href": address})
            link.text = item[start:end]
            yield from (item[position:start], link)
            position = end
        yield item[position:]
