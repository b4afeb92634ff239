import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from content import publishing
from content.models import Draft

BODY = "## Dose\n\nGive 5 mg.[^a]\n\n## When\n\nAt once.\n\n[^a]: Source A\n"


@pytest.fixture
def draft(publish, people) -> Draft:
    """A draft of a page that is live."""
    page = publish("dose", body=BODY, title="Dose").page
    text = publishing.Text("Dose", "What to give.", BODY, "Dose raised.")
    return publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)


@pytest.fixture
def path(draft) -> str:
    return f"/admin/content/draft/{draft.pk}/change/"


def body_of(desk: Page):
    return desk.get_by_label("Body")


def preview_of(desk: Page):
    return desk.frame_locator("iframe[title='The page as readers will see it']")


def type_at(desk: Page, place: str, text: str) -> None:
    """Put the cursor after `place`, where it first stands in the text, and type."""
    body_of(desk).evaluate(
        "(body, place) => { body.focus(); const at = body.value.indexOf(place) + place.length;"
        " body.setSelectionRange(at, at); }",
        place,
    )
    desk.keyboard.type(text)


def test_the_page_is_seen_beside_the_text_as_it_is_typed(visit, people, path):
    # Given an editor with a wide screen
    editing = visit(viewport={"width": 1280, "height": 800})
    desk = editing.sign_in(people.editor, path)
    preview = preview_of(desk)
    expect(preview.get_by_role("heading", name="Dose").first).to_be_visible()

    # When they type
    type_at(desk, "Give 5 mg", " twice <daily> a day")

    # Then the page follows, and its problems
    expect(preview.get_by_text("Give 5 mg twice")).to_be_visible()
    expect(desk.get_by_text("“<daily>” reads as a tag")).to_be_visible()
    editing.look()


def test_a_citation_in_the_preview_leads_to_its_reference(visit, people, path):
    Draft.objects.update(body="Give 5 mg.[^a]\n\n" + "Text.\n\n" * 60 + "[^a]: Source A")
    desk = visit(viewport={"width": 1280, "height": 800}).sign_in(people.editor, path)
    preview = preview_of(desk)
    card = preview.get_by_role("dialog", name="Reference 1")
    expect(card).to_be_hidden()

    preview.get_by_role("button", name="(1)").click()

    expect(card.get_by_text("Source A")).to_be_in_viewport()
    expect(body_of(desk)).to_be_visible()


def test_the_preview_stays_where_it_was_scrolled(visit, people, draft, path):
    Draft.objects.update(body="\n\n".join(f"## Part {number}\n\nText." for number in range(60)))
    desk = visit(viewport={"width": 1280, "height": 800}).sign_in(people.editor, path)
    preview = preview_of(desk)
    preview.get_by_role("heading", name="Part 40").scroll_into_view_if_needed()
    scrolled = preview.locator("html").evaluate("html => html.scrollTop")
    assert scrolled > 1000

    type_at(desk, "## Part 59\n\nText.", " More.")

    expect(preview.get_by_text("Text. More.")).to_have_count(1)
    assert preview.locator("html").evaluate("html => html.scrollTop") == scrolled


def test_citing_twice_gives_two_numbers_and_can_be_undone(visit, people, path):
    # Given a text with one reference
    editing = visit(viewport={"width": 1280, "height": 800})
    desk = editing.sign_in(people.editor, path)
    cite = desk.get_by_role("button", name="Cite")

    # When the editor cites a new reference, typing it where the cursor then stands
    type_at(desk, "At once", "")
    cite.click()
    editing.look()
    desk.get_by_role("button", name="New reference").click()
    desk.keyboard.type("Source B")

    # Then it is defined at the end, and numbered
    expect(body_of(desk)).to_have_value(BODY.replace("At once.", "At once[^ref-1].").rstrip() + "\n[^ref-1]: Source B")
    preview = preview_of(desk)
    expect(preview.get_by_role("button", name="(2)")).to_be_visible()
    expect(preview.locator(".references").get_by_text("Source B")).to_have_count(1)

    # When they cite the first again
    type_at(desk, "Give 5 mg.[^a]", "")
    cite.click()
    desk.get_by_role("button", name="[^ref-1] Source B").click()

    # Then its number moves to where it is read
    expect(body_of(desk)).to_have_value(re.compile(r"Give 5 mg\.\[\^a\]\[\^ref-1\]"))
    expect(preview.get_by_role("button", name="(2)")).to_have_count(2)

    # And each step is undone
    desk.keyboard.press("Control+z")
    expect(body_of(desk)).to_have_value(re.compile(r"Give 5 mg\.\[\^a\]\n"))


def test_cite_makes_the_first_reference_of_a_text(visit, people, path):
    Draft.objects.update(body="Give 5 mg.")
    desk = visit().sign_in(people.editor, path)

    type_at(desk, "Give 5 mg.", "")
    desk.get_by_role("button", name="Cite").click()
    desk.keyboard.type("Source")

    expect(body_of(desk)).to_have_value("Give 5 mg.[^ref-1]\n\n[^ref-1]: Source")
    for _ in range(20):
        desk.keyboard.press("Control+z")
    expect(body_of(desk)).to_have_value("Give 5 mg.")


def test_a_line_becomes_a_heading(visit, people, path):
    Draft.objects.update(body="First\n\n### Second line")
    desk = visit().sign_in(people.editor, path)

    type_at(desk, "Fir", "")
    desk.get_by_role("button", name="Heading", exact=True).click()
    desk.keyboard.type("!")
    type_at(desk, "Second", "")
    desk.get_by_role("button", name="Heading", exact=True).click()
    expect(body_of(desk)).to_have_value("## Fir!st\n\n## Second line")
    desk.get_by_role("button", name="Sub-heading").click()

    expect(body_of(desk)).to_have_value("## Fir!st\n\n### Second line")
    desk.keyboard.press("Control+z")
    expect(body_of(desk)).to_have_value("## Fir!st\n\n## Second line")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_problem_leads_to_its_line(visit, people, path, width):
    # Given a long text with one problem near its end
    lines = [*("Text that goes on. " * 9 + "\n" for _ in range(99)), "Cited.[^gone]"]
    Draft.objects.update(body="\n".join(lines))
    editing = visit(viewport={"width": width, "height": 800})
    desk = editing.sign_in(people.editor, path)
    expect(desk.get_by_text("The reference [^gone] is cited but not defined.").locator("visible=true")).to_have_count(1)

    # When the editor follows it
    desk.get_by_role("button", name="Line 199").locator("visible=true").click()

    # Then the cursor is on that line, in view
    expect(body_of(desk)).to_be_focused()
    expect(desk.locator(".desk-line")).to_have_text("Line 199")
    top, shown, all_of_it = body_of(desk).evaluate("body => [body.scrollTop, body.clientHeight, body.scrollHeight]")
    assert top + shown >= all_of_it - 40
    desk.keyboard.type("Now ")
    expect(body_of(desk)).to_have_value(re.compile(r"\nNow Cited\.\[\^gone\]$"))


def test_the_keyboard_saves_and_then_nothing_warns(visit, people, draft, path):
    desk = visit().sign_in(people.editor, path)
    warned: list[Dialog] = []
    desk.on("dialog", lambda dialog: (warned.append(dialog), dialog.accept()))

    type_at(desk, "Give 5", "0")
    desk.keyboard.press("Control+s")

    expect(desk.get_by_text("was changed successfully")).to_be_visible()
    draft.refresh_from_db()
    assert "Give 50 mg." in draft.body
    assert draft.revision == 2
    # What is saved is not saved again, and nothing kept is offered.
    desk.keyboard.press("Control+s")
    expect(desk.get_by_text("Nothing to save")).to_be_visible()
    expect(desk.get_by_role("button", name="Restore")).to_have_count(0)
    assert desk.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('typed:')).length") == 0
    desk.goto("/")
    assert warned == []


def test_leaving_unsaved_text_warns_and_the_text_is_offered_on_return(visit, people, path):
    desk = visit().sign_in(people.editor, path)
    warned: list[str] = []
    desk.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    type_at(desk, "Give 5", "0")

    desk.get_by_role("link", name="View the site").click()

    desk.wait_for_url(re.compile(r"/$"))
    assert warned == ["beforeunload"]
    desk.goto(path)
    expect(body_of(desk)).to_have_value(BODY)
    desk.get_by_role("button", name="Discard it").click()
    desk.reload()
    expect(desk.get_by_role("button", name="Restore")).to_have_count(0)
    assert warned == ["beforeunload"]


def test_text_typed_while_the_session_ended_is_restored_to_its_writer_alone(visit, people, path):
    # Given an editor whose session ends while they write
    editing = visit(viewport={"width": 1280, "height": 800})
    desk = editing.sign_in(people.editor, path)
    type_at(desk, "Give 5", "0")
    expect(preview_of(desk).get_by_text("Give 50 mg")).to_be_visible()
    desk.context.clear_cookies(name="sessionid")
    type_at(desk, "At once", ", today")
    expect(desk.get_by_text("The preview has stopped")).to_be_visible()
    assert not people.editor.unsaved_texts.exists()

    # When they save, and a colleague signs in at that computer
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_role("heading", name="Your text was not saved")).to_be_visible()
    assert people.editor.unsaved_texts.exists()
    assert all("status of 403" in error for error in editing.errors)
    editing.errors.clear()
    editing.sign_in(people.reviewer, path)

    # Then the colleague is offered nothing of it
    expect(body_of(desk)).to_have_value(BODY)
    expect(desk.get_by_role("button", name="Restore")).to_have_count(0)

    # When the editor signs in again
    desk.context.clear_cookies(name="sessionid")
    editing.sign_in(people.editor, path)

    # Then the saved text is in the form, and the typed one is offered beside it
    expect(body_of(desk)).to_have_value(BODY)
    restore = desk.get_by_role("button", name=re.compile(r"^Restore the text you typed at \d\d:\d\d$"))
    restore.click()
    expect(body_of(desk)).to_have_value(BODY.replace("Give 5 mg", "Give 50 mg").replace("At once", "At once, today"))
    expect(restore).to_have_count(0)
    editing.look()

    # And once it is saved it is not offered again
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("was changed successfully")).to_be_visible()
    expect(desk.get_by_role("button", name="Restore")).to_have_count(0)


def test_restored_text_does_not_overwrite_what_a_colleague_saved_since(visit, people, draft, path):
    desk = visit().sign_in(people.editor, path)
    desk.on("dialog", lambda dialog: dialog.accept())
    type_at(desk, "Give 5", "0")
    desk.goto("/")
    text = publishing.Text("Dose", "What to give.", "Give 7 mg.", "Dose raised.")
    publishing.save_draft(draft=draft, text=text, by=people.reviewer, revision=1)

    desk.goto(path)
    desk.get_by_role("button", name="Restore").click()
    desk.get_by_role("button", name="Save", exact=True).click()

    expect(desk.get_by_text("The reviewer saved this draft at").first).to_be_visible()
    expect(body_of(desk)).to_have_value(re.compile("Give 50 mg"))
    assert Draft.objects.get().body == "Give 7 mg.\n"


def test_the_first_save_of_a_draft_forgets_what_was_kept(visit, people, publish):
    page = publish("dose", body=BODY, title="Dose").page
    desk = visit().sign_in(people.editor, "/admin/content/page/")
    desk.goto(f"/admin/content/draft/add/?page={page.pk}")
    type_at(desk, "Give 5", "0")

    desk.keyboard.press("Control+s")

    expect(desk.get_by_text("was added successfully")).to_be_visible()
    expect(desk.get_by_role("button", name="Restore")).to_have_count(0)
    assert Draft.objects.get().body == BODY.replace("5 mg", "50 mg").strip() + "\n"


def test_what_saving_cleans_is_said_and_never_offered_as_unsaved_text(visit, people, draft, path):
    # Given an editor who pastes text with a soft hyphen and a link without text
    editing = visit(viewport={"width": 1280, "height": 800})
    desk = editing.sign_in(people.editor, path)
    type_at(desk, "At once", "")
    desk.keyboard.insert_text(" if hyper\u00adtensive, see [](/pages/dose/) or [](/pages/dose/#h-when)")

    # When they save
    desk.keyboard.press("Control+s")

    # Then they are told of both changes, and nothing is offered
    expect(desk.get_by_text("Line 7: we removed 1 soft hyphen, which nobody can see.")).to_be_visible()
    expect(desk.get_by_text("Line 7: the link to /pages/dose/ now has the page's title, “Dose”.").first).to_be_visible()
    expect(body_of(desk)).to_have_value(re.compile(r"if hypertensive, see \[Dose\]\(/pages/dose/\) or \[Dose\]"))
    expect(desk.get_by_role("button", name="Restore")).to_have_count(0)
    assert desk.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('typed:')).length") == 0
    editing.look()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_refused_text_is_still_there_with_the_place_of_what_nobody_can_see(visit, people, path, width):
    editing = visit(viewport={"width": width, "height": 800})
    desk = editing.sign_in(people.editor, path)
    type_at(desk, "Give ", "")
    desk.keyboard.insert_text("\u202e0")

    desk.get_by_role("button", name="Save and submit for review").click()

    message = "Line 3, character 6: RIGHT-TO-LEFT OVERRIDE (U+202E), which can show 05 as 50. Delete it."
    expect(desk.get_by_text(message).locator("visible=true")).to_have_count(2)
    expect(body_of(desk)).to_have_value(re.compile("Give \u202e05 mg"))
    editing.look()
    assert desk.evaluate("document.documentElement.scrollWidth") <= width
    desk.get_by_role("link", name="Body", exact=True).click()
    expect(body_of(desk)).to_be_focused()


@pytest.mark.parametrize("width", [390, 1280, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_fits_and_is_accessible(visit, people, draft, path, width, scheme):
    Draft.objects.update(body=f"{BODY}\n# First level\n\nCited.[^gone]\n")
    editing = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)
    desk = editing.sign_in(people.editor, path)

    expect(desk.get_by_text("Check:").locator("visible=true")).to_have_count(1)
    editing.look()
    assert desk.evaluate("document.documentElement.scrollWidth") <= width


def test_without_script_the_form_works_and_names_the_problems(visit, people, path):
    Draft.objects.update(body="Cited.[^gone]")
    desk = visit(has_script=False).sign_in(people.editor, path)

    expect(desk.get_by_text("Line 1: The reference [^gone] is cited but not defined.")).to_be_visible()
    expect(desk.get_by_role("button", name="Cite")).to_have_count(0)
    body_of(desk).fill("Give 10 mg.")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("was changed successfully")).to_be_visible()
    assert Draft.objects.get().body == "Give 10 mg.\n"
