"""Steps that several journeys take."""

from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD


def add_note(page: Page, text: str) -> None:
    """Add an annotation with script, and see it there."""
    page.get_by_text("Add an annotation").click()
    page.get_by_label("New annotation").fill(text)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="My annotations").get_by_text(text, exact=True)).to_be_visible()


def show_tools(page: Page) -> None:
    """Press "Edit" above the annotations, if they can be read only."""
    if not page.locator("#annotations-arrange").is_checked():
        page.locator("label[for=annotations-arrange]").click()


def give_device(page: Page) -> None:
    """Let this browser have a device that keeps passkeys and knows its owner's fingerprint."""
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def confirm_password(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
