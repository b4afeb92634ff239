"""Whether what a note is on has changed since it was written.

A note on a heading is on that section: what is read between the heading and the next one of the same or a higher level.
It has changed if that differs between the version that the note was written on and the live one, or if the live one no
longer has the heading. Numbers of citations do not count, nor does how words are set; cells, lists, pictures and what
is raised, lowered or struck through do. A note on the page as a whole has no section: it never counts as changed here.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from content.models import Rendering, Version

from . import headings
from .headings import Path

# What says nothing by itself; any other tag stays, since it may change what is read. Citations, with the way back:
IN_A_LINE = re.compile(
    r'<sup id="fnref.*?</sup>|<a [^>]*footnote-backref.*?</a>|</?(?:a|abbr|code|em|strong)\b[^>]*>|\u2060', re.DOTALL
)
BETWEEN_LINES = re.compile(r"</?(?:blockquote|br|dd|dl|dt|h[2-6]|hr|p|section)\b[^>]*>")


def has_changed(
    path: Path, *, written_on: int, live: int, before: Mapping[Path, str], after: Mapping[Path, str]
) -> bool:
    """Return whether the section of the heading with this `path` has changed since version `written_on`.

    `before` is what `find` returns for that version and `after` for version `live`. If the version that the note was
    written on does not have the heading (its text was redacted), nobody can say what the section was: it counts as
    changed.
    """
    if not path or not 0 < written_on < live:
        return False
    return path not in after or after[path] != before.get(path)


def of_versions(notes: Mapping[tuple[int, int], Iterable[Any]]) -> "Sections":
    """Return the sections of the versions that notes on headings were written on and of the live ones, in two queries.

    `notes` are a reader's by page id and live number. Nothing is read of a page whose notes were all written on
    its live version.
    """
    needed: set[tuple[int, int]] = set()
    for (page, live), here in notes.items():
        if older := {each.written_on_version for each in here if each.heading and each.written_on_version < live}:
            needed |= {(page, number) for number in older | {live}}
    return Sections(_read_versions(needed) if needed else {})


class Sections:
    """The sections of some versions, by page id and number."""

    def __init__(self, found: Mapping[tuple[int, int], Mapping[Path, str]]) -> None:
        self.found = found

    def has_changed(self, annotation: Any, live: int) -> bool:
        """Return whether the section that an annotation is on has changed, up to version `live` of its page."""
        before, after = ((annotation.page_id, number) for number in (annotation.written_on_version, live))
        return has_changed(
            annotation.heading_path,
            written_on=annotation.written_on_version,
            live=live,
            before=self.found.get(before, {}),
            after=self.found.get(after, {}),
        )


def _read_versions(needed: Collection[tuple[int, int]]) -> dict[tuple[int, int], dict[Path, str]]:
    pages, numbers = {page for page, _ in needed}, {number for _, number in needed}
    rows = Version.objects.filter(page__in=pages, number__in=numbers).values_list("pk", "page", "number")
    which = {pk: (page, number) for pk, page, number in rows if (page, number) in needed}
    html = Rendering.objects.filter(version__in=which).values_list("version", "html")
    return {which[pk]: find(text) for pk, text in html}


def find(html: str) -> dict[Path, str]:
    """Return what is read in each section of `html` that can have annotations, with the sections below it."""
    starts = [(match.end(), match.start(), int(match[1])) for match in headings.HEADING.finditer(html)]
    ends = {}
    for place, (start, _, level) in enumerate(starts):
        ends[start] = next((begins for _, begins, other in starts[place + 1 :] if other <= level), len(html))
    return {heading.path: _read(html[heading.end : ends[heading.end]]) for heading in headings.find(html)}


def _read(html: str) -> str:
    return " ".join(BETWEEN_LINES.sub(" ", IN_A_LINE.sub("", html)).split())
