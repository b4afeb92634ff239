"""Links and pictures that would not be what their writer meant, found in the Markdown with their lines.

The time is in proportion to the length of the text. Headings are looked for in the rendered page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from html import unescape

from . import addresses
from .inline import DESTINATION, TITLE, partners
from .masking import ATTRIBUTE, Prose

ERROR, WARNING = "error", "warning"

DEFINITION = re.compile(r"^[ \t>]*+\[([^\[\]^][^\[\]]*+)\]:[ \t]*+(<[^<>\n]*+>|\S++)", re.MULTILINE)
LABEL = re.compile(r"\[([^\[\]]*+)\](?!:)")
ESCAPED = re.compile(r"\\([\\`*_{}\[\]()>#+.!-])")
AUTOMATIC = re.compile(r"<(ftps?:[^<>]*+)>", re.IGNORECASE)
ID = re.compile(r' id="([^"]+)"')
MOST_SUGGESTIONS, MOST_HEADINGS = 20, 300  # comparing takes long

LEADS_NOWHERE = (
    "“{}” leads nowhere, so readers would see no link. Write /pages/<slug>/, #h-… for a heading on this page, or the "
    "whole address with https://."
)
NO_ADDRESS = "This link has no address. Write one between its ( and ), such as /pages/<slug>/ or https://…"
NO_TEXT = "The link to “{}” has no text, so readers would see its address. Write between [ and ] where it leads."
NO_HEADING = "There is no heading “{}” on this page."
NOT_OURS = (
    "The picture “{}” is not on this site, so readers would see only its description. Write {} and the name of a "
    "picture that is there."
)
HIDDEN_TITLE = "The words in quotes after this address show only under a mouse. Move them into the text."


@dataclass(frozen=True)
class Target:
    """An address that the text gives for a link or a picture. `words` are those of the link, if they are known."""

    position: int
    typed: str
    is_picture: bool = False
    words: str | None = None
    has_title: bool = False


class LinkProblems:
    """Finds what is wrong with the links and pictures of a text. `html` is what was rendered from it."""

    def __init__(self, prose: Prose, html: str) -> None:
        self.prose = prose
        self.html = html
        self.pictures: dict[str, bool] = {}  # whether each is there
        self.suggested = 0

    def find(self) -> Iterator[tuple[int, str, str]]:
        """Yield line, level and message of each problem."""
        for target in (*written(self.prose), *_defined(self.prose), *_in_tags(self.prose)):
            line = self.prose.line_at(target.position)
            if error := self._error(target):
                yield line, ERROR, error
            if target.has_title:
                yield line, WARNING, HIDDEN_TITLE

    def _error(self, target: Target) -> str:
        """Return what is wrong with an address, or an empty text."""
        shown = target.typed if len(target.typed) <= 60 else f"{target.typed[:58]}…"
        if target.is_picture:
            if target.typed not in self.pictures:
                self.pictures[target.typed] = addresses.is_picture_there(target.typed)
            return "" if self.pictures[target.typed] else NOT_OURS.format(shown, addresses.PICTURES)
        if not target.typed:
            return NO_ADDRESS
        if addresses.leads_to(target.typed) is None:
            return LEADS_NOWHERE.format(shown)
        if target.words is not None and not target.words.strip():
            return NO_TEXT.format(shown)
        if target.typed.startswith("#") and target.typed[1:] not in self.ids:
            return f"{NO_HEADING.format(shown)} {self._suggestion(target.typed[1:])}"
        return ""

    @cached_property
    def ids(self) -> dict[str, None]:
        """The ids that the page has, in order."""
        return dict.fromkeys(ID.findall(self.html))

    def _suggestion(self, typed: str) -> str:
        """Return a sentence with the id of the heading that is meant, if there is one like it."""
        self.suggested += 1
        if self.suggested <= MOST_SUGGESTIONS:
            headings = [each for each in self.ids if each.startswith("h-")][:MOST_HEADINGS]
            for meant in (f"h-{typed}", typed):
                if nearest := get_close_matches(meant, headings, 1):
                    return f"Did you mean #{nearest[0]}?"
        return "Write # and the id of a heading on this page."


def written(prose: Prose) -> Iterator[Target]:
    """Yield the targets that are written in the text, as in [words](address)."""
    for begin, masked in _blocks(prose):
        pairs = partners(masked)
        last_link = -1
        for end in sorted(end for end, start in pairs.items() if masked[end] == "]" and masked[start + 1] != "^"):
            start, close = pairs[end], pairs.get(end + 1, -1)
            is_picture = masked[start - 1 : start] == "!" and masked[start - 2 : start - 1] != "\\"
            if masked[end + 1 : end + 2] != "(" or close < 0 or not DESTINATION.fullmatch(masked, end + 2, close):
                continue
            if not is_picture and last_link > start:
                continue  # it contains a link, and so is none
            last_link = last_link if is_picture else start
            title = TITLE.search(masked, end + 2, close)
            typed = _plain(masked[end + 2 : title.start() if title else close])
            words = None if is_picture else masked[start + 1 : end]
            yield Target(begin + end + 2, typed, is_picture, words, title is not None)


def _blocks(prose: Prose) -> Iterator[tuple[int, str]]:
    """Yield the blocks of lines between empty ones, with their positions."""
    begin = position = 0
    for line in [*prose.lines, ""]:
        if not line.strip():
            if begin < position:
                yield begin, prose.text[begin:position]
            begin = position + len(line) + 1
        position += len(line) + 1


def _defined(prose: Prose) -> Iterator[Target]:
    """Yield the targets that have a name, as in [name]: address, if a link uses it."""
    used = {" ".join(label.lower().split()) for label in LABEL.findall(prose.text)}
    for definition in DEFINITION.finditer(prose.text):
        if " ".join(definition[1].lower().split()) in used:
            yield Target(definition.start(2), _plain(definition[2]))


def _in_tags(prose: Prose) -> Iterator[Target]:
    """Yield the targets in HTML."""
    for tag in prose.tags:
        name = {"a": "href", "img": "src"}.get(tag[2].lower())
        for attribute, value in ATTRIBUTE.findall(tag[3]) if name else ():
            if attribute.lower() == name:
                yield Target(tag.start(), unescape(value.strip("\"'")), name == "src")
        if automatic := AUTOMATIC.fullmatch(tag[0]):
            yield Target(tag.start(), automatic[1])


def _plain(typed: str) -> str:
    """Return an address without the signs around it, and without backslashes that only protect a sign."""
    return ESCAPED.sub(r"\1", typed.strip().removeprefix("<").removesuffix(">").strip())
