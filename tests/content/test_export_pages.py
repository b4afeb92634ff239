"""What is exported comes back as it was, and a history that does not fit is refused."""

import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from content import content_file, export, library, mending, publishing
from content.models import Code, Contributor, Draft, Page, Redaction, Review, Topic, Version

YESTERDAY = datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=UTC)


def outcomes(directory: Path) -> list[tuple[str, str]]:
    return [
        (str(o.path.relative_to(directory)), o.result) for o in library.import_files(library.files_in(directory))
    ]


def details(directory: Path) -> dict[str, str]:
    return {
        str(o.path.relative_to(directory)): o.detail
        for o in library.import_files(library.files_in(directory))
        if o.result == "refused"
    }


def everything() -> dict:
    """All that must survive, without the ids that a database gives out."""
    fields = [f.attname for f in Version._meta.concrete_fields if f.name not in ("id", "page")]
    drafts = [f.attname for f in Draft._meta.concrete_fields if f.name not in ("id", "page")]
    reviews = ("reviewer_name", "reviewer_id", "outcome", "note", "reviewed_at")
    redactions = ("reason", "redacted_by_name", "redacted_by_id", "redacted_at", "sha256")
    return {
        page.slug: {
            "facts": (page.kind, page.review_interval_months, getattr(page, "review_due_on", None)),
            "topics": sorted(page.topics.values_list("name", "slug")),
            "codes": sorted(page.codes.values_list("system", "code", "term")),
            "contributors": [contributor.to_credit() for contributor in page.contributors.all()],
            "versions": list(page.versions.order_by("number").values(*fields)),
            "reviews": sorted(Review.objects.filter(version__page=page).values_list("version__number", *reviews)),
            "redactions": list(Redaction.objects.filter(version__page=page).values("version__number", *redactions)),
            "drafts": [
                (values, sorted(Draft.objects.get(page=page, kind=values["kind"]).writers.values_list("pk", flat=True)))
                for values in Draft.objects.filter(page=page).order_by("kind").values(*drafts)
            ],
            "html": list(page.versions.order_by("number").values_list("rendering__html", "rendering__contents")),
        }
        for page in Page.objects.all()
    }


def publish_withdrawal(page: Page, reason: str, replacement: str = "", at: datetime | None = None) -> Version:
    last = page.versions.order_by("-number").first()
    version = Version(
        page=page,
        number=last.number + 1 if last else 1,
        kind="withdrawal",
        title="Withdrawn",
        summary="Gone.",
        reason=reason,
        replacement=replacement,
        published_at=at or timezone.now(),
    )
    version.sha256 = version.compute_sha256(last.sha256 if last else "")
    version.save(force_insert=True)
    mending.render(version)
    page.save()
    return version


class Undo(Exception):
    pass


def files_of(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*.md"))}


def exported_elsewhere(directory: Path, make) -> dict:
    """Make pages, export them, and take them away again: the site is as empty as before."""
    try:
        with transaction.atomic():
            make()
            was = everything()
            list(export.export_pages(directory))
            raise Undo
    except Undo:
        return was


# Any library


words = st.one_of(
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(
        [
            "---\nnot: front matter\n---\n",
            "---",
            "\n\n  Give 5 mg.  \n\n",
            "Give 5 mg.\r\nThen 10 mg.\r",
            "null", "yes", "2026-11-22", "0x1F", "1_000", "~", "- a", "? b", "a: b", "# c", "&x *y", "!!python/x", "'", '"',
            "{a: [b", "| \n x", ">-\n", "%YAML 1.1", "\ufeffBOM", "\x85\u2028\u2029", "\t", " ", "", "😀 α4 β1 ​", "Cited.[^x]",
            "\x01\x1f\x7f\x9f",
        ]
    ),
)  # fmt: skip
lines = words.map(lambda text: text[:100])
times = st.datetimes(datetime(2001, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC))
contributors = st.lists(
    st.fixed_dictionaries({"name": lines, "role": lines, "credentials": lines, "interests": words}), max_size=2
)
versions = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.builds(publishing.Text, title=lines, summary=lines, body=words, change_note=lines),
            "contributors": contributors,
            "author": st.one_of(st.just(("", None)), st.tuples(lines, st.integers(1, 2**62))),
            "approver": st.one_of(st.just(("", None)), st.tuples(lines, st.integers(1, 2**62))),
            "withdraws": st.one_of(st.none(), st.none(), words.filter(bool)),
            "reviews": st.lists(st.tuples(lines, st.sampled_from(Review.Outcome.values), words, times), max_size=2),
        }
    ),
    max_size=3,
)
pages = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(Page.Kind.values),
        "months": st.integers(0, 60),
        "topics": st.lists(lines.filter(bool), max_size=2, unique=True),
        "codes": st.lists(st.tuples(lines.map(lambda text: text[:30]), words), max_size=2, unique_by=lambda c: c[0]),
        "versions": versions,
        "times": st.lists(times, min_size=3, max_size=3, unique=True),
        "scheduled": st.booleans(),
        "contributors": contributors,
        "draft": st.one_of(
            st.none(),
            st.tuples(
                st.builds(publishing.Text, title=lines, summary=lines, body=words, change_note=lines),
                st.sampled_from(Draft.State.values),
                words,
            ),
        ),
        "withdrawal": st.one_of(st.none(), words),
    }
)


def credit(page: Page, entries: list[dict[str, str]]) -> None:
    page.contributors.all().delete()
    for position, entry in enumerate(entries):
        Contributor.objects.create(page=page, position=position, **entry)


def make_page(number: int, plan: dict, by: User, reviewer: User) -> None:
    page = Page.objects.create(slug=f"page-{number}", kind=plan["kind"], review_interval_months=plan["months"])
    for name in plan["topics"]:
        count = Topic.objects.count()
        page.topics.add(Topic.objects.get_or_create(name=name, defaults={"slug": f"topic-{count}"})[0])
    for code, term in plan["codes"]:
        Code.objects.create(page=page, system=Code.System.ATC, code=code, term=term)
    for version, at in zip(plan["versions"], sorted(plan["times"]), strict=False):
        credit(page, version["contributors"])
        if version["withdraws"]:
            made = publish_withdrawal(page, version["withdraws"], "page-0", at)
        else:
            made = publishing.add_version(
                page=page,
                text=version["text"],
                author_name=version["author"][0],
                author_id=version["author"][1],
                approver_name=version["approver"][0],
                approver_id=version["approver"][1],
                published_at=at,
            )
        for name, outcome, note, reviewed_at in version["reviews"]:
            Review.objects.create(
                version=made, reviewer_name=name, reviewer_id=5, outcome=outcome, note=note, reviewed_at=reviewed_at
            )
    credit(page, plan["contributors"])
    if plan["draft"]:
        text, state, comment = plan["draft"]
        live = page.live_version
        draft = publishing.start_draft(page=page, text=text, by=by, started_from=live.number if live else 0)
        draft = publishing.save_draft(draft=draft, text=text, by=reviewer, revision=1)
        Draft.objects.filter(pk=draft.pk).update(state=state, comment=comment, returned_by=reviewer, submitted_by=by)
    if plan["withdrawal"] is not None:
        Draft.objects.create(page=page, kind="withdrawal", title="W", summary="S", reason=plan["withdrawal"])
    if plan["scheduled"]:
        text = publishing.Text("Soon", "What comes.", "Give 7 mg.\n", "Licence.")
        publishing.add_version(page=page, text=text, published_at=timezone.now() + timedelta(days=2))
    page.save()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans=st.lists(pages, max_size=3))
def test_whatever_the_library_export_and_import_change_nothing(people, plans):
    def make():
        for number, plan in enumerate(plans):
            make_page(number, plan, people.editor, people.reviewer)

    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        was = exported_elsewhere(Path(one), make)
        assert not Page.objects.exists()
        try:
            with transaction.atomic():
                assert "refused" not in {result for _, result in outcomes(Path(one))}, details(Path(one))
                assert everything() == was
                list(export.export_pages(Path(other)))
                assert files_of(Path(other)) == files_of(Path(one))
                assert {result for _, result in outcomes(Path(one))} <= {"unchanged"}
                assert everything() == was
                raise Undo
        except Undo:
            pass


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["title", "reason", "comment"]), words), words)
def test_whatever_the_words_a_file_says_what_was_written(facts, body):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "a-page.md"
        path.write_bytes(content_file.to_bytes(facts, body))
        file = content_file.read(path)

    assert (file.facts, file.body) == (facts, body)
