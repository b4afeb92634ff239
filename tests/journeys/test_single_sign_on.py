import json

import pytest
import requests
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.conftest import PASSWORD
from tests.journeys.conftest import NATALIZUMAB
from tests.openid_provider import running

HERE = "**/account/3rdparty/signup/"


@pytest.fixture
def our_trust():
    """A second provider."""
    with running() as provider:
        yield provider


@pytest.fixture
def browser_of(visit, openid_provider):
    """Open a browser that loads the provider's pages without their style sheet from elsewhere."""

    def open_browser(has_script: bool = True, **options):
        visitor = visit(has_script, **options)
        visitor.page.route("https://cdn.jsdelivr.net/**", lambda route: route.fulfill(content_type="text/css", body=""))
        return visitor

    return open_browser


def sign_in_there(page: Page, sub: str) -> None:
    """Type who one is at the provider, and go on."""
    page.get_by_placeholder("sub").fill(sub)
    page.get_by_role("button", name="Authorize").click()


def confirm_password(page: Page) -> None:
    """Give the password that the site asks for again before it changes how one signs in."""
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def complete_sign_up(page: Page) -> None:
    """Give what the provider does not know, and declare."""
    page.get_by_label("Profession", exact=True).select_option("Nurse")
    page.get_by_label("Country you work in").select_option("United Kingdom")
    page.get_by_label("I am a healthcare professional").check()
    page.get_by_role("button", name="Create an account").click()


@pytest.mark.usefixtures("natalizumab")
def test_a_new_arrival_makes_the_declaration_and_reads_and_comes_back(
    browser_of, openid_provider, has_script, code_from_email
):
    # Given a nurse with an account at the provider
    openid_provider.person("ann", email="ann@clinic.example", email_verified=True, name="Ann Nurse")

    # When she presses the provider's button on the way to a page
    ann = browser_of(has_script)
    page = ann.to(f"/sign-in?next={NATALIZUMAB}")
    page.get_by_role("button", name="Sign in with NHS Care Identity").click()
    page.wait_for_url(f"{openid_provider.url}/**")
    sign_in_there(page, "ann")

    # Then her name and address are there, and she completes the rest
    page.wait_for_url(HERE)
    ann.look()
    expect(page.get_by_label("Full name")).to_have_value("Ann Nurse")
    expect(page.get_by_label("Email")).to_have_value("ann@clinic.example")
    complete_sign_up(page)
    page.get_by_label("Code").fill(code_from_email())
    page.get_by_role("button", name="Confirm").click()

    # And she reads the page she wanted
    page.wait_for_url(f"**{NATALIZUMAB}")
    expect(page.get_by_role("heading", name="My annotations")).to_be_visible()

    # When she comes back in another browser, which she wants to stay signed in
    later = browser_of(has_script)
    page = later.to(f"/sign-in?next={NATALIZUMAB}")
    page.get_by_label("Keep me signed in").check()
    page.get_by_role("button", name="Sign in with NHS Care Identity").click()
    sign_in_there(page, "ann")

    # Then she is on the page at once, and stays signed in
    page.wait_for_url(f"**{NATALIZUMAB}")
    expect(page.get_by_role("heading", name="My annotations")).to_be_visible()
    [cookie] = [each for each in page.context.cookies() if each["name"] == "sessionid"]
    assert cookie["expires"] > 0


@pytest.mark.parametrize("verified", [True, False])
def test_the_address_of_an_account_at_a_provider_does_not_open_it_and_its_owner_connects_it(
    browser_of, openid_provider, people, verified
):
    # Given a provider's account with the address of a reader here
    claims = {"email": people.reader.email, "email_verified": verified, "name": "The reader"}
    openid_provider.person("somebody", **claims)

    # When somebody signs in with it
    visitor = browser_of()
    page = visitor.to("/sign-up")
    page.get_by_role("button", name="Create an account with NHS Care Identity").click()
    sign_in_there(page, "somebody")
    page.wait_for_url(HERE)
    expect(page.get_by_text("Do you already have an account here?")).to_be_visible()
    complete_sign_up(page)

    # Then they are asked for a code that they are not sent
    expect(page.get_by_label("Code")).to_be_visible()
    assert User.objects.filter(socialaccount__isnull=False).count() == 0

    # When the reader signs in the usual way, as that page says, and connects the provider
    reader = browser_of()
    page = reader.sign_in(people.reader, "/account/3rdparty/")
    page.get_by_role("button", name="Connect NHS Care Identity").click()
    sign_in_there(page, "somebody")
    confirm_password(page)
    page.wait_for_url("**/account/3rdparty/")
    reader.look()
    expect(page.get_by_role("button", name="Disconnect NHS Care Identity")).to_be_visible()

    # Then they sign in with it
    later = browser_of()
    page = later.to("/sign-in")
    page.get_by_role("button", name="Sign in with NHS Care Identity").click()
    sign_in_there(page, "somebody")
    expect(page.get_by_text("The reader")).to_be_visible()


def test_whoever_cancels_at_the_provider_finds_the_way_on(browser_of, openid_provider, has_script):
    visitor = browser_of(has_script)
    page = visitor.to("/sign-in?next=/about/privacy/")
    page.get_by_role("button", name="Sign in with NHS Care Identity").click()
    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_role("heading", name="You did not sign in")).to_be_visible()
    visitor.look()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.wait_for_url("**/sign-in?next=%2Fabout%2Fprivacy%2F")


def test_a_provider_that_is_down_is_explained(browser_of, openid_provider, connect_providers):
    connect_providers(openid_provider.entry() | {"server_url": "http://127.0.0.1:9"})
    visitor = browser_of()

    page = visitor.to("/sign-in?next=/about/privacy/")
    page.get_by_role("button", name="Sign in with NHS Care Identity").click()

    expect(page.get_by_text("We cannot reach NHS Care Identity, or it is not working")).to_be_visible()
    visitor.look()
    assert all("status of 401" in error for error in visitor.errors)
    visitor.errors.clear()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.wait_for_url("**/sign-in?next=%2Fabout%2Fprivacy%2F")


def test_two_providers_stand_side_by_side(browser_of, openid_provider, our_trust, connect_providers):
    trust = our_trust.entry("our-trust", "Our Trust")
    connect_providers(openid_provider.entry(), trust)
    our_trust.person("bob", email="bob@trust.example", name="Bob Doctor")
    visitor = browser_of()

    page = visitor.to("/sign-in")
    expect(page.get_by_role("button", name="Sign in with NHS Care Identity")).to_be_visible()
    page.get_by_role("button", name="Sign in with Our Trust").click()
    page.wait_for_url(f"{our_trust.url}/**")
    sign_in_there(page, "bob")

    page.wait_for_url(HERE)
    expect(page.get_by_text("You have signed in with Our Trust")).to_be_visible()
    expect(page.get_by_label("Full name")).to_have_value("Bob Doctor")


@pytest.mark.parametrize("named", [True, False])
def test_the_browser_is_sent_only_to_the_provider_and_where_the_setting_says(
    browser_of, openid_provider, connect_providers, named
):
    # Given a provider whose sign-in page is on another origin than its configuration
    origin = openid_provider.url.replace("127.0.0.1", "localhost")
    configuration = requests.get(f"{openid_provider.url}/.well-known/openid-configuration", timeout=10).json()
    elsewhere = configuration | {"authorization_endpoint": f"{origin}/oauth2/authorize"}
    openid_provider.bend(replies={"/.well-known/openid-configuration": json.dumps(elsewhere)})
    connect_providers(openid_provider.entry(sign_in_origins=[origin] if named else []))

    # When somebody presses its button
    visitor = browser_of()
    page = visitor.to("/sign-in")
    page.get_by_role("button", name="Sign in with NHS Care Identity").click()

    # Then the browser goes there only if the setting names it
    if named:
        page.wait_for_url(f"{origin}/**")
    else:
        page.wait_for_timeout(1000)
        assert not page.url.startswith(origin)
        assert "form-action" in " ".join(visitor.errors)
        visitor.errors.clear()


@pytest.mark.usefixtures("natalizumab")
def test_enter_in_a_field_signs_in_with_the_password(browser_of, openid_provider, people):
    page = browser_of().to(f"/sign-in?next={NATALIZUMAB}")
    page.get_by_label("Email").fill(people.reader.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)

    page.get_by_label("Password", exact=True).press("Enter")

    page.wait_for_url(f"**{NATALIZUMAB}")


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light")])
def test_every_page_of_single_sign_on_fits_and_is_accessible(
    browser_of, openid_provider, connect_providers, people, width, scheme
):
    trust = openid_provider.entry("our-trust", "The University Hospitals of Somewhere NHS T")
    connect_providers(openid_provider.entry(), trust | {"name": trust["name"][:40]})
    openid_provider.person("ann", email="ann@clinic.example", name="Ann Nurse")
    visitor = browser_of(viewport={"width": width, "height": 800}, color_scheme=scheme)

    def fits(page: Page) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

    for path in ("/sign-in", "/sign-up", "/account/oidc/nhs/login/", "/account/3rdparty/login/cancelled/"):
        fits(visitor.to(path))
    fits(visitor.to("/account/3rdparty/login/error/"))
    visitor.errors.clear()
    page = visitor.to("/sign-in")
    page.get_by_role("button", name="Sign in with NHS Care Identity").click()
    sign_in_there(page, "ann")
    page.wait_for_url(HERE)
    fits(visitor.look())
    reader = browser_of(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = reader.sign_in(people.reader, "/account/3rdparty/")
    page.get_by_role("button", name="Connect NHS Care Identity").click()
    sign_in_there(page, "ann")
    confirm_password(page)
    page.wait_for_url("**/account/3rdparty/")
    fits(reader.look())
