import re
from threading import Barrier, Thread

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.sign_in.forms import SignUpForm
from tests.accounts.steps import SIGN_UP, emailed_code
from tests.conftest import ONCE_ONLY, PASSWORD

FORM = SIGN_UP | {"email": "Ann@Clinic.example"}


@pytest.fixture
def visitor(client, db):
    return client


def test_signing_up_with_the_code_from_the_email_leads_back_to_the_page(visitor, publish):
    publish()
    response = visitor.post("/sign-up", FORM | {"next": "/pages/a-page/"})
    assert response.url.startswith("/account/confirm-email/")
    assert "sessionid" in visitor.cookies
    assert "Create an account to add page annotations" in visitor.get("/pages/a-page/").content.decode()

    response = visitor.post(response.url, {"code": emailed_code()})

    assert response.url == "/pages/a-page/"
    assert "My annotations" in visitor.get("/pages/a-page/").content.decode()
    user = User.objects.get(email="ann@clinic.example")
    assert (user.name, user.profession, user.country) == ("Ann Nurse", "nurse", "GB")
    assert user.declared_at
    assert user.registration == ("", "")


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("is_professional", "To create an account, declare that you are a healthcare professional."),
        ("profession", "Choose your profession."),
        ("country", "Choose the country you work in."),
        ("name", "Enter your full name."),
        ("email", "Enter your email address."),
        ("password1", "Choose a password."),
    ],
)
def test_without_any_of_these_no_account_is_made(visitor, field, message):
    response = visitor.post("/sign-up", {key: value for key, value in FORM.items() if key != field})

    assert message in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["short", "password1234", "ann@clinic.example", "bartholomew-9"])
def test_a_weak_password_is_refused(visitor, password):
    response = visitor.post("/sign-up", FORM | {"name": "Bartholomew Nurse", "password1": password})

    assert not User.objects.exists()
    assert len(response.context["form"].errors["password1"]) == 1


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({"register": "nmc", "registration_number": "12a 3456-e"}, ("nmc", "12A3456E")),
        ({"register": "", "registration_number": ""}, ("", "")),
        ({"register": "other", "registration_number": "Medical  Council 4417"}, ("other", "Medical Council 4417")),
    ],
)
def test_a_registration_is_optional_and_stored_in_its_one_spelling(visitor, typed, stored):
    visitor.post("/sign-up", FORM | typed)

    assert User.objects.get().registration == stored
    assert not User.objects.get().has_verified_registration


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"register": "nmc", "registration_number": "3456-e"}, "An NMC Pin has 2 digits, a letter, 4 digits"),
        ({"register": "gmc", "registration_number": ""}, "Enter your number from this register"),
        ({"register": "", "registration_number": "3456-e"}, "Choose the register this number is from."),
        ({"register": "nhs", "registration_number": "3456-e"}, "Select a valid choice."),
        ({"register": "other", "registration_number": "9" * 61}, "at most 60 characters"),
    ],
)
def test_a_registration_that_cannot_be_one_is_refused_and_everything_typed_stays(visitor, typed, message):
    response = visitor.post("/sign-up", FORM | typed)

    html = response.content.decode()
    assert message in html
    assert "Type it again: we never send a password back to you." in html
    assert sum(map(len, response.context["form"].errors.values())) == 1
    for value in ("Ann Nurse", "Ann@Clinic.example", typed["registration_number"]):
        assert f'value="{value}"' in html or not value
    for value in ("nurse", "GB", typed["register"]):
        assert f'<option value="{value}" selected>' in html or value == "nhs"
    assert PASSWORD not in html
    assert not User.objects.exists()


def test_a_number_that_another_account_gives_is_taken_without_a_word(visitor):
    registration = {"register": "gmc", "registration_number": "1234567"}
    first = visitor.post("/sign-up", FORM | registration)
    second = Client().post("/sign-up", FORM | registration | {"email": "ben@clinic.example"})

    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert [user.registration for user in User.objects.all()] == [("gmc", "1234567")] * 2


def test_the_united_kingdom_is_the_first_country_to_choose(visitor):
    options = re.findall(r'<option value="(\w*)"', visitor.get("/sign-up").content.decode().split('name="country"')[1])

    assert options[:3] == ["", "GB", "AF"]


def what_is_seen(response) -> tuple:
    """What an answer to sign-up, and the page it leads to, tell whoever sent it."""
    client = response.client
    page = client.get(response.url)
    cookies = sorted((name, morsel["httponly"]) for name, morsel in client.cookies.items())
    return response.status_code, response.url, cookies, re.sub(ONCE_ONLY, "", page.content.decode())


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_up_with_one_address_at_once_the_second_is_answered_like_one_who_has_an_account(
    monkeypatch, settings
):
    """Real threads with connections of their own; both forms have been checked before either account is made."""
    settings.ACCOUNT_RATE_LIMITS = {"confirm_email": None}  # else the second email to an address has to wait 10 seconds
    start, answers, failures = Barrier(2), [], []
    save = SignUpForm.save

    def save_together(form, request):
        start.wait(10)
        return save(form, request)

    def sign_up():
        try:
            answers.append(Client().post("/sign-up", FORM))
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    monkeypatch.setattr(SignUpForm, "save", save_together)
    threads = [Thread(target=sign_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monkeypatch.undo()

    assert failures == []
    assert User.objects.count() == EmailAddress.objects.count() == 1
    subjects = sorted(message.subject for message in mail.outbox)
    known = Client().post("/sign-up", FORM)
    assert subjects == sorted([mail.outbox[-1].subject, "Clinical reference: Your code to confirm your email address"])
    assert [what_is_seen(answer) for answer in answers] == [what_is_seen(known)] * 2


def test_a_wrong_code_does_not_let_anyone_in(visitor):
    url = visitor.post("/sign-up", FORM).url

    assert "That code is not correct." in visitor.post(url, {"code": "AAAAAA"}).content.decode()
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
    assert visitor.get("/admin/login/?next=/admin/").url == "/sign-in?next=/admin/"


def test_signing_out_needs_a_click(people, signed_in):
    client = signed_in(people.reader)

    assert "Sign out" in client.get("/sign-out").content.decode()
    assert "sessionid" in client.cookies
    client.post("/sign-out")
    assert client.get("/account/email/").status_code == 302


def test_the_sign_up_form_links_to_the_privacy_page(visitor):
    assert 'href="/about/privacy/"' in visitor.get("/sign-up").content.decode()
