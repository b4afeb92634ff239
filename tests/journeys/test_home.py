import pytest
from playwright.sync_api import expect

from annotations.models import write
from content.models import Page

TWO_SCREENS = 2 * 844
ENDS = "document.querySelector('footer').getBoundingClientRect().top + scrollY"
LOW = """() => [...document.querySelectorAll(".lists > section > ul > li")].filter((each) => each.checkVisibility())
    .filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.textContent)"""


@pytest.mark.usefixtures("shipped_library")
def test_a_visitor_finds_the_way_in_within_two_screens_of_a_phone(visit, has_script):
    # Given a visitor with a phone
    visitor = visit(has_script, viewport={"width": 390, "height": 844})

    # When they come to the site
    page = visitor.to("/")

    # Then all of it is within two screens, wide enough for a finger, and the search is in the page alone
    assert page.evaluate(ENDS) <= TWO_SCREENS
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate(LOW) == []
    expect(page.locator("form[role=search]")).to_have_count(1)

    # And an example leads to what it names
    example = page.get_by_text("Try ").get_by_role("link").first
    asked = example.inner_text()
    example.click()
    expect(page.get_by_role("heading", name=asked)).to_be_visible()

    # And so does a drug
    page = visitor.to("/")
    page.get_by_role("region", name="By drug").get_by_role("link", name="Doses, trials and harms").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Natalizumab")


@pytest.mark.usefixtures("shipped_library")
def test_a_reader_finds_their_own_pages_first_and_within_two_screens(visit, people):
    # Given a reader with notes on three pages, one of them written on the version before
    for slug, heading in (("natalizumab-highly-active-rrms", "What NICE recommends"), ("ocrelizumab-ms", ""),
                          ("ms-relapse-methylprednisolone", "")):  # fmt: skip
        page = Page.objects.get(slug=slug)
        write(by=people.reader, page=page, on_version=1, text="bleep 4410", label="phone", heading=heading)
    reader = visit(viewport={"width": 390, "height": 844})

    # When they sign in
    page = reader.sign_in(people.reader, "/")

    # Then their pages come first, with what there is to do
    mine = page.get_by_role("region", name="My pages")
    expect(mine.get_by_role("listitem").first).to_contain_text("1 note · 1 on a section that changed")
    expect(mine.get_by_role("link", name="All my annotations")).to_be_visible()
    assert page.evaluate(ENDS) <= TWO_SCREENS

    # And on a wide screen and in the dark all of it can be read, too
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="dark")
    reader.look()
    assert page.evaluate("document.documentElement.scrollWidth") == 1280


@pytest.mark.usefixtures("shipped_library")
def test_a_visitor_sees_what_changed_lately(visit):
    # Given a visitor with a phone
    visitor = visit(viewport={"width": 390, "height": 844})

    # When they ask on home for more of what changed
    visitor.to("/")
    visitor.page.get_by_role("link", name="Latest changes").click()
    page = visitor.look()

    # Then they see what was published, the newest first, and where a feed reader finds it
    expect(page.get_by_role("heading", level=1)).to_have_text("Latest changes")
    expect(page.get_by_role("listitem").filter(has_text="Version 2").first).to_contain_text("Natalizumab")
    expect(page.get_by_role("link", name="All pages")).to_have_attribute("href", "/feed/")
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    # And each leads to its page, whose description for programs is no script to the browser
    page.get_by_role("link", name="Vaccination in multiple sclerosis", exact=True).click()
    expect(visitor.look().get_by_role("heading", level=1)).to_have_text("Vaccination in multiple sclerosis")
    assert page.locator('script[type="application/ld+json"]').count() == 1
