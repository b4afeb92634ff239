"""What changed between two texts as they were typed: for editors, who have to put one into the other.

First by block, then by word inside a changed block; a number stays whole. Texts are never merged: the pieces that are
the same or removed are exactly the old text, and those that are the same or added exactly the new one. Where aligning
would take too long, more is shown as changed than necessary, never less.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from .alignment import align, gaps
from .likeness import alike, share_words
from .words import ADDRESS, LETTERS, QUANTITY

SAME, REMOVED, ADDED, CHANGED, FOLDED = "same", "removed", "added", "changed", "folded"
CONTEXT = 1  # unchanged blocks shown on either side of a change
SHORT = 24  # characters, in bold at 320 px
FOLD_FROM = 3  # unchanged blocks: fewer than this are not folded

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Piece:
    """Words that are in both texts (`same`), only in the old one (`removed`) or only in the new one (`added`)."""

    kind: str
    text: str

    @property
    def is_spacing(self) -> bool:
        """Whether the piece has no words: spaces and line breaks between words mean nothing in Markdown."""
        return not self.text.strip()

    @property
    def is_short(self) -> bool:
        """Whether the piece fits on one line of the narrowest screen, as a dose should."""
        return len(self.text) <= SHORT


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list item or table row: `same`, `changed` in part, or `removed` or `added` as a whole.

    `heading` is the heading above it. `old_line` and `new_line` are where it starts in each text, counted from 1, or 0
    if it is not in that text.
    """

    pieces: tuple[Piece, ...]
    heading: str
    old_line: int
    new_line: int

    @property
    def kind(self) -> str:
        """`SAME`, `CHANGED`, `REMOVED` or `ADDED`.

        Changed spacing between words is no change. Changed indentation is one, because it says what belongs to what.
        """
        kinds = {piece.kind for piece in self.pieces if not piece.is_spacing}
        return CHANGED if len(kinds) > 1 else kinds.pop() if kinds else SAME

    @property
    def is_heading(self) -> bool:
        """Whether the block is itself a heading."""
        return any(HEADING.match(piece.text) for piece in self.pieces)

    @property
    def depth(self) -> int:
        """How deep the block is in a list or box, from 0 to 3."""
        text = self.pieces[-1].text if self.kind == ADDED else self.pieces[0].text
        text = text.lstrip("\n")
        return min(3, (len(text) - len(text.lstrip(" "))) // 4)

    @property
    def shown(self) -> list[Piece]:
        """The pieces to show: changed spacing is not marked, and nothing follows the last word."""
        pieces = [Piece(SAME, " ") if piece.is_spacing else piece for piece in self.pieces]
        if self.kind in (REMOVED, ADDED):
            pieces = [Piece(piece.kind, piece.text.strip(" ")) for piece in pieces if not piece.is_spacing]
        while pieces and pieces[-1].is_spacing:
            pieces.pop()
        return [*pieces[:-1], *(Piece(last.kind, last.text.rstrip()) for last in pieces[-1:])]


@dataclass(frozen=True)
class Fold:
    """Unchanged blocks that are folded to one line; `count` is how many."""

    count: int
    kind: str = FOLDED


@dataclass(frozen=True)
class Comparison:
    """The blocks of two texts, in order, with what changed."""

    blocks: tuple[Block, ...]

    @property
    def has_changes(self) -> bool:
        """Whether any word changed. Texts that differ only in spacing have no changes."""
        return any(block.kind != SAME for block in self.blocks)

    @property
    def parts(self) -> list[Block | Fold]:
        """The blocks to show, with long unchanged stretches folded."""
        parts: list[Block | Fold] = []
        stretches = [list(stretch) for _, stretch in groupby(self.blocks, lambda block: block.kind == SAME)]
        for number, stretch in enumerate(stretches):
            before = CONTEXT if number > 0 else 0
            after = CONTEXT if number < len(stretches) - 1 else 0
            folded = len(stretch) - before - after
            if stretch[0].kind != SAME or folded < FOLD_FROM:
                parts += stretch
            else:
                parts += [*stretch[:before], Fold(folded), *stretch[len(stretch) - after :]]
        return [part for part in parts if isinstance(part, Fold) or part.shown]


@dataclass(frozen=True)
class Field:
    """A field that differs, under the name that readers know."""

    name: str
    comparison: Comparison


def compare_fields(old: Fields, new: Fields) -> list[Field]:
    """Compare the texts under each name, and return the fields that differ, in their order.

    Each side is pairs of name and text. A name that one side does not have counts as empty there.
    """
    before, after = dict(old), dict(new)
    texts = {name: (before.get(name, ""), after.get(name, "")) for name in before | after}
    return [Field(name, compare(*pair)) for name, pair in texts.items() if pair[0] != pair[1]]


def compare(old: str, new: str) -> Comparison:
    """Compare any two texts, Markdown or plain. The time grows only a little faster than their length."""
    olds, news = _split(old), _split(new)
    return Comparison(tuple(_compare_blocks(before, after) for before, after in _pair_blocks(olds, news)))


# Blocks

STARTS = re.compile(r"\s*(#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|\||!!!|>|:\s|\[\^[^\[\]]*\]:|\*\[[^\[\]]*\]:)")
ONE_LINE = re.compile(r"\s*(#{1,6}\s|\||!!!)")
HEADING = re.compile(r"#{1,6}\s")


@dataclass(frozen=True)
class _Passage:
    """A block of one text, with the blank lines after it and the line, counted from 1, where it starts."""

    text: str
    line: int
    heading: str

    @cached_property
    def tokens(self) -> list[tuple[str, str]]:
        """The block's words, each as a pair of the spacing before it and the word.

        The first word includes its indentation, which says what list or box the block belongs to.
        """
        tokens = [(match[1], match[2]) for match in TOKEN.finditer(self.text.rstrip())]
        if tokens:
            space, word = tokens[0]
            cut = space.rfind("\n") + 1
            tokens[0] = space[:cut], space[cut:] + word
        return tokens

    @property
    def end(self) -> str:
        """The spacing after the last word."""
        return self.text[len(self.text.rstrip()) :]

    @cached_property
    def keys(self) -> list[str]:
        """The words as they are compared: spacing inside a word, as in 5 mg, may differ."""
        return [word[: len(word) - len(word.lstrip())] + " ".join(word.split()) for _, word in self.tokens]

    @cached_property
    def words(self) -> list[str]:
        """The words without marks, by which blocks are recognised."""
        return [key for key in self.keys if any(map(str.isalnum, key))]


NOTHING = _Passage("", 0, "")


def _split(text: str) -> list[_Passage]:
    """Split a text into blocks, which together are exactly the text."""
    groups: list[tuple[int, list[str]]] = []
    begins = True
    for number, line in enumerate(text.split("\n"), start=1):
        is_blank = not line.strip()
        if not groups or (not is_blank and (begins or STARTS.match(line))):
            groups.append((number, []))
        groups[-1][1].append(line)
        begins = is_blank or bool(ONE_LINE.match(line))
    passages, heading = [], ""
    for number, lines in groups:
        if HEADING.match(lines[0]):
            heading = lines[0].strip("# \t\r")
        end = "\n" if number != groups[-1][0] else ""
        passages.append(_Passage("\n".join(lines) + end, number, heading))
    return [passage for passage in passages if passage.text]


def _pair_blocks(olds: list[_Passage], news: list[_Passage]) -> Iterator[tuple[_Passage, _Passage]]:
    """Yield every block of both texts in order, each beside the block it was or became, or `NOTHING`."""
    equal = align([each.text.strip("\n") for each in olds], [each.text.strip("\n") for each in news])
    for i, k, j, m in gaps(equal, len(olds), len(news)):
        before, after = olds[i:k], news[j:m]
        became = alike(before, after, lambda each: each.words, _are_alike) if before and after else []
        for a, c, b, d in gaps(became, len(before), len(after)):
            yield from ((each, NOTHING) for each in before[a:c])
            yield from ((NOTHING, each) for each in after[b:d])
            if c < len(before) and d < len(after):
                yield before[c], after[d]
        if k < len(olds) and m < len(news):
            yield olds[k], news[m]


def _are_alike(old: _Passage, new: _Passage) -> bool:
    return share_words(old.words, new.words)


def _compare_blocks(old: _Passage, new: _Passage) -> Block:
    return Block(tuple(_pieces(old, new)), (new if new.text else old).heading, old.line, new.line)


# Words

SPACING = re.compile(r"(\s+)")
TOKEN = re.compile(
    rf"""
    (\s*)
    ( </?[a-zA-Z][^<>]*>                       # a tag
    | \[\^[^\[\]\s]*\]:?                       # a citation or its reference
    | \]\([^()\s]*\) | {ADDRESS}
    | {QUANTITY}
    | {LETTERS}
    | ([^\w\s]) \3* )                         # a mark
    """,
    re.VERBOSE,
)


def _pieces(old: _Passage, new: _Passage) -> list[Piece]:
    """Return the pieces of both blocks, word by word."""
    pieces: list[Piece] = []
    if not old.text or not new.text or old.text == new.text:
        _add(pieces, old.text, new.text)
        return pieces
    for i, k, j, m in gaps(align(old.keys, new.keys), len(old.keys), len(new.keys)):
        removed, added = ("".join(map("".join, words)) for words in (old.tokens[i:k], new.tokens[j:m]))
        old_space, new_space = (words[0][0] if words else "" for words in (old.tokens[i:k], new.tokens[j:m]))
        _add(pieces, old_space, new_space)
        pieces += [Piece(REMOVED, removed[len(old_space) :])] if removed else []
        pieces += [Piece(ADDED, added[len(new_space) :])] if added else []
        if k < len(old.keys) and m < len(new.keys):
            _add(pieces, old.tokens[k][0], new.tokens[m][0])
            for was, now in zip(*(SPACING.split(side.tokens[at][1]) for side, at in ((old, k), (new, m))), strict=True):
                _add(pieces, was, now)
    _add(pieces, old.end, new.end)
    return pieces


def _add(pieces: list[Piece], old: str, new: str) -> None:
    """Add the old and new text of one place to `pieces`, joining text that stayed to such a piece before it."""
    if old != new:
        pieces += [Piece(kind, text) for kind, text in ((REMOVED, old), (ADDED, new)) if text]
    elif old and pieces and pieces[-1].kind == SAME:
        pieces[-1] = Piece(SAME, pieces[-1].text + old)
    elif old:
        pieces.append(Piece(SAME, old))
