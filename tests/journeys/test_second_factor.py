import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.conftest import PASSWORD
from tests.journeys.steps import confirm_password, give_device


@pytest.fixture
def newcomer(people) -> User:
    """Somebody who may edit, and has set up no second factor yet."""
    people.editor.authenticator_set.all().delete()
    return people.editor


def enter_password(page: Page, person: User, path: str = "/sign-in") -> None:
    page.goto(path)
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def test_an_editor_sets_up_an_authenticator_app_and_comes_on_to_editing(visit, newcomer, code_from_app, has_script):
    # Given an editor without a second factor, who wants to edit
    editing = visit(has_script)
    page = editing.page
    enter_password(page, newcomer, "/sign-in?next=/admin/content/page/")
    expect(page.get_by_text("Editing needs two-step sign-in.")).to_be_visible()
    editing.look()

    # When they set up an app by the key on the page
    page.get_by_role("link", name="Set up an authenticator app").click()
    confirm_password(page)
    editing.look()
    assert page.get_by_role("img", name="QR code").evaluate("image => image.naturalWidth") > 0
    key = page.locator("#secret").inner_text()
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", key)
    page.get_by_label("Code that the app shows now").fill("000000")
    page.get_by_role("button", name="Turn on the authenticator app").click()
    expect(page.get_by_role("link", name="That code is not correct.")).to_be_visible()
    assert page.locator("#secret").inner_text() == key
    page.get_by_label("Code that the app shows now").fill(code_from_app(key.replace(" ", "")))
    page.get_by_role("button", name="Turn on the authenticator app").click()

    # Then they are shown recovery codes, which they save
    expect(page.get_by_text("we show them only once")).to_be_visible()
    editing.look()
    codes = [code.replace(" ", "") for code in page.locator(".codes code").all_inner_texts()]
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as a file").click()
    assert saved.value.suggested_filename == "recovery-codes.txt"
    with open(saved.value.path()) as file:
        assert file.read().split("\n")[1:] == [*codes, ""]

    # And they come on to where they were going
    page.get_by_role("link", name="I have saved them, continue to editing").click()
    expect(page).to_have_url("/admin/content/page/")

    # When they sign in elsewhere, the app's code is asked for
    elsewhere = visit(has_script)
    enter_password(elsewhere.page, newcomer, "/sign-in?next=/admin/")
    elsewhere.page.get_by_label("Code from your authenticator app").fill(code_from_app(key.replace(" ", "")))
    elsewhere.look()
    elsewhere.page.get_by_role("button", name="Continue").click()
    expect(elsewhere.page).to_have_url("/admin/")

    # And where the phone is lost, a recovery code signs in, once
    lost = visit(has_script)
    enter_password(lost.page, newcomer, "/sign-in?next=/account/2fa/")
    lost.page.get_by_text("I do not have my phone or passkey").click()
    lost.page.get_by_label("Code from your authenticator app").fill(codes[0])
    lost.page.get_by_role("button", name="Continue").click()
    expect(lost.page).to_have_url("/account/2fa/")
    again = visit(has_script)
    enter_password(again.page, newcomer)
    again.page.get_by_label("Code from your authenticator app").fill(codes[0])
    again.page.get_by_role("button", name="Continue").click()
    expect(again.page.get_by_role("link", name="That code is not correct.")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_as_the_only_step_and_as_the_second(visit, newcomer):
    # Given an editor at their own device
    editing = visit()
    page = editing.page
    give_device(page)
    enter_password(page, newcomer, "/sign-in?next=/admin/")
    page.get_by_role("link", name="Add a passkey").click()
    confirm_password(page)

    # When they add a passkey
    expect(page.get_by_label("Name")).to_have_value("Passkey on this device")
    editing.look()
    page.get_by_role("button", name="Add this passkey").click()
    expect(page.get_by_text("we show them only once")).to_be_visible()
    page.get_by_role("link", name="I have saved them, continue to editing").click()
    expect(page).to_have_url("/admin/")
    page.goto("/account/2fa/")
    expect(page.get_by_text("Signs you in without a password.")).to_be_visible()
    editing.look()

    # Then it signs in by itself, and editing is open
    page.context.clear_cookies()
    page.goto("/sign-in?next=/account/2fa/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url("/account/2fa/")
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="What would you like to do?")).to_be_visible()

    # And as the second step after the password
    page.context.clear_cookies()
    enter_password(page, newcomer, "/sign-in?next=/admin/")
    expect(page.get_by_label("Recovery code")).to_be_visible()
    editing.look()
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url("/admin/")

    # And to confirm that it is still them, whereupon it can be renamed
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Rename Passkey on this device").click()
    expect(page.get_by_role("button", name="Use your passkey")).to_be_visible()
    editing.look()
    page.get_by_role("button", name="Use your passkey").click()
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("strong")).to_have_text("My laptop")
    editing.look()


def test_a_passkey_that_is_not_there_is_said_and_other_ways_stay(visit, people):
    visitor = visit()
    give_device(visitor.page)
    visitor.to("/sign-in")

    visitor.page.get_by_role("button", name="Use a passkey").click()

    expect(visitor.page.get_by_text("this device has no passkey for this site")).to_be_visible()
    visitor.look()


def test_without_script_a_passkey_says_what_to_do_instead(visit, newcomer):
    # Given a browser without script
    page = visit(has_script=False).page
    words = page.locator("noscript").first

    # Then signing in, setting one up and adding one say what works instead
    page.goto("/sign-in")
    assert "Sign in with your password or an emailed code." in words.inner_text()
    enter_password(page, newcomer, "/sign-in?next=/account/2fa/")
    expect(page).to_have_url("/account/2fa/")
    assert "An authenticator app works without it." in words.inner_text()
    page.get_by_role("link", name="Add a passkey").click()
    confirm_password(page)
    expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
    assert "Set up an authenticator app instead." in words.inner_text()
