"""What somebody does with a page: read a reference beside the text, find the way through it, copy, print."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NATALIZUMAB

PAGE = "/pages/a-page/"
SECTION = "Give **5 mg** a day.[^a]\n\n| Form | Dose |\n|---|---|\n| Tablet | 5 mg |\n\n- Not at night.\n\n"
BODY = f"## In brief\n\n- **[Dose](#h-dose):** 5 mg a day.[^a]\n\n## Dose\n\n{SECTION}" + "".join(
    f"## Part {number}\n\n{'Text. ' * 400}\n\n" for number in range(4)
)
BODY += "[^a]: Author A. Trials 2019.\n"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
def test_a_citation_opens_its_reference_and_the_place_is_kept(visit, publish, has_script, width, height):
    publish(body=BODY)
    reader = visit(has_script, viewport={"width": width, "height": height})
    page = reader.to(PAGE)
    card = page.get_by_role("dialog", name="Reference 1")
    expect(card).to_be_hidden()
    before = page.get_by_role("button", name="(1)").nth(1).bounding_box()

    page.get_by_role("button", name="(1)").nth(1).click()

    expect(card.get_by_text("Author A. Trials 2019.")).to_be_in_viewport()
    assert page.get_by_role("button", name="(1)").nth(1).bounding_box() == before
    reader.look()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.get_by_role("button", name="(1)").first.click()
    card.get_by_role("button", name="Close").click()
    expect(card).to_be_hidden()
    page.get_by_role("button", name="(1)").first.click()
    card.get_by_role("link", name="Show in the list").click()
    expect(page.locator("[id='fn:a']")).to_be_in_viewport()


def test_a_section_and_a_key_point_are_copied_with_where_they_are_from(visit, publish, settings):
    publish(body="Old.\n")
    publish(body=BODY)
    reader = visit()
    reader.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = reader.to(PAGE)

    def copied() -> str:
        expect(page.get_by_text("Copied", exact=True)).to_have_count(1)
        return str(page.evaluate("navigator.clipboard.readText()"))

    page.get_by_role("button", name="Copy “Dose” with its citation").click()
    text, _, source = copied().partition("\n\nAbout a-page.")
    assert text == "Dose\n\nGive 5 mg a day.(1)\n\nForm\tDose\nTablet\t5 mg\n\n- Not at night."
    assert source.startswith(" Section “Dose”. Clinical reference, version 2, ")
    assert source.endswith(f"not yet clinically reviewed.\n{settings.SITE_URL}{PAGE}history/2/#h-dose")

    page.get_by_role("button", name="Copy this key point with its citation").click()
    expect(page.get_by_text("Copied", exact=True)).to_have_count(1)
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('Dose: 5 mg a day.(1)'))")

    page.get_by_role("link", name="Link to “Part 1”").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.endsWith('/pages/a-page/#h-part-1'))")
    assert page.url.endswith("#h-part-1")

    page.get_by_role("button", name="Copy citation").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.endsWith('/history/2/'))")
    reader.look()


def test_the_contents_follow_what_is_read(visit, publish):
    publish(body=BODY)
    page = visit(viewport={"width": 1280, "height": 800}).to(PAGE)
    contents = page.get_by_role("navigation", name="On this page")
    expect(contents.locator("[aria-current]")).to_have_text("In brief")

    page.locator("#h-part-2").evaluate("heading => heading.scrollIntoView()")

    expect(contents.locator("[aria-current]")).to_have_text("Part 2")
    expect(contents.get_by_role("link", name="Part 2")).to_be_in_viewport()


def test_on_a_phone_the_contents_open_when_asked_for(visit, publish, has_script):
    publish(body=BODY)
    page = visit(has_script, viewport={"width": 390, "height": 844}).to(PAGE)
    link = page.get_by_role("navigation", name="On this page").get_by_role("link", name="Part 2")
    expect(link).to_be_hidden()

    page.get_by_text("On this page", exact=True).click()
    link.click()

    expect(page.get_by_role("heading", name="Part 2")).to_be_in_viewport()


@pytest.mark.usefixtures("natalizumab")
def test_each_part_of_the_status_line_leads_somewhere(visit):
    page = visit().to(NATALIZUMAB)

    page.get_by_role("link", name="Authoring team").click()
    expect(page.get_by_role("heading", name="Authoring team")).to_be_in_viewport()
    page.get_by_role("link", name="What changed").click()
    expect(page.get_by_role("heading", name="In ten seconds")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Version 2", exact=True).click()
    expect(page.get_by_role("heading", name="History of this page")).to_be_visible()


def test_a_page_is_printed_with_ones_annotations_or_without(visit, people, publish):
    people.reader.annotations.create(page=publish(body=BODY).page, text="bleep 4417", written_on_version=1)
    page = visit().sign_in(people.reader, PAGE)
    page.evaluate("() => { window.print = () => { window.printed = (window.printed ?? 0) + 1; }; }")
    page.emulate_media(media="print")
    expect(page.get_by_text("bleep 4417")).to_be_visible()
    expect(page.get_by_text("Version 1, as read on")).to_be_visible()

    for name, is_there in (("Print without my annotations", False), ("Print", True)):
        page.emulate_media(media="screen")
        page.get_by_role("button", name=name, exact=True).click()
        page.emulate_media(media="print")
        expect(page.get_by_text("bleep 4417")).to_be_visible(visible=is_there)
    assert page.evaluate("window.printed") == 2


def test_an_annotation_is_begun_at_the_heading_it_is_for(visit, people, publish):
    publish(body=BODY)
    reader = visit()
    page = reader.sign_in(people.reader, PAGE)

    page.get_by_role("button", name="Annotate “Part 1”").click()

    expect(page.get_by_label("New annotation")).to_be_focused()
    expect(page.get_by_label("Where on the page")).to_have_value("Part 1")
    page.get_by_label("New annotation").fill("bleep 4417")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#here-h-part-1").get_by_text("bleep 4417")).to_have_count(1)
    reader.look()
