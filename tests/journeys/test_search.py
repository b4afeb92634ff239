import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NATALIZUMAB


@pytest.mark.usefixtures("natalizumab")
def test_a_visitor_finds_the_section_that_answers(visit, has_script):
    # Given a visitor on the home page
    visitor = visit(has_script)
    page = visitor.to("/")

    # When they search for what the page says
    page.get_by_role("searchbox", name="Search this site").fill("natalizumab contraindications allergy")
    page.get_by_role("searchbox", name="Search this site").press("Enter")
    visitor.look()

    # Then the page comes with the section and its sentence, and the field still says what they typed
    expect(page.get_by_role("heading", name="natalizumab contraindications allergy")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search this site")).to_have_value(
        "natalizumab contraindications allergy"
    )
    page.get_by_role("link", name="Who must not have it").click()
    expect(page).to_have_url(f"{page.url.split('/pages/')[0]}{NATALIZUMAB}#h-who-must-not-have-it")
    expect(page.get_by_role("heading", name="Who must not have it")).to_be_in_viewport()


@pytest.mark.usefixtures("natalizumab")
def test_a_slash_puts_the_cursor_into_the_field_unless_somebody_writes(visit):
    visitor = visit()
    page = visitor.to(NATALIZUMAB)
    field = page.get_by_role("searchbox", name="Search this site")

    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("5/day")
    expect(field).to_have_value("5/day")


@pytest.mark.usefixtures("natalizumab")
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_was_found_fits_and_is_accessible(visit, width, scheme):
    visitor = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)

    for query in ("natalizumab", "wegovy", "", "n" * 300):
        page = visitor.to(f"/search/?q={query}")
        visitor.look()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, query
