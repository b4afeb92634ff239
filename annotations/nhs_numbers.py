"""NHS numbers in a reader's plain text: England, Wales and Isle of Man; Scotland (CHI); Northern Ireland (H&C).

About 1 in 11 of all ten-digit numbers has the right check digit by chance, so a match is a reason to ask the reader,
never to refuse. Reasons: docs/decisions/0025-nhs-numbers.md.
"""

import re
from dataclasses import dataclass

from nhs_number import (
    REGION_ENGLAND_WALES_IOM,
    REGION_NORTHERN_IRELAND,
    REGION_SCOTLAND,
    REGION_SYNTHETIC,
    is_valid,
)

from . import phones

REGIONS = (REGION_ENGLAND_WALES_IOM, REGION_SCOTLAND, REGION_NORTHERN_IRELAND, REGION_SYNTHETIC)
LOOKS_BACK = 100  # characters before a number, in which a word can say what it is

_gap = f"[{phones.HYPHENS}{phones.SPACES}\\t\\r\\n./_]{{1,3}}"  # as typed, and as pasted from tables and PDFs
_three_three_four = f"[0-9]{{3}}(?:{_gap})?[0-9]{{3}}(?:{_gap})?[0-9]{{4}}"
_pairs = (
    f"(?<![0-9][{phones.SPACES}])[0-9]{{2}}(?P<gap>[{phones.HYPHENS}{phones.SPACES}])[0-9]{{2}}"
    "(?:(?P=gap)[0-9]{2}){3}(?!(?P=gap)[0-9])"
)
_candidate = re.compile(
    f"(?:(?<![^\\W_])|(?<=nhs)|(?<=chi)|(?<=no)|(?<=id))(?<![0-9][{phones.HYPHENS}.])"
    f"(?:{_three_three_four}|[0-9]{{6}}{_gap}[0-9]{{4}}|{_pairs})"
    f"(?=x?(?![^\\W_]))(?![{phones.HYPHENS}.][0-9])",
    re.IGNORECASE,
)
_between = r"[^\w\n]{0,3}"
_phone = r"\b(?:tel|telephone|phone|ph|mob|mobile|fax|bleeps?|pager|ext|extn|extension|call|ring|dial|switchboard)\b"
_phone_somebody_on = rf"{_phone}(?:[^\w\n]{{1,3}}[^\W\d]{{1,20}}){{0,2}}[^\w\n]{{1,3}}on"
_of_something_else = re.compile(
    rf"(?:{_phone_somebody_on}|{_phone}(?:{_between}\b(?:no|num|number|is|at))?|\b[tmf]:){_between}\Z"
    rf"|(?:\+|\b00 ?)44{_between}(?:\(0\){_between})?$"
    r"|\b(?:isbn(?:-10)?|pmid)\W{0,3}$|\b10\.[0-9]{4,9}/\S*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class NHSNumber:
    """A number that is very likely a patient's: where it starts and ends in a text, and how it is written there."""

    start: int
    end: int
    written: str


def find(text: str) -> list[NHSNumber]:
    """Return the numbers in `text` that are very likely NHS numbers, in order.

    Such a number has ten digits (also grouped 3 3 4, in pairs, or 6 4 as a CHI number), the right check digit
    (https://www.datadictionary.nhs.uk/attributes/nhs_number.html), and a range that is in use or reserved for tests, as
    the package nhs-number knows them. It is not part of a UK phone number. A word such as "bleep" or "ISBN" directly
    before a number excludes it; elsewhere on the line it does not.
    """
    telephones = [(phone.start, phone.end) for phone in phones.find(text)]
    found = []
    for candidate in _candidate.finditer(text):
        start, end = candidate.span()
        if (
            _is_issued(candidate[0])
            and not any(begin < end and start < stop for begin, stop in telephones)
            and not _of_something_else.search(text, max(0, start - LOOKS_BACK), start)
        ):
            found.append(NHSNumber(start, end, candidate[0]))
    return found


def _is_issued(written: str) -> bool:
    """Return whether the check digit is right and the range in use; 6 4 grouping is only for Scotland."""
    digits = re.sub("[^0-9]", "", written)
    regions = REGIONS if len(re.split("[^0-9]", written)[0]) != 6 else (REGION_SCOTLAND,)
    return any(is_valid(digits, for_region=region) for region in regions)
