"""Headings in order and with ids. A level that is skipped in the text is closed in what readers get; the words stay."""

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterator

from django.utils.text import slugify

JOINER = "\u2060"  # the renderer puts it before a citation
LEVELS = {f"h{level}": level for level in range(2, 7)}
NUMBERED = re.compile(r"(.+)_(\d{1,9})")


def close_gaps(root: etree.Element) -> None:
    """Change the levels of the headings in a page's tree in place, so that each is at most one below the one above.

    What is below what stays the same: the headings around a heading are those that were around it as typed.
    """
    around: list[tuple[int, int]] = []  # typed and shown level of the headings around the next one
    for element in root.iter():
        if typed := LEVELS.get(element.tag):
            around = [(outer, shown) for outer, shown in around if outer < typed]
            around.append((typed, around[-1][1] + 1 if around else 2))
            element.tag = f"h{around[-1][1]}"


def give_ids(root: etree.Element) -> None:
    """Give each heading in a page's tree that has no id one that is its words, starts with h- and is there once.

    The h- keeps it from being an id of the site's own.
    """
    taken = {key for element in root.iter() if (key := element.get("id"))}
    last: dict[str, int] = {}  # number that was given to an id, by what stands before it
    for element in root.iter():
        if element.tag in LEVELS and not element.get("id"):
            key = _free(f"h-{slugify(name(element)) or 'section'}", taken, last)
            element.set("id", key)
            taken.add(key)


def name(heading: etree.Element) -> str:
    """Return the words of a heading without the numbers of the references that it cites."""
    return " ".join("".join(words(heading)).split())


def words(element: etree.Element) -> Iterator[str]:
    """Yield the words in `element` without the numbers of the references that it cites."""
    if element.text:
        yield element.text.replace(JOINER, "")
    for child in element:
        if not child.get("id", "").startswith("fnref"):
            yield from words(child)
            if child.tag == "br":
                yield " "
        if child.tail:
            yield child.tail.replace(JOINER, "")


def _free(key: str, taken: set[str], last: dict[str, int]) -> str:
    """Return `key` with the next number at its end if it is taken."""
    if key not in taken:
        return key
    numbered = NUMBERED.fullmatch(key)
    base, number = (numbered[1], int(numbered[2])) if numbered else (key, 0)
    number = max(number, last.get(base, 0)) + 1
    while f"{base}_{number}" in taken:
        number += 1
    last[base] = number
    return f"{base}_{number}"
