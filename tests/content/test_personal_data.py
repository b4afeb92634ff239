from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.personal_data import deletion
from content import publishing
from content.files import importing
from content.files.exporting import export_pages
from content.models import Departure, Draft, Page
from content.publishing import Text
from content.worklist import Worklist

TEXT = Text("Title", "Summary", "Give 5 mg.\n", "Because.")


@pytest.fixture
def page(db) -> Page:
    return Page.objects.create(slug="a-page")


def written(page: Page, by, submitted_by=None) -> Draft:
    """A draft in review that `by` wrote."""
    draft = publishing.start_draft(page=page, text=TEXT, by=by, started_from=0)
    return publishing.submit(draft=draft, by=submitted_by or by, revision=draft.revision)


def leave(person) -> None:
    deletion.delete_account(user=person, by=person)


def approve(draft: Draft, by, at=None):
    draft = Draft.objects.get(pk=draft.pk)
    return publishing.publish(draft=draft, by=by, revision=draft.revision, sha256=draft.shown_sha256, at=at)


def test_a_draft_stays_as_it_is_and_is_published_under_its_writers_name(page, people):
    draft, number = written(page, people.editor), people.editor.pk
    before = Draft.objects.get(pk=draft.pk)

    leave(people.editor)
    now = Draft.objects.get(pk=draft.pk)
    version = approve(draft, people.reviewer)

    assert (now.body, now.state, now.revision) == (before.body, before.state, before.revision)
    assert (version.author_name, version.author_id) == ("The editor", number)
    assert version.writers == [{"id": number, "name": "The editor"}]


def test_whoever_only_submitted_it_is_still_its_author(page, people):
    draft = written(page, people.editor, submitted_by=people.administrator)
    second = people.reviewer
    second.is_superuser = True
    second.save()

    leave(people.administrator)
    version = approve(draft, people.reviewer)

    assert version.author_name == "The administrator"
    assert version.writer_names == ["The administrator", "The editor"]


def test_whoever_submits_it_anew_is_its_author(page, people, person):
    draft, colleague = written(page, people.editor), person("editor", "Ann", "ann@clinic.example")
    leave(people.editor)
    draft.refresh_from_db()
    draft = publishing.save_draft(draft=draft, text=TEXT, by=colleague, revision=draft.revision)
    publishing.submit(draft=draft, by=colleague, revision=draft.revision)

    version = approve(draft, people.reviewer)

    assert version.author_name == "Ann"
    assert sorted(version.writer_names) == ["Ann", "The editor"]


def test_nobody_approves_their_own_text_under_a_new_account(page, people, person):
    draft = written(page, people.editor)
    leave(people.editor)
    again = person("reviewer", name="Somebody Else", email="editor@clinic.example")

    with pytest.raises(publishing.NotAllowed, match="has since deleted their account"):
        approve(draft, again)
    assert list(Worklist(again).waiting) == []
    assert list(Worklist(people.reviewer).waiting) == [draft]
    assert approve(draft, people.reviewer)


def test_the_review_page_says_why_a_new_account_may_not_approve(page, people, person, signed_in):
    draft = written(page, people.editor)
    leave(people.editor)
    again = person("reviewer", email="editor@clinic.example")

    page = signed_in(again).get(f"/admin/content/draft/{draft.pk}/review/").content.decode()

    assert "has since deleted their account" in page
    assert "Approve and publish" not in page
    assert "<dd>The editor</dd>" in page


def test_where_one_person_is_enough_a_new_account_is_too(page, people, person, settings):
    settings.REQUIRE_SECOND_REVIEWER = False
    draft = written(page, people.editor)
    leave(people.editor)

    assert approve(draft, person("reviewer", email="editor@clinic.example"))


def test_whoever_changed_the_credits_and_left_is_named_and_does_not_approve(page, people, person):
    page.credited_by.add(people.other)
    draft = written(page, people.editor)
    leave(people.other)
    again = person("reviewer", email="other@clinic.example")

    with pytest.raises(publishing.NotAllowed, match="has since deleted their account"):
        approve(draft, again)
    assert sorted(approve(draft, people.reviewer).writer_names) == ["The editor", "The other"]
    assert Page.objects.get().former_credited_by == []


def test_the_writer_of_a_cancelled_version_is_not_forgotten(page, people, person):
    draft = written(page, people.editor)
    version = approve(draft, people.reviewer, at=timezone.now() + timedelta(days=1))
    leave(people.editor)
    again = person("reviewer", email="editor@clinic.example")

    draft = publishing.cancel(version=version)
    draft = publishing.submit(draft=draft, by=people.administrator, revision=draft.revision)

    with pytest.raises(publishing.NotAllowed, match="has since deleted their account"):
        approve(draft, again)
    assert approve(draft, people.reviewer).writer_names == ["The administrator", "The editor"]


def test_a_draft_without_a_writer_is_on_every_editors_desk(page, people, person):
    draft = publishing.start_draft(page=page, text=TEXT, by=people.editor, started_from=0)
    colleague = person("editor", email="ann@clinic.example")
    assert list(Worklist(colleague).writing) == []

    leave(people.editor)

    assert list(Worklist(colleague).writing) == [draft]


def test_a_reader_leaves_not_even_a_number(page, people):
    written(page, people.editor)

    leave(people.reader)

    assert not Departure.objects.exists()


def test_what_was_published_keeps_its_history(publish, people):
    version = publish()
    sha256, number = version.sha256, people.editor.pk

    leave(people.editor)
    leave(people.reviewer)
    version.refresh_from_db()

    assert (version.author_name, version.author_id, version.approver_name) == ("The editor", number, "The reviewer")
    assert version.compute_sha256("") == version.sha256 == sha256


def test_a_departed_writer_is_exported_and_comes_back_by_name(page, people, tmp_path):
    written(page, people.editor)
    leave(people.editor)
    list(export_pages(tmp_path))
    Page.objects.all().delete()

    outcomes = [str(outcome) for outcome in importing.import_files(importing.files_in(tmp_path))]

    draft = Draft.objects.get()
    assert any("no account here for The editor" in outcome for outcome in outcomes)
    assert [writer["name"] for writer in draft.former_writers] == ["The editor"]
    assert draft.state == Draft.State.WRITING
