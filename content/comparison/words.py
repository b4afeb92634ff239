"""The words of a text as they are compared: a number stays whole, with its sign, range, unit and how often.

So 5 mg → 50 mg reads as one dose for another, and never as an added 0.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

NUMBER = r"""
    (?: \.?\d+ (?:[.,:/]\d+){0,6} (?:[ \u00a0\u2009\u202f]\d{3}(?!\d)){0,4} [¼½¾⅓⅔]?
        (?: \^[-−]?\d+ | [⁰¹²³⁴-⁹⁻]+ | <sup>[^<>\s]{1,8}</sup> )?
      | [¼½¾⅓⅔] )"""
UNIT = r"""
    (?: % | ‰ | °\s?[CF]? | [kmµμn]?cg | (?:kilo|milli|micro|nano|pico)?gram(?:me)?s? | [kmµμnp]?g
      | (?:milli|micro|deci|centi)?lit(?:re|er)s? | [mµμdcf]?[lL] | (?:milli|micro|nano|pico|[mµμnp])?mol(?:es?)?
      | m?Eq | (?:international\s)?units? | [kmM]?[IU]U? | [kMG]?Bq | [mc]?Gy | mmHg | cmH2O | kPa | [kcmµμn]?m[²³23]?
      | k?cal | k?J | bpm | k?Hz | m?s(?:ec)?s? | seconds? | min(?:ute)?s? | h(?:ou)?rs? | h | days? | nights?
      | weeks? | fortnights? | months? | years? | times | doses? | tablets? | capsules? | puffs? | drops? | sachets?
      | vials? | ampoules? | cycles? )"""
PER = r"""
    (?: \s?/\s?(?:[\d.]{1,6}\s?)?[^\W\d]+[²³23]? | \sper\s[^\W\d]+
      | \s(?:an?|each|every)\s(?:minute|hour|day|night|week|fortnight|month|year|dose) )"""
QUANTITY = rf"""
    (?: (?:[<>≤≥≈~=±]|&[lg][te];){{1,3}}\s? | [+−-] )?
    {NUMBER} (?:\s?{UNIT}(?!\w))? (?:(?:\s?[–—−×x-]\s?|\sto\s){NUMBER})?
    (?:\s?{UNIT}(?!\w))? {PER}{{0,4}} (?!\w)"""  # its comparator; its range; its unit and how often
ADDRESS = r"https?://[^\s<>()]+"
LETTERS = r"\w+ (?:[-'’–/]\w+)*"
TOKEN = re.compile(rf"{ADDRESS} | {QUANTITY} | {LETTERS} | ([^\w\s]) \1*", re.VERBOSE)

# Words that say how much or how often. They are counted as numbers when they change.
_NUMERALS = """
    zero nil none one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million once
    twice thrice half halve halved third quarter double doubled triple single
"""
_FREQUENCIES = """
    hourly daily nightly weekly fortnightly monthly yearly annually alternate
    od bd bid tds tid qds qid qqh prn stat mane nocte
"""
NUMERAL = frozenset((_NUMERALS + _FREQUENCIES).split())
SIGNS = frozenset("<>≤≥≈=±×÷+−%‰")
_WHOLE_UNIT = re.compile(rf"(?!M?I$) {UNIT} (?:{PER})*", re.VERBOSE)  # MI is a heart attack
_LETTER_PARTS = re.compile(r"[-'’–/]")

_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


@dataclass(frozen=True)
class Mark:
    """What an element inside a line says about its words: a link, emphasis, an abbreviation, a picture.

    `facts` are its attributes that a reader meets, sorted by name.
    """

    tag: str
    facts: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """Return an attribute, or an empty string if it has none of this name."""
        return dict(self.facts).get(name, "")


PICTURE = "\ufffc"  # the key of every picture: another in its place is the same word with other facts
Marks = tuple[Mark, ...]
Run = tuple[str, Marks]


@dataclass(eq=False)
class Word:
    """A word, number, sign, picture or citation, with the spacing before it.

    `runs` are its text, divided where marks begin or end. `cites` is the key of the reference that a citation names.
    Words are the same if their `key` is the same.
    """

    space: str
    runs: tuple[Run, ...]
    cites: str = ""
    key: str = field(default="")

    def __post_init__(self) -> None:
        self.key = self.key or " ".join(self.plain.split())

    @property
    def text(self) -> str:
        """What is read, without marks. A picture has no text."""
        return self.runs[0][0] if len(self.runs) == 1 else "".join(text for text, _ in self.runs)

    @property
    def plain(self) -> str:
        """What is read, with raised and lowered letters in characters of their own: 10⁹ is not 109."""
        if self.key == PICTURE:
            return f"picture {self.runs[0][1][-1].get('alt')}".rstrip()
        if len(self.runs) == 1 and not self.runs[0][1]:
            return self.runs[0][0]
        return "".join(_in_characters(text, marks) for text, marks in self.runs)

    @cached_property
    def is_number(self) -> bool:
        """Whether it is a number or dose, or says how much or how often. A citation is none."""
        return not self.cites and is_number(self.key)

    @cached_property
    def shape(self) -> str:
        """The word with # for its numbers, by which blocks are recognised although doses changed."""
        return _shape(self.key) if self.is_number else self.key


@lru_cache(maxsize=4096)
def is_number(key: str) -> bool:
    """Return whether a word is a number or dose, or a word or sign that says how much or how often."""
    if any(map(str.isnumeric, key)) or key[0] in SIGNS:
        return True
    lowered = key.lower()
    if lowered in NUMERAL or _WHOLE_UNIT.fullmatch(key):
        return True
    return any(part in NUMERAL for part in _LETTER_PARTS.split(lowered))


@lru_cache(maxsize=4096)
def _shape(key: str) -> str:
    if any(map(str.isnumeric, key)):
        return re.sub(r"\d+(?:[.,]\d+)*", "#", key)
    return "#"


def _in_characters(text: str, marks: Marks) -> str:
    for mark in marks:
        if mark.tag in ("sup", "sub"):
            sign, table = ("^", _RAISED) if mark.tag == "sup" else ("_", _LOWERED)
            return text.translate(table) if all(ord(letter) in table for letter in text) else f"{sign}({text})"
    return text


def split(runs: Iterable[Run | Word]) -> list[Word]:
    """Divide a line into words. A `Word` among the runs, such as a citation, stays as it is and ends the one before.

    All text is in the words or in the spacing before them, except spacing at the end.
    """
    words: list[Word] = []
    space, stretch = "", list[Run]()
    for run in [*runs, None]:
        if isinstance(run, tuple):
            stretch.append(run)
            continue
        found, left = _split_stretch(stretch, space)
        words += found
        space, stretch = left, []
        if run is not None:
            run.space, space = space, ""
            words.append(run)
    return words


def split_text(text: str) -> list[Word]:
    """Divide plain text into words."""
    return split([(text, ())])


def _split_stretch(runs: list[Run], space: str) -> tuple[list[Word], str]:
    """Return the words of a stretch of text that begins with `space`, and the spacing after the last."""
    text = "".join(text for text, _ in runs)
    words, end = [], 0
    parts = _Parts(runs)
    for match in TOKEN.finditer(text):
        words.append(Word(space + text[end : match.start()], parts.between(*match.span())))
        space, end = "", match.end()
    return words, space + text[end:]


class _Parts:
    """The runs of a text, taken piece by piece from its start."""

    def __init__(self, runs: list[Run]) -> None:
        self.bounds = list(_bounds(runs))
        self.at = 0

    def between(self, start: int, end: int) -> tuple[Run, ...]:
        """Return the runs between two places. Each call starts where the last one ended, or later."""
        parts = []
        while self.bounds[self.at][1] <= start:
            self.at += 1
        place = self.at
        while place < len(self.bounds) and self.bounds[place][0] < end:
            first, _, text, marks = self.bounds[place]
            parts.append((text[max(0, start - first) : end - first], marks))
            place += 1
        return tuple(parts)


def _bounds(runs: list[Run]) -> Iterator[tuple[int, int, str, Marks]]:
    at = 0
    for text, marks in runs:
        if text:
            yield at, at + len(text), text, marks
        at += len(text)
