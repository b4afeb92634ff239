"""Whether what a note is on has changed since it was written.

A note on a heading is on that section: the words from the heading to the next one of the same or a higher level. It has
changed if those words differ between the version that the note was written on and the live one, or if the live one no
longer has the heading. Numbers of citations do not count as words. A note on the page as a whole has no section: it
never counts as changed here.
"""

from functools import lru_cache

from content.search import texts

from . import headings
from .headings import Path

REMEMBERED = 64  # texts of versions whose sections are kept: the next look at home needs the same ones


def has_changed(path: Path, *, written_on: int, live: int, before: str, after: str) -> bool:
    """Return whether the section of the heading with this `path` has changed since version `written_on`.

    `before` is the HTML of that version and `after` that of version `live`. If the version that the note was written on
    does not have the heading (its text was redacted), nobody can say what the section was: it counts as changed.
    """
    if not path or not 0 < written_on < live or before == after:
        return False
    now = lines_by_path(after).get(path)
    return now is None or now != lines_by_path(before).get(path)


@lru_cache(REMEMBERED)
def lines_by_path(html: str) -> dict[Path, tuple[str, ...]]:
    """Return the lines of each section of a version's HTML, with the headings and lines below it, by its path.

    Only the sections that can have annotations are there (`headings.find`).
    """
    sections = texts.every_section(html)
    starts = {section.anchor: place for place, section in reversed(list(enumerate(sections)))}
    return {
        heading.path: _lines(sections, starts[heading.id]) for heading in headings.find(html) if heading.id in starts
    }


def _lines(sections: list[texts.Section], start: int) -> tuple[str, ...]:
    """Return the lines of the section at `start` and of those below it."""
    said = list(sections[start].lines)
    for section in sections[start + 1 :]:
        if section.level <= sections[start].level:
            break
        said += [section.heading, *section.lines]
    return tuple(said)
