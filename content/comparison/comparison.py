"""What changed between two versions of a page as readers meet it: section by section, block by block, word by word.

It compares the HTML that is shown, not what was typed. Texts are never merged: the words that stayed or were removed
are exactly the old text, and those that stayed or were added exactly the new one. Where aligning would take too long,
more is shown as changed than necessary, never less. Reasons: docs/decisions/0061-compare-what-is-read.md.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .blocks import FACT, REFERENCES, Block, Section
from .changes import ADDED, REMOVED, SAME, Change, MovedAway, Part, Place, compare_blocks
from .citations import name_citations, pair_references
from .pairing import pair
from .parsing import read
from .unseen import Unseen
from .words import split_text

START = "Start of the text"

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Reading:
    """What a reader of one version meets: its text as HTML, and the facts beside it, each a name and plain text."""

    facts: Fields
    html: str


@dataclass(frozen=True)
class ComparedSection:
    """A section of both texts, or a fact beside them, with its blocks in order.

    `anchor` is the id of its place on a page that shows the comparison.
    """

    name: str
    kind: str
    parts: tuple[Part, ...]
    anchor: str = ""

    @cached_property
    def changes(self) -> list[Change]:
        """Its blocks that changed."""
        return [part for part in self.parts if isinstance(part, Change) and part.is_here]

    @cached_property
    def whole(self) -> str:
        """`ADDED` or `REMOVED` if that happened to all of it, otherwise empty."""
        kinds = {part.kind if isinstance(part, Change) else SAME for part in self.parts}
        return kinds.pop() if len(kinds) == 1 and kinds & {ADDED, REMOVED} else ""

    @property
    def is_changed(self) -> bool:
        """Whether anything in it changed, came or went."""
        return bool(self.changes) or any(isinstance(part, MovedAway) for part in self.parts)

    @property
    def is_references(self) -> bool:
        """Whether it lists the references."""
        return self.kind == REFERENCES


@dataclass(frozen=True)
class Comparison:
    """The sections of two texts in the order of the new one, the removed ones where they were.

    `renumbered` are citations whose reference stayed but has another number: the old and the new one.
    """

    sections: tuple[ComparedSection, ...]
    renumbered: tuple[tuple[str, str], ...] = ()

    @cached_property
    def changed(self) -> list[ComparedSection]:
        """The sections in which something changed, without the references."""
        return [section for section in self.sections if section.is_changed and not section.is_references]

    @cached_property
    def unchanged(self) -> list[ComparedSection]:
        """The sections in which nothing changed, without the references."""
        return [section for section in self.sections if not section.is_changed and not section.is_references]

    @cached_property
    def references(self) -> ComparedSection | None:
        """The section with the references."""
        return next((section for section in self.sections if section.is_references), None)

    @property
    def changes(self) -> Iterator[tuple[ComparedSection, Change]]:
        """Every block that changed, with its section."""
        for section in self.sections:
            yield from ((section, change) for change in section.changes)

    @cached_property
    def unseen(self) -> list[tuple[Unseen, Place]]:
        """What changed without a visible word, block by block."""
        parts = (part for section in self.sections for part in section.parts if isinstance(part, Change))
        return [found for part in parts for found in part.unseen]

    @cached_property
    def is_seen(self) -> bool:
        """Whether a reader sees any difference in the words or their places."""
        return any(change.is_seen for _, change in self.changes)

    @cached_property
    def has_changes(self) -> bool:
        """Whether anything differs for a reader, seen or not."""
        return any(section.is_changed for section in self.sections) or bool(self.renumbered or self.unseen)


def compare(old: Reading, new: Reading, prefix: str = "") -> Comparison:
    """Compare two readings. The time grows only a little faster than their length.

    A page that shows two comparisons gives one of them a `prefix` for its anchors.
    """
    sections = [*_compare_facts(old.facts, new.facts, prefix)]
    olds, news = read(old.html, START), read(new.html, START)
    references = pair_references(olds, news)
    renumbered = name_citations(olds, news, references)
    sections += _sections(compare_blocks(olds, news, pair(olds, news, references), prefix))
    numbered = (replace(section, anchor=f"{prefix}section-{n}") for n, section in enumerate(sections, start=1))
    return Comparison(tuple(numbered), tuple(renumbered))


# Facts beside the text


def _compare_facts(old: Fields, new: Fields, prefix: str) -> Iterator[ComparedSection]:
    """Yield the facts that differ. One that a side does not have counts as empty there."""
    before, after = dict(old), dict(new)
    for number, name in enumerate(before | after):
        olds, news = (_fact_blocks(name, side.get(name, "")) for side in (before, after))
        if [block.key for block in olds] != [block.key for block in news]:
            parts = compare_blocks(olds, news, pair(olds, news), f"{prefix}fact-{number}-")
            yield ComparedSection(name, FACT, tuple(parts))


def _fact_blocks(name: str, text: str) -> list[Block]:
    section = Section(name, FACT)
    return [Block("p", split_text(part), section, name) for part in text.split("\n\n") if part.strip()]


# Sections


def _sections(parts: Iterable[Part]) -> list[ComparedSection]:
    """Return the sections of blocks in one order. What was removed is in the section that its own became."""
    parts = list(parts)
    became = _sections_that_became(parts)
    order: list[Section] = list(
        dict.fromkeys(part.new.section for part in parts if isinstance(part, Change) and part.new)
    )
    found: dict[Section, list[Part]] = {section: [] for section in order}
    last: Section | None = None
    for part in parts:
        block = (part.change.old or part.change.block) if isinstance(part, MovedAway) else part.block
        section = became.get(block.section, block.section)
        if section not in found:
            found[section] = []
            order.insert(order.index(last) + 1 if last else 0, section)
        found[section].append(part)
        last = section
    return [ComparedSection(section.name, section.kind, tuple(found[section])) for section in order]


def _sections_that_became(parts: Sequence[Part]) -> dict[Section, Section]:
    """Return for sections of the old text those of the new one that have their heading or else most of their blocks.

    The one before the first heading has none.
    """
    became: dict[Section, Section] = {}
    votes: dict[Section, Counter[Section]] = {}
    for part in parts:
        if isinstance(part, Change) and part.old and part.new:
            old, new = part.old, part.new
            if old.tag == new.tag == "h2":
                became[old.section] = new.section
            votes.setdefault(old.section, Counter())[new.section] += 1
    return {section: vote.most_common(1)[0][0] for section, vote in votes.items()} | became
