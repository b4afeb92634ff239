"""A reader's annotations as files, to keep or to use elsewhere: Markdown, CSV and JSON-LD.

Each file contains every annotation it is given, complete. The JSON-LD follows the W3C's Web Annotation Data Model,
https://www.w3.org/TR/annotation-model/, whose sections are cited below. Reasons:
docs/decisions/0026-annotation-exports.md.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Protocol

from django.urls import reverse
from django.utils import timezone

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
JSON_LD_TYPE = f'application/ld+json; profile="{CONTEXT}"'
COLUMNS = (
    "Page", "Page address", "Annotation", "Label", "Heading", "Written (UK time)", "Edited (UK time)",
    "Last checked", "Check again on", "Written on version", "Annotation address",
)  # fmt: skip

_line_end = re.compile("\r\n|\r|\n")
_markdown_mark = re.compile(r"([\\`*_\[<&~#])")
# What spreadsheets take for a formula: https://owasp.org/www-community/attacks/CSV_Injection. It may follow characters
# that they skip, or apostrophes: so removing one apostrophe always gives the typed text back.
_formula = re.compile("'*[\\s\\x00-\\x1f\u200b-\u200f\ufeff]*[=+@\\-\uff1d\uff0b\uff20\uff0d\u30fc]|'*[\\t\\r\\n\\x00]")


class Exported(Protocol):
    """What an export reads of an annotation; of its page it reads the slug and the address."""

    pk: Any
    page: Any
    text: str
    label: str
    check_on: date | None
    checked_on: date | None
    written_on_version: int
    written_at: datetime
    edited_at: datetime | None

    @property
    def heading_path(self) -> tuple[str, ...]:
        """The names of the headings from the outermost to its own."""

    def get_label_display(self) -> str:
        """Return the name of its label."""

    def get_absolute_url(self) -> str:
        """Return the address where its owner edits it."""


def to_markdown(annotations: Iterable[Exported], titles: Mapping[str, str], site: str) -> Iterator[str]:
    """Yield a Markdown file, piece by piece, with the annotations by page.

    `titles` are the pages' titles by slug, `site` is the site's address without a slash at the end. Each text is quoted
    as code, every line after a quotation mark and spaces: it stays as it was typed, and nothing in it can end the
    quotation.
    """
    by_page: dict[str, list[Exported]] = {}
    for annotation in annotations:
        by_page.setdefault(annotation.page.slug, []).append(annotation)
    yield "# Your annotations\n"
    for slug, on_page in by_page.items():
        address = f"{site}{on_page[0].page.get_absolute_url()}"
        yield f"\n## {_plain(titles.get(slug, slug))}\n\n<{address}>\n"
        for annotation in on_page:
            quoted = "\n".join(f">     {line}" for line in _line_end.split(annotation.text))
            facts = "\n".join(f"- {fact}" for fact in _facts(annotation))
            yield f"\n{quoted}\n\n{facts}\n"


def to_csv(annotations: Iterable[Exported], titles: Mapping[str, str], site: str) -> Iterator[str]:
    """Yield a CSV file, line by line. Send it as UTF-8; the mark at the start tells Excel so.

    `titles` and `site` are as in `to_markdown`. Every cell is quoted, and a cell that a spreadsheet would calculate
    gets an apostrophe in front.
    """
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    addresses: dict[str, str] = {}
    yield "\ufeff" + writer.writerow(COLUMNS)
    for annotation in annotations:
        slug = annotation.page.slug
        if slug not in addresses:
            addresses[slug] = annotation.page.get_absolute_url()
        cells = (
            titles.get(slug, slug),
            site + addresses[slug],
            annotation.text,
            annotation.get_label_display(),
            " › ".join(annotation.heading_path),
            f"{timezone.localtime(annotation.written_at):%Y-%m-%d %H:%M}",
            f"{timezone.localtime(annotation.edited_at):%Y-%m-%d %H:%M}" if annotation.edited_at else "",
            str(annotation.checked_on or ""),
            str(annotation.check_on or ""),
            str(annotation.written_on_version),
            f"{site}{annotation.get_absolute_url()}",
        )
        yield writer.writerow([f"'{cell}" if _formula.match(cell) else cell for cell in cells])


def to_json_ld(annotations: Iterable[Exported], site: str, creator: str) -> dict[str, Any]:
    """Return the annotations as an Annotation Collection with one page (§5). Send it as `JSON_LD_TYPE`.

    `site` is as in `to_markdown`. `creator` is the name that the reader goes by, and the file says nothing else about
    them.
    """
    collection = site + reverse("annotation-list")
    items = [_to_json_ld(annotation, site, creator) for annotation in annotations]
    page = {"id": f"{collection}#all", "type": "AnnotationPage", "partOf": collection, "startIndex": 0, "items": items}
    return {
        "@context": CONTEXT,
        "id": collection,
        "type": "AnnotationCollection",
        "label": "Your annotations",
        "total": len(items),
    } | ({"first": page, "last": page["id"]} if items else {})  # the model allows no empty page


def _to_json_ld(annotation: Exported, site: str, creator: str) -> dict[str, Any]:
    """Return one annotation.

    The dates between which it was held to be correct are `dcterms:valid`, a term of the model's own context.
    """
    body = {"type": "TextualBody", "format": "text/plain", "language": "en-GB"}
    bodies = [body | {"value": annotation.text, "purpose": "commenting"}]
    if annotation.label:
        bodies.append(body | {"value": annotation.get_label_display(), "purpose": "tagging"})
    slug, version = annotation.page.slug, annotation.written_on_version
    target: dict[str, Any] = {"type": "SpecificResource", "source": site + _address_of_version(slug, version)}
    if annotation.heading_path:
        target["label"] = " › ".join(annotation.heading_path)
        target["selector"] = {"type": "TextQuoteSelector", "exact": annotation.heading_path[-1]}
    described = {
        "id": f"{site}{annotation.get_absolute_url()}",
        "type": "Annotation",
        "motivation": "commenting",
        "creator": {"type": "Person", "name": creator},
        "created": _utc(annotation.written_at),
        "body": bodies,
        "target": target,
    }
    if annotation.edited_at:
        described["modified"] = _utc(annotation.edited_at)
    if annotation.check_on:
        described["dcterms:valid"] = f"{annotation.checked_on}/{annotation.check_on}"
    return described


class _Line:
    """A file for the CSV writer that returns each line written to it, so that the writer returns it too."""

    def write(self, line: str) -> str:
        return line


def _facts(annotation: Exported) -> Iterator[str]:
    """Yield in sentences what is known about an annotation besides its text."""
    if annotation.label:
        yield f"Label: {_plain(annotation.get_label_display())}"
    if annotation.heading_path:
        yield f"On the heading: {_plain(' › '.join(annotation.heading_path))}"
    yield f"Written on {_day(annotation.written_at)}, on version {annotation.written_on_version} of the page"
    if annotation.edited_at:
        yield f"Edited on {_day(annotation.edited_at)}"
    if annotation.checked_on:
        yield f"Last checked on {_day(annotation.checked_on)}"
    if annotation.check_on:
        yield f"To be checked again on {_day(annotation.check_on)}"


def _plain(text: str) -> str:
    """Return `text` on one line, with everything escaped that Markdown would read."""
    return _markdown_mark.sub(r"\\\1", " ".join(text.split()))


def _day(moment: datetime | date) -> str:
    """Return a date as the site writes it, UK time."""
    day = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return f"{day.day} {day:%b %Y}"


def _utc(moment: datetime) -> str:
    """Return a time as the model requires it: in UTC, written with Z (§3.3.1)."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@lru_cache
def _address_of_version(slug: str, number: int) -> str:
    """Return the address of a version, worked out once for the many annotations that share it."""
    return reverse("version-detail", args=[slug, number])
