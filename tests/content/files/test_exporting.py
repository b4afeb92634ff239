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
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from content import publishing
from content.files import exporting, importing
from content.files import format as content_file
from content.history import redaction, rerendering, verification
from content.models import Code, Contributor, Draft, HomeEntry, Page, Redaction, Review, Topic, Version
from tests.bench import many
from tests.conftest import LIBRARY


def outcomes(directory: Path) -> list[tuple[str, str]]:
    return [
        (str(o.path.relative_to(directory)), o.result) for o in importing.import_files(importing.files_in(directory))
    ]


def details(directory: Path) -> dict[str, str]:
    return {
        str(o.path.relative_to(directory)): o.detail
        for o in importing.import_files(importing.files_in(directory))
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
            "home": list(page.home_entries.values_list("section", "label", "note", "position", "below")),
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
    rerendering.render(version)
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
            list(exporting.export_pages(directory))
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
            "null", "yes", "2026-11-22", "0x1F", "1_000", "~", "- a", "? b", "a: b", "# c", "&x *y", "'", '"',
            "{a: [b", "| \n x", ">-\n", "%YAML 1.1", "\ufeffBOM", "\x85\u2028\u2029", "\t", " ", "", "😀 α4 β1 ​",
            "\x01\x1f\x7f\x9f", "\xa0", "\x85", "Cited.[^x]", "!!python/x",
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
        "home": st.lists(
            st.fixed_dictionaries(
                {
                    "section": st.sampled_from(HomeEntry.Section.values),
                    "label": lines.map(lambda text: text[:60]).filter(bool),
                    "note": lines,
                    "position": st.integers(0, 32767),
                    "below": st.sampled_from(["", "page-0", "page-2", "not-here"]),
                }
            ),
            max_size=2,
            unique_by=lambda entry: entry["section"],
        ),
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
    for entry in plan["home"]:
        HomeEntry.objects.create(page=page, **entry)
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


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
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
                list(exporting.export_pages(Path(other)))
                assert files_of(Path(other)) == files_of(Path(one))
                assert {result for _, result in outcomes(Path(one))} <= {"unchanged"}
                assert everything() == was
                raise Undo
        except Undo:
            pass


@example({"title": "\xa0"}, "")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["title", "reason", "comment"]), words), words)
def test_whatever_the_words_a_file_says_what_was_written(facts, body):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "a-page.md"
        path.write_bytes(content_file.to_bytes(facts, body))
        file = content_file.read(path)

    assert (file.facts, file.body) == (facts, body)


# What the files are


@pytest.fixture
def exported(tmp_path, publish, people):
    """A page of three versions that was exported and is gone from the site."""
    directory = tmp_path / "library"

    def make():
        for body in ("Give 5 mg.\n", "Give 10 mg.\n", "Text.\n---\nGive 15 mg."):
            version = publish("dose", body=body)
        Review.objects.create(version=version, reviewer_name="Dr R", outcome="current", note="Fine.")

    exported_elsewhere(directory, make)
    return directory


def rewrite(path: Path, old: str, new: str) -> None:
    content = path.read_bytes().decode()
    assert re.search(old, content, re.MULTILINE)
    path.write_bytes(re.sub(old, new, content, count=1, flags=re.MULTILINE).encode())


def test_a_page_is_a_live_file_a_draft_and_a_file_for_each_version(publish, people, tmp_path):
    publish("dose")
    version = publish("dose", body="Give 10 mg.\n")
    publishing.start_draft(
        page=version.page, text=publishing.Text("Dose", "S", "Half"), by=people.editor, started_from=2
    )
    list(exporting.export_pages(tmp_path))

    assert sorted(files_of(tmp_path)) == ["dose.draft.md", "dose.md", "dose/history/1.md", "dose/history/2.md"]
    file = content_file.read(tmp_path / "dose/history/2.md")
    assert file.facts == {
        "slug": "dose", "kind": "guidance", "title": "About dose", "summary": "What dose says.",
        "change_note": "Because it changed.", "version": 2, "version_kind": "text", "credits": [],
        "author": {"name": "The editor", "id": people.editor.pk},
        "writers": [{"name": "The editor", "id": people.editor.pk}],
        "approver": {"name": "The reviewer", "id": people.reviewer.pk},
        "published_at": Version.objects.get(number=2).published_at,
        "previous_sha256": Version.objects.get(number=1).sha256, "sha256": Version.objects.get(number=2).sha256,
    }  # fmt: skip
    assert file.body == "Give 10 mg.\n"


def test_a_withdrawn_page_and_its_redaction_come_back(tmp_path, publish, people):
    def make():
        version = publish("dose", body="Mr Smith.\n")
        publish_withdrawal(version.page, "Out of date.", "other")
        redaction.redact(version=version, by=people.administrator, reason="A patient was named.")

    was = exported_elsewhere(tmp_path, make)
    assert outcomes(tmp_path) == [
        ("dose/history/1.md", "new"), ("dose/history/2.md", "new"), ("dose.md", "unchanged"),
    ]  # fmt: skip

    assert everything() == was
    assert "Mr Smith" not in b"".join(files_of(tmp_path).values()).decode()
    [page] = verification.check_pages()
    assert (page.findings, len(page.redacted)) == ([], 1)


def test_a_scheduled_version_comes_back_scheduled(tmp_path, publish):
    def make():
        version = publish("dose")
        text = publishing.Text("Dose", "S", "Give 7 mg.\n")
        publishing.add_version(page=version.page, text=text, published_at=timezone.now() + timedelta(days=1))

    was = exported_elsewhere(tmp_path, make)
    outcomes(tmp_path)

    assert everything() == was
    assert Page.objects.get().live_version.number == 1


def test_a_page_without_any_text_comes_back(tmp_path, db):
    was = exported_elsewhere(tmp_path, lambda: Page.objects.create(slug="empty", kind="about"))

    assert outcomes(tmp_path) == [("empty.md", "unchanged")]
    assert everything() == was


def test_an_edited_export_of_the_live_text_is_a_draft_of_the_next_version(tmp_path, publish):
    publish("dose", body="Give 5 mg.\n")
    list(exporting.export_pages(tmp_path))
    rewrite(tmp_path / "dose.md", "Give 5 mg", "Give 10 mg")

    assert outcomes(tmp_path)[-1] == ("dose.md", "changed")
    assert (Draft.objects.get().body, Draft.objects.get().started_from) == ("Give 10 mg.\n", 1)
    assert Page.objects.get().live_version.body == "Give 5 mg.\n"


def test_an_edited_export_of_a_draft_is_a_draft_written_by_hand(tmp_path, publish, people):
    page = publish("dose").page
    draft = publishing.start_draft(
        page=page, text=publishing.Text("Dose", "S", "Half\r\n"), by=people.editor, started_from=1
    )
    list(exporting.export_pages(tmp_path))
    draft.delete()
    rewrite(tmp_path / "dose.draft.md", "Half", "Whole")

    assert outcomes(tmp_path)[-1] == ("dose.draft.md", "new")
    assert Draft.objects.get().body == "Whole\n"
    assert not Draft.objects.get().writers.exists()


def test_a_draft_says_when_its_writers_have_no_account_here(tmp_path, publish, people):
    page = publish("dose").page
    text = publishing.Text("Dose", "S", "Half\n")
    draft = publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    list(exporting.export_pages(tmp_path))
    draft.delete()
    User.objects.filter(pk=people.editor.pk).update(name="Somebody else")

    [*_, outcome] = importing.import_files(importing.files_in(tmp_path))

    assert outcome.detail == "draft, to be submitted again: no account here for The editor"
    assert not Draft.objects.get().writers.exists()


# A history that does not fit


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Give 10 mg", "Give 100 mg"), ("^title: .*", "title: Other"), ("^  name: The editor", "  name: Nobody"),
        (r"\d{6}\+00:00", "000001+00:00"), ("Because it", "It"), ("^credits:.*", "credits: [{name: x}]"),
        ("^version_kind: text", "version_kind: withdrawal"), ("10 mg\\.", "10 mg. "),
    ],
)  # fmt: skip
def test_an_altered_history_file_is_refused_with_its_line_and_nothing_of_the_page_comes_in(exported, old, new):
    path = exported / "dose/history/2.md"
    rewrite(path, old, new)
    line = next(n for n, text in enumerate(path.read_text().split("\n"), 1) if text.startswith("sha256:"))

    refused = details(exported)

    assert refused == {
        "dose/history/1.md": "line 1: not imported, because 2.md was refused",
        "dose/history/2.md": f"line {line}: the sha256 does not match the file: its text, people, time or line ends "
        "have been altered since",
        "dose/history/3.md": "line 1: not imported, because 2.md was refused",
        "dose.md": "line 1: the history of this page was refused, so nothing of the page was imported",
    }
    assert not Page.objects.exists()


def test_into_a_page_with_another_history_nothing_is_imported_and_nothing_refused(exported, publish):
    publish("dose", body="Give 1 mg.\n")
    here = Version.objects.get()
    theirs = content_file.read(exported / "dose/history/1.md").facts["sha256"]
    (exported / "dose.md").unlink()
    first, *others = importing.import_files(importing.files_in(exported))

    assert first.result == "skipped"
    assert first.detail == (
        f"version 1 here has the sha256 {here.sha256}, and the file has {theirs}: they are two different histories"
    )
    assert {outcome.result for outcome in others} == {"skipped"}
    assert [v.sha256 for v in Version.objects.all()] == [here.sha256]


def test_no_history_makes_a_live_page_say_something_else(exported):
    """Anyone can make a file whose sha256 fits the version before it."""
    whole = files_of(exported)
    for name in ("dose/history/3.md", "dose.md"):
        (exported / name).unlink()
    assert {result for _, result in outcomes(exported)} == {"new"}
    (exported / "dose/history/3.md").write_bytes(whole["dose/history/3.md"])

    assert outcomes(exported) == [
        ("dose/history/1.md", "unchanged"), ("dose/history/2.md", "unchanged"), ("dose/history/3.md", "skipped"),
    ]  # fmt: skip
    assert Version.objects.count() == 2


def test_beside_a_skipped_history_the_live_text_still_comes_in_as_a_draft(exported, publish):
    publish("dose", body="Give 1 mg.\n")
    (exported / "dose.md").write_text("---\ntitle: Dose\nsummary: S\nversion: 1\n---\nGive 15 mg.\n")

    assert dict(outcomes(exported))["dose.md"] == "changed"
    assert Draft.objects.get().body == "Give 15 mg.\n"


def test_a_shipped_history_is_the_beginning_of_a_page_that_is_new_here(exported):
    """The text that ships beside it is published too: nobody has read the page yet."""
    (exported / "dose/history/3.md").unlink()
    (exported / "dose.md").write_text("---\ntitle: Dose\nsummary: S\nversion: 2\n---\nGive 20 mg.\n")

    assert dict(outcomes(exported))["dose.md"] == "changed"
    assert (Page.objects.get().live_version.number, Page.objects.get().live_version.body) == (3, "Give 20 mg.\n")
    assert not Draft.objects.exists()


def test_a_history_with_a_gap_is_refused(exported):
    (exported / "dose/history/2.md").unlink()

    assert details(exported)["dose/history/3.md"].endswith("version 2 is not here: a history has no gaps")


def test_a_file_under_another_number_is_refused(exported):
    (exported / "dose/history/3.md").rename(exported / "dose/history/4.md")

    assert details(exported)["dose/history/4.md"].endswith("version 3 is in a file named 4.md")


def test_a_chain_that_branches_off_is_refused(exported, tmp_path, publish):
    """Version 2 follows version 1 of this history, and the file of version 3 follows another version 2."""

    def make():
        for number in (1, 2, 3):
            publish("dose", body=f"Give {number} mg.\n")

    exported_elsewhere(tmp_path / "other", make)
    (tmp_path / "other/dose/history/3.md").rename(exported / "dose/history/3.md")

    assert "they are two different histories" in details(exported)["dose/history/3.md"]
    assert not Page.objects.exists()


def test_while_a_version_waits_nothing_else_is_imported(publish, tmp_path):
    page = publish("dose").page
    text = publishing.Text("Dose", "S", "Give 7 mg.\n")
    publishing.add_version(page=page, text=text, published_at=timezone.now() + timedelta(days=1))
    (tmp_path / "dose.md").write_text("---\ntitle: Dose\nsummary: S\nversion: 1\n---\nGive 8 mg.\n")

    assert "Until then, nothing else on this page can be published" in details(tmp_path)["dose.md"]
    assert Version.objects.count() == 2


def test_a_history_that_ends_years_ahead_is_refused(tmp_path, publish):
    def make():
        text = publishing.Text("Dose", "S", "Give 7 mg.\n")
        publishing.add_version(
            page=publish("dose").page, text=text, published_at=timezone.now() + timedelta(days=366 * 3)
        )

    exported_elsewhere(tmp_path, make)

    assert details(tmp_path)["dose/history/2.md"].endswith("its time is more than two years ahead")


def test_a_history_file_after_a_version_that_waits_is_refused(tmp_path, publish):
    def make():
        page = publish("dose").page
        for days in (1, 2):
            text = publishing.Text("Dose", "S", f"Give {days} mg.\n")
            publishing.add_version(page=page, text=text, published_at=timezone.now() + timedelta(days=days))

    exported_elsewhere(tmp_path, make)

    said = details(tmp_path)["dose/history/3.md"]
    assert re.search(r"Version 2 of this page goes live at \d\d:\d\d on .*\. Until then, nothing else", said)


def test_reviews_that_were_added_to_the_files_are_named_and_not_believed(exported):
    outcomes(exported)
    rewrite(
        exported / "dose/history/3.md",
        "^reviews:$",
        "reviews:\n- {reviewer: {name: Dr S, id: null}, outcome: minor, reviewed_at: '2026-01-01T00:00:00+00:00'}",
    )
    [*_, third, _live] = importing.import_files(importing.files_in(exported))

    assert (third.result, third.detail) == (
        "unchanged", "clinical reviews in the file that are not here: 1. Record them on the site",
    )  # fmt: skip
    assert list(Review.objects.values_list("reviewer_name", flat=True)) == ["Dr R"]


def test_a_history_that_was_redacted_elsewhere_says_so(exported, tmp_path, people):
    outcomes(exported)
    try:
        with transaction.atomic():
            live = Page.objects.get().live_version
            redaction.redact(version=live, by=people.administrator, reason="A patient was named.")
            list(exporting.export_pages(tmp_path / "redacted"))
            raise Undo
    except Undo:
        pass

    third = next(o for o in importing.import_files(importing.files_in(tmp_path / "redacted")) if o.path.stem == "3")
    assert (third.result, third.detail) == (
        "skipped", "version 3 is redacted in the file but not here: redact it here",
    )  # fmt: skip


def test_an_import_never_brings_back_what_was_redacted(exported, people):
    outcomes(exported)
    live = Page.objects.get().live_version
    redaction.redact(version=live, by=people.administrator, reason="A patient was named.")

    assert ("dose/history/3.md", "superseded") in outcomes(exported)
    assert "version 3, which this file was exported from, has since been redacted" in details(exported)["dose.md"]
    assert Page.objects.get().live_version.title == "Redacted"


def test_a_redaction_in_a_file_cannot_carry_another_text(exported):
    path = exported / "dose/history/3.md"
    file = content_file.read(path)
    version = Version(
        page=Page(slug="dose"), number=3, **(file.words | {"body": "Text.\n---\nGive 50 mg.\n"}),
        published_at=file.facts["published_at"],
        author_name=file.person("author")[0], author_id=file.person("author")[1], writers=file.facts["writers"],
        approver_name=file.person("approver")[0], approver_id=file.person("approver")[1],
    )  # fmt: skip
    made_to_fit = version.compute_sha256(file.facts["previous_sha256"])
    rewrite(path, "Give 15 mg", "Give 50 mg")
    rewrite(
        path,
        "^reviews:$",
        f"redaction: {{by: x, at: '2026-01-01T00:00:00+00:00', reason: y, sha256: {made_to_fit}}}\nreviews:",
    )

    assert "the text is not what a redaction leaves" in details(exported)["dose/history/3.md"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("^published_at: .*", "published_at: 2026-11-22", "published_at must be a time like 2026"),
        ("^published_at: .*\n", "", "has no published_at"),
        ("^outcome: |^  outcome: .*", "  outcome: fine", "an outcome must be one of"),
        ("^slug: .*", "slug: other", "the slug other is not that of its folder, dose"),
        ("^author:\n.*\n.*", "author: [x]", "author must be a name, or a name and an id"),
    ],
)
def test_a_history_file_of_the_wrong_shape_is_refused(exported, old, new, reason):
    rewrite(exported / "dose/history/3.md", old, new)

    assert reason in details(exported)["dose/history/3.md"]


# The command


def test_the_command_writes_into_an_empty_directory_only(publish, tmp_path, capsys):
    publish("dose")
    (tmp_path / "letter.txt").write_text("mine")

    with pytest.raises(CommandError, match=r"is not empty\. Name an empty directory, or add --overwrite"):
        call_command("export_pages", tmp_path)
    call_command("export_pages", tmp_path / "new")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter.txt", "new"]
    assert f"1 pages in 2 files in {tmp_path / 'new'}" in capsys.readouterr().out


def test_with_overwrite_it_replaces_its_own_files_and_deletes_nothing(publish, tmp_path, capsys):
    publish("dose")
    (tmp_path / "letter.txt").write_text("mine")
    (tmp_path / "gone.draft.md").write_text("an earlier export")
    (tmp_path / "dose.md").write_text("an earlier export")
    call_command("export_pages", tmp_path, overwrite=True)

    assert (tmp_path / "letter.txt").read_text() == "mine"
    assert (tmp_path / "gone.draft.md").read_text() == "an earlier export"
    assert "Give 5 mg" in (tmp_path / "dose.md").read_text()
    said = capsys.readouterr().out
    assert f"not part of this export, left unchanged: {tmp_path / 'gone.draft.md'}" in said


def test_a_file_is_no_directory_to_export_into(db, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError, match="is a file"):
        call_command("export_pages", tmp_path / "file")


def test_the_number_of_queries_does_not_grow_with_the_pages(publish, tmp_path):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            list(exporting.export_pages(tmp_path))
        return len(queries)

    publish("page-0")
    few = count()
    for number in range(1, 20):
        publish(f"page-{number}")

    assert count() == few


@pytest.mark.usefixtures("shipped_library")
def test_the_shipped_library_goes_out_and_its_own_files_still_fit(tmp_path):
    list(exporting.export_pages(tmp_path))

    assert {result for _, result in outcomes(tmp_path)} == {"unchanged"}
    assert {result for _, result in outcomes(LIBRARY)} == {"unchanged"}


# Importing what was exported again


@pytest.fixture
def on_both(publish, withdraw, people, tmp_path):
    """A folder with all that this site has: versions, drafts, a withdrawal, a waiting version, a page without one."""
    publish("dose", body="Give 5 mg.\n")
    page = publish("dose", body="Give 10 mg.\n").page
    make_draft(page, 2, people.editor)
    withdraw(publish("gone").page)
    text = publishing.Text("Soon", "What comes.", "Give 7 mg.\n", "Licence.")
    publishing.add_version(page=publish("soon").page, text=text, published_at=timezone.now() + timedelta(days=2))
    make_draft(Page.objects.create(slug="unpublished"), 0, people.editor)
    list(exporting.export_pages(tmp_path))
    return tmp_path


def make_draft(page: Page, started_from: int, by) -> None:
    text = publishing.Text("Dose", "S", "Half a dose.\n", "Because.")
    publishing.start_draft(page=page, text=text, by=by, started_from=started_from)


def said(directory: Path) -> list[tuple]:
    found = importing.import_files(importing.files_in(directory))
    return [(outcome.path.name, outcome.result, outcome.detail, outcome.warnings) for outcome in found]


def test_a_file_as_an_export_writes_it_is_not_compared_and_the_import_says_the_same_of_it(on_both, monkeypatch):
    with monkeypatch.context() as changed:
        changed.setattr(importing, "_find_unchanged", lambda *args: {})
        compared = said(on_both)
    monkeypatch.setattr(importing, "_attempt", None)

    assert said(on_both) == compared
    assert {result for _, result, _, _ in compared} == {"unchanged"}
    assert ("dose.draft.md", "unchanged", "already a draft", ()) in compared


def test_a_second_file_of_an_unchanged_page_is_refused(on_both):
    rewrite(on_both / "gone.md", "^title:", "slug: dose\ntitle:")

    assert details(on_both)["gone.md"].endswith("the slug dose is already that of dose.md")


@pytest.mark.parametrize("pages", [1, 60])
def test_an_unchanged_page_costs_the_import_no_query_of_its_own(pages, tmp_path, django_assert_max_num_queries, db):
    many.make(pages=pages, versions=2, readers=1, notes=0, is_quiet=True)
    list(exporting.export_pages(tmp_path))

    with django_assert_max_num_queries(18 + 16 * (pages // exporting.AT_ONCE)):
        assert {result for _, result in outcomes(tmp_path)} == {"unchanged"}
