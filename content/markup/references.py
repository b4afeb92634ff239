"""The references of a Markdown text as data: what each one is, read from its own words.

A reference is a footnote, and its words are the only place where its identifiers stand: `doi:10.1056/NEJMoa044397`,
`PMID 16510744`, `NICE TA127`, `PL 12345/0001`, `EMA/137488/2016`, an address, `accessed 26 November 2026`. Nothing is
looked up and nothing is guessed. Reasons: docs/decisions/0067-references-as-data.md.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from html import unescape
from string import ascii_lowercase, ascii_uppercase
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from . import addresses, blocks
from .blocks import Line
from .masking import Prose

ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# What Markdown puts around words. An asterisk or underscore inside a word is a sign.
MARK = re.compile(
    r"\\([!-/:-@\[-`{-~])|\[\^[^\]\n]{0,100}\]|!?\[([^\[\]]*+)\]\((?:<[^<>]*+>|[^\s()]*+(?:\([^\s()]*+\)[^\s()]*+)*+)"
    r"(?: +\"[^\"]*+\")?\)|<((?:https?|mailto):[^<>\s]*+)>|</?[a-zA-Z][^<>]*+>|\*\*|(?<!\w)[*_]|[*_](?!\w)|`+"
)
CITATION = re.compile(r"(?<!\\)\[\^([\w.-]+)\]")
SHOWN_REFERENCE = re.compile(r'<li id="fn:([^"]+)">')

DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)  # other letters that look alike stay different
DOI_SITES = {"doi.org", "dx.doi.org"}
PUBLISHERS_PATH = re.compile(r"/doi/(?:(?:abs|full|pdf|epdf|epub|pdfdirect)/)?(10\.[0-9]{4,9}/.+)")
# What may follow a DOI. With anything else behind it, it was cut off, and may be the beginning of another.
AFTER_DOI = re.compile(
    rf"[{re.escape(addresses.TRAILING)}]*+(?:[)\]}}>”’\"'»][)\]}}>”’\"'»{re.escape(addresses.TRAILING)}]*+)?(?=\s|\Z|\[\^|<br)"
)
PUBMED = re.compile(r"/(?:pubmed/)?([0-9]{1,8})/?")
PUBMED_SITES = {"pubmed.ncbi.nlm.nih.gov", "ncbi.nlm.nih.gov"}
PMCID = re.compile(r"(?<![\w/-])PMC([1-9][0-9]{0,7})(?![\w-])")
PMC_PATH = re.compile(r"(?:/pmc)?/articles/PMC([1-9][0-9]{0,7})(?:/.*)?", re.IGNORECASE)
NICE = re.compile(r"\bNICE\b|National Institute for (?:Health and )?(?:Care|Clinical) Excellence")
NICE_NUMBER = re.compile(
    r"(?<![\w/-])(?:(TA|NG|CG|QS|HST|IPG|DG|MTG|MIB|HTE)\s?|(ES|PH|SG|SC))([1-9][0-9]{0,3})(?![\w/-]|\.[0-9])"
)
NICE_PATH = re.compile(r"/(?:guidance|advice)/([a-z]{2,3})([1-9][0-9]{0,3})(?:/.*)?", re.IGNORECASE)
NICE_ADVICE = {"ES", "MIB"}  # evidence summaries and innovation briefings have addresses of their own kind
LICENCE = re.compile(r"(?<![\w/-])PL(GB|NI)?\s?([0-9]{5}/[0-9]{4})(?![\w/])")
EMA = re.compile(r"(?<![\w/-])EMA/(?:[A-Z]{2,8}/){0,3}[0-9]{4,7}/[0-9]{4}(?!\w)")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
ACCESSED = re.compile(
    r"\baccessed:?\s(?:on\s)?\s*(?:(?P<iso>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})"
    r"|(?:(?P<day>[0-9]{1,2})\s)?(?P<month>[a-z]{3,9})\.?\s(?P<year>[0-9]{4})|(?P<only>[0-9]{4})(?![\w-]))",
    re.IGNORECASE,
)
# Whose words say that what it is cited for was read in another's account of it.
SECOND_HAND = re.compile(
    r"\bas\s(?:\w+ly\s)?(?:quoted|reported|summari[sz]ed|given|cited|listed|repeated|repost(?:ed)?|reproduced|described"
    r"|stated|relayed|recalled)\s(?:by|in|at|on|from)\b|\b(?:quoted|cited)\s(?:by|in)\b|,\s(?:citing\s|reported\s(?:at|in)\b)"
    r"|\bsecond(?:-|\s)hand\b|\bsecondary\ssource\b",
    re.IGNORECASE,
)

MAY_BE_DOI = re.compile(r"(?<![\w/.-])doi:?\s{0,2}(?P<rest>[0-9/]\S*)", re.IGNORECASE)
MAY_BE_PMID = re.compile(r"(?<![\w/-])PMID:?\s{0,2}(?P<rest>[0-9][\w./-]*)", re.IGNORECASE)
MAY_BE_PMCID = re.compile(r"(?<![\w/-])PMC(?P<rest>[0-9]+)(?![\w-])")
MAY_BE_LICENCE = re.compile(r"(?<![\w/-])PL(?:GB|NI)?\s?(?P<rest>[0-9]+/[0-9]*)(?![\w/])")
MAY_BE_ADDRESS = re.compile(r"(?<![\w@./-])(?:https?[:;]/{0,3}|https?//|www[.,])\S*", re.IGNORECASE)
ADDRESS_ENDS = ".,;:!?)]}>’”\"'"

# A sentence ends at a full stop, with the citations behind it, before what may begin another.
SENTENCE_END = re.compile(r"[.!?][”’\"')*_]*(?:\[\^[^\]\n]{1,100}\])*\s+(?=[“\"'(*_\[]*[A-Z0-9“])")
NOT_END = re.compile(r"(?:\b(?:e\.g|i\.e|al|vs|approx|Dr|Prof|St|no|No|cf|Fig|ca)|\b[A-Z])\.$")
NO_STATEMENT = (blocks.BLANK, blocks.CODE, blocks.FENCE, blocks.RULE, blocks.DELIMITER, blocks.UNDERLINE)


@dataclass(frozen=True)
class Reference:
    """A reference of a text: its key, the line of its definition, its words as typed, and what they say it is.

    Identifiers are in one form each: DOIs in small letters, NICE numbers like TA127. `accessed` is a day, a month or a
    year, as 2026-11-26, 2026-11 or 2026.
    """

    key: str
    line: int
    typed: str
    dois: tuple[str, ...] = ()
    pmids: tuple[str, ...] = ()
    pmcids: tuple[str, ...] = ()
    nice: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    ema: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    accessed: str = ""

    @property
    def words(self) -> str:
        """The words without the marks around them."""
        return plain(self.typed)

    @property
    def is_second_hand(self) -> bool:
        """Whether its words say that another source is quoted in it."""
        return bool(SECOND_HAND.search(self.words))

    @property
    def is_identified(self) -> bool:
        """Whether it has an identifier or an address."""
        return any((self.dois, self.pmids, self.pmcids, self.nice, self.licences, self.ema, self.urls))

    @property
    def paper(self) -> tuple[str, ...]:
        """What identifies the paper that it is: its DOI and PMID or, without them, its PMCID.

        Beside them, a PMCID is often that of another paper, in which the first is quoted.
        """
        kinds = {"doi": self.dois, "pmid": self.pmids} if self.dois or self.pmids else {"pmcid": self.pmcids}
        return tuple(f"{kind}:{found[0]}" for kind, found in kinds.items() if found)

    @property
    def identities(self) -> tuple[str, ...]:
        """What makes it one thing with another reference that has one of them too.

        Those are the identifiers of a paper; failing them the number of guidance, a licence or a document; failing that
        its address, or its words. Guidance that a second source quotes is not that source.
        """
        if self.paper:
            return self.paper
        nice = () if self.is_second_hand else self.nice
        for kind, found in {"nice": nice, "licence": self.licences, "ema": self.ema}.items():
            if found:
                return (f"{kind}:{found[0]}",)
        if self.urls:
            return (f"url:{_same_address(self.urls[0])}",)
        return (f"words:{' '.join(self.words.casefold().split()).rstrip('.')}",)

    def to_record(self) -> dict[str, Any]:
        """Return what is stored beside a version's HTML."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Reference":
        """Return the reference that `to_record` was asked of."""
        read: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in record.items()
        }
        return cls(**read)


@dataclass(frozen=True)
class Statement:
    """A sentence that cites a reference, in plain words, and the line of the citation."""

    line: int
    key: str
    sentence: str


def find(text: str, lines: list[Line] | None = None) -> list[Reference]:
    """Return the references that `text` defines, in its order. Of two with one key, the last is what readers see.

    `lines` are those of `text` if they have been read already.
    """
    found: dict[str, Reference] = {}
    for key, own in _definitions(blocks.read(text) if lines is None else lines):
        typed = " ".join(said for line in own if (said := line.text.strip()) and line.kind not in NO_STATEMENT)
        found.pop(key, None)
        found[key] = read(key, own[0].number, COMMENT.sub("", typed))
    return list(found.values())


def find_shown(text: str, html: str) -> list[Reference]:
    """Return the references that readers see, in the order of their numbers: `html` is what `text` renders to."""
    defined = {reference.key: reference for reference in find(text)}
    return [defined[key] for each in SHOWN_REFERENCE.findall(html) if (key := unescape(each)) in defined]


def read(key: str, line: int, typed: str) -> Reference:
    """Return the reference whose words are `typed`."""
    text = _without_escapes(typed)
    dois: list[str] = []
    pmids: list[str] = []
    pmcids: list[str] = PMCID.findall(text)
    nice = [_nice_number(number) for number in NICE_NUMBER.finditer(text)] if NICE.search(text) else []
    urls: list[str] = []
    for start, end, address in addresses.find(text):
        parts = urlsplit(address)
        site = _site(parts.hostname)
        if parts.scheme not in ("http", "https"):
            continue
        if (doi := _doi_in(address)) and AFTER_DOI.match(text, end):
            dois.append(doi)
        elif site in PUBMED_SITES and (pubmed := PUBMED.fullmatch(parts.path)) and int(pubmed[1]):
            pmids.append(str(int(pubmed[1])))
        if site in (*PUBMED_SITES, "pmc.ncbi.nlm.nih.gov", "europepmc.org") and (pmc := PMC_PATH.fullmatch(parts.path)):
            pmcids.append(pmc[1])
        if site == "nice.org.uk" and (number := NICE_PATH.fullmatch(parts.path)):
            nice.append(f"{number[1].upper()}{number[2]}")
        if text[start : start + 4].lower() in ("http", "www."):
            urls.append(address)
    return Reference(
        key, line, typed, _once(dois), _once(pmids), tuple(f"PMC{each}" for each in _once(pmcids)),
        _once(nice),
        _once([f"PL{kind} {number}" for kind, number in LICENCE.findall(text)]),
        _once(EMA.findall(text)), _once(urls), read_accessed(text) or "",
    )  # fmt: skip


def normalise_doi(typed: str) -> str:
    """Return a DOI in the form in which two that are the same are equal, or an empty text if it is none."""
    name = typed.strip()
    name = re.sub(r"^(?:https?://(?:dx\.|www\.)?doi\.org/|doi:?\s*)", "", name, flags=re.IGNORECASE)
    name = unquote(name).rstrip(addresses.TRAILING).translate(SMALL)
    return name if DOI.fullmatch(name) else ""


def normalise_pmid(typed: str) -> str:
    """Return a PMID without zeros before it, or an empty text if it is none."""
    name = typed.strip()
    return str(int(name)) if re.fullmatch("[0-9]{1,8}", name) and int(name) else ""


def numbers_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield each PMCID and, in words that name NICE, each number of guidance, as it is typed, and its address."""
    for pmcid in PMCID.finditer(text):
        yield pmcid[0], pmc_address(pmcid[0])
    for number in NICE_NUMBER.finditer(text) if NICE.search(text) else ():
        yield number[0], nice_address(_nice_number(number))


def is_at_site(address: str, others: str) -> bool:
    """Return whether one of the addresses in `others` is of the same kind of source as `address`."""
    kinds = (r"nice\.org\.uk/", r"(?:pmc\.ncbi|ncbi)\.nlm\.nih\.gov/(?:pmc/)?articles/")
    return any(re.search(kind, address) and re.search(kind, others) for kind in kinds)


def pmc_address(pmcid: str) -> str:
    """Return the address of an article at PubMed Central by its PMCID."""
    return f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid}/"


def nice_address(number: str) -> str:
    """Return the address of a piece of NICE guidance by its number."""
    kind = re.match("[A-Z]+", number)
    folder = "advice" if kind and kind[0] in NICE_ADVICE else "guidance"
    return f"https://www.nice.org.uk/{folder}/{number.lower()}"


def doi_address(doi: str) -> str:
    """Return the address that a DOI leads to."""
    return f"https://doi.org/{quote(doi, safe='/:;()._-')}"


def is_identifier(address: str) -> bool:
    """Return whether an address says no more than a DOI or a number at PubMed."""
    return bool(_doi_in(address)) or _site(urlsplit(address).hostname) in (*PUBMED_SITES, "pmc.ncbi.nlm.nih.gov")


def read_accessed(text: str) -> str | None:
    """Return when a source was read as its words say it: a day, a month or a year; None if no such date exists.

    Words that say nothing of it give an empty text.
    """
    said = ACCESSED.search(text)
    if not said:
        return ""
    if said["only"]:
        return said["only"]
    try:
        if said["iso"]:
            year, month, day = map(int, said["iso"].split("-"))
            return date(year, month, day).isoformat()
        names = [number for number, name in enumerate(MONTHS, start=1) if name.startswith(said["month"].lower())]
        month = names[0] if len(names) == 1 else 0
        return date(int(said["year"]), month, int(said["day"] or 1)).isoformat()[: 10 if said["day"] else 7]
    except ValueError:
        return None


def find_faults(reference: Reference) -> Iterator[str]:
    """Yield what is wrong with the shape of a reference's identifiers and addresses, in words for its writer."""
    text = _without_escapes(reference.typed)
    found = list(addresses.find(text))
    within = [(start, end) for start, end, address in found if not address.startswith("mailto:")]
    for start, end, address in found:
        if _site(urlsplit(address).hostname) in DOI_SITES and not (_doi_in(address) and AFTER_DOI.match(text, end)):
            yield f"“{_short(text[start : end + 1].strip())}” is no whole DOI. Write doi:10. and the rest of it."
        elif address.startswith("http") and not _has_real_host(address):
            yield f"“{_short(text[start:end])}” is no whole address: check the name of its site."
    for doi in reference.dois:
        if dash := re.search("[‐-―−]", doi):
            yield f"“{_short(doi)}” has “{dash[0]}”, a dash that DOIs do not have. Copy the DOI from the article."
    for mark in MAY_BE_DOI.finditer(text):
        if not _is_within(mark.start("rest"), within):
            yield f"“{_short(mark[0])}” is no whole DOI. A DOI has two parts: doi:10.1056/NEJMoa044397."
    for mark in MAY_BE_PMID.finditer(text):
        if not re.fullmatch("[1-9][0-9]{0,7}", mark["rest"].rstrip(".-/")):
            yield f"“{_short(mark[0])}” is no PMID: that is a number of at most 8 digits."
    for mark in MAY_BE_PMCID.finditer(text):
        if not re.fullmatch("[1-9][0-9]{0,7}", mark["rest"]):
            yield f"“{_short(mark[0])}” is no PMCID: that is PMC and a number of at most 8 digits."
    for mark in MAY_BE_LICENCE.finditer(text):
        if not LICENCE.fullmatch(mark[0]):
            yield f"“{_short(mark[0])}” is no licence number: that is like PL 12345/0001."
    for mark in MAY_BE_ADDRESS.finditer(text):
        if not _is_within(mark.start(), within) and mark[0].rstrip(ADDRESS_ENDS):
            yield f"“{_short(mark[0].rstrip(ADDRESS_ENDS))}” is no whole address: check its beginning and its site."
    if reference.accessed == "" and read_accessed(text) is None:
        yield "The day on which this source was accessed does not exist. Write it like 26 November 2026."


def find_statements(text: str) -> list[Statement]:
    """Return each sentence of `text` that cites a reference, once for each reference that it cites, in order."""
    prose = Prose(text)
    found: dict[Statement, None] = {}
    for lines in _paragraphs(prose.blocks):
        if lines[0].kind in (blocks.ROW, blocks.HEADER):
            table = lines[0].table or lines[0]
            cells = blocks.cells(lines[0].text, has_border=blocks.has_border(table.text))
            row = " · ".join(said for cell in cells if (said := plain(cell)))
            for key in CITATION.findall(prose.content(lines[0])):
                found[Statement(lines[0].number, key, row)] = None
            continue
        raw = " ".join(line.text.rstrip() for line in lines)
        masked = " ".join(prose.content(line) for line in lines)
        starts = [0]
        for line in lines[:-1]:
            starts.append(starts[-1] + len(line.text.rstrip()) + 1)
        for begin, end in _sentences(masked):
            cited = list(CITATION.finditer(masked, begin, end))
            sentence = plain(raw[begin:end]) if cited else ""
            for citation in cited:
                line = lines[bisect_right(starts, citation.start()) - 1]
                found[Statement(line.number, citation[1], sentence)] = None
    return list(found)


def find_second_hand(text: str) -> list[tuple[Statement, Reference]]:
    """Return each sentence of `text` that cites a second source, once, with the first such reference that it cites."""
    second = {reference.key: reference for reference in find(text) if reference.is_second_hand}
    found: dict[tuple[int, str], Statement] = {}
    for statement in find_statements(text) if second else ():
        if statement.key in second:
            found.setdefault((statement.line, statement.sentence), statement)
    return [(statement, second[statement.key]) for statement in found.values()]


def replace(text: str, key: str, typed: str) -> str:
    """Return `text` with the words of the reference `key` replaced by `typed`, on one line.

    Every other character stays as it is. Raises `KeyError` if the text defines no such reference.
    """
    raw = text.split("\n")
    gone: set[int] = set()
    for defined, lines in _definitions(blocks.read(text)):
        if defined == key:
            first, last = lines[0].number - 1, lines[-1].number - 1
            mark = f"[^{key}]:"
            raw[first] = f"{raw[first][: raw[first].index(mark) + len(mark)]} {' '.join(typed.split())}"
            gone |= set(range(first + 1, last + 1))
            break
    else:
        raise KeyError(key)
    return "\n".join(line for number, line in enumerate(raw) if number not in gone)


def plain(typed: str) -> str:
    """Return words without Markdown's marks and without citations."""
    return " ".join(unescape(MARK.sub(_unmarked, typed)).split())


def _unmarked(mark: re.Match[str]) -> str:
    return next((said for said in mark.groups() if said is not None), "")


def _without_escapes(typed: str) -> str:
    return unescape(ESCAPED.sub(r"\1", typed))


def _definitions(lines: list[Line]) -> Iterator[tuple[str, list[Line]]]:
    """Yield key and lines of each reference that is defined, without the empty lines after it."""
    found: dict[int, tuple[str, list[Line]]] = {}
    for line in lines:
        outer = next((container for container in line.inside if container.kind == "reference"), None)
        if outer is not None and line.kind != blocks.BLANK:
            found.setdefault(id(outer), (outer.mark, []))[1].append(line)
    yield from found.values()


def _paragraphs(lines: list[Line]) -> Iterator[list[Line]]:
    """Yield the lines that are read as one, outside references."""
    paragraph: list[Line] = []
    for line in lines:
        before = paragraph[-1] if paragraph else None
        goes_on = (
            before is not None
            and (before.kind, line.kind) == (blocks.TEXT, blocks.TEXT)
            and before.inside == line.inside
            and not line.is_after_blank
            and not line.opens
        )
        if paragraph and not goes_on:
            yield paragraph
            paragraph = []
        if line.kind not in NO_STATEMENT and not any(container.kind == "reference" for container in line.inside):
            paragraph.append(line)
    if paragraph:
        yield paragraph


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each sentence."""
    begin = 0
    for end in SENTENCE_END.finditer(text):
        if not NOT_END.search(text, max(begin, end.start() - 10), end.start() + 1):
            yield begin, end.end()
            begin = end.end()
    yield begin, len(text)


def _nice_number(number: re.Match[str]) -> str:
    return f"{number[1] or number[2]}{number[3]}"


def _doi_in(address: str) -> str:
    """Return the DOI that a web address is of, in its one form, or an empty text."""
    parts = urlsplit(address)
    if _site(parts.hostname) in DOI_SITES:
        return normalise_doi(parts.path.lstrip("/"))
    publishers = PUBLISHERS_PATH.fullmatch(parts.path)
    return normalise_doi(publishers[1]) if publishers else ""


def _has_real_host(address: str) -> bool:
    """Return whether an address names a site by a name that can exist."""
    host = urlsplit(address).hostname or ""
    labels = host.split(".")
    return len(labels) > 1 and all(labels) and labels[-1].upper() in addresses.TOP_DOMAINS


def _site(host: str | None) -> str:
    return (host or "").lower().removeprefix("www.")


def _same_address(address: str) -> str:
    """Return an address without what does not change where it leads."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{_site(parts.hostname)}{parts.path.rstrip('/')}{query}"


def _is_within(position: int, spans: list[tuple[int, int]]) -> bool:
    """Return whether one of the spans, which are in order, contains the position."""
    before = bisect_right(spans, (position, position + 1)) - 1
    return any(start <= position < end for start, end in spans[max(0, before) : before + 2])


def _once(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def _short(typed: str) -> str:
    return typed if len(typed) <= 60 else f"{typed[:58]}…"
