"""What is an address in guidance, and where it leads.

A link leads to exactly what is seen: the text stays as typed, and what could pass for another address is no link.
Searching takes time in proportion to the length of the text, which neither linkify-it (34 s for 200 kB of
`https://a.uk/(`) nor pymdown's magiclink (37 s for 50 kB of `a.`) does.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from linkify_it.tlds import TLDS

# An address with a scheme that clinicians need, a place on this page, or a path on this site. "//host" and "/\host"
# lead to other sites, and browsers drop control characters before they read an address.
SAFE = re.compile(
    r"(?:(?i:https?://|mailto:|tel:)|(?=www\.[\w-]+\.))[^\s\\\x00-\x1f]+|#[\w:.-]+|/(?![/\\])[^\s\\\x00-\x1f]*"
)
PICTURES: str = settings.STATIC_URL  # where the pictures of this site are
MAY_BE = re.compile(r"(?i:://|www\.|doi|pmid|@)|10\.[0-9]")
_host = r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,10}"
_mailbox = r"[a-z0-9][a-z0-9._+'-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,10}(?P<top>[a-z]{2,63})"
MAILBOX = re.compile(_mailbox, re.IGNORECASE)
TOP_DOMAINS = {*TLDS, "EXAMPLE", "TEST"}
DOSE = re.compile(r"[0-9.]{1,9}(?:mg|mcg|ml|g)\b", re.IGNORECASE)
START = re.compile(
    rf"""
    (?P<web>(?<!\w)https?://)
    | (?P<www>(?<![\w@./-])www\.(?={_host}\.[a-z]|[a-z0-9-]{{1,63}}\.[a-z]))
    | (?P<doi_org>(?<![\w@./-])(?:dx\.)?doi\.org/(?=10\.[0-9]{{4,9}}/))
    | (?P<doi>(?<![\w./-])(?:doi:?\s?)?)(?P<prefix>10\.[0-9]{{4,9}}/)
    | (?<![\w/-])PMID:?\s?(?P<pmid>[0-9]{{1,8}})(?![\w/-]|\.[0-9])
    | (?<![\w.%+@&=#~-])(?<!//)(?<!\w')(?P<email>{_mailbox})(?![\w@-]|\.\w)
    """,
    re.IGNORECASE | re.VERBOSE,
)
HOST = re.compile(rf"{_host}(?::[0-9]{{1,5}})?(?![\w@:\\-]|\.\w)", re.IGNORECASE)
REST = re.compile(r"""[^\s<>"“”„«»`\\|^()\[\]{}]+""")
RUN = re.compile(r"\S*")
OPENS, CLOSES = "([{", ")]}"
TRAILING = ".,;:!?*_~'‘’…–—·•"


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and address of each web address, DOI, PMID and email address in `text`, in order.

    A sign at the end that belongs to the sentence is not part of the address, but brackets inside it are.
    """
    if not MAY_BE.search(text):
        return
    pairs = _pairs(text)
    position = 0
    while start := START.search(text, position):
        end, address = _read(text, start, pairs)
        if address and not any(unicodedata.category(sign) == "Cf" for sign in text[start.start() : end]):
            yield start.start(), end, address
        position = max(end, start.end())


def leads_to(typed: str) -> str | None:
    """Return the address that a link with the address `typed` leads to, or None if it leads nowhere."""
    if (mailbox := MAILBOX.fullmatch(typed)) and mailbox["top"].upper() in TOP_DOMAINS:
        return _mail(typed)
    if not SAFE.fullmatch(typed):
        return None
    return f"https://{typed}" if typed.startswith("www.") else typed


def picture(typed: str) -> str | None:
    """Return the address of a picture if it can be one of this site's own, otherwise None."""
    is_ours = typed.startswith(PICTURES) and SAFE.fullmatch(typed)
    return typed if is_ours else None


def is_picture_there(typed: str) -> bool:
    """Return whether `typed` is the address of a picture that this site has."""
    if not picture(typed):
        return False
    try:
        path = finders.find(typed.removeprefix(PICTURES))
    except SuspiciousFileOperation:  # outside the site's own files
        return False
    return isinstance(path, str) and Path(path).is_file()


def _read(text: str, start: re.Match[str], pairs: dict[int, int]) -> tuple[int, str]:
    """Return where what begins at `start` ends, and its address: empty if it is none."""
    if start["pmid"]:
        return start.end(), f"https://pubmed.ncbi.nlm.nih.gov/{start['pmid']}/"
    if start["email"]:
        is_one = start["top"].upper() in TOP_DOMAINS and not DOSE.match(start["email"].split("@")[1])
        return start.end(), _mail(start["email"]) if is_one else ""
    if start["prefix"]:
        return _read_doi(text, start, pairs)
    begin = start.end() if start["web"] else start.start()
    host = HOST.match(text, begin)
    if not host:
        return RUN.match(text, start.end()).end(), ""  # type: ignore[union-attr]  # matches anywhere
    end = host.end()
    if text[end : end + 1] in ("/", "?", "#"):
        end = _end(text, end, pairs, not_before=end + 1)
    typed = text[start.start() : end]
    return end, typed if start["web"] else f"https://{typed}"


def _read_doi(text: str, start: re.Match[str], pairs: dict[int, int]) -> tuple[int, str]:
    """Return end and address of a DOI. Without "doi" before it, its second half must look like one and not a unit."""
    end = _end(text, start.end(), pairs, not_before=start.end())
    name = text[start.end() : end]
    is_one = name if start["doi"] else len(name) > 2 and re.search("[a-zA-Z]", name)
    return end, f"https://doi.org/{quote(start['prefix'] + name, safe='/:;()._-')}" if is_one else ""


def _end(text: str, position: int, pairs: dict[int, int], *, not_before: int) -> int:
    """Return where the address ends that goes on at `position`: before the first bracket without its other half."""
    begin = position
    while position < len(text):
        if rest := REST.match(text, position):
            position = rest.end()
        elif text[position] in OPENS + CLOSES and pairs.get(position, -1) >= begin:
            position += 1
        else:
            break
    while position > not_before and text[position - 1] in TRAILING:
        position -= 1
    return position


def _pairs(text: str) -> dict[int, int]:
    """Return the position of the other half of each bracket that has one with no space between them."""
    pairs: dict[int, int] = {}
    opened: dict[str, list[int]] = {sign: [] for sign in OPENS}
    for found in re.finditer(r"[()\[\]{}]|\s+", text):
        sign = found[0]
        if sign in OPENS:
            opened[sign].append(found.start())
        elif sign in CLOSES and (waiting := opened[OPENS[CLOSES.index(sign)]]):
            other = waiting.pop()
            pairs |= {other: found.start(), found.start(): other}
        elif sign not in CLOSES:
            opened = {sign: [] for sign in OPENS}
    return pairs


def _mail(mailbox: str) -> str:
    return f"mailto:{quote(mailbox, safe='@+')}" if "'" in mailbox else f"mailto:{mailbox}"
