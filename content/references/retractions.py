"""Which cited papers were retracted or are doubted by their journals: matched by DOI and PMID, and never by title.

A notice belongs to a version for as long as the paper stays retracted: a new version that no longer cites the paper
has none. Reasons: docs/decisions/0067-references-as-data.md.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

from content.markup import references
from content.markup.problems import WARNING, Problem
from content.markup.references import Reference, Statement
from content.models import CitedRetraction, Rendering, Retraction, Version, newest_of

from .retraction_watch import Record

BATCH = 500  # rows that are written, or renderings that are read, at a time
FIELDS = tuple(Record.__dataclass_fields__)


class Known:
    """Records of Retraction Watch, by the papers that they are about."""

    def __init__(self, records: Iterable[Retraction]) -> None:
        self.by_doi: dict[str, list[Retraction]] = defaultdict(list)
        self.by_pmid: dict[str, list[Retraction]] = defaultdict(list)
        for record in records:
            if record.doi:
                self.by_doi[record.doi].append(record)
            if record.pmid:
                self.by_pmid[record.pmid].append(record)

    @classmethod
    def about(cls, cited: Iterable[Reference]) -> "Known":
        """Return what is known about the papers that these references cite, in one query or, without any, none."""
        cited = list(cited)
        dois = {doi for reference in cited for doi in reference.dois}
        pmids = {pmid for reference in cited for pmid in reference.pmids}
        if not dois and not pmids:
            return cls([])
        return cls(Retraction.objects.filter(Q(doi__in=dois) | Q(pmid__in=pmids)))

    def find(self, reference: Reference) -> Retraction | None:
        """Return the gravest and newest notice on what a reference cites, or None. A later reinstatement cancels it."""
        records = {
            record.pk: record
            for record in (
                *(record for doi in reference.dois for record in self.by_doi.get(doi, ())),
                *(record for pmid in reference.pmids for record in self.by_pmid.get(pmid, ())),
            )
        }.values()
        reinstated = [record for record in records if record.nature == Retraction.Nature.REINSTATEMENT]
        notices = [
            record
            for record in records
            if record not in reinstated and not any(_cancels(later, record) for later in reinstated)
        ]
        return max(notices, key=_weight, default=None)


@dataclass(frozen=True)
class Concerned:
    """A live page that cites such a paper: its version, the reference, the notice, and the sentences that cite it."""

    version: Version
    reference: Reference
    retraction: Retraction
    statements: list[Statement]
    was_known: bool


@dataclass
class Read:
    """How many records a file had that the site keeps, how many of them are new or say something else than before."""

    kept: int = 0
    new: int = 0
    changed: int = 0
    missing: int = 0


def store(records: Iterable[Record]) -> Read:
    """Store records, and return what they brought.

    A record that is no longer among them stays: a file that was cut short must not take a notice from readers.
    """
    known = {row[0]: row for row in Retraction.objects.values_list(*FIELDS)}
    read, seen, waiting = Read(), set[int](), dict[int, Record]()
    for record in records:
        seen.add(record.record)
        before = known.get(record.record)
        if before != (now := tuple(vars(record).values())):
            read.new, read.changed = read.new + (before is None), read.changed + (before is not None)
            known[record.record] = now
            waiting[record.record] = record
        if len(waiting) >= BATCH:
            _write(waiting.values())
            waiting = {}
    _write(waiting.values())
    read.kept, read.missing = len(seen), len(known.keys() - seen)
    return read


def forget(records: Iterable[int]) -> int:
    """Delete the stored records that are not among these numbers, and return how many those were."""
    gone = list({*Retraction.objects.values_list("record", flat=True)} - {*records})
    for start in range(0, len(gone), BATCH):
        Retraction.objects.filter(record__in=gone[start : start + BATCH]).delete()
    return len(gone)


def renew(rendering: Rendering, *, was_known: bool = False) -> None:
    """Give a version the notices that its references need. `was_known` says that its reviewer was told of them."""
    cited = [Reference.from_record(record) for record in rendering.references]
    _renew(rendering.version_id, cited, Known.about(cited), was_known=was_known)


def renew_all() -> Iterator[None]:
    """Give every version the notices that its references need; yields after each."""
    known = Known(Retraction.objects.all())  # all: a query names no more than some thousand papers
    noted = {*CitedRetraction.objects.values_list("version_id", flat=True)}
    rows = Rendering.objects.order_by("pk").values_list("version_id", "references")
    for version, records in rows.iterator(chunk_size=BATCH):
        cited = [Reference.from_record(record) for record in records]
        if version in noted or any(map(known.find, cited)):
            with transaction.atomic():
                if Version.objects.filter(pk=version).exists():  # a scheduled one may have been cancelled
                    _renew(version, cited, known, was_known=False)
        yield


def find_concerned(*, unknown_only: bool = False) -> list[Concerned]:
    """Return the live pages that cite such papers, in the order of their addresses, in two queries.

    With `unknown_only`, leave out those whose reviewer was told of it and approved the text.
    """
    live = CitedRetraction.objects.filter(version=newest_of("version__page"), version__kind=Version.Kind.TEXT)
    rows = live.select_related("version__page", "retraction")
    rows = rows.filter(was_known=False) if unknown_only else rows
    found = []
    for row in rows.order_by("version__page__slug", "key"):
        defined = {reference.key: reference for reference in references.find(row.version.body)}
        if row.key in defined:
            said = [each for each in references.find_statements(row.version.body) if each.key == row.key]
            found.append(Concerned(row.version, defined[row.key], row.retraction, said, row.was_known))
    return found


def find_problems(body: str) -> list[Problem]:
    """Return a warning for each reference of a text to such a paper."""
    cited = references.find(body)
    known = Known.about(cited)
    return [
        Problem(reference.line, WARNING, describe(reference, notice))
        for reference in cited
        if (notice := known.find(reference))
    ]


def describe(reference: Reference, notice: Retraction) -> str:
    """Return what a writer or reviewer is told about a reference to such a paper."""
    paper = f"doi:{notice.doi}" if notice.doi in reference.dois else f"PMID {notice.pmid}"
    when = f" on {notice.notice_on:%-d %b %Y}" if notice.notice_on else ""
    was_retracted = notice.nature == Retraction.Nature.RETRACTION
    what = f"was retracted{when}" if was_retracted else f"has had an expression of concern from its journal{when}"
    return (
        f"The paper in [^{reference.key}] ({paper}) {what}. Check each sentence that cites it. While the page cites "
        "it, readers see a notice there."
    )


def _renew(version: int, cited: list[Reference], known: Known, *, was_known: bool) -> None:
    needed = {reference.key: notice for reference in cited if (notice := known.find(reference))}
    rows = {row.key: row for row in CitedRetraction.objects.filter(version=version)}
    old = [row.pk for key, row in rows.items() if key not in needed or row.retraction_id != needed[key].pk]
    if old:
        CitedRetraction.objects.filter(pk__in=old).delete()
    CitedRetraction.objects.bulk_create(
        CitedRetraction(version_id=version, key=key, retraction=notice, was_known=was_known)
        for key, notice in needed.items()
        if key not in rows or rows[key].pk in old
    )


def _write(records: Collection[Record]) -> None:
    if records:
        Retraction.objects.bulk_create(
            [Retraction(**vars(record)) for record in records],
            update_conflicts=True,
            unique_fields=["record"],
            update_fields=[name for name in FIELDS if name != "record"],
        )


def _cancels(later: Retraction, notice: Retraction) -> bool:
    """Return whether a reinstatement is of the same paper and not older than a notice."""
    is_same = bool(later.doi and later.doi == notice.doi) or bool(later.pmid and later.pmid == notice.pmid)
    return is_same and _day(later) >= _day(notice)


def _weight(notice: Retraction) -> tuple[bool, date, int]:
    return notice.nature == Retraction.Nature.RETRACTION, _day(notice), notice.record


def _day(record: Retraction) -> date:
    return record.notice_on or date.min
