from dataclasses import replace
from threading import Barrier, Thread

import pytest
from django.db import connection

from content import publishing
from content.markup import key_points
from content.models import Draft, Page, Version

TEXT = publishing.Text("Dose", "What to give.", "Give 5 mg.\n", "First version.")


@pytest.fixture
def guidance(db):
    return Page.objects.create(slug="dose")


@pytest.fixture
def draft(guidance, people):
    return publishing.start_draft(page=guidance, text=TEXT, by=people.editor, started_from=0)


def test_a_draft_becomes_the_live_version(draft, guidance, people):
    submitted = publishing.submit(draft=draft, by=people.editor, revision=1)
    version = publishing.publish(draft=submitted, by=people.reviewer, revision=2, sha256=submitted.shown_sha256)

    assert (version.number, version.body, version.change_note) == (1, "Give 5 mg.\n", "First version.")
    assert (version.author_name, version.approver_name) == ("The editor", "The reviewer")
    assert (version.author_id, version.approver_id) == (people.editor.pk, people.reviewer.pk)
    assert version.rendering.html == "<p>Give 5 mg.</p>"
    assert guidance.live_version == version
    assert not Draft.objects.exists()


def test_the_second_of_two_savers_is_told_and_changes_nothing(draft, people):
    publishing.save_draft(draft=draft, text=replace(TEXT, body="Give 50 mg.\n"), by=people.editor, revision=1)

    with pytest.raises(
        publishing.EditConflict, match=r"The editor saved this draft at \d\d:\d\d on \d+ \w+ 20\d\d"
    ) as lost:
        publishing.save_draft(draft=draft, text=TEXT, by=people.reviewer, revision=1)

    assert lost.value.draft.body == "Give 50 mg.\n"
    assert Draft.objects.get().body == "Give 50 mg.\n"


def test_nobody_publishes_their_own_text(draft, people):
    for person in (people.editor, people.administrator):
        submitted = publishing.submit(draft=draft, by=person, revision=draft.revision)
        with pytest.raises(publishing.NotAllowed, match="another reviewer must approve"):
            publishing.publish(draft=submitted, by=person, revision=submitted.revision, sha256=submitted.shown_sha256)
        draft.refresh_from_db()
    assert not Version.objects.exists()


def test_a_reviewer_who_changed_one_word_is_a_writer(draft, people):
    draft = publishing.save_draft(draft=draft, text=TEXT, by=people.reviewer, revision=1)
    draft = publishing.save_draft(draft=draft, text=TEXT, by=people.editor, revision=2)
    draft = publishing.submit(draft=draft, by=people.editor, revision=3)

    with pytest.raises(publishing.NotAllowed, match="another reviewer must approve"):
        publishing.publish(draft=draft, by=people.reviewer, revision=4, sha256=draft.shown_sha256)


def test_where_no_second_reviewer_is_required_one_person_may_publish(draft, people, settings):
    settings.REQUIRE_SECOND_REVIEWER = False
    draft = publishing.submit(draft=draft, by=people.reviewer, revision=1)

    assert publishing.publish(draft=draft, by=people.reviewer, revision=2, sha256=draft.shown_sha256).number == 1


def test_what_changed_after_the_reviewer_read_it_is_not_published(draft, people):
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    publishing.save_draft(draft=draft, text=replace(TEXT, body="Give 50 mg.\n"), by=people.editor, revision=2)

    with pytest.raises(publishing.EditConflict):
        publishing.publish(draft=draft, by=people.reviewer, revision=2, sha256=draft.shown_sha256)
    assert not Version.objects.exists()


def test_only_a_submitted_draft_is_published(draft, people):
    with pytest.raises(publishing.NotAllowed, match="not in review"):
        publishing.publish(draft=draft, by=people.reviewer, revision=1, sha256=draft.shown_sha256)
    assert Draft.objects.get().revision == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"change_note": " "}, "Say in the change note"), ({"body": "Cited.[^x]"}, r"Line 1: The reference \[\^x\]")],
)
def test_a_draft_that_cannot_be_published_is_not_submitted(guidance, people, change, reason):
    draft = publishing.start_draft(page=guidance, text=replace(TEXT, **change), by=people.editor, started_from=0)

    with pytest.raises(publishing.NotAllowed, match=reason):
        publishing.submit(draft=draft, by=people.editor, revision=1)
    assert Draft.objects.get().state == Draft.State.WRITING


def test_a_warning_stops_nothing_and_is_kept_beside_the_version(publish):
    version = publish(body="Give <b>5 mg</b>, [see](/pages/gone/) [and](/pages/a-page/).\n\n#### Deep\n")

    assert version.rendering.links == ["a-page", "gone"]
    assert version.rendering.problems == [
        {"line": 1, "level": "warning", "message": key_points.NONE},
        {
            "line": 1,
            "level": "warning",
            "message": "“<b>” reads as a tag and would not be shown. Write &lt; for <.",
        },
        {"line": 3, "level": "warning", "message": "This heading skips a level. Begin it with ##."},
    ]


def test_an_error_that_came_after_submission_is_not_published(draft, people):
    """Rules are added with time; a draft that was submitted under the older ones is looked at again."""
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    Draft.objects.update(body="![](/static/icon.svg)")
    draft.refresh_from_db()

    with pytest.raises(publishing.NotAllowed, match="Line 1: This image has no description"):
        publishing.publish(draft=draft, by=people.reviewer, revision=2, sha256=draft.shown_sha256)
    assert not Version.objects.exists()


def test_a_draft_of_an_older_version_is_not_published(publish, people):
    page = Page.objects.create(slug="dose")
    stale = publishing.start_draft(page=page, text=TEXT, by=people.editor, started_from=0)
    stale = publishing.submit(draft=stale, by=people.editor, revision=1)
    publishing.add_version(page=page, text=TEXT)  # by a file, while the draft was in review

    with pytest.raises(publishing.NotAllowed, match="started from version 0, but version 1 is live"):
        publishing.publish(draft=stale, by=people.reviewer, revision=2, sha256=stale.shown_sha256)


def test_a_page_has_one_draft(draft, guidance, people):
    with pytest.raises(publishing.EditConflict):
        publishing.start_draft(page=guidance, text=TEXT, by=people.reviewer, started_from=0)


def test_each_version_is_chained_to_the_one_before(publish):
    first, second = publish(body="Give 5 mg.\n"), publish(body="Give 50 mg.\n")
    second.refresh_from_db()

    assert first.compute_sha256("") == first.sha256
    assert second.compute_sha256(first.sha256) == second.sha256
    assert second.compute_sha256("") != second.sha256
    second.body = "Give 5 mg.\n"
    assert second.compute_sha256(first.sha256) != second.sha256


@pytest.mark.django_db(transaction=True)
def test_of_editors_who_save_at_the_same_instant_one_wins_and_the_others_are_told(draft, people):
    """Real threads with connections of their own."""
    start, results = Barrier(4), []

    def save(number: int) -> None:
        start.wait()
        try:
            publishing.save_draft(draft=draft_of[number], text=replace(TEXT, body=f"{number}\n"), by=by, revision=1)
            results.append(number)
        except publishing.EditConflict:
            results.append(None)
        finally:
            connection.close()

    by = people.editor
    draft_of = [Draft.objects.get() for _ in range(4)]
    threads = [Thread(target=save, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    winners = [number for number in results if number is not None]
    assert len(results) == 4
    assert len(winners) == 1
    assert Draft.objects.get().body == f"{winners[0]}\n"
