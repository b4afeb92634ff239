"""What a first visit costs, from the site as it is served: requests, compressed bytes, and nothing that moves."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import NATALIZUMAB

# Requests, and bytes: a visitor's page is what the first 10 packets of a connection hold.
MOST = {"visitor": (3, 14_600), "reader": (4, 32_000)}
SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => shifts.push(...list.getEntries().map((each) => [each.value, each.startTime])))
    .observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def states(site, browser) -> dict[str, dict | None]:
    """What the browser of each person knows already: a reader has signed in and has notes."""
    password = re.search(r"^\s*reader\s+(\S+)\s+(\S+)", site.manage("create_demo_accounts"), re.MULTILINE)
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto(f"/sign-in?next={NATALIZUMAB}")
    page.get_by_label("Email").fill(password[1])
    page.get_by_label("Password", exact=True).fill(password[2])
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{NATALIZUMAB}")
    for note in ("MS nurses: bleep 1234", "Infusion unit 020 7946 0000"):
        page.get_by_text("Add an annotation").click()
        page.get_by_label("New annotation").fill(note)
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#annotation-list").get_by_text(note)).to_be_visible()
    state = context.storage_state()
    context.close()
    return {"visitor": None, "reader": state}


@pytest.fixture
def first_visit(site, states, browser: Browser):
    """Return a function that opens a browser without a cache for a person."""
    contexts = []

    def open_browser(who: str, width: int = 1280) -> Page:
        contexts.append(
            browser.new_context(base_url=site.url, storage_state=states[who], viewport={"width": width, "height": 844})
        )
        return contexts[-1].new_page()

    yield open_browser
    for context in contexts:
        context.close()


def weights(page: Page) -> dict[str, int]:
    """Open the page about natalizumab, and return what each request for it brought, in compressed bytes."""
    requests, errors = [], []
    page.on("requestfinished", lambda request: requests.append(request))
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(NATALIZUMAB, wait_until="networkidle")
    assert errors == []
    return {
        request.url: request.sizes()["responseBodySize"] for request in requests if not request.url.startswith("data:")
    }


@pytest.mark.parametrize("who", MOST)
def test_a_first_visit_costs_few_requests_and_bytes(first_visit, who):
    brought = weights(first_visit(who))

    most_requests, most_bytes = MOST[who]
    assert len(brought) <= most_requests, brought
    assert sum(brought.values()) <= most_bytes, brought


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("who", MOST)
def test_nothing_moves_while_a_page_loads(first_visit, who, width):
    page = first_visit(who, width)
    page.add_init_script(SHIFTS)

    for path in (NATALIZUMAB, "/", "/search/?q=natalizumab"):
        page.goto(path, wait_until="networkidle")
        page.evaluate("new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))")
        assert page.evaluate("shifts") == [], path


def test_the_search_field_brings_its_suggestions_when_it_is_used(first_visit):
    page = first_visit("visitor")
    page.goto("/")

    page.get_by_role("combobox").press_sequentially("natali")

    expect(page.get_by_role("option").first).to_be_visible()
