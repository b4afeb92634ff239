"""Both texts of a comparison, read from the comparison alone and from their HTML."""

from html.parser import HTMLParser

from content.comparison.changes import Change
from content.comparison.comparison import Comparison, Reading, compare
from content.markup.rendering import render


def compared(old: str, new: str, facts=((), ())) -> Comparison:
    """Compare two texts in Markdown."""
    return compare(Reading(facts[0], render(old).html), Reading(facts[1], render(new).html))


def letters(text: str) -> str:
    """A text without its spacing, and without the joiners that keep a citation on its line."""
    return "".join(text.split()).replace("\u2060", "")


class _Visible(HTMLParser):
    """Collects the text of HTML, apart from the links back from a reference."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.is_back_link = False

    def handle_starttag(self, tag, attrs):
        self.is_back_link = self.is_back_link or (tag == "a" and dict(attrs).get("class") == "footnote-backref")

    def handle_endtag(self, tag):
        self.is_back_link = self.is_back_link and tag != "a"

    def handle_data(self, data):
        if not self.is_back_link:
            self.texts.append(data)


def visible(html: str) -> str:
    """The letters of HTML that are read."""
    reader = _Visible()
    reader.feed(html)
    reader.close()
    return letters("".join(reader.texts))


def changes(comparison: Comparison) -> list[Change]:
    """Every block of a comparison, once."""
    return [part for section in comparison.sections for part in section.parts if isinstance(part, Change)]


def old_text(comparison: Comparison) -> str:
    """The letters of what stayed and what was removed, in their old order."""
    return _side(comparison, "old")


def new_text(comparison: Comparison) -> str:
    """The letters of what stayed and what was added, in their new order."""
    return _side(comparison, "new")


def _side(comparison: Comparison, side: str) -> str:
    found = [(getattr(change, f"{side}_place"), change) for change in changes(comparison) if getattr(change, side)]
    return letters("".join(_text(change, side) for _, change in sorted(found, key=lambda pair: pair[0])))


def _text(change: Change, side: str) -> str:
    if not change.table:
        return "".join(_said(stretch, side) for stretch in change.stretches)
    cells = {
        getattr(cell, side): "".join(_said(stretch, side) for stretch in cell.stretches)
        for row in change.table.rows
        for cell in row.cells
        if cell and getattr(cell, side)
    }
    return " ".join(cells[cell] for row in getattr(change, side).rows for cell in row.cells)


def _said(stretch, side: str) -> str:
    return "".join(word.space + word.text for word in getattr(stretch, side))
