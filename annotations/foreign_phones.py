"""Phone numbers of other countries in a reader's plain text: no part of one is ever dialled as a number of the UK.

A number starts with +, 00 or 011 and the code of a country other than 44. It ends where phonenumbers knows it as
complete: "+33 1 23 45 67 89 0113 496 0123" is two numbers. One that it does not know takes all digits that follow.
phonenumbers' own search misses numbers side by side, `(+49)(0)800` and codes that no country has: so this search.
"""

import re
from dataclasses import dataclass

import phonenumbers

MOST_DIGITS = 17  # 15 in E.164, and a 0 or two that is written but not dialled

_mark = "[ \u00a0\u2007\u2009\u202f.:/()\\[\\]\u2010-\u2014\u2212-]"
_start = re.compile(
    r"(?:(?<!\w)[+\uff0b]{1,2} ?|[+\uff0b]|(?P<zeros>(?<![0-9+.,])[(\[]?(?:00[ -]?|011[ -])))"
    r"[(\[]?(?P<digits>[0-9]{1,3})"
)
_run = re.compile(f"(?:{_mark}{{0,5}}[0-9]{{1,17}}){{0,17}}")
_ends_a_group = re.compile(
    f"[0-9](?:{_mark}|[\\s|_\u00ad\u200b-\u200d\u2060\ufeff]){{1,3}}\\Z"
)  # before 00 in "160 619 0040"
_trunk = re.compile(r"[(\[]0[)\]]")


@dataclass(frozen=True)
class ForeignPhone:
    """Where a number starts, where its first digit after the country's code stands, and where it ends.

    `is_known` tells whether phonenumbers knows the number as complete.
    """

    start: int
    number_start: int
    end: int
    is_known: bool

    @property
    def sure_end(self) -> int:
        """Where the digits end that surely are its own: of a number that is not known, only those after the code."""
        return self.end if self.is_known else self.number_start + 1


def search(text: str, position: int = 0) -> ForeignPhone | None:
    """Return the first number of another country that starts in `text` at `position` or later, or None."""
    while prefix := _start.search(text, position):
        code = _country(prefix["digits"])
        zeros = prefix["zeros"] or ""
        if (code and (code != "44" or "11" in zeros)) or not (code or zeros):
            found = _read(text, prefix.start(), prefix.start("digits") + len(code or prefix["digits"]), code)
            in_a_number = zeros and _ends_a_group.search(text, max(0, found.start - 4), found.start)
            if found.is_known or not in_a_number:
                return found
        position = prefix.start("digits")
    return None


def _country(digits: str) -> str:
    """Return the country's code that starts `digits`, or an empty text. No code starts another."""
    codes = (digits[:length] for length in (1, 2, 3))
    return next((code for code in codes if int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), "")


def _read(text: str, start: int, after_code: int, code: str) -> ForeignPhone:
    """Return the number whose country's code ends at `after_code`: up to where it is known, else with all digits."""
    run = _run.match(text, after_code)
    groups = list(re.finditer("[0-9]+", text[after_code : run.end() if run else after_code]))
    number_start = after_code + (groups[0].start() if groups else 0)
    digits, end, known_end = "", after_code, 0
    for place, group in enumerate(groups):
        is_trunk = _trunk.fullmatch(text, after_code + group.start() - 1, after_code + group.end() + 1)
        digits += "" if is_trunk else group[0]
        if len(digits) > MOST_DIGITS:
            break
        end = after_code + group.end()
        if code and _is_complete(code, digits):
            known_end = end
            if place + 1 < len(groups) and groups[place + 1][0].startswith("0"):
                break  # what follows is another number
    return ForeignPhone(start, number_start, known_end or end, bool(known_end))


def _is_complete(code: str, digits: str) -> bool:
    """Return whether phonenumbers knows the number of that country."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{code}{digits}"))
    except phonenumbers.NumberParseException:
        return False
