"""Characters that a text may not contain, because nobody can see them or they change the order of what is seen.

An override of the direction can show 05 as 50. In what people write for themselves, only the characters that change the
direction are refused: languages and emoji need the joiners. In guidance, everything unseen is. Reasons:
docs/decisions/0063-no-unseen-characters.md.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError

EMBEDDINGS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MARKS = frozenset("\u200e\u200f\u061c")
BIDIRECTIONAL = EMBEDDINGS | MARKS
# Usual in text that was pasted: removed when a text is saved, and its writer is told.
REMOVED = {"\u00ad": "soft hyphen", "\u200b": "zero-width space"}
BREAKS = frozenset("\t\n\r")
# Categories of Unicode: controls, formats, private use, surrogates, unassigned, separators of lines and paragraphs.
UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
# Characters of other categories that show nothing, such as fillers and variation selectors. Unicode calls most of them
# Default_Ignorable_Code_Point; the last range is that of a blank pattern of Braille.
BLANK = [
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF), (0x2800, 0x2800),
]  # fmt: skip
LOST = frozenset("\ufffc\ufffd")  # each stands for something that was lost on the way
STYLES = frozenset("\ufe0e\ufe0f")  # after a symbol, as in ⚠️, they choose between a drawing and a letter
NAMES = {
    "Cc": "CONTROL CHARACTER", "Co": "PRIVATE-USE CHARACTER", "Cs": "LONE SURROGATE", "Cn": "UNASSIGNED CHARACTER",
}  # fmt: skip
MOST_PLACES = 10  # that a message lists


@dataclass(frozen=True)
class Unseen:
    """A character that a line may not contain, and where it is: line and places are counted from 1."""

    line: int
    places: tuple[int, ...]
    character: str

    @property
    def where(self) -> str:
        """The places on the line, in words."""
        noun = "character" if len(self.places) == 1 else "characters"
        return f"{noun} {listed(self.places)}"

    @property
    def name(self) -> str:
        """The name and number of the character in Unicode."""
        name = unicodedata.name(self.character, NAMES.get(unicodedata.category(self.character), "CHARACTER"))
        return f"{name} (U+{ord(self.character):04X})"

    @property
    def what(self) -> str:
        """The name of the character, what is wrong with it, and what to do."""
        return f"{self.name}, which {_fault(self.character)}"

    @property
    def sentence(self) -> str:
        """The refusal, for a list that names the line itself."""
        verb = "is" if len(self.places) == 1 else "are"
        return f"{self.where.capitalize()} {verb} {self.what}"

    def __str__(self) -> str:
        return f"Line {self.line}, {self.where}: {self.what}"


def is_unseen(character: str) -> bool:
    """Return whether nobody can see the character, or it changes the order of others: guidance contains none."""
    return (unicodedata.category(character) in UNSEEN and character not in BREAKS) or (
        character in LOST or any(first <= ord(character) <= last for first, last in BLANK)
    )


def find_unseen(text: str) -> list[Unseen]:
    """Return the characters that guidance may not contain, by line."""
    return _find(text, {character for character in set(text) if is_unseen(character)})


def find_bidirectional(text: str) -> list[Unseen]:
    """Return the characters that change the direction of the text, by line: no text may contain one."""
    return _find(text, BIDIRECTIONAL.intersection(text))


def describe_fields(fields: Iterable[tuple[str, str]]) -> list[str]:
    """Return a sentence for each character that guidance may not contain in `fields`, pairs of a name and a text."""
    return [
        f"{name}, line {unseen.line}, {unseen.where}: {unseen.what}"
        for name, text in fields
        for unseen in find_unseen(text)
    ]


def refuse_unseen(text: str) -> None:
    """Raise `ValidationError` if `text` contains a character that guidance may not contain. A validator of fields."""
    _refuse(find_unseen(text))


def refuse_bidirectional(text: str) -> None:
    """Raise `ValidationError` if `text` contains a character that changes its direction. A validator of fields."""
    _refuse(find_bidirectional(text))


def listed(numbers: Iterable[int], most: int = MOST_PLACES) -> str:
    """Return numbers in words, like “3, 8 and 12”, and no more than `most` of them."""
    said = [str(number) for number in numbers]
    if len(said) > most:
        said[most:] = [f"{len(said) - most} more"]
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def _refuse(found: list[Unseen]) -> None:
    said = [str(unseen) for unseen in found[:MOST_PLACES]]
    if more := found[MOST_PLACES:]:
        said.append(f"There are such characters in {len(more)} more places.")
    if said:
        raise ValidationError(said)


def _find(text: str, refused: Collection[str]) -> list[Unseen]:
    """Return where `text` contains one of the `refused` characters, grouped by line and character."""
    if not refused:
        return []
    places: dict[tuple[int, str], list[int]] = {}
    one = re.compile(f"[{re.escape(''.join(sorted(refused)))}]")
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        for match in one.finditer(line):
            if not _styles_a_symbol(line, match.start()):
                places.setdefault((number, match[0]), []).append(match.start() + 1)
    return [Unseen(line, tuple(where), character) for (line, character), where in places.items()]


def _styles_a_symbol(line: str, position: int) -> bool:
    """Return whether the character is part of a symbol such as ⚠️, and stands directly behind it."""
    if line[position] not in STYLES or position == 0:
        return False
    before = line[position - 1]
    return not before.isascii() and unicodedata.category(before) in ("So", "Sm")


def _fault(character: str) -> str:
    """Return what is wrong with a character, and what to do about it."""
    if character in EMBEDDINGS:
        return "can show 05 as 50. Delete it."
    if character in MARKS:
        return "can change the order of what is shown. Delete it."
    if character in REMOVED:
        return "nobody can see. Save the text again to remove it."
    match unicodedata.category(character):
        case "Zl" | "Zp":
            return "starts no new line here. Delete it and press Enter instead."
        case "Co":
            return "each font shows as something else. Type the sign that you mean."
        case "Cn" | "Cs":
            return "no font can show. Type the sign that you mean."
    if character in LOST:
        return "stands for something that was lost. Type what should be here."
    return "nobody can see. Delete it."
