import pytest
from playwright.sync_api import expect

from accounts.models import User
from tests.conftest import PASSWORD


@pytest.mark.usefixtures("natalizumab")
def test_a_nurse_signs_up_with_her_number_and_an_administrator_verifies_it(visit, people, has_script, code_from_email):
    # Given a visitor at sign-up who mistypes their registration number
    nurse = visit(has_script)
    page = nurse.to("/sign-up")
    page.get_by_label("Full name").fill("Ann Nurse")
    page.get_by_label("Email").fill("ann@clinic.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Profession", exact=True).select_option("Nurse")
    page.get_by_label("Country you work in").select_option("United Kingdom")
    page.get_by_label("Professional register").select_option("Nursing and Midwifery Council (NMC)")
    page.get_by_label("Registration number").fill("12A345E")
    page.get_by_label("I am a healthcare professional").check()
    page.get_by_role("button", name="Create an account").click()

    # Then they are told what it looks like, and nothing but the password has to be typed again
    expect(page.get_by_role("link", name="An NMC Pin has 2 digits, a letter, 4 digits and a letter")).to_be_visible()
    expect(page.get_by_label("Registration number")).to_have_value("12A345E")
    expect(page.get_by_label("Full name")).to_have_value("Ann Nurse")
    expect(page.get_by_label("Country you work in")).to_have_value("GB")
    expect(page.get_by_label("I am a healthcare professional")).to_be_checked()
    nurse.look()

    # When they mend it and confirm their address
    page.get_by_label("Registration number").fill("12a 3456 e")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("Code").fill(code_from_email())
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/")

    # Then their profile has the number in its one spelling, to be verified
    nurse.to("/account/profile/")
    expect(page.get_by_label("Registration number")).to_have_value("12A3456E")
    expect(page.get_by_text("Not verified yet")).to_be_visible()

    # When an administrator verifies it
    administrator = visit(has_script)
    account = User.objects.get(email="ann@clinic.example")
    desk = administrator.sign_in(people.administrator)
    desk.goto(f"/admin/accounts/user/{account.pk}/change/")
    desk.get_by_role("button", name="Save and mark the registration as verified").click()
    expect(desk.get_by_text("by The administrator (account")).to_be_visible()

    # Then the profile says so, until the number changes
    nurse.to("/account/profile/")
    expect(page.get_by_text("by The administrator.")).to_be_visible()
    page.get_by_label("Registration number").fill("99Z9999Z")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile has been saved.")).to_be_visible()
    expect(page.get_by_text("Not verified yet")).to_be_visible()
    nurse.look()
