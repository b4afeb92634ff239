import os
import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from accounts.models import User
from tests.browser import find
from tests.conftest import PASSWORD

# Playwright keeps an event loop in this thread, which Django would mistake for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

expect.set_options(timeout=15_000)

NATALIZUMAB = "/pages/natalizumab-highly-active-rrms/"
# In every window, the browser draws the list of its address bar as a page, which takes half as much work again as the
# pages of the site. If the option is given more than once, only the last counts, so we repeat what Playwright disables.
SWITCHED_OFF = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,NetworkTimeServiceQuerying,"
    "AimEnabled,PreconnectToSearch"
)
LAUNCH = [
    f"--disable-features={SWITCHED_OFF}",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-gpu",
]

# axe takes half a second and finds the same on the same page at the same width and in the same colours, so it looks
# once. AXE=off leaves it out when the tests run again on another database, which does not change the pages.
HAS_AXE = os.environ.get("AXE", "on") != "off"
AXE = {"preload": False, "resultTypes": ["violations"]}
ONCE_ONLY = (
    r'(?<=name="csrfmiddlewaretoken" value=")[^"]+|(?<="X-CSRFToken": ")[^"]+|(?<=nonce=")[^"]+'
    r'|(?<=name="seal" value=")[^"]+|(?<= data-seal=")[^"]+|(?<= data-seconds=")[^"]+|(?<= data-person=")[^"]+'
    r'|(?<=name="key" value=")[^"]+'
)
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
looked_at: set[tuple[str, str, bool]] = set()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """Use the browser that tests/browser.py finds, and let it talk to nobody but the site."""
    return {"executable_path": find(), "args": LAUNCH}


class Visit:
    """One person at one browser: goes to pages, and checks each for accessibility and console errors."""

    def __init__(self, page: Page, code_from_app: Callable[..., str], has_script: bool = True) -> None:
        self.page = page
        self.code_from_app = code_from_app
        self.has_script = has_script
        self.errors: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location['url'] or self.page.url})")

    def to(self, path: str) -> Page:
        """Go to a page and check it."""
        self.page.goto(path)
        return self.look()

    def look(self) -> Page:
        """Assert that the page as it is now has no accessibility violation, and return it."""
        self.page.wait_for_load_state()
        if self.has_script and HAS_AXE:  # the checker is itself a script
            shown = (
                re.sub(ONCE_ONLY, "", self.page.content()),
                str(self.page.viewport_size),
                self.page.evaluate(IS_DARK),
            )
            if shown not in looked_at:
                found = Axe().run(self.page, options=AXE).response["violations"]
                assert [(self.page.url, each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
                looked_at.add(shown)
        return self.page

    def sign_in(self, person: User, to: str = "/") -> Page:
        """Sign in with the form and arrive at `to`."""
        self.to(f"/sign-in?next={to}")
        self.fill_in_sign_in(person)
        self.page.wait_for_url(f"**{to}")
        return self.look()

    def fill_in_sign_in(self, person: User) -> None:
        """Send the form that is open and then, if the account has two-step sign-in, the code from the app."""
        self.page.get_by_label("Email").fill(person.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
        if person.has_second_factor:
            self.page.get_by_label("Code from your authenticator app").fill(self.code_from_app(of=person.email))
            self.page.get_by_role("button", name="Continue").click()


@pytest.fixture
def visit(browser: Browser, live_server, code_from_app) -> Iterator:
    """Open a new browser for a person: `visit()`, `visit(has_script=False)`. At the end, none may have had an error."""
    visits: list[Visit] = []

    def open_browser(has_script: bool = True, **options) -> Visit:
        context = browser.new_context(base_url=live_server.url, java_script_enabled=has_script, **options)
        context.set_default_timeout(20_000)
        visits.append(Visit(context.new_page(), code_from_app, has_script))
        return visits[-1]

    yield open_browser
    errors = [error for each in visits for error in each.errors]
    for each in visits:
        each.page.context.close()
    assert errors == []


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def has_script(request) -> bool:
    """Run the test both with script and without."""
    return request.param


@pytest.fixture
def code_from_email():
    """Return a function that returns the code in the newest email."""
    return lambda: re.search(r"^\d{4}-\d{4}$", mail.outbox[-1].body, re.MULTILINE)[0]
