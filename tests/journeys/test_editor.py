from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from content.models import Page


@pytest.fixture
def dose(publish) -> Page:
    """A page that says 5 mg, published through the real steps."""
    return publish("dose", body="Give **5 mg** a day.[^a]\n\n[^a]: Source\n", title="Dose").page


def test_an_editor_changes_a_dose_and_a_reviewer_publishes_it(visit, people, dose, time_machine):
    # Given a page that readers read
    reader = visit()
    page = reader.sign_in(people.reader, "/pages/dose/")
    expect(page.get_by_text("Give 5 mg a day.")).to_be_visible()
    tomorrow = timezone.localtime() + timedelta(days=1)

    # When an editor starts a draft, changes the dose and previews it
    editing = visit()
    desk = editing.sign_in(people.editor, "/admin/content/page/")
    desk.get_by_role("link", name="Start a draft").click()
    body = desk.get_by_label("Body")
    body.fill(body.input_value().replace("5 mg", "10 mg"))
    desk.get_by_label("Change note").fill("Dose raised.")
    editing.look()
    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name="Preview in a new tab").click()
    preview = opened.value
    expect(preview.get_by_role("heading", name="Preview: not published")).to_be_visible()
    expect(preview.get_by_text("Give 10 mg a day.")).to_be_visible()
    preview.close()

    # And submits it
    desk.get_by_role("button", name="Save and submit for review").click()
    expect(desk.get_by_text("The draft is now waiting for a reviewer.")).to_be_visible()
    editing.look()

    # Then readers still read the old text
    page.reload()
    expect(page.get_by_text("Give 5 mg a day.")).to_be_visible()

    # When a reviewer reads it and publishes, a day later
    time_machine.move_to(tomorrow)
    reviewing = visit()
    desk = reviewing.sign_in(people.reviewer, "/admin/content/draft/")
    desk.get_by_role("link", name="Dose").click()
    desk.get_by_role("link", name="Review this draft").click()
    expect(desk.get_by_text("Give 10 mg a day.")).to_be_visible()
    expect(desk.get_by_text("Dose raised.", exact=True)).to_be_visible()
    reviewing.look()
    desk.get_by_role("button", name="Approve and publish").click()
    desk.wait_for_url("**/pages/dose/")

    # Then a reader sees the new text, its date and the history
    reader = visit()
    page = reader.sign_in(people.reader, "/pages/dose/")
    expect(page.get_by_text("Give 10 mg a day.")).to_be_visible()
    expect(page.get_by_text(f"Last edited {tomorrow:%-d %b %Y}")).to_be_visible()
    page.get_by_role("link", name="History of this page").click()
    expect(page.get_by_text("Dose raised.")).to_be_visible()
    expect(page.get_by_text("The reviewer")).to_have_count(2)
    reader.look()
    page.get_by_role("link", name="Version 1", exact=True).click()
    expect(page.get_by_text("Give 5 mg a day.")).to_be_visible()
    expect(page.get_by_text("This is version 1, which is no longer live.")).to_be_visible()
    reader.look()


def test_two_editors_at_one_draft_the_second_keeps_their_text(visit, people, dose):
    # Given two people with the same draft open
    first, second = visit(), visit()
    desk = first.sign_in(people.editor, "/admin/content/page/")
    desk.get_by_role("link", name="Start a draft").click()
    desk.get_by_role("button", name="Save", exact=True).click()
    other = second.sign_in(people.reviewer, "/admin/content/draft/")
    other.get_by_role("link", name="Dose").click()

    # When both save
    desk.get_by_label("Body").fill("Ann says 10 mg.")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("was changed successfully")).to_be_visible()
    other.get_by_label("Body").fill("Bob says 20 mg.")
    other.get_by_role("button", name="Save", exact=True).click()

    # Then the second is told, with both texts before them
    expect(other.get_by_text("The editor saved this draft at")).to_be_visible()
    expect(other.get_by_label("Body")).to_have_value("Bob says 20 mg.")
    expect(other.get_by_label("Text", exact=True)).to_have_value("Ann says 10 mg.\n")
    second.look()


def test_an_editor_whose_session_ended_has_the_text_to_copy(visit, people, dose):
    # Given an editor's text on a computer where nobody is signed in any more
    editing = visit()
    desk = editing.sign_in(people.editor, "/admin/content/page/")
    desk.get_by_role("link", name="Start a draft").click()
    desk.get_by_label("Body").fill("Half an hour of work.")
    desk.context.clear_cookies(name="sessionid")

    # When somebody saves it
    desk.get_by_role("button", name="Save", exact=True).click()

    # Then they are not shown it
    expect(desk.get_by_role("heading", name="Your text was not saved")).to_be_visible()
    assert "Half an hour" not in desk.content()
    editing.look()
    editing.errors.clear()

    # And the editor has it to copy
    desk = editing.sign_in(people.editor, "/account/unsaved/")
    expect(desk.get_by_role("textbox", name="Body")).to_have_value("Half an hour of work.")
