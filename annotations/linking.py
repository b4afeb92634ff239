"""A reader's plain text → safe HTML in which web addresses, email addresses and UK phone numbers are links.

The visible text is never changed. Addresses need `https://`, `http://` or `www.`; a phone number is one that is valid
in Great Britain. Bleep numbers, extensions and short numbers stay plain text.
"""

import re
from collections.abc import Iterator
from typing import Any

import phonenumbers
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from linkify_it import LinkifyIt

REL = "noopener noreferrer nofollow"
_addresses = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": True, "fuzzy_ip": False})
_addresses.add("ftp:", None).add("//", None)
_after_www = re.compile(
    r"(?:[a-z0-9-]+\.)+[a-z]{2,}" + _addresses.re["src_port"] + _addresses.re["src_host_terminator"]
    + _addresses.re["src_path"], re.IGNORECASE
)  # fmt: skip


def _length_after_www(self: LinkifyIt, text: str, position: int) -> int:
    """How many characters after `www.` belong to the address; 0 when it is none."""
    match = _after_www.match(text, position)
    return len(match[0]) if match else 0


def _normalise_www(self: LinkifyIt, match: Any) -> None:
    """An address without a scheme opens by https."""
    match.url = f"https://{match.raw}"


_addresses.add("www.", {"validate": _length_after_www, "normalize": _normalise_www})


def link(text: str) -> SafeString:
    """`text` escaped, with each address and phone number in a link; line breaks are left to the style sheet."""
    html, position = [], 0
    for start, end, url in sorted(_links(text)):
        if start >= position:  # a phone number inside an address is part of the address
            html += [escape(text[position:start]), f'<a href="{escape(url)}" rel="{REL}">{escape(text[start:end])}</a>']
            position = end
    return mark_safe("".join([*html, escape(text[position:])]))  # noqa: S308 - every part is escaped above


def _links(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each link starts and ends, and its address; they may overlap."""
    for found in _addresses.match(text) or []:
        yield found.index, found.last_index, found.url
    for number in phonenumbers.PhoneNumberMatcher(text, "GB", leniency=phonenumbers.Leniency.VALID):
        unclosed = number.raw_string.startswith("(") and ")" not in number.raw_string
        yield number.start + unclosed, number.end, f"tel:{_dialled(number.number)}"


def _dialled(number: phonenumbers.PhoneNumber) -> str:
    """The number as a telephone dials it from anywhere, without its extension."""
    return phonenumbers.format_number(
        phonenumbers.PhoneNumber(number.country_code, number.national_number), phonenumbers.PhoneNumberFormat.E164
    )
