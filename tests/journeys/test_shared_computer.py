"""A ward computer, used by ten people a day: what each leaves behind there."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import UnsavedText, User
from annotations.models import Annotation
from content import publishing
from content.models import Draft
from tests.conftest import PASSWORD
from tests.journeys.steps import add_note, confirm_password, give_device

PAGE = "/pages/dose/"
IDLE = 10  # seconds: the warning comes 4 before the end, and typing is told every 2
SIGNED_OUT = "You were signed out after 30 minutes without activity."


@pytest.fixture(autouse=True)
def short_idle_time(settings):
    settings.IDLE_TIME = timedelta(seconds=IDLE)


@pytest.fixture(autouse=True)
def dose(publish):
    return publish("dose", body="Give 5 mg.\n", title="Dose").page


def warning_on(page: Page):
    return page.get_by_role("alertdialog", name="You will be signed out")


def start_a_note(page: Page, text: str) -> None:
    page.get_by_text("Add an annotation").click()
    page.get_by_label("New annotation").fill(text)


def sign_in_here(page: Page, email: str) -> None:
    """From whatever page is open, as somebody who just came to this computer."""
    page.goto(f"/sign-in?next={PAGE}")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{PAGE}")


def test_before_the_end_there_is_a_warning_and_one_can_stay(visit, people, settings):
    settings.IDLE_TIME = timedelta(seconds=20)  # the page is looked over while it warns
    # Given a reader who does nothing for a while
    reader = visit()
    page = reader.sign_in(people.reader, PAGE)
    page.get_by_text("Add an annotation").focus()

    # Then they are warned
    warning = warning_on(page)
    expect(warning).to_be_visible()
    expect(page.get_by_role("heading", name="You will be signed out in less than a minute")).to_be_visible()
    expect(warning.get_by_role("button", name="Stay signed in")).to_be_focused()
    reader.look()

    # When they stay
    page.keyboard.press("Enter")

    # Then they go on where they were, beyond the first end
    expect(warning).to_be_hidden()
    expect(page.get_by_text("Add an annotation")).to_be_focused()
    expect(warning).to_be_visible()
    page.keyboard.press("Escape")
    expect(warning).to_be_hidden()
    page.reload()
    expect(page.get_by_text("The reader")).to_be_visible()

    # And when they choose to, they sign out
    expect(warning).to_be_visible()
    warning.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"/$"))
    expect(page.get_by_text("The reader")).to_have_count(0)


def test_what_is_typed_when_the_session_ends_leaves_the_screen_and_is_kept_for_its_writer(visit, people):
    # Given a reader with a note, half-way through another, who is called away
    ward = visit()
    page = ward.sign_in(people.reader, PAGE)
    add_note(page, "bleep 4417")
    start_a_note(page, "half-typed 5521")
    expect(warning_on(page)).to_be_visible()

    # Then the page becomes a visitor's
    expect(page.get_by_text(SIGNED_OUT)).to_be_visible()
    expect(page.get_by_text("Give 5 mg.")).to_be_visible()
    assert not re.search("4417|5521|The reader", page.content())
    ward.look()

    # And going back or reloading brings nothing back
    page.go_back()
    assert not re.search("4417|5521|The reader", page.content())

    # When somebody else signs in there
    sign_in_here(page, people.other.email)

    # Then they are shown nothing of it
    expect(page.get_by_text("The other")).to_be_visible()
    page.get_by_text("Add an annotation").click()
    expect(page.get_by_label("New annotation")).to_have_value("")
    page.goto("/account/unsaved/")
    expect(page.get_by_text("You have no unsaved text.")).to_be_visible()
    assert not re.search("4417|5521", page.content())
    ward.look()

    # When the writer signs in, anywhere
    elsewhere = visit()
    page = elsewhere.sign_in(people.reader, PAGE)
    page.get_by_role("link", name="View it").click()

    # Then it is there, with the way back to where it was typed
    expect(page.get_by_role("textbox", name="New annotation")).to_have_value("half-typed 5521")
    elsewhere.look()
    page.get_by_role("link", name="Go to the page where you typed it").click()
    expect(page.get_by_text("bleep 4417")).to_be_visible()
    page.goto("/account/unsaved/")
    expect(page.get_by_role("link", name="Save to the page")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Text discarded.")).to_be_visible()
    assert not UnsavedText.objects.exists()


def test_whoever_goes_on_typing_is_not_signed_out(visit, people):
    page = visit().sign_in(people.reader, PAGE)
    start_a_note(page, "")
    box = page.get_by_label("New annotation")

    for _ in range(IDLE + 4):
        box.press_sequentially("x")
        page.wait_for_timeout(1000)
        assert not warning_on(page).is_visible()

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Annotation added.")).to_be_visible()


def test_what_is_done_in_one_tab_counts_in_the_others(visit, people, settings):
    # Given two tabs, one of which warns
    settings.IDLE_TIME = timedelta(seconds=20)
    page = visit().sign_in(people.reader, PAGE)
    other_tab = page.context.new_page()
    other_tab.goto("/")
    expect(warning_on(page)).to_be_visible()

    # When the reader goes on in the other
    other_tab.goto(PAGE)

    # Then the warning goes, long before the end
    expect(warning_on(page)).to_be_hidden(timeout=3000)
    expect(page.get_by_text("The reader")).to_be_visible()


def test_signing_out_in_one_tab_clears_the_others_and_keeps_what_is_typed_in_all(visit, people, settings):
    # Given a reader with something typed in each of two tabs
    settings.IDLE_TIME = timedelta(minutes=30)
    ward = visit()
    page = ward.sign_in(people.reader, PAGE)
    add_note(page, "bleep 4417")
    other_tab = page.context.new_page()
    other_tab.goto(PAGE)
    start_a_note(page, "in the first")
    start_a_note(other_tab, "in the second")

    # When they sign out in one
    page.get_by_text("The reader").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"/$"))

    # Then the other shows nothing private
    expect(other_tab.get_by_text("Create an account to add page annotations")).to_be_visible()
    assert not re.search("4417|in the second|The reader", other_tab.content())
    page.go_back()
    expect(page.get_by_text("Create an account to add page annotations")).to_be_visible()
    assert not re.search("4417|in the first|The reader", page.content())

    # And nothing that was typed is lost
    assert set(people.reader.unsaved_texts.values_list("text", flat=True)) == {"in the first", "in the second"}
    assert Annotation.objects.count() == 1


def test_a_tab_left_open_shows_nothing_once_somebody_else_is_signed_in(visit, people, settings):
    # Given a tab with a reader's half-typed note
    settings.IDLE_TIME = timedelta(minutes=30)
    ward = visit()
    page = ward.sign_in(people.reader, PAGE)
    start_a_note(page, "half-typed 5521")

    # When the browser comes to hold the session of somebody else, and another tab shows it
    elsewhere = visit()
    elsewhere.sign_in(people.other)
    page.context.add_cookies(elsewhere.page.context.cookies())
    page.context.new_page().goto(PAGE)

    # Then the first shows it as well, and the note is its writer's
    expect(page.get_by_text("The other")).to_be_visible()
    assert "5521" not in page.content()
    assert [text.owner for text in UnsavedText.objects.all()] == [people.reader]


def test_where_the_site_cannot_be_reached_the_screen_is_cleared_and_the_text_waits(visit, people):
    # Given a reader whose connection fails before the session ends
    ward = visit()
    page = ward.sign_in(people.reader, PAGE)
    start_a_note(page, "half-typed 5521")
    page.context.set_offline(True)

    # Then the text leaves the screen and the page says that it waits
    expect(page.get_by_text("What you typed has not reached the site yet.")).to_be_visible()
    assert "5521" not in page.content()
    page.wait_for_timeout(2000)
    expect(page.get_by_text("What you typed has not reached the site yet.")).to_be_visible()
    ward.look()

    # When the connection is back, then it arrives
    page.context.set_offline(False)
    expect(page.get_by_text(SIGNED_OUT)).to_be_visible()
    assert people.reader.unsaved_texts.get().text == "half-typed 5521"
    ward.errors.clear()


def test_what_the_site_refuses_for_good_does_not_keep_the_page_waiting(visit, people, settings):
    settings.IDLE_TIME = timedelta(minutes=30)
    ward = visit()
    page = ward.sign_in(people.reader, PAGE)
    start_a_note(page, "half-typed 5521")
    User.objects.filter(pk=people.reader.pk).update(is_active=False)

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Create an account to add page annotations")).to_be_visible()
    assert "5521" not in page.content()
    ward.errors.clear()


def test_the_server_alone_says_that_a_session_has_ended(visit, people, settings):
    """A clock that jumps, as one does where a computer slept, makes the page ask."""
    settings.IDLE_TIME = timedelta(minutes=30)
    ward = visit()
    ward.page.clock.install()
    page = ward.sign_in(people.reader, PAGE)
    start_a_note(page, "half-typed 5521")

    page.clock.fast_forward("02:00:00")

    expect(page.get_by_label("New annotation")).to_have_value("half-typed 5521")
    expect(page.get_by_text("The reader")).to_be_visible()
    expect(warning_on(page)).to_be_hidden()


def test_a_refused_text_is_kept_too(visit, people):
    ward = visit()
    page = ward.sign_in(people.reader, PAGE)
    start_a_note(page, "x" * 4001)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("An annotation can have up to 4000 characters")).to_be_visible()

    expect(page.get_by_text(SIGNED_OUT)).to_be_visible()

    assert people.reader.unsaved_texts.get().text == "x" * 4001
    ward.errors.clear()


def test_an_editors_draft_is_kept_for_its_writer(visit, people, dose, settings):
    # Given an editor who changes a draft and is called away
    text = publishing.Text("Dose", "What to give.", "Give 5 mg.", "Dose raised.")
    draft = publishing.start_draft(page=dose, text=text, by=people.editor, started_from=1)
    path = f"/admin/content/draft/{draft.pk}/change/"
    ward = visit(viewport={"width": 1280, "height": 800})
    desk = ward.sign_in(people.editor, path)
    asked: list[str] = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    desk.get_by_label("Body").press_sequentially("Unsaved words. ")
    expect(warning_on(desk)).to_be_visible()
    ward.look()

    # Then the draft leaves the screen, without a question and without a trace in the tab
    expect(desk.get_by_text(SIGNED_OUT)).to_be_visible()
    expect(desk.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    assert "Unsaved words" not in desk.content()
    assert desk.evaluate("sessionStorage.length") == 0
    assert asked == []
    ward.look()

    # And is found by its writer, with the way back to the draft
    settings.IDLE_TIME = timedelta(minutes=30)
    desk = ward.sign_in(people.editor, "/")
    desk.get_by_role("link", name="View it").click()
    expect(desk.get_by_role("textbox", name="Body")).to_have_value(re.compile("Unsaved words"))
    desk.get_by_role("link", name="Go to the page where you typed it").click()
    expect(desk.get_by_label("Body")).to_have_value(re.compile("^Give 5 mg."))
    assert Draft.objects.get().body.strip() == "Give 5 mg."


def test_without_script_a_form_sent_too_late_is_kept_and_not_shown(visit, people):
    # Given a note that was typed before the session ended
    ward = visit(has_script=False)
    page = ward.sign_in(people.reader, PAGE)
    start_a_note(page, "half-typed 5521")
    page.wait_for_timeout(IDLE * 1000)

    # When somebody presses the button that was left
    page.get_by_role("button", name="Save").click()

    # Then it is kept and not shown
    expect(page.get_by_text("We have kept what you typed: sign in to see it.")).to_be_visible()
    assert "5521" not in page.content()
    ward.errors.clear()
    assert people.reader.unsaved_texts.get().text == "half-typed 5521"


@pytest.mark.parametrize("box", [True, False])
def test_a_passkey_takes_the_box_along(visit, people, box, settings):
    # Given a reader with a passkey
    settings.IDLE_TIME = timedelta(minutes=30)
    own = visit()
    page = own.sign_in(people.reader, "/")
    give_device(page)
    page.goto("/account/2fa/webauthn/add/")
    if page.get_by_label("Password", exact=True).count():
        confirm_password(page)
    page.get_by_role("button", name="Add this passkey").click()
    expect(page.get_by_text("we show them only once")).to_be_visible()
    page.context.clear_cookies()

    # When they sign in by it, with or without the box
    page.goto("/sign-in")
    page.get_by_label("Keep me signed in on this device").set_checked(box)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile(r"/$"))

    # Then the session is kept, or not
    [cookie] = [each for each in page.context.cookies() if each["name"] == "sessionid"]
    assert (cookie["expires"] > 0) is box
    own.errors.clear()


def test_a_preview_in_a_tab_of_its_own_leaves_the_screen_too(visit, people, dose, settings):
    settings.IDLE_TIME = timedelta(minutes=30)
    text = publishing.Text("Dose", "What to give.", "Give 7 mg.", "Dose raised.")
    draft = publishing.start_draft(page=dose, text=text, by=people.editor, started_from=1)
    desk = visit().sign_in(people.editor, f"/admin/content/draft/{draft.pk}/change/")
    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name="Preview in a new tab").click()
    expect(opened.value.get_by_text("Give 7 mg.")).to_be_visible()

    desk.get_by_role("button", name="Sign out").first.click()

    expect(opened.value.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    assert "7 mg" not in opened.value.content()


def test_going_back_shows_nothing_where_the_browser_keeps_whole_pages(
    browser_type, browser_type_launch_args, live_server, people, settings
):
    # Given a browser that keeps the pages it leaves as they are, which the other journeys' browser does not
    settings.IDLE_TIME = timedelta(minutes=30)
    launched = browser_type.launch(
        **browser_type_launch_args, ignore_default_args=["--disable-back-forward-cache", "--disable-component-update"]
    )
    context = launched.new_context(base_url=live_server.url)
    context.add_init_script("addEventListener('pageshow', (event) => { window.wasKept = event.persisted; })")
    page = context.new_page()
    page.goto("/")
    page.goto(PAGE)
    page.go_back(wait_until="commit")
    page.wait_for_timeout(1000)
    was_kept = page.evaluate("window.wasKept")

    # When a reader signs out
    sign_in_here(page, people.reader.email)
    add_note(page, "bleep 4417")
    page.get_by_text("The reader").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile(r"/$"))

    # Then going back shows none of it
    page.go_back()
    expect(page.get_by_text("Create an account to add page annotations")).to_be_visible()
    assert "4417" not in page.content()
    launched.close()
    assert was_kept
