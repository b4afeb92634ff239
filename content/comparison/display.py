"""A comparison as HTML: sections as they read, with what changed marked in place.

Lists and boxes are opened and closed around the blocks that are in them, of whichever text; a list item or a box that
is interrupted continues afterwards. All HTML is written here, in `inline` and in `table_html`, from escaped
text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeGuard

from .blocks import FACT, HEADINGS, Block, Holder
from .changes import ADDED, REMOVED, Change, MovedAway, Part
from .comparison import ComparedSection, Comparison
from .inline import change_tag, start_tag, stretches_html, whole_html
from .summary import Topic, count_references, summarise
from .table_html import table_html
from .unseen import start_of

CONTEXT = 1  # unchanged blocks shown on either side of a change
FOLD_FROM = 3  # unchanged blocks: fewer than this are not folded
BOXES = frozenset(("note", "warning", "important", "tip", "caution", "danger"))


@dataclass(frozen=True)
class ShownSection:
    """A section as safe HTML, with how many of its blocks changed."""

    name: str
    anchor: str
    html: str
    count: int


@dataclass(frozen=True)
class Shown:
    """What a page shows of a comparison: the summary, the sections that changed, the others, and the references.

    `is_seen` is whether a word changed or moved, and `has_changes` whether anything did.
    """

    topics: list[Topic]
    changed: list[ShownSection]
    unchanged: list[ShownSection]
    references: ShownSection | None
    references_lead: str
    is_seen: bool
    has_changes: bool


def show(comparison: Comparison) -> Shown:
    """Return what a page shows of a comparison."""
    references = comparison.references
    changed = references if references and references.is_changed else None
    unchanged = [*comparison.unchanged, *([references] if references and not changed else [])]
    return Shown(
        summarise(comparison),
        [_show(section) for section in comparison.changed],
        [_show(section) for section in unchanged],
        _show(changed) if changed else None,
        count_references(changed) or "References: what changed cannot be seen",
        comparison.is_seen,
        comparison.has_changes,
    )


def _show(section: ComparedSection) -> ShownSection:
    return ShownSection(section.name, section.anchor, section_html(section), len(section.changes))


def section_html(section: ComparedSection) -> str:
    """Return a section as HTML: its heading, and its blocks in order. The unchanged ones between changes are folded."""
    heading, parts = _heading_html(section)
    writer = _Writer(_holders_that_became(parts), section.whole)
    for is_folded, group in _folded(parts) if section.is_changed else [(False, parts)]:
        if is_folded:
            writer.fold(group)
        else:
            writer.write(group)
    html = writer.finish()
    return heading + (f'<div class="whole {section.whole}">{html}</div>' if section.whole else html)


def _heading_html(section: ComparedSection) -> tuple[str, Sequence[Part]]:
    """Return the heading of a section, and the parts that are left."""
    said = section.whole.capitalize() if section.kind == FACT else f"Section {section.whole}"
    tag = f" {change_tag(section.whole, said)}" if section.whole else ""
    first = next((part for part in section.parts if _is_name(part, section)), None)
    if first is None:
        return f'<h2 id="{section.anchor}">{escape(section.name)}{tag}</h2>', section.parts
    if first.is_moved:
        tag += f" {change_tag('moved', 'Moved')}"
    elif first.kind in (ADDED, REMOVED) and not section.whole:
        tag += f" {change_tag(first.kind, f'Heading {first.kind}')}"
    heading = f'<h2 id="{section.anchor}"><span id="{first.anchor}">{_words_html(first)}</span>{tag}</h2>'
    return heading + _unseen_html(first), [part for part in section.parts if part is not first]


def _is_name(part: Part, section: ComparedSection) -> TypeGuard[Change]:
    """Return whether a part is the heading of a section, and not another one that was removed from it."""
    return isinstance(part, Change) and part.block.tag == "h2" and bool(part.new or section.whole)


def _folded(parts: Sequence[Part]) -> Iterator[tuple[bool, Sequence[Part]]]:
    """Yield stretches of parts, and whether each is folded."""
    stays = [isinstance(part, Change) and not part.is_here for part in parts]
    start = 0
    while start < len(parts):
        end = start + 1
        while end < len(parts) and stays[end] == stays[start]:
            end += 1
        before, after = (CONTEXT if start else 0), (CONTEXT if end < len(parts) else 0)
        if stays[start] and end - start - before - after >= FOLD_FROM:
            yield False, parts[start : start + before]
            yield True, parts[start + before : end - after]
            yield False, parts[end - after : end]
        else:
            yield False, parts[start:end]
        start = end


def _holders_that_became(parts: Sequence[Part]) -> dict[Holder, Holder]:
    """Return for lists and boxes of the old text those of the new text that have blocks of theirs."""
    became: dict[Holder, Holder] = {}
    for part in parts:
        if isinstance(part, Change) and part.old and part.new and not part.is_moved:
            for old, new in zip(part.old.holders, part.new.holders, strict=False):
                if old.tag != new.tag:
                    break
                became.setdefault(old, new)
    return became


class _Writer:
    """Writes blocks one after another, each inside the lists and boxes it is in."""

    def __init__(self, became: dict[Holder, Holder], whole: str = "") -> None:
        self.became, self.whole = became, whole
        self.out: list[str] = []
        self.open: list[Holder] = []
        self.begun: set[Holder] = set()
        self.run = ""  # the kind of the block before, if it was added, removed or moved as a whole

    def finish(self) -> str:
        """Return the HTML of what was written. Nothing can be written after it."""
        self._close(0)
        return "".join(self.out)

    def fold(self, parts: Sequence[Part]) -> None:
        """Write blocks that are shown only if the reader asks for them."""
        self._close(0)
        self.out.append(f'<details class="comparison-fold"><summary>{len(parts)} unchanged paragraphs</summary>')
        self.write(parts)
        self._close(0)
        self.out.append("</details>")

    def write(self, parts: Sequence[Part]) -> None:
        """Write blocks after those before them."""
        for part in parts:
            if isinstance(part, MovedAway):
                self._enter(part.change.old or part.change.block)
                self.out.append(_moved_away_html(part.change))
                self.run = ""
            else:
                self._enter(part.block)
                self.out.append(self._block_html(part))

    def _enter(self, block: Block) -> None:
        holders = [self.became.get(holder, holder) for holder in block.holders if _element(holder)]
        same = 0
        while same < min(len(holders), len(self.open)) and holders[same] is self.open[same]:
            same += 1
        self._close(same)
        for holder in holders[same:]:
            self.out.append(_start_tag(holder, is_continued=holder in self.begun))
            self.begun.add(holder)
            self.open.append(holder)

    def _close(self, depth: int) -> None:
        while len(self.open) > depth:
            self.out.append(f"</{_element(self.open.pop())}>")

    def _block_html(self, change: Change) -> str:
        kind = "moved" if change.is_moved else change.kind
        is_whole = kind in (ADDED, REMOVED, "moved")
        html = _leaf_html(change) + _unseen_html(change)
        if not is_whole or self.whole:
            self.run = ""
            return html
        said = _whole_name(change)
        tag = f'<span class="comparison-said">{said}: </span>' if self.run == said else change_tag(kind, said)
        self.run = said
        return f'<div class="whole {kind}">{tag}{html}</div>'


def _whole_name(change: Change) -> str:
    if not change.is_moved:
        return change.kind.capitalize()
    old, new = change.old, change.new
    if old and new and old.heading != new.heading and not new.is_heading:
        return f"Moved from “{old.heading}”"
    return "Moved"


def _leaf_html(change: Change) -> str:
    block = change.block
    if change.table:
        return table_html(change)
    if block.tag == "hr":
        return "<hr>"
    tag = block.tag if block.tag in (*HEADINGS, "dt", "pre") else "div" if block.tag in ("", "reference") else "p"
    html = _words_html(change)
    start = start_tag(tag, id=change.anchor, class_="admonition-title" if block.tag == "title" else "")
    return f"{start}{html}</{tag}>"


def _words_html(change: Change) -> str:
    if change.kind in (ADDED, REMOVED):
        return whole_html(change.block.words, is_added=change.kind == ADDED)
    return stretches_html(change.stretches)


def _moved_away_html(change: Change) -> str:
    block = change.block
    where = f"to “{block.heading}”" if change.old and change.old.heading != block.heading else "in this section"
    said = f"{start_of(change.old or block)} moved {where}"
    return f'<p class="moved-away"><a href="#{change.anchor}">{escape(said)}</a></p>'


def _unseen_html(change: Change) -> str:
    return "".join(f'<p class="behind">{escape(str(each))}</p>' for each, _ in change.unseen if not each.is_everywhere)


# What blocks are in


def _element(holder: Holder) -> str:
    """Return the element for what blocks are in, or an empty string if it needs none."""
    if holder.tag == "box":
        return "div"
    return holder.tag if holder.tag in ("ul", "ol", "li", "dl", "dd", "blockquote") else ""


def _start_tag(holder: Holder, *, is_continued: bool) -> str:
    if holder.tag == "box":
        kinds = " ".join(kind for kind in holder.kind.split() if kind in BOXES)
        return f'<div class="admonition {kinds}">'
    if holder.tag == "li":
        return start_tag("li", value=str(holder.number or ""), class_="continued" if is_continued else "")
    return f"<{holder.tag}>"
