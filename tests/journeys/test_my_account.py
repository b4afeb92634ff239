import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from annotations.models import Annotation
from tests.conftest import PASSWORD
from tests.journeys.conftest import NATALIZUMAB
from tests.journeys.steps import add_note

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Version/18.1 Mobile Safari/604.1"


def prove(page: Page) -> None:
    """Give the password again, where the site asks for it."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def test_a_reader_signs_a_lost_phone_out(visit, people, has_script):
    # Given a reader who is signed in here and on a phone
    phone = visit(has_script, user_agent=IPHONE)
    phone.sign_in(people.reader)
    here = visit(has_script)
    page = here.sign_in(people.reader)

    # When they sign the phone out from My account
    page.get_by_text("The reader").click()
    page.get_by_role("link", name="My account").click()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    here.look()
    page.get_by_role("link", name="Show where you are signed in").click()
    expect(page.get_by_text("This device")).to_have_count(1)
    here.look()
    page.get_by_role("button", name="Sign out Safari on iPhone").click()

    # Then it is gone from the list, and the phone is asked to sign in
    expect(page.get_by_text("That device has been signed out.")).to_be_visible()
    expect(page.get_by_text("Safari on iPhone")).to_have_count(0)
    here.look()
    phone.page.goto("/account/")
    expect(phone.page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


@pytest.mark.usefixtures("natalizumab")
def test_a_reader_takes_everything_along_and_goes(visit, people):
    # Given a reader with an annotation
    reader = visit()
    page = reader.sign_in(people.reader, NATALIZUMAB)
    add_note(page, "bleep 4417")

    # When they download everything
    reader.to("/account/")
    page.get_by_role("link", name="Download everything we hold about you").click()
    prove(page)
    expect(page.get_by_role("heading", name="Download everything we hold about you")).to_be_visible()
    reader.look()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download the file").click()

    # Then the annotation is in the file
    file = json.loads(Path(started.value.path()).read_text())
    assert [each["text"] for each in file["annotations"]] == ["bleep 4417"]
    assert started.value.suggested_filename.startswith("everything-about-me-")

    # When they delete their account, at first without the tick
    page.get_by_role("link", name="My account").first.click()
    page.get_by_role("link", name="Delete your account").click()
    expect(page.get_by_text("Annotations: 1")).to_be_visible()
    reader.look()
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_role("link", name="Nothing has been deleted.")).to_be_visible()
    reader.look()
    assert all("status of 422" in error for error in reader.errors)
    reader.errors.clear()
    page.get_by_label("Delete my account.").check()
    page.get_by_role("button", name="Delete my account").click()

    # Then it is gone, with the annotation, and signing in no longer works
    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    reader.look()
    assert page.context.cookies() == []
    assert not Annotation.objects.exists()
    assert not User.objects.filter(email=people.reader.email).exists()
    expect(reader.to(NATALIZUMAB).get_by_text("bleep 4417")).to_have_count(0)
    reader.to("/sign-in")
    page.get_by_label("Email").fill(people.reader.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("do not match")).to_be_visible()
