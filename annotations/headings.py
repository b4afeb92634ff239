"""The headings of a rendered page, and the annotations on them.

A heading is known by its path: the names of the headings from the outermost to its own. Its id will not do: ids are
numbered where a name repeats, and so could come to mean other text without notice. A path that occurs twice is not
used, and neither is one below it, because a part could move from one of the two to the other. Reasons:
docs/decisions/0023-heading-path-and-version.md.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

HEADING = re.compile(r'<h([2-6]) id="(h-[^"]*)">(.*?)</h\1>', re.DOTALL)
TOOLS = re.compile(r'<p class="section-tools">.*?</p></div>', re.DOTALL)  # what the page has beside a heading
NOT_NAME = re.compile(r'<sup id="fnref.*?</sup>|<[^>]*>|\u2060', re.DOTALL)

Path = tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    """One heading: its id on this page, its path, and the position in the HTML where it ends."""

    id: str
    path: Path
    end: int

    @property
    def label(self) -> str:
        """The heading as the reader chooses it in a form."""
        return " › ".join(self.path)


def find(html: str) -> list[Heading]:
    """Return the headings of `html` that can have annotations, in order: those whose path occurs once."""
    around: list[tuple[int, str]] = []
    found = []
    for match in HEADING.finditer(html):
        level, name = int(match[1]), " ".join(unescape(NOT_NAME.sub("", match[3])).split())
        around = [outer for outer in around if outer[0] < level] + [(level, name)]
        found.append(Heading(match[2], tuple(name for _, name in around), match.end()))
    times = Counter(heading.path for heading in found)
    return [heading for heading in found if heading.path[-1] and _is_one(heading.path, times)]


def _is_one(path: Path, times: Mapping[Path, int]) -> bool:
    """Return whether the heading and each heading around it occur once."""
    return all(times[path[:depth]] == 1 for depth in range(1, len(path) + 1))


def place(html: str, headings: list[Heading], pieces: Mapping[Path, str]) -> str:
    """Return `html` with an element below each of `headings`, with the piece of HTML for its path if there is one."""
    parts, position = [], 0
    for heading in headings:
        tools = TOOLS.match(html, heading.end)
        end = tools.end() if tools else heading.end
        piece = pieces.get(heading.path, "")
        path = escape("\n".join(heading.path))
        place_here = f'<div class="here" id="here-{heading.id}" data-path="{path}">{piece}</div>'
        parts += [html[position:end], place_here]
        position = end
    return "".join([*parts, html[position:]])
