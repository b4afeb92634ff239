"""What an import does with each kind of file, and that a dry run says the same and writes nothing."""

import re
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from content import publishing
from content.files import exporting, importing
from content.files.importing import Outcome
from content.models import Draft, Page, Version
from tests.conftest import LIBRARY

HEAD = "---\ntitle: About dose\nsummary: What dose says.\n"


@pytest.fixture
def write(tmp_path):
    def write(name: str, content: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    return write


def run(directory: Path, **asked) -> dict[str, Outcome]:
    """Import a directory, and return each file's outcome by its name."""
    outcomes = importing.import_files(importing.files_in(directory), **asked)
    return {str(outcome.path.relative_to(directory)): outcome for outcome in outcomes}


def start(page: Page, by, body: str = "Half written.\n", started_from: int = 1) -> Draft:
    text = publishing.Text("About dose", "What dose says.", body, "Raised.")
    return publishing.start_draft(page=page, text=text, by=by, started_from=started_from)


# An edited file of a live page


@pytest.mark.parametrize("stated", ["version: 1\n", ""])
@pytest.mark.parametrize("name", ["dose.md", "dose.draft.md"])
def test_an_edited_file_of_a_live_page_is_a_draft_that_nobody_here_wrote(write, tmp_path, publish, name, stated):
    publish("dose", body="Give 5 mg.\n")
    write(name, HEAD + stated + "change_note: Licence widened.\n---\nGive 10 mg.\n")

    outcome = run(tmp_path)[name]

    assert outcome.detail.startswith("draft, started from version 1")
    assert outcome.changes == ("text: Give [-5-] {+10+} mg. ⏎",)
    draft = Draft.objects.get()
    assert (draft.body, draft.change_note, draft.started_from) == ("Give 10 mg.\n", "Licence widened.", 1)
    assert (draft.state, draft.imported_from, draft.is_imported) == (Draft.State.WRITING, name, True)
    assert Page.objects.get().live_version.body == "Give 5 mg.\n"


def test_an_imported_draft_takes_the_same_steps_as_any_other(write, tmp_path, publish, people):
    publish("dose")
    write("dose.md", HEAD + "change_note: Licence widened.\n---\nGive 10 mg.\n")
    run(tmp_path)
    draft = publishing.submit(draft=Draft.objects.get(), by=people.editor, revision=1)
    draft = publishing.return_draft(draft=draft, by=people.reviewer, revision=2, comment="Which dose?")
    draft = publishing.submit(draft=draft, by=people.editor, revision=3)

    version = publishing.publish(draft=draft, by=people.reviewer, revision=4, sha256=draft.shown_sha256)

    assert (version.number, version.body, version.author_name) == (2, "Give 10 mg.\n", "The editor")
    assert not version.is_imported
    assert run(tmp_path)["dose.md"].result == "unchanged"


def test_importing_again_makes_no_second_draft(write, tmp_path, publish, people):
    publish("dose")
    write("dose.md", HEAD + "---\nGive 10 mg.\n")
    assert run(tmp_path)["dose.md"].result == "changed"

    again = run(tmp_path)["dose.md"]
    assert (again.result, again.detail) == ("unchanged", "already a draft")

    draft = Draft.objects.get()
    text = publishing.Text("About dose", "What dose says.", "Give 12 mg.\n", "Raised.")
    draft = publishing.save_draft(draft=draft, text=text, by=people.editor, revision=1)
    again = run(tmp_path)["dose.md"]
    assert again.result == "superseded"
    assert "A draft of dose exists, saved by The editor on " in again.detail

    draft = publishing.submit(draft=draft, by=people.editor, revision=2)
    publishing.publish(draft=draft, by=people.reviewer, revision=3, sha256=draft.shown_sha256)
    again = run(tmp_path)["dose.md"]
    assert again.result == "superseded"
    assert "came in as a draft before, and other text was written since" in again.detail
    assert not Draft.objects.exists()


def test_what_came_in_before_comes_in_again_when_the_file_says_that_it_should(write, tmp_path, publish):
    publish("dose")
    write("dose.md", HEAD + "---\nGive 10 mg.\n")
    run(tmp_path)
    Draft.objects.all().delete()
    publish("dose", body="Give 12 mg.\n")
    write("dose.md", HEAD + "version: 2\n---\nGive 10 mg.\n")

    assert run(tmp_path)["dose.md"].result == "changed"


def test_a_draft_in_the_way_is_named_and_the_rest_goes_on(write, tmp_path, publish, people):
    start(publish("dose").page, people.editor)
    publish("other")
    write("dose.md", HEAD + "---\nGive 10 mg.\n")
    write("other.md", HEAD + "---\nGive 10 mg.\n")

    outcomes = run(tmp_path)

    assert outcomes["dose.md"].result == "refused"
    said = r"line 1: A draft of dose exists, saved by The editor on \d+ \w+ \d{4} at \d\d:\d\d: nothing was done with "
    assert re.fullmatch(said + r"dose\.md", outcomes["dose.md"].detail)
    assert outcomes["other.md"].result == "changed"
    assert Draft.objects.get(page__slug="dose").body == "Half written.\n"


def test_a_draft_of_a_new_page_is_in_the_way_too(write, tmp_path, people):
    start(Page.objects.create(slug="dose"), people.editor, started_from=0)
    write("dose.md", HEAD + "---\nGive 10 mg.\n")

    assert "A draft of dose exists" in run(tmp_path)["dose.md"].detail
    assert not Version.objects.exists()


def test_another_change_note_is_another_draft(write, tmp_path, publish):
    publish("dose")
    write("dose.draft.md", HEAD + "version: 1\nchange_note: Raised.\n---\nGive 10 mg.\n")
    run(tmp_path)
    write("dose.draft.md", HEAD + "version: 1\nchange_note: Licence widened.\n---\nGive 10 mg.\n")

    assert "nothing was done with dose.draft.md" in run(tmp_path)["dose.draft.md"].detail


def test_only_the_credits_of_a_file_make_no_draft(write, tmp_path, publish):
    publish("dose")
    Page.objects.get().contributors.create(name="A. Author", role="Author")
    write("dose.md", HEAD + "contributors: [{name: B. Author, role: Author}]\n---\nGive 5 mg.\n")

    outcome = run(tmp_path)["dose.md"]

    assert (outcome.result, outcome.detail) == ("unchanged", "the site keeps its own contributors")


@pytest.mark.parametrize(
    ("facts", "line", "reason"),
    [
        ("version: 3\n", 4, "started from version 3, but version 2 is live: compare the two"),
        ("version: 1\n", 4, "started from version 1, but version 2 is live: compare the two"),
        ("state: in_review\n", 4, "a draft in review needs a change_note"),
        ("sha256: abc\nversion: 2\n", 4, "they are two different texts"),
        ("version_kind: withdrawal\nreason: Out of date.\n", 4, "a page is withdrawn on the site"),
    ],
)
def test_a_file_that_cannot_follow_the_live_version_is_refused_with_its_line(
    write, tmp_path, publish, facts, line, reason
):
    publish("dose")
    publish("dose", body="Give 7 mg.\n")
    name = "dose.draft.md" if "state" in facts else "dose.md"
    write(name, HEAD + facts + "---\nGive 10 mg.\n")

    outcome = run(tmp_path)[name]

    assert outcome.result == "refused"
    assert f"line {line}: " in outcome.detail
    assert reason in outcome.detail
    assert not Draft.objects.exists()


def test_a_draft_of_a_page_that_is_not_here_is_refused(write, tmp_path, db):
    write("dose.draft.md", HEAD + "version: 3\n---\nGive 10 mg.\n")

    said = "line 4: started from version 3, but no version of this page is live: import its live text first"
    assert said in run(tmp_path)["dose.draft.md"].detail
    assert not Page.objects.exists()


def test_every_problem_of_a_file_is_named_with_where_it_started(write, tmp_path, publish):
    publish("dose")
    write("dose.md", "---\nsummary: S\nversion: 4\n---\n![](a.png)\n\nText[^x].\n")
    detail = run(tmp_path)["dose.md"].detail

    assert [int(line) for line in re.findall(r"^line (\d+)", detail, re.MULTILINE)] == [3, 1, 5, 5, 7]


def test_an_exported_draft_that_was_edited_comes_in_edited_and_not_in_review(tmp_path, publish, people):
    draft = start(publish("dose").page, people.editor)
    publishing.submit(draft=draft, by=people.editor, revision=1)
    list(exporting.export_pages(tmp_path))
    Draft.objects.all().delete()
    path = tmp_path / "dose.draft.md"
    path.write_text(path.read_text().replace("Half written", "Written"))

    assert run(tmp_path)["dose.draft.md"].result == "new"
    assert (Draft.objects.get().body, Draft.objects.get().state) == ("Written.\n", Draft.State.WRITING)


def test_an_exported_draft_whose_submitter_is_unknown_here_is_not_in_review(tmp_path, publish, people):
    draft = start(publish("dose").page, people.editor)
    publishing.submit(draft=draft, by=people.administrator, revision=1)
    list(exporting.export_pages(tmp_path))
    Draft.objects.all().delete()
    type(people.editor).objects.filter(pk=people.administrator.pk).update(name="Someone else")

    assert run(tmp_path)["dose.draft.md"].detail.endswith("no account here for The administrator")
    assert Draft.objects.get().state == Draft.State.WRITING


def test_an_imported_draft_is_exported_and_comes_back_as_one(write, tmp_path, publish):
    publish("dose")
    write("in/dose.md", HEAD + "---\nGive 10 mg.\n")
    run(tmp_path / "in")
    list(exporting.export_pages(tmp_path / "out"))
    Draft.objects.all().delete()

    assert run(tmp_path / "out")["dose.draft.md"].result == "new"
    assert (Draft.objects.get().imported_from, Draft.objects.get().is_imported) == ("dose.md", True)


def test_a_withdrawals_draft_needs_its_reason(write, tmp_path, publish):
    publish("dose")
    write("dose.withdrawal.draft.md", HEAD + "version: 1\n---\n")

    assert "line 1: has no reason" in run(tmp_path)["dose.withdrawal.draft.md"].detail


# What a file states


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (r"approver:\n  name: The reviewer", "approver:\n  name: Dr X", "approver is not what version 1 has here"),
        (r"author:\n  name: The editor", "author:\n  name: Dr X", "author is not what version 1 has here"),
        (r"published_at: '20", "published_at: '19", "published_at is not what version 1 has here"),
        (r"sha256: \w+", "sha256: abc", "sha256 is not what version 1 has here"),
    ],
)
def test_a_false_claim_about_a_publication_is_named_and_changes_nothing(tmp_path, publish, old, new, said):
    version = publish("dose")
    list(exporting.export_pages(tmp_path))
    path = tmp_path / "dose.md"
    path.write_text(re.sub(old, new, path.read_text(), count=1))

    outcome = run(tmp_path)["dose.md"]

    assert outcome.result == "unchanged"
    [warning] = outcome.warnings
    assert said in warning
    assert warning.startswith(f"line {path.read_text().split(new.split(':')[0] + ':')[0].count(chr(10)) + 1}: ")
    assert list(Version.objects.values_list("approver_name", "sha256")) == [("The reviewer", version.sha256)]


def test_a_sha256_that_fits_does_not_make_an_edited_text_the_live_one(tmp_path, publish):
    publish("dose", body="Give 5 mg.\n")
    list(exporting.export_pages(tmp_path))
    path = tmp_path / "dose.md"
    path.write_text(path.read_text().replace("Give 5 mg", "Give 50 mg"))

    outcome = run(tmp_path)["dose.md"]

    assert (outcome.result, Draft.objects.get().body) == ("changed", "Give 50 mg.\n")
    assert any("change_note is still that of version 1" in warning for warning in outcome.warnings)


def test_an_exported_text_without_its_history_is_imported_without_its_people(tmp_path, publish, write):
    publish("dose", body="Give 5 mg.\n")
    list(exporting.export_pages(tmp_path / "out"))
    write("in/other.md", (tmp_path / "out/dose.md").read_text().replace("version: 1", "version: 7"))

    outcome = run(tmp_path / "in")["other.md"]

    version = Version.objects.get(page__slug="other")
    assert (version.number, version.author_name, version.is_imported) == (1, "", True)
    named = {re.search(r": (\w+) is not imported", warning)[1] for warning in outcome.warnings}
    assert named == {"version", "author", "approver", "published_at", "sha256"}


def test_an_author_whom_the_writer_of_a_file_names_is_its_author(write, tmp_path, db):
    write("dose.md", HEAD + "author: A. Author\n---\nGive 5 mg.\n")
    run(tmp_path)

    assert (Version.objects.get().author_name, Version.objects.get().author_id) == ("A. Author", None)


# --publish --by


def test_a_person_who_may_publish_puts_an_edited_file_live(write, tmp_path, publish, people, client):
    publish("dose")
    write("dose.md", HEAD + "version: 1\nauthor: A. Author\ntopics: [Neurology]\n---\nGive 10 mg.\n")

    outcome = run(tmp_path, publisher=people.reviewer)["dose.md"]

    assert (outcome.result, outcome.detail) == ("changed", "version 2")
    version = Page.objects.get().live_version
    assert (version.body, version.is_imported, version.importer) == ("Give 10 mg.\n", True, "The reviewer")
    assert (version.author_id, version.approver_name, version.writer_names) == (people.reviewer.pk, "", ["A. Author"])
    assert [topic.name for topic in Page.objects.get().topics.all()] == ["Neurology"]
    assert not Draft.objects.exists()
    history = client.get("/pages/dose/history/").content.decode()
    assert "Imported by The reviewer from a file" in history
    assert "Imported by The reviewer" in client.get("/pages/dose/history/1..2/").content.decode()
    assert run(tmp_path, publisher=people.reviewer)["dose.md"].result == "unchanged"


def test_what_goes_live_at_once_must_say_what_it_started_from(write, tmp_path, publish, people):
    publish("dose")
    write("dose.md", HEAD + "---\nGive 10 mg.\n")

    said = "line 1: does not say which version it started from, but version 1 is live"
    assert said in run(tmp_path, publisher=people.reviewer)["dose.md"].detail
    assert Version.objects.count() == 1


def test_the_draft_that_an_import_made_of_the_file_is_published_with_it(write, tmp_path, publish, people):
    publish("dose")
    write("dose.md", HEAD + "version: 1\n---\nGive 10 mg.\n")
    run(tmp_path)

    assert run(tmp_path, publisher=people.reviewer)["dose.md"].detail == "version 2"
    assert not Draft.objects.exists()


def test_nothing_goes_live_past_the_draft_of_a_person(write, tmp_path, publish, people):
    start(publish("dose").page, people.editor, body="Give 10 mg.\n")
    write("dose.md", HEAD + "version: 1\nchange_note: Raised.\n---\nGive 10 mg.\n")

    assert "A draft of dose exists" in run(tmp_path, publisher=people.reviewer)["dose.md"].detail
    assert Version.objects.count() == Draft.objects.count() == 1


@pytest.mark.parametrize("role", ["reader", "editor"])
def test_nobody_else_publishes_an_import(write, tmp_path, publish, people, role):
    publish("dose")
    write("dose.md", HEAD + "version: 1\n---\nGive 10 mg.\n")
    write("new.md", HEAD + "---\nGive 10 mg.\n")

    with pytest.raises(publishing.NotAllowed, match=f"{role}@clinic.example may not publish"):
        run(tmp_path, publisher=getattr(people, role))
    assert list(Version.objects.values_list("page__slug", "number")) == [("dose", 1)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"publish": True}, "add --by EMAIL, or leave out --publish"),
        ({"by": "reviewer@clinic.example"}, "add --publish, or leave out --by"),
        ({"publish": True, "by": "nobody@clinic.example"}, "There is no account nobody@clinic.example"),
        ({"publish": True, "by": "editor@clinic.example"}, "Name the account of a reviewer or an administrator"),
    ],
)
def test_the_command_refuses_before_it_does_anything(write, tmp_path, people, asked, said):
    write("dose.md", HEAD + "---\nGive 10 mg.\n")

    with pytest.raises(CommandError, match="Nothing was done") as refusal:
        call_command("import_pages", tmp_path, **asked)

    assert said in str(refusal.value)
    assert not Page.objects.exists()


def test_the_command_publishes_in_the_name_of_the_person(write, tmp_path, publish, people, capsys):
    publish("dose")
    write("dose.md", HEAD + "version: 1\n---\nGive 10 mg.\n")

    call_command("import_pages", tmp_path, publish=True, by="Reviewer@clinic.example")

    assert Page.objects.get().live_version.importer == "The reviewer"
    assert f"changed: {tmp_path / 'dose.md'}, version 2\n    text: Give [-5-] {{+10+}} mg. ⏎" in capsys.readouterr().out


# A dry run


@pytest.fixture
def busy_site(write, tmp_path, publish, people) -> Path:
    """A site and a folder with files of every kind: new, changed, unchanged, superseded, skipped and refused."""
    for slug in ("dose", "same", "old", "taken", "behind", "facts", "kept"):
        publish(slug)
    publish("old", body="Give 7 mg.\n")
    publish("behind", body="Give 7 mg.\n")
    start(Page.objects.get(slug="taken"), people.editor)
    list(exporting.export_pages(tmp_path / "out"))
    with transaction.atomic():
        publish("kept", body="Give 9 mg.\n")
        list(exporting.export_pages(tmp_path / "elsewhere"))
        transaction.set_rollback(True)
    for name in ("out/same.md", "out/same/history/1.md", "elsewhere/kept/history/1.md", "elsewhere/kept/history/2.md"):
        write(f"in/{name.partition('/')[2]}", (tmp_path / name).read_text())
    head = "---\ntitle: T\nsummary: S\n"
    new_history = (tmp_path / "out/dose/history/1.md").read_text()
    for name, content in {
        "new.md": head + "topics: [Neurology]\n---\nGive 1 mg.\n",
        "new.draft.md": head + "version: 1\nchange_note: N\nstate: in_review\n---\nGive 2 mg.\n",
        "dose.md": head + "version: 1\n---\nGive 10 mg.\n\n## A\n\n#### B\n",
        "dose.withdrawal.draft.md": head + "version: 1\nreason: Out of date.\n---\n",
        "old.md": "---\ntitle: About old\nsummary: What old says.\n---\nGive 5 mg.\n",
        "taken.md": head + "---\nGive 10 mg.\n",
        "behind.md": head + "version: 1\n---\nGive 10 mg.\n",
        "facts.md": "---\ntitle: About facts\nsummary: What facts says.\ntopics: [Cardiology]\n---\nGive 5 mg.\n",
        "twice.md": head
        + "codes: [{system: ATC, code: L, term: T}, {system: ATC, code: L, term: T}]\n---\nGive 1 mg.\n",
        "dose/history/1.md": new_history.replace("Give 5", "Give 500"),
        "gone/history/1.md": new_history,
        "gone.md": head + "---\nGive 1 mg.\n",
        "bad.md": "no front matter",
        "same-slug.md": head + "slug: new\n---\nGive 3 mg.\n",
        "notes/read.md": "x",
    }.items():
        write(f"in/{name}", content)
    return tmp_path / "in"


def tables() -> dict[str, list]:
    """Every row of every table."""
    with connection.cursor() as cursor:
        rows = {}
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = sorted(map(repr, cursor.fetchall()))
        return rows


def check_dry_run(directory: Path, **asked) -> set[str]:
    before = tables()
    would = list(importing.import_files(importing.files_in(directory), dry_run=True, **asked))
    assert tables() == before
    assert list(importing.import_files(importing.files_in(directory), **asked)) == would
    assert tables() != before
    return {outcome.result for outcome in would}


EVERY = {"new", "changed", "unchanged", "superseded", "skipped", "refused"}


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_says_what_the_import_does_and_leaves_every_table_as_it_was(busy_site):
    assert check_dry_run(busy_site) == EVERY


def test_a_dry_run_of_publication_does_too(busy_site, people):
    assert check_dry_run(busy_site, publisher=people.reviewer) == EVERY


def test_a_dry_run_of_a_whole_export_into_an_empty_site_does_too(tmp_path, db):
    with transaction.atomic():
        run(LIBRARY)
        list(exporting.export_pages(tmp_path))
        transaction.set_rollback(True)

    assert check_dry_run(tmp_path) == {"new", "unchanged"}


def test_the_command_prints_the_same_and_says_that_it_was_a_dry_run(busy_site, capsys):
    def said(**options) -> tuple[list[str], list[str]]:
        with pytest.raises(CommandError, match="files were not imported"):
            call_command("import_pages", busy_site, **options)
        shown = capsys.readouterr()
        return shown.out.splitlines(), shown.err.splitlines()

    would, refused = said(dry_run=True)
    did, refused_then = said()

    assert would.pop() == "This was a dry run: nothing was written."
    assert [line.replace("would come in", "came in") for line in would] == did
    assert refused == refused_then
    assert f"new: {busy_site / 'new.md'}" in did
    assert f"skipped: {busy_site / 'notes/read.md'}, which has no name of a content file" in did


# The library that ships with the site


@pytest.mark.usefixtures("shipped_library")
def test_an_update_of_the_library_reaches_a_running_site_as_drafts_and_says_so_in_one_line(tmp_path, capsys):
    """The site has an older library: since then two pages have changed and one is new."""
    newer = tmp_path / "library"
    shutil.copytree(LIBRARY, newer)
    for slug in ("ocrelizumab-ms", "terms"):
        path = newer / f"{slug}.md"
        path.write_text(f"{path.read_text()}\nA sentence that is new.\n")
    (newer / "new-page.md").write_text(HEAD + "---\nGive 10 mg.\n")
    live = Version.objects.count()

    call_command("import_pages", newer)

    said = capsys.readouterr().out.splitlines()
    assert said[-1] == ("As drafts, which readers do not see until a reviewer approves, came in: ocrelizumab-ms, terms")
    assert said[-2].startswith("1 new, 2 changed, 22 unchanged, 0 superseded, 0 refused")
    assert Version.objects.count() == live + 1
    assert set(Draft.objects.filter(imported_from__in=["terms.md", "ocrelizumab-ms.md"]).values_list("state")) == {
        (Draft.State.WRITING,)
    }

    call_command("import_pages", newer)
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 new, 0 changed, 25 unchanged")
