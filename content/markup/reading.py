"""A version's HTML as it is read on its page: its words are those that were stored, and what helps to read is added.

A citation opens its reference beside the text, in a popover that needs no script; a section says how to link to it; the
first cell of a row names the row; a box that warns of harm is a group with a sign. The comparison, the search and the
hash know the stored HTML alone. Reasons: docs/decisions/0083-the-page-as-it-is-read.md.
"""

import re
import xml.etree.ElementTree as etree
from dataclasses import dataclass
from html import escape

from . import headings, key_points, tree

SECTION_HEAD = '<div class="section-head">'
REFERENCES = '<section class="references">'
LINK = (
    '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M8.5 11.5a3.2 3.2 0 0 0 4.6.3l2.6-2.6a3.2 3.2 0 '
    '0 0-4.6-4.6L9.8 5.9M11.5 8.5a3.2 3.2 0 0 0-4.6-.3l-2.6 2.6a3.2 3.2 0 0 0 4.6 4.6l1.3-1.3"/></svg>'
)
HARM = (
    '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m10 3 7.5 13.5h-15zM10 8.5v3.5M10 14.3v.2"/>'
    "</svg>"
)
HARMS = {f"admonition {kind}" for kind in ("warning", "caution", "danger", "important")}
HARM_TITLE = re.compile(r'<div class="admonition [a-z]+" role="group"[^>]*>\s*<p class="admonition-title">')
SHORT = 14  # characters of a cell that stays on one line, if there is a number in it: a dose
CLOSE = '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m5 5 10 10M15 5 5 15"/></svg>'


@dataclass(frozen=True)
class Parts:
    """The parts of a page, each as HTML and each may be empty.

    `brief` is what stands before the first heading: the key points, and boxes; `references` are the list, and a
    card for each.
    """

    brief: str
    text: str
    references: str


def dress(html: str) -> str:
    """Return a version's stored HTML as it is read on its page. Its words stay the same, in their order."""
    page = tree.parse(html)
    for table in page.iter("table"):
        _name_rows(table)
        _keep_doses_whole(table)
    _name_harms(page)
    listed = page.findall("section[@class='references']")
    cards = "".join(_make_cards(page, listed[-1])) if listed else ""
    written = tree.write(page)
    for heading in page.findall("h2"):
        plain = f'<h2 id="{escape(heading.get("id", ""))}">{tree.write(heading)}</h2>'
        address, name = escape(heading.get("id", "")), escape(headings.name(heading))
        link = f'<a class="here-link" href="#{address}"><span class="unseen">Link to “{name}”</span>{LINK}</a>'
        written = written.replace(plain, f'{SECTION_HEAD}{plain}<p class="section-tools">{link}</p></div>', 1)
    return HARM_TITLE.sub(lambda title: title[0] + HARM, written) + cards


def divide(html: str) -> Parts:
    """Return the parts of a dressed page."""
    begins = html.rfind(REFERENCES)
    text, references = (html, "") if begins < 0 else (html[:begins], html[begins:])
    brief, rest = key_points.divide(text)
    if brief:
        boxes, head, rest = rest.partition(SECTION_HEAD)
        brief, rest = brief + boxes, head + rest
    return Parts(brief, rest, references)


def _name_rows(table: etree.Element) -> None:
    """Make the first cell of each row the name of the row, unless cells are joined."""
    if any(cell.get("rowspan") or cell.get("colspan") for cell in table.iter()):
        return
    for row in table.findall("tbody/tr"):
        if len(row) > 1:
            row[0].tag = "th"
            row[0].set("scope", "row")


def _keep_doses_whole(table: etree.Element) -> None:
    """Mark the cells whose few words are not to be divided between lines, such as "2 × 150 mg"."""
    for cell in table.iter("td"):
        said = tree.text(cell).strip()
        if len(said) <= SHORT and any(map(str.isdigit, said)):
            cell.set("class", "short")


def _name_harms(page: etree.Element) -> None:
    """Make each box that warns of harm to a patient a group that has the box's title as its name."""
    for box in page.iter("div"):
        title = box.find("p[@class='admonition-title']")
        if title is not None and box.get("class") in HARMS:
            box.set("role", "group")
            box.set("aria-label", headings.name(title))


def _make_cards(page: etree.Element, listed: etree.Element) -> list[str]:
    """Make each citation a button, and return the card of each reference that they open."""
    numbers = {item.get("id", ""): number for number, item in enumerate(listed.iter("li"), start=1) if item.get("id")}
    for citation in page.iter("a"):
        number = numbers.get(citation.get("href", "#")[1:])
        if number and citation.get("class") == "footnote-ref":
            citation.tag = "button"
            citation.attrib.clear()
            citation.attrib.update({"type": "button", "class": "cite", "popovertarget": f"reference-{number}"})
    return [_card(item, numbers[item.get("id", "")]) for item in listed.iter("li") if item.get("id") in numbers]


def _card(item: etree.Element, number: int) -> str:
    card = tree.parse(tree.write(item))
    for parent in list(card.iter()):
        for child in list(parent):
            if child.get("class") == "footnote-backref":
                parent.remove(child)
            child.attrib.pop("id", None)
    name = f"reference-{number}"
    return (
        f'<div class="card" id="{name}" popover="auto" role="dialog" aria-label="Reference {number}">'
        f'<p class="card-head"><b>Reference {number}</b><button type="button" class="close" popovertarget="{name}" '
        f'popovertargetaction="hide"><span class="unseen">Close</span>{CLOSE}</button></p>{tree.write(card).strip()}'
        f'<p><a href="#{escape(item.get("id", ""))}">Show in the list</a></p></div>'
    )
