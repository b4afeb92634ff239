import pytest
from playwright.sync_api import expect

from annotations.models import write
from content.models import Page
from tests.conftest import PASSWORD
from tests.journeys.conftest import NATALIZUMAB
from tests.journeys.steps import add_note, show_tools

# What is too low for a finger; a link within a sentence may be. The label of a box can be touched as well as the box.
LOW = """() => [...document.querySelectorAll("main :is(a, button, summary, input, select, textarea)")]
    .filter((each) => each.checkVisibility())
    .filter((each) => !each.closest("p, li, dd")
        || each.closest("p, li, dd").textContent.trim() === each.textContent.trim())
    .map((each) => each.type === "checkbox" ? each.labels[0] : each)
    .filter((each) => each.getBoundingClientRect().height < 44)
    .map((each) => each.outerHTML)"""
WIDER = "() => document.documentElement.scrollWidth > innerWidth"
FOR_VISITORS = ["/sign-in", "/sign-up", "/account/login/code/", "/account/password/reset/"]
FOR_READERS = ["", "profile/", "email/", "password/change/", "2fa/", "sessions/", "unsaved/", "reauthenticate/"]
AFTER_PROOF = ["2fa/totp/activate/", "2fa/webauthn/add/", "download/", "delete/"]


def look(page, address: str) -> None:
    """Nothing on it is too wide for a phone, or too low for a finger."""
    page.goto(address)
    assert not page.evaluate(WIDER), address
    assert page.evaluate(LOW) == [], address


@pytest.fixture
def phone(visit):
    """Somebody at a small telephone."""
    return visit(viewport={"width": 320, "height": 640}).page


def test_every_account_page_can_be_used_with_a_thumb(visit, person, phone):
    reader = person("reader", name="Dr Oluwaseun Featherstonehaugh-Cholmondeley de Montmorency-Williams")
    for address in FOR_VISITORS:
        look(phone, address)
    phone.goto("/sign-in")
    phone.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    phone.get_by_text("There is a problem").wait_for()
    phone.wait_for_load_state()
    assert phone.evaluate(LOW) == []

    phone.get_by_label("Email").fill(reader.email)
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    phone.wait_for_url("**/")
    for address in FOR_READERS:
        look(phone, f"/account/{address}")
    assert phone.locator(".brand").evaluate("brand => brand.offsetHeight") < 50  # on one line, beside a long name

    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Confirm").click()
    for address in AFTER_PROOF:
        look(phone, f"/account/{address}")


def test_recovery_codes_fit_on_a_phone(visit, person, phone, code_from_app):
    editor = person("editor")
    editor.authenticator_set.all().delete()
    phone.goto("/sign-in?next=/admin/")
    phone.get_by_label("Email").fill(editor.email)
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    phone.get_by_role("link", name="Set up an authenticator app").click()
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="Confirm").click()
    key = phone.locator("#secret").inner_text().replace(" ", "")
    phone.get_by_label("Code that the app shows now").fill(code_from_app(key))
    phone.get_by_role("button", name="Turn on the authenticator app").click()

    phone.get_by_role("link", name="I have saved them, continue to editing").wait_for()
    phone.wait_for_load_state()

    assert not phone.evaluate(WIDER)
    assert phone.evaluate(LOW) == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
@pytest.mark.parametrize("notes", [0, 2, 10])
def test_guidance_begins_on_the_first_screen_whatever_the_number_of_notes(
    visit, people, natalizumab, width, height, notes
):
    for number in range(notes):
        said = {
            "text": f"MS nurse line 0117 496 01{number:02}, weekdays 9:00 to 16:00, not on Fridays",
            "label": "phone",
        }
        write(by=people.reader, page=Page.objects.get(), on_version=1, heading="", **said)
    reader = visit(viewport={"width": width, "height": height})

    for page in (reader.to(NATALIZUMAB), reader.sign_in(people.reader, NATALIZUMAB)):
        first = page.locator(".key-points li").first.bounding_box()
        assert first["y"] < 0.45 * height
        assert not page.evaluate(WIDER)


def test_of_many_notes_two_are_seen_and_the_others_and_their_tools_when_asked_for(visit, people, publish, has_script):
    version = publish()
    for number in range(20):
        said = {"text": f"bleep 44{number:02}", "label": "phone", "heading": ""}
        write(by=people.reader, page=version.page, on_version=1, **said)
    reader = visit(has_script, viewport={"width": 390, "height": 844})
    page = reader.sign_in(people.reader, version.page.get_absolute_url())
    panel = page.get_by_role("region", name="My annotations")
    expect(panel.get_by_text("bleep 4401")).to_be_visible()
    expect(panel.get_by_text("bleep 4402")).to_be_hidden()
    assert panel.bounding_box()["height"] < 150

    panel.get_by_text("18 more").click()

    expect(panel.get_by_text("bleep 4419")).to_be_visible()
    expect(panel.get_by_text("18 more")).to_be_in_viewport()
    expect(panel.get_by_role("link", name="Edit")).to_have_count(0)
    assert panel.bounding_box()["height"] < 20 * 85
    show_tools(page)
    assert page.evaluate(LOW) == []
    assert not page.evaluate(WIDER)
    panel.get_by_role("button", name="Delete").nth(1).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    reader.look()


def test_a_note_that_was_just_added_is_seen_although_the_others_are_folded(visit, people, publish):
    version = publish()
    for number in range(3):
        write(by=people.reader, page=version.page, on_version=1, text=f"bleep 44{number:02}")
    reader = visit(viewport={"width": 390, "height": 844})
    page = reader.sign_in(people.reader, version.page.get_absolute_url())
    expect(page.get_by_text("bleep 4402")).to_be_hidden()

    add_note(page, "bleep 4403")

    expect(page.get_by_text("bleep 4402")).to_be_visible()


def test_all_notes_are_on_paper(visit, people, publish, has_script):
    version = publish()
    for number in range(10):
        write(by=people.reader, page=version.page, on_version=1, text=f"bleep 44{number:02}")
    page = visit(has_script, viewport={"width": 390, "height": 844}).sign_in(
        people.reader, version.page.get_absolute_url()
    )

    page.emulate_media(media="print")

    expect(page.get_by_text("bleep 4409")).to_be_visible()
    assert page.locator("main").get_by_role("button").count() == 0
    assert page.locator("main").get_by_role("checkbox").count() == 0


def test_the_focus_stays_on_a_note_that_has_come_to_the_top(visit, people, publish):
    version = publish()
    for text in ("first", "second"):
        write(by=people.reader, page=version.page, on_version=1, text=text)
    page = visit().sign_in(people.reader, version.page.get_absolute_url())

    show_tools(page)
    page.get_by_role("button", name="Move up").last.press("Enter")

    expect(page.locator("#annotation-list li .text").first).to_have_text("second")
    expect(page.locator("#annotation-list li").first.get_by_role("button", name="Move down")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#annotation-list li .text").first).to_have_text("first")
    expect(page.locator("#annotation-list li").last.get_by_role("button", name="Move up")).to_be_focused()
