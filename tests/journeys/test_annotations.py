from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from annotations.models import write
from content.models import Page
from tests.journeys.steps import show_tools

PAGE = "/pages/a-page/"
BODY = "## Dose\n\nGive 5 mg.\n\n## Follow-up\n\nIn 3 months.\n"


def test_a_reader_labels_orders_and_finds_notes(visit, people, publish, has_script):
    # Given a reader with a note on a heading and another
    publish(body=BODY)
    reader = visit(has_script)
    page = reader.sign_in(people.reader, PAGE)
    notes = page.get_by_role("region", name="My annotations")
    for text, label, where in (("bleep 4417", "Phone", "Follow-up"), ("www.nhs.uk/ms", "Website", "The whole page")):
        page.get_by_text("Add an annotation", exact=True).click()
        page.get_by_label("New annotation").fill(text)
        page.get_by_text("Label, place on the page, check again").click()
        page.get_by_label("Label", exact=True).select_option(label)
        page.get_by_label("Where on the page").select_option(where)
        page.get_by_role("button", name="Save").click()
        expect(notes.get_by_text(text)).to_be_visible()
    reader.look()

    # Then the note also stands on its heading, and follows when it is edited
    here = page.locator("#here-h-follow-up")
    expect(here.get_by_text("bleep 4417")).to_be_visible()
    show_tools(page)
    notes.get_by_role("link", name="Edit").first.click()
    box = page.get_by_role("textbox", name="annotation")
    expect(box).to_have_value("bleep 4417")
    reader.look()
    box.fill("bleep 5521")
    page.get_by_role("button", name="Save").click()
    expect(here.get_by_text("bleep 5521")).to_be_visible()
    expect(page.get_by_text("bleep 4417")).to_have_count(0)

    # When they move it down, then it is second, on this visit and the next
    show_tools(page)
    notes.get_by_role("button", name="Move down").first.click()
    expect(notes.locator("li .text").nth(1)).to_have_text("bleep 5521")
    reader.to(PAGE)
    expect(notes.locator("li .text").nth(1)).to_have_text("bleep 5521")

    # And among all their annotations it is found by its label
    page = reader.to("/annotations/")
    page.get_by_label("Label").select_option("Phone")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.get_by_text("bleep 5521")).to_be_visible()
    expect(page.get_by_text("www.nhs.uk/ms")).to_have_count(0)
    reader.look()

    # And what is typed there into an edit and not saved outlives a deletion, which leads back to what was found
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("textbox", name="annotation")).to_be_focused()
    page.get_by_role("textbox", name="annotation").fill("half-typed")
    page.get_by_role("button", name="Delete this annotation").click()
    expect(page.get_by_role("link", name="View it")).to_be_visible()
    reader.look()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Label")).to_have_value("phone")
    expect(page.get_by_text("bleep 5521")).to_be_visible()
    assert [kept.text for kept in people.reader.unsaved_texts.all()] == ["half-typed"]


def test_a_heading_below_another_and_a_day_to_check_outlive_an_edit(visit, people, publish, has_script):
    publish(body=BODY.replace("## Follow-up", "### Children"))
    day = (timezone.localdate() + timedelta(days=40)).isoformat()
    reader = visit(has_script)
    page = reader.sign_in(people.reader, PAGE)
    page.get_by_text("Add an annotation", exact=True).click()
    page.get_by_label("New annotation").fill("bleep 4417")
    page.get_by_text("Label, place on the page, check again").click()
    page.get_by_label("Where on the page").select_option("Dose › Children")
    page.get_by_label("Check again on").fill(day)
    page.get_by_role("button", name="Save").click()
    here = page.locator("#here-h-children")
    expect(here.get_by_text("bleep 4417")).to_be_visible()

    show_tools(page)
    page.get_by_role("region", name="My annotations").get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Check again on").last).to_have_value(day)
    expect(page.get_by_role("textbox", name="annotation")).to_be_focused()
    page.get_by_role("textbox", name="annotation").fill("bleep 5521")
    page.get_by_role("button", name="Save").click()

    expect(here.get_by_text("bleep 5521")).to_be_visible()
    assert people.reader.annotations.get().check_on.isoformat() == day


def test_on_an_older_version_a_note_stands_on_its_own_heading_only(visit, people, publish):
    # Given a note on a heading whose id stood for other text in the version before
    publish(body="## Adults\n\n### Dose\n\n5 mg.\n\n## Children\n\n### Dose\n\n1 mg.\n")
    publish(body="## Children\n\n### Dose\n\n1 mg.\n")
    people.reader.annotations.create(
        page=Page.objects.get(), text="bleep 4417", heading="Children\nDose", written_on_version=2
    )
    reader = visit()
    page = reader.sign_in(people.reader, f"{PAGE}history/1/")
    expect(page.locator("#here-h-dose_1").get_by_text("bleep 4417")).to_be_visible()

    # When it is edited there
    show_tools(page)
    page.get_by_role("region", name="My annotations").get_by_role("link", name="Edit").click()
    expect(page.get_by_role("textbox", name="annotation")).to_be_focused()
    page.get_by_role("textbox", name="annotation").fill("bleep 5521")
    page.get_by_role("button", name="Save").first.click()

    # Then it stands where it stood
    expect(page.locator("#here-h-dose_1").get_by_text("bleep 5521")).to_be_visible()
    expect(page.locator("#here-h-dose")).to_be_empty()


def test_the_keyboard_moves_a_note_and_leaves_what_is_half_typed(visit, people, publish):
    publish(body=BODY)
    reader = visit()
    page = reader.sign_in(people.reader, PAGE)
    for text in ("first", "second"):
        page.get_by_text("Add an annotation", exact=True).click()
        page.get_by_label("New annotation").fill(text)
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#annotation-list").get_by_text(text)).to_be_visible()
    page.get_by_text("Add an annotation", exact=True).click()
    page.get_by_label("New annotation").fill("half-typed")

    show_tools(page)
    page.get_by_role("link", name="Edit").nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")

    expect(page.locator("#annotation-list li .text").first).to_have_text("second")
    expect(page.get_by_text("Now number 1 of 2.")).to_be_visible()
    expect(page.get_by_label("New annotation")).to_have_value("half-typed")
    reader.look()


def test_after_cancelling_an_edit_the_keyboard_goes_on_from_there(visit, people, publish):
    people.reader.annotations.create(page=publish(body=BODY).page, text="bleep 4417", written_on_version=1)
    page = visit().sign_in(people.reader, PAGE)
    show_tools(page)
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("textbox", name="annotation")).to_be_focused()

    page.get_by_role("link", name="Cancel").press("Enter")

    expect(page.get_by_role("link", name="Edit")).to_be_focused()


@pytest.mark.parametrize("text", ["NHS number 943 476 5919"])
def test_what_looks_like_a_patient_is_asked_about_first(visit, people, publish, has_script, text):
    publish(body=BODY)
    reader = visit(has_script)
    page = reader.sign_in(people.reader, PAGE)
    page.get_by_text("Add an annotation", exact=True).click()
    page.get_by_label("New annotation").fill(text)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert").filter(has_text="looks like an NHS number")).to_be_visible()
    expect(page.get_by_label("New annotation")).to_have_value(text)
    reader.look()
    assert all("status of 422" in error for error in reader.errors)
    reader.errors.clear()
    page.get_by_label("This is not a patient’s number").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="My annotations").get_by_text(text)).to_be_visible()


def test_a_note_whose_answer_was_lost_is_saved_again_and_is_there_once(visit, people, publish):
    # Given a reader whose note reaches the site, and whose connection ends before the answer is there
    publish(body=BODY)
    reader = visit()
    page = reader.sign_in(people.reader, PAGE)
    page.get_by_text("Add an annotation", exact=True).click()
    page.get_by_label("New annotation").fill("bleep 4417")

    def lose(route) -> None:
        route.fetch()
        route.abort()

    page.route("**/annotations/", lose, times=1)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your annotation was not saved, but your text is still here.")).to_be_visible()
    expect(page.get_by_label("New annotation")).to_have_value("bleep 4417")
    assert people.reader.annotations.count() == 1
    reader.errors.clear()  # the browser names the request that failed

    # When they save again, and add another that says the same
    notes = page.locator("#annotation-list > li")
    page.get_by_role("button", name="Save").click()
    expect(notes).to_have_count(1)
    page.get_by_text("Add an annotation", exact=True).click()
    page.get_by_label("New annotation").fill("bleep 4417")
    page.get_by_role("button", name="Save").click()

    # Then the first is there once
    expect(notes).to_have_count(2)
    assert people.reader.annotations.count() == 2


def test_the_second_of_two_tabs_is_shown_both_texts(visit, people, publish, has_script):
    # Given a reader who edits one note in two tabs
    publish(body=BODY)
    reader = visit(has_script)
    page = reader.sign_in(people.reader, PAGE)
    page.get_by_text("Add an annotation", exact=True).click()
    page.get_by_label("New annotation").fill("bleep 4417")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="My annotations").get_by_text("bleep 4417")).to_be_visible()
    other = page.context.new_page()
    other.goto(PAGE)
    for tab in (page, other):
        show_tools(tab)
        tab.get_by_role("link", name="Edit").click()
        expect(tab.get_by_role("textbox", name="annotation")).to_have_value("bleep 4417")
        tab.wait_for_load_state("networkidle")

    # When both are saved
    for tab, text in ((page, "from the first"), (other, "from the second")):
        tab.get_by_role("textbox", name="annotation").fill(text)
        tab.get_by_role("button", name="Save").click()
        tab.wait_for_load_state("networkidle")

    # Then the second is shown both, and nothing is lost
    expect(other.get_by_role("alert").filter(has_text="This annotation was changed in another tab")).to_be_visible()
    expect(other.get_by_role("textbox", name="annotation")).to_have_value("from the second")
    expect(other.get_by_text("Saved text: from the first")).to_be_visible()
    other.get_by_role("textbox", name="annotation").fill("from both")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("region", name="My annotations").get_by_text("from both")).to_be_visible()
    expect(reader.to(PAGE).get_by_text("from both")).to_be_visible()


def test_a_kept_text_is_put_back_copied_or_discarded(visit, people, publish, has_script):
    # Given a reader of whom three texts are kept: of a report, a new note and an edit of one
    publish(body=BODY)
    reader = visit(has_script)
    page = reader.sign_in(people.reader, PAGE)
    note = write(by=people.reader, page=Page.objects.get(), on_version=1, text="bleep 4417")
    report = f"{PAGE}history/1/report/"
    people.reader.keep_unsaved(report, [("What is wrong?", "It is 50 mg.", "text")], report)
    people.reader.keep_unsaved(PAGE, [("New annotation", "half-typed", "text")], f"{PAGE}annotations/")
    people.reader.keep_unsaved(PAGE, [("Edit annotation", "bleep 5521", "text")], note.get_absolute_url())
    reader.to("/account/unsaved/")

    # When they copy one, and put it back
    edit = page.get_by_role("region", name="Edit annotation")
    if has_script:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        edit.get_by_role("button", name="Copy text").click()
        expect(edit.get_by_text("Copied", exact=True)).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == "bleep 5521"
    else:
        expect(edit.get_by_role("button", name="Copy text")).to_be_hidden()
    edit.get_by_role("link", name="Save to the page").click()

    # Then it stands in the form of that note, over what is saved, until it is saved
    expect(page.get_by_role("textbox", name="annotation")).to_have_value("bleep 5521")
    expect(page.get_by_text("Saved text: bleep 4417")).to_be_visible()
    reader.look()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Annotation saved.")).to_be_visible()
    note.refresh_from_db()
    assert note.text == "bleep 5521"

    # And the new note stands in its form on its page
    reader.to("/account/unsaved/")
    page.get_by_role("region", name="New annotation").get_by_role("link", name="Save to the page").click()
    expect(page.get_by_label("New annotation")).to_be_focused()
    expect(page.get_by_label("New annotation")).to_have_value("half-typed")
    reader.look()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Annotation added.")).to_be_visible()
    expect(page.locator("#annotation-list").get_by_text("half-typed")).to_be_visible()

    # And the last can be discarded
    reader.to("/account/unsaved/")
    expect(page.get_by_role("link", name="Save to the page")).to_have_count(1)
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Text discarded.")).to_be_visible()
    assert not people.reader.unsaved_texts.exists()


HTMX = "**/django_htmx/htmx*"


@pytest.mark.parametrize(("what", "answered"), [("Delete", "Annotation deleted."), ("Move down", "Now number 2 of 2.")])
def test_a_press_before_htmx_is_there_is_answered_once(visit, people, publish, what, answered):
    # Given a reader whose connection is slow
    article = publish(body=BODY).page
    for text in ("bleep 4417", "bleep 5521"):
        write(by=people.reader, page=article, on_version=1, text=text)
    reader = visit()
    page = reader.sign_in(people.reader, PAGE)
    held, sent = [], []
    page.route(HTMX, lambda route: held.append(route))
    page.on("request", lambda request: sent.append((request.method, bool(request.headers.get("hx-request")))))
    show_tools(page)

    # When they press, then the page waits, and answers when htmx is there
    page.get_by_role("button", name=what).first.click()
    expect(page.get_by_text(answered)).to_have_count(0)
    sent.clear()
    held.pop().continue_()
    expect(page.get_by_text(answered)).to_be_visible()

    # Then what they pressed was done once, in its place, and the next press needs nothing more
    assert sent == [("POST", True)]
    assert held == []
    sent.clear()
    page.get_by_role("button", name="Undo" if what == "Delete" else "Move up").last.click()
    expect(page.get_by_text(answered)).to_have_count(0)
    assert sent == [("POST", True)]
    reader.look()


def test_two_presses_before_htmx_is_there_save_one_note_and_open_the_other(visit, people, publish):
    write(by=people.reader, page=publish(body=BODY).page, on_version=1, text="bleep 4417")
    reader = visit()
    page = reader.sign_in(people.reader, PAGE)
    held = []
    page.route(HTMX, lambda route: held.append(route))
    show_tools(page)
    page.get_by_text("Add an annotation", exact=True).click()
    page.get_by_label("New annotation").fill("bleep 5521")

    page.get_by_role("button", name="Save").dblclick()
    page.get_by_role("link", name="Edit").click()
    held.pop().continue_()

    expect(page.get_by_text("Annotation added.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Edit annotation")).to_have_value("bleep 4417")
    expect(page.locator("#annotation-list > li")).to_have_count(2)
    assert [each.text for each in people.reader.annotations.order_by("pk")] == ["bleep 4417", "bleep 5521"]


def test_a_press_while_the_page_itself_is_not_yet_complete_is_answered(visit, people, publish):
    write(
        by=people.reader, page=publish(body=f"{BODY}\n![A](/static/icon.svg)\n").page, on_version=1, text="bleep 4417"
    )
    reader = visit()
    reader.sign_in(people.reader)
    page, held = reader.page, []
    page.route("**/static/icon.svg", lambda route: held.append(route))
    page.goto(PAGE, wait_until="domcontentloaded")
    show_tools(page)

    page.get_by_role("button", name="Delete").click()
    assert page.evaluate("document.readyState") == "interactive"
    held.pop().continue_()

    expect(page.get_by_text("Annotation deleted.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()


def test_a_note_saved_without_a_connection_before_htmx_is_there_is_kept_in_its_form(visit, people, publish):
    publish(body=BODY)
    reader = visit()
    page = reader.sign_in(people.reader, PAGE)
    page.context.set_offline(True)
    page.get_by_text("Add an annotation", exact=True).click()
    page.get_by_label("New annotation").fill("bleep 4417")

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Your annotation was not saved, but your text is still here.")).to_be_visible()
    expect(page.get_by_label("New annotation")).to_have_value("bleep 4417")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#annotation-list").get_by_text("bleep 4417")).to_be_visible()
    assert people.reader.annotations.count() == 1
    reader.errors.clear()  # the browser names the requests that failed


def test_where_the_site_has_no_htmx_to_give_the_browser_sends_the_form(visit, people, publish):
    publish(body=BODY)
    reader = visit()
    page = reader.sign_in(people.reader, PAGE)
    page.route(HTMX, lambda route: route.fulfill(status=404))
    page.get_by_text("Add an annotation", exact=True).click()
    page.get_by_label("New annotation").fill("bleep 4417")

    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()

    expect(page.locator("#annotation-list").get_by_text("bleep 4417")).to_be_visible()
    assert people.reader.annotations.count() == 1
    reader.errors.clear()


def test_all_notes_are_on_paper_with_nothing_to_press(visit, people, publish):
    page_to_note = publish(body=BODY).page
    write(by=people.reader, page=page_to_note, on_version=1, text="bleep 4417", label="", heading="Dose")
    publish(body=BODY.replace("5 mg", "6 mg"))
    reader = visit()
    page = reader.sign_in(people.reader, "/annotations/")
    notes = page.get_by_text("bleep 4417")
    expect(notes).to_have_count(2)  # to check, and among all

    page.emulate_media(media="print")

    for note in notes.all():
        expect(note).to_be_visible()
    to_press = page.locator("main").locator("button, input, select, [href='#download']")
    expect(to_press.filter(visible=True)).to_have_count(0)
