"""Says what was altered if somebody changed the history behind the site's back.

Each version's sha256 covers its words, people, time and page, and the sha256 of the version before it. So a change is
seen in the version itself or in the one after it; only a cut-off end is not, nor a history written wholly anew:
`heads`, saved elsewhere, show those.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django.db import connection
from django.utils import timezone

from . import immutability, redaction
from .models import Page, Version

AT_ONCE = 200  # versions that are in memory together


@dataclass(frozen=True)
class Head:
    """The newest published version of a page at some time: enough to prove later that it was there."""

    slug: str
    number: int
    sha256: str

    def to_json(self) -> str:
        """The head as one line of a file."""
        return json.dumps(vars(self))


@dataclass(frozen=True)
class Finding:
    """Something that is not as the site left it; `number` is the version, None for the page or the database."""

    slug: str
    number: int | None
    message: str

    def __str__(self) -> str:
        place = f"version {self.number}: " if self.number else ""
        return f"{self.slug}: {place}{self.message}" if self.slug else self.message


@dataclass(frozen=True)
class Checked:
    """A page's history after it was checked."""

    head: Head | None
    count: int
    findings: list[Finding]
    redacted: list[str]


class BadHeads(Exception):
    """A file of heads that cannot be read; the message names the line."""


def read_heads(path: Path) -> dict[str, Head]:
    """The heads in a file of JSON lines, by slug. Raises `BadHeads`."""
    heads = {}
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    head = Head(**json.loads(line))
                except (ValueError, TypeError) as error:
                    raise BadHeads(f"{path}, line {number}: is not a head as --save-heads writes it") from error
                heads[head.slug] = head
    except (OSError, UnicodeDecodeError) as error:
        raise BadHeads(f"{path} cannot be read: {error}") from error
    return heads


def missing_triggers() -> list[Finding]:
    """The triggers that are not there: without them the database would let anybody change what was published."""
    return [
        Finding("", None, f"The trigger {name} is missing: run migrate, which makes it anew.")
        for name in immutability.missing(connection)
    ]


def check_pages(heads: dict[str, Head] | None = None) -> Iterator[Checked]:
    """Check the history of every page that has one, in one query and little memory, then those only in `heads`.

    The iterator yields once for each page.
    """
    left = dict(heads or {})
    versions = Version.objects.select_related("page", "redaction").order_by("page__slug", "number", "pk")
    for slug, of_page in groupby(versions.iterator(chunk_size=AT_ONCE), key=lambda version: version.page.slug):
        yield _check_page(slug, of_page, left.pop(slug, None))
    for head in left.values():
        gone = "page" if not Page.objects.filter(slug=head.slug).exists() else "page's whole history"
        yield Checked(
            None, 0, [Finding(head.slug, None, f"the {gone} is gone; version {head.number} was there")], []
        )


def _check_page(slug: str, versions: Iterable[Version], head: Head | None) -> Checked:
    """Check one page: numbers, order, times, each version's own sha256 and the chain, then against its saved head."""
    findings: list[Finding] = []
    redacted: list[str] = []
    now = timezone.now()
    newest: Head | None = None
    held: str | None = None  # the sha256 saved of the head's version, as it stands now
    before: Version | None = None
    words: str = ""  # the hash of what the version before says, whatever it states
    suspect: int | None = None  # the finding about the version before, until its successor tells more
    count = 0
    for version in versions:
        count += 1
        expected = before.number + 1 if before else 1
        is_next = version.number == expected
        if version.number > expected:
            findings.append(_gap(slug, expected, version.number))
        elif version.number < expected:
            findings.append(Finding(slug, version.number, "is there twice"))
        if before and version.pk < before.pk:
            findings.append(Finding(slug, version.number, f"is an older row than version {before.number}: out of order"))
        if before and version.published_at <= before.published_at:
            findings.append(Finding(slug, version.number, f"its time is not after that of version {before.number}"))
        stated = before.sha256 if before else ""
        computed = version.compute_sha256(stated)
        if is_next:
            about, say = _check_version(slug, version, computed, before)
            if suspect is not None and before:
                if about and version.compute_sha256(words) == _own(version):
                    findings[suspect] = Finding(slug, before.number, "its sha256 was altered; what it says was not")
                    about, say = None, ""
                elif not about:
                    findings[suspect] = Finding(slug, before.number, "its text, people, time or address was altered")
            suspect = None
            if about:
                findings.append(about)
                suspect = len(findings) - 1 if not hasattr(version, "redaction") else None
            if hasattr(version, "redaction"):
                redacted.append(redaction.describe(version.redaction))
        before, words = version, computed
        if head and version.number == head.number:
            held = version.sha256
        if version.published_at <= now:
            newest = Head(slug, version.number, version.sha256)
    if head:
        findings += _check_head(slug, head, held, before)
    return Checked(newest, count, findings, redacted)
