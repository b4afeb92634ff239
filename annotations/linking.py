"""A reader's plain text → safe HTML in which web addresses, email addresses and UK phone numbers are links.

The visible text never changes, and a link leads to exactly what is seen. Web addresses need `https://`, `http://` or
`www.`. An address that could pass for another stays plain text: with a name before an `@`, a host with letters other
than a–z, a number disguised as a host, invisible characters inside, or a mark before it that turns the reading order.
Reasons: docs/decisions/0024-what-becomes-a-link.md.
"""

import re
import unicodedata
from collections.abc import Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from linkify_it import LinkifyIt

from . import phones

REL = "noopener noreferrer nofollow"

_grammar = LinkifyIt().re
_label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_byte = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_host = rf"(?:{_byte}(?:\.{_byte}){{3}}|(?:{_label}\.){{0,10}}(?![0-9]+\b|0x)(?:{_label}))"
_address = re.compile(
    rf"(?<!\w)(?:https?://(?![^\s/?#]{{0,200}}@){_host}|(?<![@./-])www\.(?:{_label}\.){{1,10}}[a-z]{{2,63}}(?!@))"
    + _grammar["src_port"] + _grammar["src_host_terminator"] + _grammar["src_path"], re.IGNORECASE
)  # fmt: skip
_with_a_name = re.compile(r"https?://[^\s/?#]{0,200}@\S*", re.IGNORECASE)
_quote = re.compile('["“”„«»`\\\\|^]')
_trailing = ".,;:!?*'‘’…–—·•"
_turns_reading_order = re.compile("[\u202b\u202e\u2067]")
_invisible = "\u00ad\u200b-\u200d\u2060-\u2064\ufeff"
_dose = "[0-9.]{1,9}(?:mg|mcg|ml|g)"
_email = re.compile(
    rf"(?<![\w.%+@{_invisible}-])(?<!\w')[a-z0-9][a-z0-9._%+'-]{{0,63}}@(?!{_dose}\b)(?:{_label}\.){{1,10}}"
    rf"(?:{_grammar['src_tlds']}|example|test|scot|wales|cymru|london)(?!\.?[\w{_invisible}]|[@-])",
    re.IGNORECASE,
)
_belongs_to_a_mailbox = re.compile(r"[\w)]['’&!#$%^~`‐‑‒–]+\Z|[\u0300-\u036f]\Z")  # directly before: R&D has r&d@…
_is_a_dose = re.compile(
    r"[0-9][0-9.x-]*(?:mg|mcg|microg|micrograms?|ng|kg|g|ml|l|iu|units?|mmol|x|h|hr|hrs|hourly|tabs?|puffs?|drops?|st|nd|rd"
    r"|th|am|pm)?(?:[._-](?:po|iv|im|sc|sl|pr|pv|od|bd|tds|qds|prn|nocte|mane))*"
    r"@.*\.(?:am|as|at|be|by|do|id|in|is|it|la|me|mu|my|no|pm|so|to|us)",
    re.IGNORECASE,
)


def link(text: str) -> SafeString:
    """Return `text` escaped, with each address and phone number in a link. The style sheet shows line breaks."""
    html, position = [], 0
    for start, end, url in sorted(_links(text)):
        if start >= position and not _reads_backwards(text, start):  # a number inside an address is part of it
            html += [escape(text[position:start]), f'<a href="{escape(url)}" rel="{REL}">{escape(text[start:end])}</a>']
            position = end
    return mark_safe("".join([*html, escape(text[position:])]))  # noqa: S308 - every part is escaped above


def _links(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and address of each link. Links can overlap."""
    for found in _address.finditer(text):
        address = _quote.split(found[0], maxsplit=1)[0].rstrip(_trailing)
        if not any(unicodedata.category(character) == "Cf" for character in address):
            yield found.start(), found.start() + len(address), _with_scheme(address)
    calls = list(phones.find(text))
    for phone in calls:
        yield phone.start, phone.end, f"tel:{phone.dialled}"
    ends = {phone.end for phone in calls}
    refused = [match.span() for match in _with_a_name.finditer(text)]
    for found in _email.finditer(text):
        start, end = found.span()
        if _is_a_mailbox(found, ends) and not any(begin <= start < stop for begin, stop in refused):
            ends.add(end)
            yield start, end, f"mailto:{found[0]}"


def _is_a_mailbox(found: re.Match[str], ends: set[int]) -> bool:
    """Return whether an address is complete and no dose ("10mg@night.in"). `ends` has where links before it end.

    A slash before it parts it only from a link; else it could belong to the mailbox.
    """
    start = found.start()
    if found.string[start - 1 : start] == "/" and start - 1 not in ends:
        return False
    before = found.string[max(0, start - 5) : start]
    return not _belongs_to_a_mailbox.search(before) and not _is_a_dose.fullmatch(found[0])


def _reads_backwards(text: str, start: int) -> bool:
    """Return whether a mark earlier on the line turns the reading order, so that the link is not what is seen."""
    return bool(_turns_reading_order.search(text, text.rfind("\n", 0, start) + 1, start))


def _with_scheme(address: str) -> str:
    """Return the address with https:// if it has no scheme."""
    return f"https://{address}" if address[:4].lower() == "www." else address
