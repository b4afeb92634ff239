import re

import pytest
from django.core import mail

from accounts.models import User
from tests.conftest import PASSWORD

FORM = {
    "name": "Ann Nurse",
    "email": "Ann@Clinic.example",
    "password1": PASSWORD,
    "profession": "nurse",
    "is_professional": "on",
}


@pytest.fixture
def visitor(client, db):
    return client


def code() -> str:
    return re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]


def test_signing_up_with_the_code_from_the_email_leads_back_to_the_page(visitor, publish):
    publish()
    response = visitor.post("/sign-up", FORM | {"next": "/pages/a-page/"})
    assert response.url.startswith("/account/confirm-email/")
    assert "sessionid" in visitor.cookies
    assert "Create an account to add page annotations" in visitor.get("/pages/a-page/").content.decode()

    response = visitor.post(response.url, {"code": code()})

    assert response.url == "/pages/a-page/"
    assert "Your annotations" in visitor.get("/pages/a-page/").content.decode()
    user = User.objects.get(email="ann@clinic.example")
    assert (user.name, user.profession) == ("Ann Nurse", "nurse")
    assert user.declared_at


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("is_professional", "To make an account, declare that you are a healthcare professional."),
        ("profession", "Choose your profession."),
        ("name", "Enter your full name."),
        ("email", "Enter your email address."),
        ("password1", "Choose a password."),
    ],
)
def test_without_any_of_these_no_account_is_made(visitor, field, message):
    response = visitor.post("/sign-up", {key: value for key, value in FORM.items() if key != field})

    assert message in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["short", "password1234", "ann@clinic.example"])
def test_a_weak_password_is_refused(visitor, password):
    visitor.post("/sign-up", FORM | {"password1": password})

    assert not User.objects.exists()


def test_a_wrong_code_does_not_let_anyone_in(visitor):
    url = visitor.post("/sign-up", FORM).url

    assert "That is not the code." in visitor.post(url, {"code": "AAAAAA"}).content.decode()
    assert visitor.get("/admin/").status_code == 302


@pytest.mark.parametrize("email", ["reader@clinic.example", "READER@clinic.example"])
def test_a_person_signs_in_by_email_whatever_its_capitals(visitor, people, email):
    response = visitor.post("/sign-in", {"login": email, "password": PASSWORD, "next": "/about/privacy/"})

    assert response.url == "/about/privacy/"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_leads_only_within_the_site(visitor, people, address):
    response = visitor.post("/sign-in", {"login": "reader@clinic.example", "password": PASSWORD, "next": address})

    assert response.url == "/"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/sign-in/?next=/a/", "/sign-in?next=/a/"),
        ("/sign-up/", "/sign-up"),
        ("/sign-out/", "/sign-out"),
        ("/account/login/?next=/a/", "/sign-in?next=/a/"),
        ("/account/signup/", "/sign-up"),
        ("/account/logout/", "/sign-out"),
        ("/admin/logout/", "/sign-out"),
    ],
)
def test_each_door_has_one_address(visitor, path, target):
    assert visitor.get(path).url == target


def test_the_admin_signs_in_through_the_site(visitor):
    assert visitor.get("/admin/login/?next=/admin/").url == "/sign-in?next=%2Fadmin%2F"


def test_signing_out_needs_a_click(people, signed_in):
    client = signed_in(people.reader)

    assert "Sign out" in client.get("/sign-out").content.decode()
    assert "sessionid" in client.cookies
    client.post("/sign-out")
    assert client.get("/account/email/").status_code == 302


def test_the_sign_up_form_links_to_the_privacy_page(visitor):
    assert 'href="/about/privacy/"' in visitor.get("/sign-up").content.decode()
