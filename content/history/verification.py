"""Finds what was altered if someone changed the history behind the site's back.

Each version's sha256 covers its words, people, time and page, and the sha256 of the version before it. So a change
shows in the version itself or in the next one. Only versions cut off the end, or a history that was rewritten as a
whole, do not show: for those, compare with heads that were saved elsewhere. Reasons:
docs/decisions/0021-verification.md.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path

from django.db import connection

from content import clock
from content.markup import rendering
from content.models import Page, Redaction, Version

from . import redaction, rerendering, triggers

AT_ONCE = 200  # versions in memory at the same time


@dataclass(frozen=True)
class Head:
    """The newest published version of a page when heads were saved: enough to prove later that it was there."""

    slug: str
    number: int
    sha256: str
    kind: str  # of the page: guidance or about
    saved_at: str  # when the head was read from the database, ISO 8601
    redactions: dict[str, str]  # by the number of each redacted version, the sha256 of its tombstone

    def __post_init__(self) -> None:
        is_head = isinstance(self.slug, str) and isinstance(self.number, int) and isinstance(self.sha256, str)
        if not (is_head and isinstance(self.redactions, dict)) or datetime.fromisoformat(self.saved_at).tzinfo is None:
            raise TypeError("not a head")

    def to_json(self) -> str:
        """Return the head as one line of a file."""
        return json.dumps(vars(self))


@dataclass(frozen=True)
class Finding:
    """Something that is not as the site left it.

    `number` is 0 if it is about a page and not one version; `slug` is empty if it is about no page.
    """

    slug: str
    number: int
    message: str

    def __str__(self) -> str:
        place = f", version {self.number}" if self.number else ""
        return f"{self.slug}{place}: {self.message}" if self.slug else self.message


@dataclass
class Checked:
    """The result of checking a page's history.

    `count` is how many versions it has, `head` the head to save, `redacted` one sentence for each redaction.
    """

    slug: str
    count: int = 0
    head: Head | None = None
    findings: list[Finding] = field(default_factory=list)
    redacted: list[str] = field(default_factory=list)

    def find(self, number: int, message: str) -> None:
        """Add a finding about a version, or about the page if `number` is 0."""
        self.findings.append(Finding(self.slug, number, message))


class BadHeads(Exception):
    """A file of heads that cannot be read. The message names the line if it is one line that is wrong."""


def read_heads(path: Path) -> dict[str, Head]:
    """Return the heads in a file of JSON lines, by slug. Raises `BadHeads`."""
    heads = {}
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    head = Head(**json.loads(line))
                except (ValueError, TypeError) as error:
                    raise BadHeads(f"{path}, line {number}: is not a head as --save-heads writes it.") from error
                heads[head.slug] = head
    except (OSError, UnicodeDecodeError) as error:
        raise BadHeads(f"{path} cannot be read: {error}") from error
    return heads


def missing_triggers() -> list[Finding]:
    """Return a finding for each missing trigger: without it, anyone at the database can change the history."""
    return [
        Finding("", 0, f"The trigger {name} is missing. Run migrate to make it again.")
        for name in triggers.missing(connection)
    ]


def check_pages(heads: dict[str, Head] | None = None, *, html: bool = False) -> Iterator[Checked]:
    """Check the history of every page, then report the pages that only `heads` has; yield each result.

    It reads the versions in one query, `AT_ONCE` at a time. With `html`, it also renders every version again, to see
    whether readers are shown what the text gives.
    """
    left = dict(heads or {})
    versions = Version.objects.select_related("page", "redaction", "rendering").order_by("page_id", "number", "pk")
    since = min((datetime.fromisoformat(head.saved_at) for head in left.values()), default=None)
    for slug, of_page in groupby(versions.iterator(chunk_size=AT_ONCE), key=lambda version: version.page.slug):
        yield _check_page(slug, of_page, left.pop(slug, None), since, html)
    there = set(Page.objects.filter(slug__in=left).values_list("slug", flat=True)) if left else set()
    for slug, head in left.items():
        gone = Checked(slug)
        what = "its whole history is gone" if slug in there else "the page is gone with its history"
        gone.find(0, f"{what}; version {head.number} was there")
        yield gone


def _check_page(
    slug: str, versions: Iterable[Version], head: Head | None, since: datetime | None, html: bool
) -> Checked:
    """Check one page: numbers, order, times, each sha256 and the chain, then compare with its saved head."""
    page, now = Checked(slug), clock.now()
    redactions: dict[str, str] = {}
    before: Version | None = None
    chain = _Chain(page)
    held = ""  # the sha256 that the version named by the saved head has here
    for version in versions:
        page.count += 1
        _check_place(page, version, before)
        chain.check(version, before)
        if html and not _shows_its_text(version):
            words = "; ".join(rerendering.find_changes(version)) or "no visible word differs"
            said = "its HTML is not what its text makes; to fix that, run render_pages --all"
            page.find(version.number, f"{said}. What would change: {words}")
        if head and version.number == head.number:
            held = version.sha256
        if head:
            _check_since(page, version, head)
        elif since and version.published_at <= since:
            page.find(version.number, "is dated before the heads were saved, and the page was not among them")
        if redacted := _redaction_of(version):
            redactions[str(version.number)] = redacted.sha256
        if version.published_at <= now:  # a scheduled version may still be cancelled honestly
            kind = version.page.kind
            page.head = Head(slug, version.number, version.sha256, kind, now.isoformat(), dict(redactions))
        before = version
    if head and before:
        _check_head(page, head, held, before.number)
    return page


def _shows_its_text(version: Version) -> bool:
    """Return whether readers are shown the HTML that this renderer makes of the text.

    HTML that is missing or was made by another revision of the renderer is not compared, and counts as right.
    """
    made = getattr(version, "rendering", None)
    return made is None or made.renderer != rendering.REVISION or made.html == rendering.render(version.body).html


def _check_since(page: Checked, version: Version, head: Head) -> None:
    """Note what cannot have changed honestly since the head was saved."""
    saved_at = datetime.fromisoformat(head.saved_at)
    if version.number > head.number and version.published_at <= saved_at:
        page.find(version.number, "is dated before the heads were saved, and was not there then")
    if version.number == head.number and version.page.kind != head.kind:
        page.find(0, f"was {head.kind} when the heads were saved, and is {version.page.kind} now: its address moved")
    redacted, was = _redaction_of(version), head.redactions.get(str(version.number))
    if was and (redacted is None or redacted.sha256 != was):
        page.find(version.number, "its redaction is not the one that was there when the heads were saved")
    if redacted and not was and version.number <= head.number and redacted.redacted_at <= saved_at:
        page.find(version.number, "its redaction is dated before the heads were saved, and was not there then")


def _check_place(page: Checked, version: Version, before: Version | None) -> None:
    """Note where the version does not follow the one before it in number, row and time."""
    first = before.number + 1 if before else 1
    if version.number < first:
        page.find(version.number, "is there twice")
    elif version.number > first:
        last = version.number - 1
        which = f"version {first} is" if first == last else f"versions {first} to {last} are"
        page.find(0, f"{which} missing, so the sha256 of version {version.number} could not be checked")
    if before and version.pk < before.pk:
        page.find(version.number, f"was inserted before version {before.number}: the order is not that of publication")
    if before and version.published_at <= before.published_at:
        page.find(version.number, f"its time is not after that of version {before.number}")


def _check_head(page: Checked, head: Head, held: str, last: int) -> None:
    """Note where the history does not reach the saved head, or does not fit it."""
    if last < head.number:
        page.find(0, f"its end was cut off: version {head.number} was there, and version {last} is now the last")
    elif held and held != head.sha256:
        page.find(head.number, "is not the version whose sha256 was saved: the history up to it was rewritten")


class _Chain:
    """The chain of a page's hashes, checked from its first version.

    If a version does not fit, the next one can show whether its words or its sha256 were altered.
    """

    def __init__(self, page: Checked) -> None:
        self.page = page
        self.computed = ""  # the hash of what the version before says, which may not be the sha256 it states
        self.broken: int | None = None  # the position of the finding about the version before, if it did not fit

    def check(self, version: Version, before: Version | None) -> None:
        """Note where the version does not fit its own sha256, or that of the version before."""
        broken, self.broken = self.broken, None
        computed, redacted = version.compute_sha256(before.sha256 if before else ""), _redaction_of(version)
        if version.number != (before.number + 1 if before else 1):
            self.computed = computed  # the version it was chained to is missing
            return
        fits = computed == (redacted.sha256 if redacted else version.sha256)
        if broken is not None and before:
            if fits:
                self._settle(broken, before, _suspicion(before, "its text, people, time or address"))
            elif version.compute_sha256(self.computed) == (redacted.sha256 if redacted else version.sha256):
                self._settle(broken, before, "its sha256 was altered; what it says was not")
                fits = True
        self.computed = computed
        if redacted:
            self._check_redaction(version, fits)
        elif not fits:
            self.broken = len(self.page.findings)
            self.page.find(version.number, _suspicion(version, "its text, people, time, address or sha256"))

    def _settle(self, place: int, version: Version, message: str) -> None:
        """Replace the finding about an earlier version, now that the next one has shown what happened."""
        self.page.findings[place] = Finding(self.page.slug, version.number, message)

    def _check_redaction(self, version: Version, fits: bool) -> None:
        """Note a redaction, and a tombstone that is not the one the site writes."""
        self.page.redacted.append(
            f"{self.page.slug}, version {version.number}: {redaction.describe(version.redaction)}"
        )
        if not redaction.is_tombstone(version):
            self.page.find(
                version.number, "a redaction is recorded, but the text is not the tombstone that a redaction leaves"
            )
        elif not fits:
            self.page.find(version.number, "its tombstone, people, time or address was altered after it was redacted")


def _redaction_of(version: Version) -> Redaction | None:
    return getattr(version, "redaction", None)


def _suspicion(version: Version, what: str) -> str:
    """Return what may be wrong with a version that does not fit its sha256."""
    said = f"{what} was altered"
    before = version.number - 1
    return f"{said}, or version {before} was replaced together with its sha256" if before else said
