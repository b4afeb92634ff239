"""UK phone numbers in a reader's plain text.

A number starts with 0 or +44, followed by groups of at least two digits. A number that phonenumbers knows counts
however it is grouped. One that it does not know (its list may lag behind, and lacks some of Ofcom's numbers for drama)
counts if it is grouped as UK numbers are, or not grouped at all. Short numbers and extensions do not count, and neither
does a number after a word such as bleep, order or ISBN. After "hospital number", a grouped number may be the
switchboard's and counts, unless a colon comes between. Reasons: docs/decisions/0024-what-becomes-a-link.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

SPACES = " \u00a0\u2007\u2009\u202f"
HYPHENS = "-\u2010\u2011\u2012\u2013"
LENGTHS = (10, 9, 7)  # digits after the 0 or +44; the longest that fits is used
IN_USUAL_GROUPS = re.compile(r"2\d ?\d{4} ?\d{4}|(?:1\d1|11\d|[389]\d\d) ?\d{3} ?\d{4}|[17]\d{3} ?\d{3} ?\d{3}")

_gap = f"[{SPACES}]?[{HYPHENS}.]?[{SPACES}]?"
_candidate = re.compile(
    rf"(?:(?<![\w+])(?=[0+])|(?=\())"
    rf"(?:\(?(?:\+|00[{SPACES}]?)44\)?{_gap}(?:\(0\){_gap}|0)?|\(0\){_gap}|\(?0)"
    rf"(?P<number>[0-9]{{2,}}+(?:\)?{_gap}[0-9]{{2,}}+){{0,5}})"
)
_continues_a_number = re.compile(f"[0-9][{HYPHENS}.]")
_ends_well = re.compile(r"(?![\w@])|(?:x|ext|extn|extension)\.?\s?[0-9]", re.IGNORECASE)
_names_another_number = re.compile(r"\b(?:hosp|hospital|nhs)\W{0,2}(?:no|num|number)\W{0,3}$", re.IGNORECASE)
_never_dialled = re.compile(
    r"\b(?:bleeps?|blp|pagers?|page|isbn|pmid|mrn|lots?|batch|id|account|acct|order|ref|reference)"
    r"(?:[^\w\n]{1,2}(?:no|num|number|id))?[^\w\n]{0,3}\Z|\b(?:hosp|hospital|nhs)\W{0,2}(?:no|num|number): ?\Z",
    re.IGNORECASE,
)
_doi = re.compile(r"\b10\.[0-9]{4,9}/\S+")


@dataclass(frozen=True)
class Phone:
    """A phone number in a text: where it starts and ends, and how to dial it from anywhere (E.164, no extension)."""

    start: int
    end: int
    dialled: str


def find(text: str) -> Iterator[Phone]:
    """Yield the UK phone numbers in `text`, in order. Two numbers side by side are two."""
    position = last_end = 0
    dois = [match.span() for match in _doi.finditer(text)]
    while candidate := _candidate.search(text, position):
        start = candidate.start()
        position = max(start + 1, candidate.start("number"))
        if start - 1 != last_end and _continues_a_number.fullmatch(text, max(0, start - 2), start):
            continue
        if any(begin <= start < end for begin, end in dois):
            continue
        if phone := _first_in(candidate):
            yield phone
            position = last_end = phone.end


def _first_in(candidate: re.Match[str]) -> Phone | None:
    """Return the longest phone number that starts the candidate and ends where a group of digits ends, or None."""
    text, start, offset = candidate.string, candidate.start(), candidate.start("number")
    groups: list[str] = []
    numbers = {}  # by the number of digits after the 0 or +44
    for match in re.finditer("[0-9]+", candidate["number"]):
        groups.append(match[0])
        numbers[sum(map(len, groups))] = (offset + match.end(), list(groups))
    for end, written in (numbers[length] for length in LENGTHS if length in numbers):
        opening = _opening(text[start:end])
        if opening is not None and _ends_well.match(text, end) and _is_known(written):
            is_other = _never_dialled.search(text, max(0, start - 30), start) or (
                len(written) == 1 and _names_another_number.search(text, max(0, start - 30), start)
            )
            return None if is_other else Phone(start + opening, end, "+44" + "".join(written))
    return None


def _opening(written: str) -> int | None:
    """Return 1 if the number starts with a bracket that is never closed, else 0; None if brackets do not match."""
    bracketed = written.replace("(0)", "", 1)
    if bracketed.count(")") > bracketed.count("("):
        return None
    return int(bracketed.startswith("(") and ")" not in bracketed)


def _is_known(groups: list[str]) -> bool:
    """Return whether phonenumbers knows the number, or it is grouped as UK numbers are."""
    digits = "".join(groups)
    if digits.startswith("0"):
        return False
    number = phonenumbers.PhoneNumber(44, int(digits))
    return phonenumbers.is_valid_number(number) or bool(IN_USUAL_GROUPS.fullmatch(" ".join(groups)))
