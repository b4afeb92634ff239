"""NHS numbers in a reader's plain text: England, Wales and Isle of Man; Scotland (CHI); Northern Ireland (H&C).

About 1 in 11 of all ten-digit numbers has the right check digit by chance, so a match is a reason to ask the reader,
never to refuse. Reasons: docs/decisions/0025-nhs-numbers.md.
"""

import re
from dataclasses import dataclass

import phonenumbers
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

_unseen = "\u00ad\u200b-\u200d\u2060\ufeff"
_gap = f"[{phones.HYPHENS}{phones.SPACES}{_unseen}\\t\\r\\n./_,:|()\\[\\]\u2014\u00b7]{{1,3}}"  # typed or pasted
_first_three = "(?:[0-9]{3}|[(\\[][0-9]{3}[)\\]])"
_last_four = f"(?:[0-9]{{4}}|[0-9]{{3}}{_gap}[0-9](?![0-9]))"
_three_three_four = f"{_first_three}(?:{_gap})?[0-9]{{3}}(?:{_gap})?{_last_four}"
_even = f"[{phones.HYPHENS}{phones.SPACES}|]"
_pairs = f"(?<![0-9][{phones.SPACES}])[0-9]{{2}}(?P<gap>{_even})[0-9]{{2}}(?:(?P=gap)[0-9]{{2}}){{3}}(?!(?P=gap)[0-9])"
_ones = f"(?<![0-9][{phones.SPACES}|])[0-9](?P<each>{_even})[0-9](?:(?P=each)[0-9]){{8}}(?!(?P=each)[0-9])"
_glued = "".join(
    f"|(?<={word})" for word in ("nhs", "chi", "hcn", "h&c", "no", "id", "pt", "px", "num", "number", "patient", "mrn")
)
_candidate = re.compile(
    rf"(?:(?<![^\W_]){_glued}|(?<=\b[mf]))(?<![0-9][{phones.HYPHENS}.])"
    rf"(?:{_three_three_four}|[0-9]{{6}}{_gap}[0-9]{{4}}|{_pairs}|{_ones})"
    rf"(?=(?:x|[mf]|dob|pt)?(?![^\W_]))(?![{phones.HYPHENS}.][0-9])",
    re.IGNORECASE,
)
_between = r"[^\w\n]{0,3}"
_phone = r"\b(?:tel|telephone|phone|ph|mob|mobile|fax|bleeps?|pager|ext|extn|extension|call|ring|dial|switchboard)\b"
_phone_somebody_on = rf"{_phone}(?:[^\w\n]{{1,3}}[^\W\d]{{1,20}}){{0,2}}[^\w\n]{{1,3}}on"
_of_something_else = re.compile(
    rf"(?:{_phone_somebody_on}|{_phone}(?:{_between}\b(?:no|num|number|is|at))?|\bt:){_between}\Z"
    rf"|(?:\+|\b00 ?)44{_between}(?:\(0\){_between})?$"
    r"|\b(?:isbn(?:-10)?|pmid)\W{0,3}$|\b10\.[0-9]{4,9}/\S*$",
    re.IGNORECASE,
)
_dialled_in_america = re.compile(
    rf"(?:\n|(?i:{_phone})|\b(?:US|USA|U\.S\.A?\.?|Canada|America|toll.free)\b){_between}1[{phones.SPACES}]?\Z"
)
_one = re.compile(rf"(?<![^\W_])1[{phones.SPACES}]?\Z")


@dataclass(frozen=True)
class NHSNumber:
    """A number that is very likely a patient's: where it starts and ends in a text, and how it is written there."""

    start: int
    end: int
    written: str


def find(text: str) -> list[NHSNumber]:
    """Return the numbers in `text` that are very likely NHS numbers, in order.

    Such a number has ten digits (also grouped 3 3 4 or 3 3 3 1, in pairs, one by one, or 6 4 as a CHI number), the
    right check digit (https://www.datadictionary.nhs.uk/attributes/nhs_number.html), and a range that is in use or
    reserved for tests, as the package nhs-number knows them. It is not part of a phone number of any country. A word
    such as "bleep" or "ISBN" directly before a number excludes it; elsewhere on the line it does not.
    """
    telephones = [
        (phone.start, phone.end if isinstance(phone, phones.Phone) else phone.sure_end)
        for phone in phones.find_with_foreign(text)
    ]
    found = []
    for candidate in _candidate.finditer(text):
        start, end = candidate.span()
        if (
            _is_issued(candidate[0])
            and not any(begin < end and start < stop for begin, stop in telephones)
            and not _of_something_else.search(text, max(0, start - LOOKS_BACK), start)
            and not _is_american(candidate)
        ):
            found.append(NHSNumber(start, end, candidate[0]))
    return found


def _is_american(candidate: re.Match[str]) -> bool:
    """Return whether a 1 before the number makes it one that is dialled in the USA or Canada."""
    before = candidate.string[max(0, candidate.start() - LOOKS_BACK) : candidate.start()]
    says_so = _dialled_in_america.search(before) or (candidate[0].startswith("(") and _one.search(before))
    number = phonenumbers.PhoneNumber(1, int(re.sub("[^0-9]", "", candidate[0])))
    return bool(says_so and phonenumbers.is_valid_number(number))


def _is_issued(written: str) -> bool:
    """Return whether the check digit is right and the range in use; 6 4 grouping is only for Scotland."""
    digits = re.sub("[^0-9]", "", written)
    regions = REGIONS if len(re.split("[^0-9]", written)[0]) != 6 else (REGION_SCOTLAND,)
    return any(is_valid(digits, for_region=region) for region in regions)
