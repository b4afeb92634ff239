"""How to cite one published version: as text, and in the formats that reference managers read.

A version never changes, so its citation needs no day of access. Names are as they were credited: which part of one is
the family name is not known, so it is never guessed. What the publisher has not set is left out. Reasons:
docs/decisions/0079-the-site-for-machines.md.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone

from content.models import Version
from content.references import csl

LANGUAGE = "en-GB"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")  # macros of BibTeX
# How LaTeX writes the signs that it reads as something else. BibTeX counts a brace even after a backslash, so the names
# of braces are written; signs in mathematics are the ones that every font and every reader of BibTeX has.
LATEX = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "$&#_%"},
        **{sign: f"${sign}$" for sign in "<>|"},
        "{": r"$\lbrace$", "}": r"$\rbrace$", "\\": r"\textbackslash{}", "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}", "`": r"\textasciigrave{}",
    }
)  # fmt: skip
LIGATURE = re.compile(r"([-'])(?=\1)")  # two such signs in a row become another one


@dataclass(frozen=True)
class Citation:
    """What is cited. Without a name to state, `authors` or `publisher` is empty. `url` is of the version for ever."""

    key: str
    title: str
    authors: tuple[str, ...]
    number: int
    published_on: date
    site: str
    publisher: str
    url: str

    @property
    def version(self) -> str:
        """The version in words."""
        return f"Version {self.number}"


def cite(version: Version) -> Citation:
    """Return how to cite a published version; `version.page` is read too."""
    credited = (_one_line(credit.get("name")) for credit in version.credits)
    is_withdrawal = version.kind == Version.Kind.WITHDRAWAL
    return Citation(
        key=f"{version.page.slug}-v{version.number}",
        title=("Withdrawn: " if is_withdrawal else "") + _one_line(version.title),
        authors=tuple(name for name in credited if name) or authoring_team(),
        number=version.number,
        published_on=timezone.localdate(version.published_at),
        site=settings.SITE_NAME,
        publisher="" if settings.PUBLISHER == settings.NO_PUBLISHER else settings.PUBLISHER,
        url=f"{settings.SITE_URL}{version.get_absolute_url()}",
    )


def authoring_team() -> tuple[str, ...]:
    """Return the name that stands for authors where none is credited, or nothing if the publisher has set none."""
    is_set = settings.AUTHORING_TEAM not in ("", settings.NO_AUTHORING_TEAM)
    return (settings.AUTHORING_TEAM,) if is_set else ()


def to_text(cited: Citation) -> str:
    """Return a citation as a line to read."""
    parts = [
        ", ".join(cited.authors),
        cited.title,
        f"{cited.version}, {cited.published_on:%-d %b %Y}",
        ", ".join(name for name in (cited.site, cited.publisher) if name),
    ]
    ended = (part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)
    return f"{' '.join(ended)} {cited.url}\n"


def to_ris(cited: Citation) -> str:
    """Return a citation as an entry of RIS: a web page, whose edition is the version."""
    lines = [
        ("TY", "ELEC"),
        ("ID", cited.key),
        *(("AU", name) for name in cited.authors),
        ("TI", cited.title),
        ("ET", cited.version),
        ("PY", f"{cited.published_on:%Y}"),
        ("DA", f"{cited.published_on:%Y/%m/%d}/"),
        ("T2", cited.site),
        *([("PB", cited.publisher)] if cited.publisher else []),
        ("LA", LANGUAGE),
        ("UR", cited.url),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {_one_line(value)}\r\n" for tag, value in lines)


def to_bibtex(cited: Citation) -> str:
    """Return a citation as an entry of BibTeX. Names and title are in braces of their own, and so stay as they are."""
    fields = {
        "author": " and ".join(f"{{{_latex(name)}}}" for name in cited.authors),
        "title": f"{{{_latex(cited.title)}}}",
        "year": f"{cited.published_on:%Y}",
        "howpublished": _latex(cited.site),
        "publisher": _latex(cited.publisher),
        "note": f"{cited.version}, {cited.published_on:%-d %b %Y}",
        "language": LANGUAGE,
        "url": cited.url,
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@misc{{{cited.key},\n{''.join(lines)}  month = {MONTHS[cited.published_on.month - 1]}\n}}\n"


def to_csl(cited: Citation) -> str:
    """Return a citation as CSL-JSON: a list with one item, as programs expect it."""
    day = cited.published_on
    item: dict[str, Any] = {
        "id": cited.key,
        "type": "webpage",
        "title": cited.title,
        "author": [{"literal": name} for name in cited.authors],
        "version": str(cited.number),
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "container-title": cited.site,
        "publisher": cited.publisher,
        "language": LANGUAGE,
        "URL": cited.url,
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2)


FORMATS: dict[str, tuple[str, Callable[[Citation], str]]] = {
    "txt": ("text/plain; charset=utf-8", to_text),
    "ris": ("application/x-research-info-systems; charset=utf-8", to_ris),
    "bib": ("application/x-bibtex; charset=utf-8", to_bibtex),
    "json": (csl.MEDIA_TYPE, to_csl),
}


def _one_line(value: Any) -> str:
    return " ".join(str(value or "").split())


def _latex(text: str) -> str:
    return LIGATURE.sub(r"\1{}", _one_line(text).translate(LATEX))
