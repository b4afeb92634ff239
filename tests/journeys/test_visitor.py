import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NATALIZUMAB

PAGES = [
    NATALIZUMAB,
    "/pages/natalizumab-monitoring-pml-risk/",
    "/pages/multiple-sclerosis-overview/",
    "/pages/ocrelizumab-ms/",
    "/pages/fingolimod-ms/",
]
SIXTH = "/pages/alemtuzumab-ms/"
LINES = [
    *(f"You can view {number} more pages before signing in, including this one." for number in (5, 4, 3, 2)),
    "After this page, sign in to view more pages.",
]


@pytest.mark.usefixtures("shipped_library")
def test_a_visitor_runs_out_of_pages_makes_an_account_and_lands_on_the_sixth(visit, has_script, code_from_email):
    # Given a visitor who opens five pages, and reloads each
    visitor = visit(has_script)
    page = visitor.to("/")
    for path, line in zip(PAGES, LINES, strict=True):
        visitor.to(path)
        expect(page.get_by_text(line)).to_be_visible()
        page.reload()
        expect(page.get_by_text(line)).to_be_visible()

    # When they open a sixth, it is refused without its body
    visitor.to(SIXTH)
    expect(page.get_by_role("heading", name="Alemtuzumab in multiple sclerosis")).to_be_visible()
    refusal = "You have read the 5 pages you can open on this computer without signing in."
    expect(page.get_by_text(refusal)).to_be_visible()
    expect(page.get_by_role("heading", name="References")).to_have_count(0)
    assert all("status of 403" in error and SIXTH in error for error in visitor.errors)
    visitor.errors.clear()

    # Then the first five stay open
    for link in page.get_by_role("region", name="You can still read these 5 pages").get_by_role("link").all():
        assert link.get_attribute("href") in PAGES
    for path in PAGES:
        visitor.to(path)
        expect(page.get_by_role("heading", name="References")).to_be_visible()

    # When they create an account from the refused page, with the code from the email
    page.goto(SIXTH)
    visitor.errors.clear()
    page.get_by_role("link", name="Create an account").click()
    visitor.look()
    page.get_by_label("Full name").fill("Ann Nurse")
    page.get_by_label("Email").fill("ann@clinic.example")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_label("Profession", exact=True).select_option("Nurse")
    page.get_by_label("Country you work in").select_option("United Kingdom")
    page.get_by_label("I am a healthcare professional").check()
    page.get_by_role("button", name="Create an account").click()
    visitor.look()
    page.get_by_label("Code").fill(code_from_email())
    page.get_by_role("button", name="Confirm").click()

    # Then they land on the sixth page, and read it
    page.wait_for_url(f"**{SIXTH}")
    expect(page.get_by_role("heading", name="References")).to_be_visible()
    expect(page.get_by_role("heading", name="My annotations")).to_be_visible()
    visitor.look()


@pytest.mark.usefixtures("shipped_library")
@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1600])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page_fits_and_is_accessible(visit, width, scheme):
    visitor = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)

    for path in ("/", NATALIZUMAB, f"{NATALIZUMAB}history/", f"{NATALIZUMAB}history/1/", "/about/privacy/", "/sign-up"):
        page = visitor.to(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.usefixtures("shipped_library")
def test_a_citation_leads_to_its_reference_and_back(visit):
    page = visit().to(NATALIZUMAB)

    page.get_by_role("button", name="(2)").first.click()
    page.get_by_role("link", name="Show in the list").click()
    expect(page.locator("[id='fn:ta1126']")).to_be_in_viewport()
    page.get_by_role("link", name="Back to where reference 2 is cited, place a").click()
    expect(page.locator("[id='fnref:ta1126']")).to_be_in_viewport()


@pytest.mark.usefixtures("shipped_library")
def test_the_first_stop_of_the_keyboard_skips_to_the_content(visit):
    page = visit().to(NATALIZUMAB)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
