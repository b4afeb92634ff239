import re

import pytest
from playwright.sync_api import expect

from content import publishing
from content.models import Page
from tests.journeys.conftest import NATALIZUMAB


@pytest.fixture
def updated(natalizumab, people):
    """The natalizumab page, with the two versions that ship, and a number mended in version 3."""
    live = Page.objects.get(slug="natalizumab-highly-active-rrms").live_version
    body = live.body.replace("2 or more disabling", "1 or more disabling", 1)
    text = publishing.Text(live.title, live.summary, body, "The number of relapses was mended.")
    draft = publishing.start_draft(page=live.page, text=text, by=people.editor, started_from=live.number)
    draft = publishing.submit(draft=draft, by=people.editor, revision=draft.revision)
    publishing.publish(draft=draft, by=people.reviewer, revision=draft.revision, sha256=draft.shown_sha256)


@pytest.mark.usefixtures("updated")
def test_a_clinician_sees_what_changed(visit, has_script):
    # Given a visitor on the history of a page
    visitor = visit(has_script)
    page = visitor.to(f"{NATALIZUMAB}history/")

    # When they ask what the newest version changed
    page.get_by_role("link", name="What changed from version 2 to version 3").click()
    visitor.look()

    # Then the one number that changed is named first, and marked where it stands; the rest is folded
    summary = page.get_by_role("region", name="In ten seconds")
    expect(summary.get_by_role("listitem")).to_have_text(re.compile("^2 → 1, in Current licence"))
    expect(page.get_by_role("deletion")).to_have_text("[removed: 2]")
    expect(page.get_by_role("insertion")).to_have_text("[added: 1]")
    folded = page.get_by_text("sections unchanged: ")
    expect(page.get_by_text("TA1126 applies only if")).to_be_hidden()
    folded.click()
    expect(page.get_by_text("TA1126 applies only if")).to_be_visible()
    summary.get_by_role("link", name="Current licence").click()
    expect(page.get_by_role("insertion")).to_be_in_viewport()

    # When they choose two others
    page.locator(".comparison-main").get_by_role("link", name="History of this page").click()
    page.get_by_label("Compare version").select_option("3")
    page.get_by_label("with version").select_option("1")
    page.get_by_role("button", name="Compare").click()
    visitor.look()

    # Then those are compared, in that order
    expect(page.get_by_role("heading", name="What changed from version 3 to version 1")).to_be_visible()
    expect(page.get_by_text("Version 3 is the newer one")).to_be_visible()


@pytest.mark.usefixtures("updated")
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_comparison_fits_and_is_accessible(visit, width, scheme):
    visitor = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)

    for path in ("history/", "history/1..3/", "history/2..3/", "history/3..3/"):
        page = visitor.to(NATALIZUMAB + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.usefixtures("updated")
def test_on_paper_and_without_colours_what_was_removed_and_added_is_still_marked(visit):
    visitor = visit(forced_colors="active")
    for medium in ("screen", "print"):
        page = visitor.to(f"{NATALIZUMAB}history/2..3/")
        page.emulate_media(media=medium)
        for tag, line in (("del", "line-through"), ("ins", "underline")):
            expect(page.locator(f".comparison {tag}.short").first).to_have_css("text-decoration-line", line)
        page = visitor.to(f"{NATALIZUMAB}history/1..2/")
        for kind, line in (("Removed", "dashed"), ("Added", "solid")):
            block = page.locator(".whole").filter(has=page.get_by_text(kind, exact=True)).first
            expect(block).to_be_visible()
            expect(block).to_have_css("border-left-style", line)


@pytest.mark.parametrize("medium", ["screen", "print"])
def test_a_dose_that_changed_in_a_table_is_read_like_the_others(visit, publish, medium):
    table = "| Form | Dose |\n|---|---|\n| Tablet | 5 mg |\n| Drops | 2 mg |\n"
    publish(body=table)
    publish(body=table.replace("5 mg", "50 mg"))
    page = visit().to("/pages/a-page/history/1..2/")
    page.emulate_media(media=medium)

    cells = page.locator(".comparison-text td")

    changed, same = cells.filter(has_text="50 mg"), cells.filter(has_text="2 mg")
    expect(changed).to_be_visible()
    size = same.evaluate("cell => getComputedStyle(cell).fontSize")
    expect(changed).to_have_css("font-size", size)


@pytest.mark.usefixtures("updated")
def test_a_comparison_is_printed_and_its_address_copied(visit):
    visitor = visit(viewport={"width": 1280, "height": 800})
    page = visitor.to(f"{NATALIZUMAB}history/2..3/#summary")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    tools = page.get_by_role("navigation", name="Changes")

    tools.get_by_role("button", name="Copy link").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.endsWith('/history/2..3/'))")
    tools.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    expect(tools.get_by_role("link", name="History of this page")).to_be_visible()

    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Read the current version")).to_be_hidden()
