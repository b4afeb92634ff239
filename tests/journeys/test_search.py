import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NATALIZUMAB

# A refusal, an address without a page, and one that is no longer than a word.
NOT_SERVED = ("/pages/second/", "/pages/natalizumab-hihgly-active/", "/natalizumab")


def field(page, has_script):
    return page.get_by_role("combobox" if has_script else "searchbox", name="Search this site")


@pytest.mark.usefixtures("natalizumab")
def test_a_visitor_finds_the_section_that_answers(visit, has_script):
    # Given a visitor on the home page
    visitor = visit(has_script)
    page = visitor.to("/")

    # When they search for what the page says
    field(page, has_script).fill("natalizumab contraindications allergy")
    field(page, has_script).press("Enter")
    visitor.look()

    # Then the page comes with the section and its sentence, and the field still says what they typed
    expect(page.get_by_role("heading", name="natalizumab contraindications allergy")).to_be_visible()
    expect(field(page, has_script)).to_have_value("natalizumab contraindications allergy")
    page.get_by_role("link", name="Who must not have it").click()
    expect(page).to_have_url(f"{page.url.split('/pages/')[0]}{NATALIZUMAB}#h-who-must-not-have-it")
    expect(page.get_by_role("heading", name="Who must not have it")).to_be_in_viewport()


@pytest.mark.usefixtures("natalizumab")
def test_a_slash_puts_the_cursor_into_the_field_unless_somebody_writes(visit):
    visitor = visit()
    page = visitor.to(NATALIZUMAB)
    field = page.get_by_role("combobox", name="Search this site")

    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("5/day")
    expect(field).to_have_value("5/day")


@pytest.fixture
def free_pages(settings):
    settings.FREE_PAGES = 1


@pytest.mark.usefixtures("natalizumab", "free_pages")
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_was_found_or_not_fits_and_is_accessible(visit, publish, width, scheme):
    publish("second", title="A second page for what comes after natalizumab in multiple sclerosis")
    visitor = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = visitor.to(NATALIZUMAB)  # the only free page

    for address in ("/search/?q=natalizumub", "/search/?q=wegovy", f"/search/?q={'n' * 300}", *NOT_SERVED):
        page.goto(address)
        if width > 320:  # which only has to hold everything
            visitor.look()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        field = page.locator(".masthead [type=search]").bounding_box()
        assert field["height"] >= 44
        assert field["x"] + field["width"] <= width

    assert all("status of 40" in error for error in visitor.errors)
    visitor.errors.clear()


@pytest.mark.usefixtures("natalizumab")
def test_suggestions_are_chosen_by_keyboard_or_by_a_press(visit):
    # Given a reader who begins to write
    visitor = visit()
    page = visitor.to("/")
    field = page.get_by_role("combobox", name="Search this site")
    field.press_sequentially("must not")

    # Then sections whose names go on like that are suggested, and the list is accessible
    option = page.get_by_role("option", name="Who must not have it")
    expect(option).to_be_visible()
    expect(option.locator("b")).to_have_text(["must", "not"])  # as far as it is typed
    assert option.bounding_box()["height"] >= 44
    expect(field).to_have_attribute("aria-expanded", "true")
    visitor.look()

    # When they close it, it is gone, and what they wrote is still there
    field.press("Escape")
    expect(option).to_be_hidden()
    expect(field).to_have_value("must not")

    # When they go on and choose it by keyboard, the section opens
    field.press_sequentially(" h")
    expect(option).to_be_visible()
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "suggestion-0-0")
    field.press("Enter")
    expect(page).to_have_url(re.compile("#h-who-must-not-have-it$"))

    # And a press does the same
    field = page.get_by_role("combobox", name="Search this site")
    field.press_sequentially("how it wo")
    page.get_by_role("option", name="How it works").click()
    expect(page).to_have_url(re.compile("#h-how-it-works$"))


@pytest.mark.usefixtures("natalizumab")
def test_without_a_choice_the_form_is_sent(visit):
    page = visit().to("/")
    field = page.get_by_role("combobox", name="Search this site")
    field.press_sequentially("must not")
    expect(page.get_by_role("option").first).to_be_visible()
    field.press("Enter")

    expect(page).to_have_url(re.compile(r"/search/\?q=must\+not$"))


@pytest.fixture
def slow_answers():
    """Hold back what the site suggests: `held = slow_answers(page)`, then `held.pop().continue_()`."""

    def hold(page) -> list:
        held = []
        page.route("**/search/suggest/**", lambda route: held.append(route))
        return held

    return hold


@pytest.mark.usefixtures("natalizumab")
@pytest.mark.parametrize(("keys", "left"), [("Escape", "must not"), ("Control+a Delete", ""), ("Tab", "must not")])
def test_suggestions_that_come_too_late_are_not_shown(visit, slow_answers, keys, left):
    # Given a reader who waits for suggestions
    page = visit().to("/")
    held = slow_answers(page)
    page.clock.install(time=0)
    page.clock.pause_at(60_000)  # the pause after a key ends only when we say so
    field = page.get_by_role("combobox", name="Search this site")
    with page.expect_request("**/search/suggest/**"):
        field.press_sequentially("must not")
        page.clock.run_for(200)

    # When they want none any more, before the answer comes
    for key in keys.split():
        field.press(key)
    with page.expect_response("**/search/suggest/**"):
        held.pop().continue_()
    page.wait_for_timeout(200)

    # Then none are shown, and what they left in the field is still there
    expect(field).to_have_value(left)
    expect(page.get_by_role("option")).to_have_count(0, timeout=1)
    expect(field).to_have_attribute("aria-expanded", "false", timeout=1)


@pytest.mark.usefixtures("natalizumab")
def test_what_was_written_before_the_script_came_is_not_lost(visit, slow_answers):
    # Given a reader whose first words are in the field before what shows suggestions has come
    page = visit().to("/")
    scripts = []
    page.route("**/js/search*.js", lambda route: scripts.append(route))
    held = slow_answers(page)
    field = page.get_by_role("combobox", name="Search this site")
    with page.expect_request("**/js/search*.js"):
        field.press_sequentially("must not")
    with page.expect_request("**/search/suggest/**"):
        scripts.pop().continue_()

    # When they want no suggestions
    field.press("Escape")
    with page.expect_response("**/search/suggest/**"):
        held.pop().continue_()

    # Then the words are still there
    expect(field).to_have_value("must not")


@pytest.mark.usefixtures("natalizumab")
def test_what_was_chosen_for_other_words_is_not_opened(visit, slow_answers):
    # Given a reader who has chosen a suggestion
    page = visit().to("/")
    field = page.get_by_role("combobox", name="Search this site")
    field.press_sequentially("must not")
    expect(page.get_by_role("option").first).to_be_visible()
    field.press("ArrowDown")

    # When they go on writing, and press Enter before the site has answered
    slow_answers(page)
    field.press_sequentially(" zz")
    field.press("Enter")

    # Then the form is sent with their words
    expect(page).to_have_url(re.compile(r"/search/\?q=must\+not\+zz$"))
