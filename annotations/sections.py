"""Whether what a note is on has changed since it was written.

A note on a heading is on that section: what is read between the heading and the next one of the same or a higher level.
It has changed if that differs between the version that the note was written on and the live one, or if the live one no
longer has the heading. Numbers of citations do not count, nor does how words are set; cells, lists, pictures and what
is raised, lowered or struck through do. A note on the page as a whole has no section: it never counts as changed here.
"""

import re
from collections.abc import Mapping

from . import headings
from .headings import Path

# What says nothing by itself; any other tag stays, since it may change what is read. Citations, with the way back:
IN_A_LINE = re.compile(
    r'<sup id="fnref.*?</sup>|<a [^>]*footnote-backref.*?</a>|</?(?:a|abbr|code|em|strong)\b[^>]*>|\u2060', re.DOTALL
)
BETWEEN_LINES = re.compile(
    r"</?(?:blockquote|br|caption|dd|div|dl|dt|h[2-6]|hr|p|pre|section|table|tbody|thead|tr|ul)\b[^>]*>"
)


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


def find(html: str) -> dict[Path, str]:
    """Return what is read in each section of `html` that can have annotations, with the sections below it."""
    starts = [(match.end(), match.start(), int(match[1])) for match in headings.HEADING.finditer(html)]
    ends = {}
    for place, (start, _, level) in enumerate(starts):
        ends[start] = next((begins for _, begins, other in starts[place + 1 :] if other <= level), len(html))
    return {heading.path: _read(html[heading.end : ends[heading.end]]) for heading in headings.find(html)}


def _read(html: str) -> str:
    return " ".join(BETWEEN_LINES.sub(" ", IN_A_LINE.sub("", html)).split())
