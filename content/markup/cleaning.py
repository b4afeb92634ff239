"""What saving does to a text: it removes what pasting leaves in it, and gives links between pages the page's title.

The writer is told of each change, with its line. Nothing else of a text is changed: no sign is replaced by one that
looks like it. Reasons: docs/decisions/0063-no-unseen-characters.md.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from accounts.characters import REMOVED, find_unseen, listed

from .masking import Prose
from .rendering import PAGE_ADDRESS

TO_REMOVE = re.compile(f"[{''.join(REMOVED)}]")
# A link between pages, of which the first group is the place of its text, and the second the slug.
WITHOUT_TEXT = re.compile(rf"(?<![!\\])\[([ \t]*)\](?=\([ \t]*<?{PAGE_ADDRESS})")
SIGNS = re.compile(r"[`*_\[\]|]")
ENTITY = re.compile(r"&(?=[#\w])")
MOST_LINES = 20  # that a notice lists


@dataclass(frozen=True)
class Notice:
    """A change that was made to a text, for its writer: the lines, counted from 1, and what changed on them."""

    lines: tuple[int, ...]
    message: str

    def describe(self, offset: int = 0) -> str:
        """Return the notice as a sentence; `offset` is the number of lines above the text, as in a file."""
        lines = [line + offset for line in self.lines]
        return f"line{'s' * (len(lines) > 1)} {listed(lines, MOST_LINES)}: {self.message}"


def clean(text: str, titles: Mapping[str, str]) -> tuple[str, list[Notice]]:
    """Return `text` as it is to be saved, and a notice of each change.

    `titles` are the titles of pages by slug, at least those of `slugs_to_fill`.
    """
    seen, removed = remove_unseen(text)
    filled, notices = _fill_links(seen, titles)
    return filled, [*removed, *notices]


def remove_unseen(text: str) -> tuple[str, list[Notice]]:
    """Return `text` without the characters that pasting leaves in it, and a notice for each kind of them."""
    notices = []
    for character, name in REMOVED.items():
        if count := text.count(character):
            lines = [number for number, line in enumerate(_plain(text).split("\n"), start=1) if character in line]
            noun = f"{count} {name}{'s' * (count > 1)}"
            notices.append(Notice(tuple(lines), f"we removed {noun}, which nobody can see."))
    return TO_REMOVE.sub("", text), notices


def slugs_to_fill(text: str) -> set[str]:
    """Return the slugs of the pages that `text` links to with links that have no text."""
    return {link[2] for link, _ in _find_links(_plain(text))}


def is_made_from(saved: str, typed: str, titles: Mapping[str, Collection[str]]) -> bool:
    """Return whether cleaning could have made `saved` of `typed`, both with plain line breaks.

    `titles` are all titles that the pages may have had then, by slug; a link may also have stayed without text.
    """
    saved, typed = (TO_REMOVE.sub("", text) for text in (saved, typed))
    position = end = 0
    for link, _ in _find_links(typed):
        before = typed[end : link.start(1)]
        texts = [link[1], *(_escape(title) for title in titles.get(link[2], ()))]
        made = next((text for text in texts if saved.startswith(f"{before}{text}](", position)), None)
        if made is None:
            return False
        position, end = position + len(before) + len(made), link.end(1)
    return saved[position:] == typed[end:]


def _find_links(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield each link between pages that has no text, outside code and comments, with its line.

    The search for code takes tabs for spaces, so its positions are not those of `text`, but its links are the same.
    """
    if not WITHOUT_TEXT.search(text):
        return
    prose = Prose(text)
    for link, place in zip(WITHOUT_TEXT.finditer(text), WITHOUT_TEXT.finditer(prose.raw), strict=True):
        if WITHOUT_TEXT.match(prose.text, place.start()):
            yield link, prose.line_at(place.start())


def _fill_links(text: str, titles: Mapping[str, str]) -> tuple[str, list[Notice]]:
    """Return `text` with the page's title in each link between pages that has no text, and a notice for each.

    A title from before titles were checked may contain characters that nobody can see. It fills no link.
    """
    plain = _plain(text)
    kept, notices, end = [], [], 0
    for link, line in _find_links(plain):
        title = titles.get(link[2], "")
        if title and not find_unseen(title):
            kept += [plain[end : link.start(1)], _escape(title)]
            end = link.end(1)
            notices.append(Notice((line,), f"the link to /pages/{link[2]}/ now has the page's title, “{title}”."))
    return ("".join([*kept, plain[end:]]) if notices else text), notices


def _escape(title: str) -> str:
    """Return a title as Markdown that is shown as the title itself."""
    line = ENTITY.sub("&amp;", " ".join(title.split())).replace("<", "&lt;")
    return SIGNS.sub(r"\\\g<0>", line.replace("\\", "&#92;"))  # two of them can start a path


def _plain(text: str) -> str:
    """Return `text` with plain line breaks."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
