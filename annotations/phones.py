"""UK phone numbers in a reader's plain text.

A number starts with 0 or +44, followed by groups of at least two digits. A number that phonenumbers knows counts
however it is grouped. One that it does not know (its list may lag behind, and lacks some of Ofcom's numbers for drama)
counts if it is grouped as UK numbers are, or not grouped at all. Short numbers and extensions do not count, and neither
does a number of another country or one after a word such as bleep, order or ISBN. After "hospital number", a grouped
number may be the switchboard's and counts, unless a colon comes between. Reasons:
docs/decisions/0024-what-becomes-a-link.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from . import foreign_phones
from .foreign_phones import ForeignPhone
from .number_words import is_not_dialled

SPACES = " \u00a0\u2007\u2009\u202f"
HYPHENS = "-\u2010\u2011\u2012\u2013\u2212"
LENGTHS = (10, 9, 7)  # digits after the 0 or +44; the longest that fits is used
IN_USUAL_GROUPS = re.compile(r"2\d ?\d{4} ?\d{4}|(?:1\d1|11\d|[389]\d\d) ?\d{3} ?\d{4}|[17]\d{3} ?\d{3} ?\d{3}")

_gap = f"[{SPACES}]?[{HYPHENS}.]?[{SPACES}]?"
_after_area = f"(?:[{SPACES}]?/[{SPACES}]?|{_gap})"
_candidate = re.compile(
    rf"(?:(?<![\w+])(?=[0+])|(?=\())"
    rf"(?:\(?(?:\+[{SPACES}]?|00[{SPACES}]?)44\)?{_gap}(?:\(0\){_gap})?\(?0?|\(0\){_gap}|\(?0)"
    rf"(?P<number>[0-9]{{2,}}+(?:\)?{_after_area}[0-9]{{2,}}+(?:\)?{_gap}[0-9]{{2,}}+){{0,4}})?)"
)
_slashed = re.compile(rf"(?P<area>[0-9]{{2,4}}+)\)?[{SPACES}]?/")  # after the 0: 01632/960018
_continues_a_number = re.compile(f"[0-9][{HYPHENS}.]")
_in_a_code = re.compile(rf"(?<![0-9])[0-9]{{1,3}}(?<!44)[{SPACES}]?\Z")  # before (0), as in "91 (0)20 2612 3456"
_ends_well = re.compile(r"(?![\w@])|(?:x|ext|extn|extension)\.?\s?[0-9]", re.IGNORECASE)
_doi = re.compile(r"\b10\.[0-9]{4,9}/\S+")


@dataclass(frozen=True)
class Phone:
    """A phone number in a text: where it starts and ends, and how to dial it from anywhere (E.164, no extension)."""

    start: int
    end: int
    dialled: str


def find(text: str) -> Iterator[Phone]:
    """Yield the UK phone numbers in `text`, in order. Two numbers side by side are two."""
    return (number for number in find_with_foreign(text) if isinstance(number, Phone))


def find_with_foreign(text: str) -> Iterator[Phone | ForeignPhone]:
    """Yield the phone numbers in `text`, those of the UK and those of other countries, in order."""
    position = last_end = 0
    dois = [match.span() for match in _doi.finditer(text)]
    candidate, foreign = _candidate.search(text), foreign_phones.search(text)
    while candidate or foreign:
        if foreign and (not candidate or foreign.start <= candidate.start()):
            yield foreign
            position = max(position, foreign.end)
            foreign = foreign_phones.search(text, foreign.end)
        elif candidate:
            position = max(candidate.start() + 1, candidate.start("number"))
            is_apart = candidate.start() - 1 == last_end or not _goes_on(candidate)
            in_a_doi = any(begin <= candidate.start() < end for begin, end in dois)
            if is_apart and not in_a_doi and (phone := _first_in(candidate)):
                yield phone
                position = last_end = phone.end
                if foreign and foreign.start < position:
                    foreign = foreign_phones.search(text, position)
        if candidate and candidate.start() < position:
            candidate = _candidate.search(text, position)


def _goes_on(candidate: re.Match[str]) -> bool:
    """Return whether the candidate continues a number before it, or its (0) follows a country's code."""
    text, start = candidate.string, candidate.start()
    return bool(
        _continues_a_number.fullmatch(text, max(0, start - 2), start)
        or (candidate[0].startswith("(0)") and _in_a_code.search(text, max(0, start - 5), start))
    )


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
        if (
            opening is not None
            and _ends_well.match(text, end)
            and _is_known(written)
            and _has_good_slash(text[offset:end])
        ):
            is_grouped, is_a_pager = len(written) > 1, _is_a_pager(written)
            if is_not_dialled(text, start, is_grouped=is_grouped, is_a_pager=is_a_pager):
                return None
            return Phone(start + opening, end, "+44" + "".join(written))
    return None


def _has_good_slash(number: str) -> bool:
    """Return whether the number has no slash, or has one after its area code; times and dates have them elsewhere."""
    return "/" not in number or bool(_slashed.match(number) and sum(map(str.isdigit, number)) >= min(LENGTHS[:2]))


def _opening(written: str) -> int | None:
    """Return 1 if the number starts with a bracket that is never closed, else 0; None if brackets do not match."""
    bracketed = written.replace("(0)", "", 1)
    unclosed = bracketed.count("(") - bracketed.count(")")
    opens = bracketed.startswith("(") and ")" not in bracketed
    return int(opens) if unclosed == int(opens) else None


def _is_known(groups: list[str]) -> bool:
    """Return whether phonenumbers knows the number, or it is grouped as UK numbers are."""
    digits = "".join(groups)
    if digits.startswith("0"):
        return False
    number = phonenumbers.PhoneNumber(44, int(digits))
    return phonenumbers.is_valid_number(number) or bool(IN_USUAL_GROUPS.fullmatch(" ".join(groups)))


def _is_a_pager(groups: list[str]) -> bool:
    """Return whether the number is in a range that only pagers have."""
    number = phonenumbers.PhoneNumber(44, int("".join(groups)))
    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PAGER
