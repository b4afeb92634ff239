"""What changed although no word did: where a link leads, what an abbreviation means, emphasis, a picture, a list."""

from collections.abc import Iterator
from dataclasses import dataclass

from .blocks import Block, Holder, said
from .stretches import Stretches
from .words import Mark, Word

EMPHASIS = {
    "code": "code", "em": "emphasised", "s": "struck through", "del": "struck through", "strong": "bold",
    "sub": "lowered", "sup": "raised", "ins": "underlined", "mark": "highlighted", "small": "small", "q": "quoted",
    "kbd": "a key",
}  # fmt: skip
PICTURE_FACTS = {"src": "Address", "alt": "Description", "title": "Title"}
FORMS = {
    "dt": "term", "pre": "code", "table": "table", "caption": "caption", "hr": "line", "reference": "reference",
}  # fmt: skip


@dataclass(frozen=True)
class Unseen:
    """Something about a text that was one thing and is another, such as where a link leads.

    `is_everywhere` is whether it is written once and holds for the whole text, as the explanation of an abbreviation.
    """

    what: str
    old: str
    new: str
    is_everywhere: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {self.old} → {self.new}"


Difference = tuple[frozenset[Mark], frozenset[Mark]]


def unseen_in_words(stretches: Stretches) -> Iterator[Unseen]:
    """Yield what changed about the words that stayed. Words next to each other of which the same changed are one."""
    for stretch in stretches:
        if not stretch.is_same:
            continue
        together: list[Word] = []
        difference: Difference | None = None
        for old, new in zip(stretch.old, stretch.new, strict=True):
            found = None if old.runs == new.runs or old.cites else _difference(old, new)
            if found != difference and difference:
                yield from _name(said(together), *difference)
                together = []
            if found:
                together.append(new)
            difference = found
        if difference:
            yield from _name(said(together), *difference)


def unseen_in_block(old: Block, new: Block) -> Iterator[Unseen]:
    """Yield what changed about a block that stayed: the level of a heading, or the list or box it is in."""
    name = start_of(new)
    if old.is_heading and new.is_heading and old.tag != new.tag:
        yield Unseen(f"Level of the heading {name}", old.tag[1:], new.tag[1:])
    elif (was := _place(old)) != (now := _place(new)):
        yield Unseen(f"Form of {name}", was, now)
    old_item, new_item = _item(old), _item(new)
    if old_item and new_item and old_item.number and new_item.number and old_item.skipped != new_item.skipped:
        yield Unseen(f"Number before {name}", str(old_item.number), str(new_item.number))


def start_of(block: Block, length: int = 48) -> str:
    """Return the first words of a block in quotation marks."""
    return quoted(block.text or "a line", length)


def quoted(text: str, length: int = 48) -> str:
    """Return a text in quotation marks, cut after a word if it is longer than `length`."""
    if len(text) > length:
        cut = text[:length].rpartition(" ")[0] or text[:length]
        text = f"{cut.rstrip(' ,;:–-')}…"
    return f"“{text}”"


def _difference(old: Word, new: Word) -> Difference | None:
    before, after = (frozenset(mark for _, marks in word.runs for mark in marks) for word in (old, new))
    if before != after:
        return before - after, after - before
    spread = [[(text.split(), marks) for text, marks in word.runs] for word in (old, new)]
    return (before, before) if spread[0] != spread[1] else None


def _name(text: str, lost: frozenset[Mark], gained: frozenset[Mark]) -> Iterator[Unseen]:
    """Yield what was lost and gained, tag by tag. If both are the same, they are on another part of the word."""
    if lost == gained:
        yield Unseen(f"Emphasis of {quoted(text)}", "on one part", "on another part")
        return
    for tag in sorted({mark.tag for mark in lost | gained}):
        was, now = (next((mark for mark in side if mark.tag == tag), None) for side in (lost, gained))
        if tag == "img":
            yield from _name_picture(was or Mark(tag), now or Mark(tag))
        elif tag == "a":
            yield from _name_facts("Link on", "Title of the link on", text, was, now, "href")
        elif tag == "abbr":
            sides = (_text(was, "title"), _text(now, "title"))
            yield Unseen(f"Explanation of {quoted(text)}", *sides, is_everywhere=True)
        else:
            name = EMPHASIS.get(tag, tag)
            yield Unseen(f"Emphasis of {quoted(text)}", name if was else f"not {name}", name if now else f"not {name}")


def _name_facts(what: str, title: str, text: str, was: Mark | None, now: Mark | None, fact: str) -> Iterator[Unseen]:
    if _fact(was, fact) != _fact(now, fact):
        yield Unseen(f"{what} {quoted(text)}", _fact(was, fact), _fact(now, fact))
    if _fact(was, "title") != _fact(now, "title"):
        yield Unseen(f"{title} {quoted(text)}", _text(was, "title"), _text(now, "title"))


def _name_picture(was: Mark, now: Mark) -> Iterator[Unseen]:
    name = quoted(now.get("alt") or now.get("src") or was.get("src"))
    for fact, what in PICTURE_FACTS.items():
        if was.get(fact) != now.get(fact):
            said = _fact if fact == "src" else _text
            yield Unseen(f"{what} of the picture {name}", said(was, fact), said(now, fact))


def _fact(mark: Mark | None, name: str) -> str:
    return (mark.get(name) if mark else "") or "none"


def _text(mark: Mark | None, name: str) -> str:
    return f"“{mark.get(name)}”" if mark and mark.get(name) else "none"


def _item(block: Block) -> Holder | None:
    """Return the list item that a block begins, if it begins one."""
    item = next((holder for holder in reversed(block.holders) if holder.tag == "li"), None)
    return item if item and item.first is block else None


def _place(block: Block) -> str:
    """Return what a block is, and what it is in, in words."""
    lists = [holder.tag for holder in block.holders if holder.tag in ("ul", "ol")]
    boxes = [holder.kind for holder in block.holders if holder.tag == "box"]
    name = {"ul": "list item", "ol": "numbered item"}[lists[-1]] if lists else FORMS.get(block.tag, "paragraph")
    if len(lists) > 1:
        name += f", {len(lists)} deep"
    if any(holder.tag == "blockquote" for holder in block.holders):
        name += " in a quotation"
    for kind in boxes:
        name += f" in a {kind} box"
    return name
