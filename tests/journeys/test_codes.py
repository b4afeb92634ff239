import pytest
from playwright.sync_api import expect

from tests.conftest import PASSWORD
from tests.journeys.conftest import NATALIZUMAB

NEW = "an entirely new phrase"


@pytest.mark.usefixtures("natalizumab")
def test_a_reader_who_forgot_the_password_lands_on_the_page_they_wanted(visit, people, has_script, code_from_email):
    # Given a reader who wanted a page and no longer knows their password
    reader = visit(has_script)
    page = reader.to(NATALIZUMAB)
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_role("link", name="Forgotten your password?").click()
    expect(page).to_have_title("Reset your password – Clinical reference")
    reader.look()

    # When they ask for a code without an address, they are told
    page.get_by_role("button", name="Email me a code").click()
    expect(page).to_have_title("Error: Reset your password – Clinical reference")
    if has_script:
        expect(page.locator("[data-error-summary]")).to_be_focused()
    reader.look()
    page.get_by_role("link", name="Enter your email address.").click()
    if has_script:
        expect(page.get_by_label("Email address")).to_be_focused()
    page.get_by_label("Email address").fill(people.reader.email)
    page.get_by_role("button", name="Email me a code").click()

    # And mistype the code once, and choose too short a password once
    expect(page.get_by_text(people.reader.email)).to_be_visible()
    reader.look()
    page.get_by_label("Code").fill("1234")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("link", name="That code is not correct. Check the latest email from us.")).to_be_visible()
    reader.look()
    page.get_by_label("Code").fill(code_from_email().replace("-", " "))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save the new password").click()
    expect(page.get_by_role("link", name="This password is too short.")).to_be_visible()
    reader.look()
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Save the new password").click()

    # Then they are signed in, on the page they wanted
    page.wait_for_url(f"**{NATALIZUMAB}")
    expect(page.get_by_text("Your password has been changed.")).to_be_visible()
    expect(page.get_by_role("heading", name="My annotations")).to_be_visible()
    reader.look()


@pytest.mark.usefixtures("natalizumab")
def test_a_reader_signs_in_by_code_after_mistyping_their_address(visit, people, has_script, code_from_email):
    # Given a reader who asked for a code for the wrong address
    reader = visit(has_script)
    page = reader.to(f"/sign-in?next={NATALIZUMAB}")
    page.get_by_role("link", name="Email me a sign-in code").click()
    reader.look()
    page.get_by_label("Email address").fill("raeder@clinic.example")
    page.get_by_role("button", name="Email me a code").click()

    # When they go to the page they wanted and to sign in, they can come back to the code, and can leave it
    reader.to(NATALIZUMAB)
    page.get_by_role("link", name="Sign in").first.click()
    reader.look()
    page.get_by_role("link", name="Enter your code").click()
    expect(page.get_by_text("raeder@clinic.example")).to_be_visible()
    reader.look()
    page.get_by_role("button", name="Use a different address").click()
    page.get_by_label("Email address").fill(people.reader.email)
    page.get_by_role("button", name="Email me a code").click()
    page.get_by_role("button", name="Send a new code").click()
    expect(page.get_by_text("We have sent you a new code.")).to_be_visible()
    reader.look()
    page.get_by_label("Code").fill(code_from_email())
    page.get_by_role("button", name="Confirm").click()

    # Then they are on the page they wanted
    page.wait_for_url(f"**{NATALIZUMAB}")
    expect(page.get_by_role("heading", name="My annotations")).to_be_visible()


@pytest.mark.usefixtures("natalizumab")
def test_a_reader_changes_their_email_address(visit, people, has_script, code_from_email):
    # Given a reader who has moved to another hospital
    reader = visit(has_script)
    page = reader.sign_in(people.reader, "/account/email/")
    reader.look()

    # When they enter their new address, confirm that it is them, and enter the code
    page.get_by_label("New email address").fill("reader@elsewhere.example")
    page.get_by_role("button", name="Email me a code").click()
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    reader.look()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("reader@elsewhere.example")).to_be_visible()
    reader.look()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Enter the code").click()
    page.get_by_label("Code").fill(code_from_email())
    page.get_by_role("button", name="Confirm").click()

    # Then they sign in with it
    expect(page.get_by_text("You have confirmed your email address reader@elsewhere.example.")).to_be_visible()
    reader.look()
    people.reader.refresh_from_db()
    assert people.reader.email == "reader@elsewhere.example"


def test_a_reader_without_a_password_confirms_by_a_code_who_they_are(visit, people, has_script, code_from_email):
    # Given a reader who has no password and has signed in by a code
    people.reader.set_unusable_password()
    people.reader.save()
    reader = visit(has_script)
    page = reader.to("/sign-in?next=/account/download/")
    page.get_by_role("link", name="Email me a sign-in code").click()
    page.get_by_label("Email address").fill(people.reader.email)
    page.get_by_role("button", name="Email me a code").click()
    page.get_by_label("Code").fill(code_from_email())
    page.get_by_role("button", name="Confirm").click()

    # When they ask for a code to see a page that matters, mistype it, and ask for another
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    expect(page.get_by_text(f"We will send a code to {people.reader.email}.")).to_be_visible()
    reader.look()
    page.get_by_role("button", name="Email me a code").click()
    expect(page.get_by_role("heading", name="Enter the code to confirm it is you")).to_be_visible()
    reader.look()
    page.get_by_label("Code").fill("1234")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("link", name="That code is not correct. Check the latest email from us.")).to_be_visible()
    reader.look()
    page.get_by_role("button", name="Send a new code").click()
    expect(page.get_by_role("heading", name="Enter the code to confirm it is you")).to_be_visible()

    # And leave, and come back with the code
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Download everything we hold about you").click()
    page.get_by_role("link", name="Enter a code you already have").click()
    page.get_by_label("Code").fill(code_from_email())
    page.get_by_role("button", name="Confirm").click()

    # Then they are on the page that they wanted
    expect(page.get_by_role("heading", name="Download everything we hold about you")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("natalizumab")
def test_the_pages_for_codes_and_passwords_fit_and_are_accessible(visit, people, width, scheme):
    visitor = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)

    def fits():
        visitor.look()
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width, visitor.page.url

    page = visitor.to("/account/password/reset/")
    page.get_by_role("button", name="Email me a code").click()
    fits()
    page.get_by_label("Email address").fill("a.very.long.name.of.a.person@university-hospital.example")
    page.get_by_role("button", name="Email me a code").click()
    fits()
    page.get_by_role("button", name="Confirm").click()
    fits()
    visitor.sign_in(people.reader, "/account/password/change/")
    page.get_by_role("button", name="Change password").click()
    fits()
    visitor.to("/account/email/")
    page.get_by_role("button", name="Email me a code").click()
    fits()


def test_a_password_can_be_looked_at_while_it_is_typed_and_is_sent_as_one(visit, people):
    reader = visit()
    page = reader.to("/sign-in")
    password = page.get_by_label("Password", exact=True)
    page.get_by_label("Email").fill(people.reader.email)
    password.fill(PASSWORD)

    page.get_by_role("button", name="Show password").click()

    expect(password).to_have_attribute("type", "text")
    expect(password).to_have_value(PASSWORD)
    reader.look()
    page.get_by_role("button", name="Hide password").click()
    expect(password).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show password").click()
    sent_as = page.evaluate(
        "() => new Promise((tell) => addEventListener('submit', (event) => {"
        " event.preventDefault(); tell(document.querySelector('[name=password]').type); })"
        " || document.querySelector('#sign-in [type=submit]').click())"
    )
    assert sent_as == "password"
