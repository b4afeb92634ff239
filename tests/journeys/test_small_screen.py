import pytest
from playwright.sync_api import expect

from annotations.models import write
from tests.conftest import PASSWORD
from tests.journeys.steps import add_note

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


def test_many_notes_are_read_at_a_glance_and_changed_when_asked(visit, people, publish):
    version = publish()
    for number in range(20):
        said = {"text": f"bleep 44{number:02}", "label": "phone", "heading": ""}
        write(by=people.reader, page=version.page, on_version=1, **said)
    reader = visit(viewport={"width": 390, "height": 844})
    page = reader.sign_in(people.reader, version.page.get_absolute_url())
    panel = page.get_by_role("region", name="Your annotations")

    expect(panel.get_by_text("bleep 4419")).to_be_visible()
    expect(panel.get_by_role("link", name="Edit")).to_have_count(0)
    assert panel.bounding_box()["height"] < 20 * 85

    panel.get_by_label("Edit, delete or move").check()
    assert page.evaluate(LOW) == []
    assert not page.evaluate(WIDER)
    panel.get_by_role("button", name="Delete").nth(1).click()
    expect(panel.get_by_role("button", name="Undo")).to_be_visible()
    reader.look()


def test_the_fourth_note_brings_the_box_that_hides_what_can_be_done(visit, people, publish):
    version = publish()
    for number in range(3):
        write(by=people.reader, page=version.page, on_version=1, text=f"bleep 44{number:02}")
    reader = visit(viewport={"width": 390, "height": 844})
    page = reader.sign_in(people.reader, version.page.get_absolute_url())
    box = page.get_by_label("Edit, delete or move")
    expect(box).to_be_hidden()
    expect(page.get_by_role("link", name="Go to the guidance")).to_be_hidden()

    add_note(page, "bleep 4403")

    expect(box).to_be_visible()
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    page.get_by_role("link", name="Go to the guidance").click()
    expect(page.get_by_text("Give 5 mg.")).to_be_in_viewport()


def test_the_focus_stays_on_a_note_that_has_come_to_the_top(visit, people, publish):
    version = publish()
    for text in ("first", "second"):
        write(by=people.reader, page=version.page, on_version=1, text=text)
    page = visit().sign_in(people.reader, version.page.get_absolute_url())

    page.get_by_role("button", name="Move up").last.press("Enter")

    expect(page.locator("#annotation-list li .text").first).to_have_text("second")
    expect(page.locator("#annotation-list li").first.get_by_role("button", name="Move down")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#annotation-list li .text").first).to_have_text("first")
    expect(page.locator("#annotation-list li").last.get_by_role("button", name="Move up")).to_be_focused()
