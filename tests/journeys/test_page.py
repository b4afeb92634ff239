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

# Citations that are on another line than the word before them, and doses in cells that are on more than one line.
TORN = """() => {
    const range = document.createRange();
    const torn = [...document.querySelectorAll(".guidance td.short")].filter((dose) => {
        range.selectNodeContents(dose);
        return range.getBoundingClientRect().height > 36;
    });
    for (const cite of document.querySelectorAll(".guidance .cite")) {
        const walker = document.createTreeWalker(cite.closest("li, p, td, th, h3"), NodeFilter.SHOW_TEXT);
        let before = null;
        while (walker.nextNode() && !cite.contains(walker.currentNode)) {
            if (/[\\p{L}\\d]/u.test(walker.currentNode.data)) before = walker.currentNode;
        }
        const end = before.data.trimEnd().replace(/\u2060/g, "").length;
        range.setStart(before, end - 1);
        range.setEnd(before, end);
        const box = cite.getBoundingClientRect(), word = range.getBoundingClientRect();
        if (word.bottom < box.top || word.top > box.bottom) torn.push(cite);
    }
    return torn.map((each) => each.parentElement.textContent);
}"""


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
    expect(page.get_by_role("button", name="(1)").nth(1)).to_have_css("outline-style", "solid")
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
    text, _, source = copied().partition("\n\n“Dose”. In: ")
    assert text == "Dose\n\nGive 5 mg a day.(1)\n\nForm\tDose\nTablet\t5 mg\n\n- Not at night."
    cited = page.request.get(f"{PAGE}history/2/cite.txt").text().strip()
    assert cited.endswith(f"{settings.SITE_URL}{PAGE}history/2/")
    assert source == f"{cited}#h-dose\nNot yet clinically reviewed"

    page.get_by_role("button", name="Copy this key point with its citation").click()
    expect(page.get_by_text("Copied", exact=True)).to_have_count(1)
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('Dose: 5 mg a day.(1)'))")

    page.get_by_role("link", name="Link to “Part 1”").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.endsWith('/pages/a-page/#h-part-1'))")
    assert page.url.endswith("#h-part-1")

    page.get_by_role("button", name="Copy citation").last.click()
    page.wait_for_function("(cited) => navigator.clipboard.readText().then((text) => text === cited)", arg=cited)
    reader.look()


def test_a_version_is_cited_from_its_page(visit, publish, has_script):
    publish(body=BODY)
    reader = visit(has_script, viewport={"width": 390, "height": 844})
    page = reader.to(PAGE)

    page.get_by_role("button", name="Cite version 1").click()

    card = page.get_by_role("dialog", name="Cite version 1")
    expect(card.get_by_text(page.request.get(f"{PAGE}history/1/cite.txt").text().strip())).to_be_in_viewport()
    expect(card.get_by_role("link", name="RIS")).to_be_in_viewport()
    reader.look()


@pytest.mark.parametrize(("width", "is_there"), [(390, False), (1024, False), (1280, True)])
def test_the_tools_of_a_page_are_below_its_contents_where_there_is_room(visit, publish, width, is_there):
    publish(body=BODY)
    page = visit(viewport={"width": width, "height": 800}).to(PAGE)

    contents = page.get_by_role("navigation", name="On this page")

    for tool in ("Copy citation", "Cite version 1", "Print"):
        expect(contents.get_by_role("button", name=tool)).to_be_visible(visible=is_there)
        expect(page.locator(".page-foot").get_by_role("button", name=tool)).to_be_visible()
    expect(contents.get_by_role("link", name="Report an error on this page")).to_be_visible(visible=is_there)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.usefixtures("natalizumab")
def test_no_line_begins_with_a_citation_and_no_dose_is_on_two(visit, width):
    page = visit(viewport={"width": width, "height": 800}).to(NATALIZUMAB)

    assert page.evaluate(TORN) == []


def test_what_is_copied_first_may_come_late_and_without_a_connection_it_is_said(visit, publish):
    # Given a visitor whose connection is gone
    publish(body=BODY)
    reader = visit()
    reader.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = reader.to(PAGE)
    page.context.set_offline(True)

    # When they copy, then they are told that it did not work
    page.get_by_role("button", name="Copy citation").first.click()
    expect(page.get_by_text("Not copied. Check your connection, or select the text and copy it.")).to_have_count(1)
    assert [error for error in reader.errors if "ERR_INTERNET_DISCONNECTED" not in error] == []
    reader.errors.clear()

    # When it is back, but slow, then what they copy is there in the end
    page.context.set_offline(False)
    held = []
    page.route("**/copying*.js", lambda route: held.append(route))
    page.get_by_role("button", name="Copy citation").first.click()
    expect(page.get_by_text("Copied", exact=True)).to_have_count(0)
    held.pop().continue_()
    expect(page.get_by_text("Copied", exact=True)).to_have_count(1)
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.endsWith('/history/1/'))")


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
def test_related_pages_can_be_pressed_on_a_phone(visit):
    page = visit(viewport={"width": 390, "height": 844}).to(NATALIZUMAB)

    related = page.locator("#h-related-pages").locator("xpath=../following-sibling::ul[1]").get_by_role("link")

    assert related.count() > 2
    assert [link.text_content() for link in related.all() if link.bounding_box()["height"] < 43.9] == []


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
    expect(page.locator("button:not(.cite)").filter(visible=True)).to_have_count(0)

    for name, is_there in (("Print without my annotations", False), ("Print", True)):
        page.emulate_media(media="screen")
        page.locator(".page-foot").get_by_role("button", name=name, exact=True).click()
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
