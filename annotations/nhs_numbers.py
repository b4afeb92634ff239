"""NHS numbers in a reader's plain text: of England, Wales and the Isle of Man, Scotland (CHI), Northern Ireland (H&C).

About 1 in 11 of all ten-digit numbers has the right check digit by chance, so this is a reason to ask, never to refuse.
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
LOOKS_BACK = 100  # characters of its line that say what a number is

_gap = f"[{phones.HYPHENS}{phones.SPACES}\\t./]{{1,3}}"  # as typed, and as tables and PDFs are pasted
_three_three_four = f"[0-9]{{3}}(?:{_gap})?[0-9]{{3}}(?:{_gap})?[0-9]{{4}}"
_candidate = re.compile(
    f"(?:(?<!\\w)|(?<=nhs)|(?<=chi)|(?<=no))(?<![0-9][{phones.HYPHENS}.])"
    f"(?:{_three_three_four}|[0-9]{{6}}{_gap}[0-9]{{4}})"
    f"(?!\\w)(?![{phones.HYPHENS}.][0-9])",
    re.IGNORECASE,
)
_of_a_patient = re.compile(
    r"\b(?:nhs\W{0,3}(?:no|num|number|#)|chi|h\s?&\s?c|hcn|hosp(?:ital)?\W{0,2}(?:no|num|number)|mrn|pts?|patients?)\b"
    r"|\bnhs\W{0,3}$",
    re.IGNORECASE,
)
_of_something_else = re.compile(
    r"\b(?:tel|telephone|phone|ph|mob|mobile|fax|bleep|bleeps|pager|ext|extn|extension|call|ring|dial|switchboard)\b"
    r"|\b[tmf]:|\b(?:isbn(?:-10)?|pmid)\W{0,3}$|\b10\.[0-9]{4,9}/\S*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class NHSNumber:
    """What is very likely a patient's number: where it stands in a text, and how it is written there."""

    start: int
    end: int
    written: str


def find(text: str) -> list[NHSNumber]:
    """The numbers in `text` that are very likely NHS numbers, in order.

    They have ten digits (also as 3 3 4, or 6 4 as a CHI number), the right check digit and a range that is in use or
    kept for tests. None is part of a UK phone number. What its line says before it decides: a word for a phone speaks
    against it, and a word for a patient's number overrules that.
    """
    telephones = [(phone.start, phone.end) for phone in phones.find(text)]
    found = []
    for candidate in _candidate.finditer(text):
        start, end = candidate.span()
        if _is_issued(candidate[0]) and not any(begin < end and start < stop for begin, stop in telephones):
            before = _line_before(text, start, telephones)
            if _of_a_patient.search(before) or not _of_something_else.search(before):
                found.append(NHSNumber(start, end, candidate[0]))
    return found


def _is_issued(written: str) -> bool:
    digits = re.sub("[^0-9]", "", written)
    regions = REGIONS if len(re.split("[^0-9]", written)[0]) != 6 else (REGION_SCOTLAND,)
    return any(is_valid(digits, for_region=region) for region in regions)


def _line_before(text: str, start: int, telephones: list[tuple[int, int]]) -> str:
    """What the line says before `start`, from the last phone number on: the words before that one were about it."""
    ends = [stop for _, stop in telephones if stop <= start]
    return text[max([text.rfind("\n", 0, start) + 1, start - LOOKS_BACK, *ends[-1:]]) : start]
