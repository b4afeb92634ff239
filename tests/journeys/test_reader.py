import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from annotations.models import write
from content.models import Page
from tests.journeys.conftest import NATALIZUMAB
from tests.journeys.steps import add_note, show_tools

NOTE = "MS nurse 020 7946 0018, bleep 4417, https://example.org/ms-referral"


@pytest.mark.usefixtures("natalizumab")
def test_a_reader_keeps_a_note_on_the_page(visit, people, has_script):
    # Given a reader on the natalizumab page
    reader = visit(has_script)
    page = reader.sign_in(people.reader, NATALIZUMAB)
    notes = page.get_by_role("region", name="My annotations")

    # When they add a note
    page.get_by_text("Add an annotation").click()
    page.get_by_label("New annotation").fill(NOTE)
    page.get_by_role("button", name="Save").click()

    # Then it is there, with both links, on this visit and every later one, seen without scrolling
    for _ in range(2):
        expect(notes.get_by_text("bleep 4417")).to_be_in_viewport()
        expect(notes.get_by_role("link", name="020 7946 0018")).to_have_attribute("href", "tel:+442079460018")
        expect(notes.get_by_role("link", name="https://example.org/ms-referral")).to_have_attribute(
            "href", "https://example.org/ms-referral"
        )
        reader.to(NATALIZUMAB)

    # And another reader, or a visitor, never sees it
    other = visit(has_script)
    expect(other.sign_in(people.other, NATALIZUMAB).get_by_text("4417")).to_have_count(0)
    expect(visit(has_script).to(NATALIZUMAB).get_by_text("4417")).to_have_count(0)

    # When they edit it
    show_tools(page)
    notes.get_by_role("link", name="Edit").click()
    box = page.get_by_role("textbox", name="annotation")
    expect(box).to_have_value(NOTE)
    reader.look()
    box.fill("bleep 5521")
    page.get_by_role("button", name="Save").click()
    expect(notes.get_by_text("bleep 5521")).to_be_visible()
    expect(notes.get_by_text("bleep 4417")).to_have_count(0)

    # And delete it, think better of it, and delete it for good
    show_tools(page)
    notes.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").click()
    expect(notes.get_by_text("bleep 5521")).to_be_visible()
    reader.look()
    show_tools(page)
    notes.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Annotation deleted")).to_be_visible()
    reader.look()
    reader.to(NATALIZUMAB)
    expect(notes).to_be_visible()
    expect(page.get_by_text("bleep 5521")).to_have_count(0)


@pytest.mark.usefixtures("natalizumab")
def test_what_is_typed_in_one_place_is_left_alone_by_the_others(visit, people):
    # Given a reader with two notes, half-way through a third
    reader = visit()
    page = reader.sign_in(people.reader, NATALIZUMAB)
    notes = page.get_by_role("region", name="My annotations")
    for note in ("first", "second"):
        add_note(page, note)
    expect(page.get_by_text("Annotation added.")).to_have_count(1)
    page.get_by_text("Add an annotation").click()
    expect(page.get_by_label("New annotation")).to_be_focused()
    page.get_by_label("New annotation").fill("half-typed third")

    # When they delete one, bring it back, and edit both
    show_tools(page)
    notes.get_by_role("button", name="Delete").first.click()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(notes.get_by_role("link", name="Edit").first).to_be_focused()
    notes.get_by_role("link", name="Edit").first.click()
    expect(page.get_by_label("Edit annotation")).to_be_focused()
    page.get_by_label("Edit annotation").fill("half-edited first")
    notes.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Edit annotation")).to_have_count(2)
    reader.look()

    # Then nothing half-typed is gone
    expect(page.get_by_label("New annotation")).to_have_value("half-typed third")
    expect(page.get_by_label("Edit annotation").first).to_have_value("half-edited first")

    # And cancelling gives the stored text back
    notes.get_by_role("link", name="Cancel").first.click()
    expect(notes.get_by_text("first", exact=True)).to_be_visible()
    expect(page.get_by_label("New annotation")).to_have_value("half-typed third")


@pytest.mark.usefixtures("natalizumab")
def test_a_save_that_does_not_arrive_says_so_and_keeps_the_text(visit, people):
    reader = visit()
    page = reader.sign_in(people.reader, NATALIZUMAB)
    page.get_by_text("Add an annotation").click()
    page.get_by_label("New annotation").fill("bleep 4417")
    page.context.set_offline(True)

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Your annotation was not saved, but your text is still here.")).to_be_visible()
    expect(page.get_by_label("New annotation")).to_have_value("bleep 4417")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("bleep 4417", exact=True)).to_be_visible()
    expect(page.get_by_text("Your annotation was not saved, but your text is still here.")).to_be_hidden()
    reader.errors.clear()


@pytest.mark.usefixtures("natalizumab")
def test_a_text_too_long_stays_in_the_form(visit, people, has_script):
    reader = visit(has_script)
    page = reader.sign_in(people.reader, NATALIZUMAB)
    long = "x" * 4001

    page.get_by_text("Add an annotation").click()
    page.get_by_label("New annotation").fill(long)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("An annotation can have up to 4000 characters. This one has 4001.").last).to_be_visible()
    expect(page.get_by_label("New annotation")).to_have_value(long)
    reader.look()
    assert all("status of 422" in error for error in reader.errors)
    reader.errors.clear()


@pytest.mark.usefixtures("natalizumab")
def test_what_is_typed_while_the_session_ended_leaves_the_screen_and_is_kept_for_its_writer(visit, people, has_script):
    # Given a reader with a note half-typed, and another half-changed, whose session is gone
    reader = visit(has_script)
    page = reader.sign_in(people.reader, NATALIZUMAB)
    if has_script:
        add_note(page, "bleep 4417")
        show_tools(page)
        page.get_by_role("link", name="Edit").click()
        expect(page.get_by_role("textbox", name="Edit annotation")).to_be_focused()
        page.get_by_role("textbox", name="Edit annotation").fill("half-changed 4417")
    page.get_by_text("Add an annotation").click()
    page.get_by_label("New annotation").fill("half-typed 5521")
    page.context.clear_cookies(name="sessionid")

    # When they save one
    page.get_by_role("button", name="Save").last.click()

    # Then nothing private is left there
    said = "Create an account to add page annotations" if has_script else "We have kept what you typed"
    expect(page.get_by_text(said)).to_be_visible()
    reader.look()
    assert not re.search("4417|5521|The reader", page.content())
    reader.errors.clear()

    # And when they sign in again all of it is there
    page = reader.sign_in(people.reader, "/account/unsaved/")
    for text in ["half-typed 5521", *["half-changed 4417"][: int(has_script)]]:
        expect(page.get_by_text(text)).to_be_visible()


@pytest.mark.usefixtures("natalizumab")
@pytest.mark.parametrize("what", ["Edit", "Delete", "Move up", "Still correct"])
def test_whatever_is_pressed_after_the_session_ended_takes_the_notes_off_the_screen(visit, people, what):
    article = Page.objects.get()
    for text in ("bleep 4417", "bleep 5521"):
        day = timezone.localdate()
        write(by=people.reader, page=article, on_version=1, text=text, check_on=day + timedelta(days=1))
    people.reader.annotations.update(check_on=day, checked_on=day - timedelta(days=30))
    reader = visit()
    page = reader.sign_in(people.reader, NATALIZUMAB)
    show_tools(page)
    page.context.clear_cookies(name="sessionid")

    page.get_by_role("region", name="My annotations").get_by_text(what, exact=True).last.click()

    expect(page.get_by_text("Create an account to add page annotations")).to_be_visible()
    assert not re.search("4417|5521|The reader", page.content())
    reader.errors.clear()


@pytest.mark.usefixtures("natalizumab")
def test_a_form_of_an_older_session_is_saved_at_the_second_try_and_loses_nothing(visit, people):
    # Given a reader with two notes half-typed, who has signed in anew meanwhile
    reader = visit()
    page = reader.sign_in(people.reader, NATALIZUMAB)
    add_note(page, "bleep 4417")
    show_tools(page)
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("textbox", name="Edit annotation")).to_be_focused()
    page.get_by_role("textbox", name="Edit annotation").fill("half-changed")
    page.get_by_text("Add an annotation").click()
    page.get_by_label("New annotation").fill("half-typed")
    page.context.clear_cookies(name="csrftoken")

    # When they save, then they are told where they look, and both texts are there
    with page.expect_response("**/account/session/"):
        page.locator("#annotation-add").get_by_role("button", name="Save").click()
    said = page.locator("#annotation-add").get_by_text("Your annotation was not saved, but your text is still here.")
    expect(said).to_be_in_viewport()
    expect(page.get_by_role("textbox", name="Edit annotation")).to_have_value("half-changed")
    expect(page.get_by_label("New annotation")).to_have_value("half-typed")

    # When they save again, then it is saved, and the other still there
    page.locator("#annotation-add").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Annotation added.")).to_be_visible()
    expect(said).to_be_hidden()
    expect(page.get_by_role("textbox", name="Edit annotation")).to_have_value("half-changed")
    assert "half-typed" in people.reader.annotations.values_list("text", flat=True)
    reader.errors.clear()


@pytest.mark.usefixtures("natalizumab")
def test_nothing_can_be_typed_into_a_note_that_is_being_saved(visit, people):
    reader = visit()
    page = reader.sign_in(people.reader, NATALIZUMAB)
    held = []
    page.route("**/annotations/", lambda route: held.append(route))
    page.get_by_text("Add an annotation").click()
    page.get_by_label("New annotation").fill("bleep 4417")

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_label("New annotation")).not_to_be_editable()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    held[0].continue_()
    expect(page.get_by_text("Annotation added.")).to_be_visible()
    assert people.reader.annotations.get().text == "bleep 4417"


@pytest.mark.usefixtures("natalizumab")
def test_leaving_a_half_typed_note_asks_first_and_a_saved_one_does_not(visit, people):
    reader = visit()
    page = reader.sign_in(people.reader, NATALIZUMAB)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_text("Add an annotation").click()
    page.get_by_label("New annotation").press_sequentially("bleep 4417")

    page.reload()
    assert asked == ["beforeunload"]

    add_note(page, "bleep 5521")
    page.reload()
    assert asked == ["beforeunload"]


@pytest.mark.usefixtures("natalizumab")
def test_notes_are_printed_and_the_site_around_them_is_not(visit, people):
    reader = visit()
    page = reader.sign_in(people.reader, NATALIZUMAB)
    add_note(page, "bleep 4417")

    page.emulate_media(media="print")

    expect(page.get_by_text("bleep 4417")).to_be_visible()
    expect(page.get_by_text("Add an annotation")).to_be_hidden()
    expect(page.get_by_text("The reader")).to_be_hidden()


@pytest.mark.usefixtures("natalizumab")
def test_signing_out_takes_the_notes_off_the_screen_and_going_back_does_not_bring_them(visit, people):
    reader = visit()
    page = reader.sign_in(people.reader, NATALIZUMAB)
    add_note(page, "bleep 4417")

    page.get_by_text("The reader").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    page.go_back()

    expect(page.get_by_text("Sign in", exact=True)).to_be_visible()
    expect(page.get_by_text("bleep 4417")).to_have_count(0)
