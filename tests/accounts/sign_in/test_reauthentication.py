import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.allauth_private import totp
from accounts.models import User
from tests.conftest import PASSWORD, reauthenticate_by_email

GUARDED = ["/account/download/", "/account/delete/"]
BY_CODE = "/account/reauthenticate/code/"
CONFIRM = f"{BY_CODE}confirm/"


@pytest.fixture
def newcomer(people) -> User:
    """Somebody who signs in through another organisation: no password, no second factor."""
    people.reader.set_unusable_password()
    people.reader.save()
    return people.reader


def code() -> str:
    return re.search(r"^([A-Z0-9]{4}-?[A-Z0-9]{4}|[A-Z0-9]{6})$", mail.outbox[-1].body, re.MULTILINE)[1]


def is_open(client: Client, path: str) -> bool:
    return client.get(path).status_code == 200


@pytest.mark.parametrize("path", GUARDED)
def test_having_signed_in_is_not_enough(people, path):
    client = Client()
    client.post("/sign-in", {"login": people.reader.email, "password": PASSWORD})

    assert client.get(path).url == f"/account/reauthenticate/?next={path.replace('/', '%2F')}"


@pytest.mark.parametrize("path", GUARDED)
def test_the_password_opens_the_way_for_five_minutes(people, signed_in, path):
    client = signed_in(people.reader)

    assert client.post("/account/reauthenticate/", {"password": "wrong", "next": path}).status_code == 200
    assert not is_open(client, path)
    assert client.post("/account/reauthenticate/", {"password": PASSWORD, "next": path}).url == path
    assert is_open(client, path)
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert not is_open(client, path)


@pytest.mark.parametrize("path", GUARDED)
def test_an_authenticator_app_opens_the_way(newcomer, signed_in, path):
    secret = "JBSWY3DPEHPK3PXP"
    totp.TOTP.activate(newcomer, secret)
    client = signed_in(newcomer)
    assert client.get(path).url.startswith("/account/2fa/reauthenticate/")
    now = next(iter(totp.yield_hotp_counters_from_time()))

    response = client.post(
        "/account/2fa/reauthenticate/", {"code": totp.format_hotp_value(totp.hotp_value(secret, now)), "next": path}
    )

    assert response.url == path
    assert is_open(client, path)
    assert Authenticator.objects.filter(user=newcomer).exists()


@pytest.mark.parametrize("path", GUARDED)
def test_somebody_with_neither_is_sent_a_code(newcomer, signed_in, path):
    client = signed_in(newcomer)
    asked = client.get(path)
    assert asked.url == f"{BY_CODE}?next={path.replace('/', '%2F')}"
    assert "We will send a code to reader@clinic.example." in client.get(asked.url).content.decode()
    assert not mail.outbox

    client.post(asked.url, {"next": path})
    assert [message.to for message in mail.outbox] == [["reader@clinic.example"]]
    assert not is_open(client, path)

    page = client.get(f"{CONFIRM}?next={path}").content.decode()
    assert "We have sent an email to <strong>reader@clinic.example</strong>." in page
    assert f'<input type="hidden" name="next" value="{path}">' in page
    assert client.post(CONFIRM, {"code": code(), "next": path}).url == path
    assert is_open(client, path)
    assert client.post(CONFIRM, {"code": code()}).url == BY_CODE


def test_a_wrong_code_opens_nothing_and_five_end_it(newcomer, signed_in):
    client = signed_in(newcomer)
    client.post(BY_CODE)
    right = code()

    for _ in range(5):
        response = client.post(CONFIRM, {"code": "0000-0000", "next": "/account/delete/"})
    assert response.url == f"{BY_CODE}?next=%2Faccount%2Fdelete%2F"
    page = client.get(response.url).content.decode()
    assert "You entered a wrong code 5 times, so the code no longer works. Ask for a new one." in page
    page = client.post(CONFIRM, {"code": right}, follow=True).content.decode()

    assert "This code has expired or has been used." in page
    assert not is_open(client, "/account/delete/")


def test_an_empty_field_is_no_try_and_what_is_wrong_is_said_in_the_sites_words(newcomer, signed_in):
    client = signed_in(newcomer)
    client.post(BY_CODE)

    for _ in range(5):
        page = client.post(CONFIRM, {"code": " "}).content.decode()

    assert "Enter the code from our email." in page
    assert "in this browser" in page
    assert "You can use the code once, within 15 minutes." in page
    client.post(CONFIRM, {"code": code()})
    assert is_open(client, "/account/delete/")


def test_a_code_is_sent_five_times_in_ten_minutes_and_forty_times_a_day(newcomer, signed_in):
    statuses = []
    with time_machine.travel("2026-11-22 09:00Z", tick=False) as traveller:
        for _ in range(9):
            client = signed_in(newcomer)
            statuses += [client.post(BY_CODE).status_code for _ in range(6)]
            traveller.shift(timedelta(minutes=10, seconds=1))

    assert statuses == [*[302] * 5, 429] * 8 + [429] * 6
    assert len(mail.outbox) == 40


def test_no_new_code_is_sent_where_it_would_not_be_counted(newcomer, signed_in):
    client = signed_in(newcomer)
    client.post(BY_CODE)

    client.post(CONFIRM, {"action": "resend"})

    assert len(mail.outbox) == 1


def test_codes_are_asked_for_and_tried_ten_times_a_minute(newcomer, signed_in):
    client = signed_in(newcomer)
    statuses = []

    with time_machine.travel("2026-11-22 09:00Z", tick=False) as traveller:
        for _ in range(3):
            statuses += [client.post(BY_CODE).status_code]
            statuses += [client.post(CONFIRM, {"code": "0000-0000"}).status_code for _ in range(3)]
            traveller.shift(timedelta(seconds=5))

    assert statuses == [302, 200, 200, 200] * 2 + [302, 200, 429, 429]


def test_a_code_works_once_in_one_browser_and_for_minutes(newcomer, people, signed_in):
    client, elsewhere = signed_in(newcomer), signed_in(newcomer)
    client.post(BY_CODE)

    elsewhere.post(CONFIRM, {"code": code()})
    assert not is_open(elsewhere, "/account/delete/")
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        client.post(CONFIRM, {"code": code()})
        assert not is_open(client, "/account/delete/")


def test_a_new_code_ends_the_one_before(newcomer, signed_in):
    client = signed_in(newcomer)
    client.post(BY_CODE)
    first = code()
    client.post(BY_CODE)

    client.post(CONFIRM, {"code": first})
    assert not is_open(client, "/account/delete/")
    client.post(CONFIRM, {"code": code()})
    assert is_open(client, "/account/delete/")


def test_whoever_has_a_password_is_not_let_in_by_email(people, signed_in):
    client = signed_in(people.reader)

    response = client.post(BY_CODE)

    assert response.url.startswith("/account/reauthenticate/")
    assert not mail.outbox


def test_a_code_proves_nothing_any_more_once_there_is_a_password(newcomer, signed_in):
    client = signed_in(newcomer)
    reauthenticate_by_email(client)
    client.post(BY_CODE)
    right = code()
    client.post("/account/password/set/", {"password1": PASSWORD})

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert client.post(CONFIRM, {"code": right}).url == BY_CODE
        assert client.get(BY_CODE).url == "/account/reauthenticate/"
        assert not is_open(client, GUARDED[0])


def test_a_code_proves_nothing_any_more_once_there_is_a_second_factor(newcomer, signed_in):
    client = signed_in(newcomer)
    client.post(BY_CODE)
    totp.TOTP.activate(newcomer, "JBSWY3DPEHPK3PXP")

    assert client.post(CONFIRM, {"code": code()}).url == BY_CODE
    assert client.get(BY_CODE).url == "/account/2fa/reauthenticate/"
    assert not is_open(client, GUARDED[0])


def test_a_code_goes_only_to_a_confirmed_address(newcomer, signed_in):
    newcomer.emailaddress_set.update(verified=False)
    client = signed_in(newcomer)

    client.post(BY_CODE)

    assert not mail.outbox
    assert "no confirmed email address" in client.get(BY_CODE).content.decode()


def test_a_form_sent_too_late_does_nothing_and_is_shown_again(people, signed_in):
    client = signed_in(people.reader)

    response = client.post("/account/delete/", {"is_sure": "on"})

    assert response.url == "/account/delete/"
    assert User.objects.filter(pk=people.reader.pk).exists()


def test_a_visitor_is_sent_to_sign_in(client, db):
    assert client.get(BY_CODE).url.startswith("/sign-in")
    assert client.get(CONFIRM).url.startswith("/sign-in")


def test_who_has_no_password_proves_it_before_an_account_is_entered_otherwise(newcomer, signed_in):
    """At a computer that was left open nobody makes a way in of their own."""
    client = signed_in(newcomer)

    for path, form in [
        ("/account/email/", {"action_add": "", "email": "somebody@elsewhere.example"}),
        ("/account/password/set/", {"password1": "an entirely new phrase"}),
        ("/account/2fa/totp/activate/", {"code": "000000"}),
        ("/account/2fa/webauthn/add/", {"credential": "{}"}),
    ]:
        asked = client.post(path, form, follow=True).redirect_chain[-1][0]
        assert asked.startswith(BY_CODE), path

    assert not mail.outbox
    newcomer.refresh_from_db()
    assert not newcomer.has_usable_password()


def test_with_the_code_the_address_that_was_given_is_changed(newcomer, signed_in):
    client = signed_in(newcomer)
    asked = client.post("/account/email/", {"action_add": "", "email": "home@clinic.example"}).url
    client.post(asked, {"next": "/account/email/"})

    client.post(CONFIRM, {"code": code(), "next": "/account/email/"})

    assert mail.outbox[-1].to == ["home@clinic.example"]


def test_what_somebody_began_before_does_not_happen_with_the_next_proof(people, signed_in):
    client = signed_in(people.reader)
    client.post("/account/2fa/totp/activate/", {"code": "000000"})
    client.post("/account/email/", {"action_add": "", "email": "somebody@elsewhere.example"})

    client.get("/account/download/")
    client.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/account/email/"})

    assert not mail.outbox


def test_a_code_that_was_sent_to_a_former_address_proves_nothing(newcomer, signed_in):
    client = signed_in(newcomer)
    client.post(BY_CODE)
    EmailAddress.objects.filter(user=newcomer).update(email="new@elsewhere.example")

    client.post(CONFIRM, {"code": code()})

    assert not is_open(client, GUARDED[0])


def test_an_emailed_proof_is_tried_five_times_also_when_the_tries_arrive_at_once(newcomer, signed_in):
    client = signed_in(newcomer)
    client.post(BY_CODE)
    session = client.session
    before = dict(session.items())

    for _ in range(5):
        assert client.post(CONFIRM, {"code": "0000-0000"}).status_code == 200
        session.update(before)
        session.save()
    client.post(CONFIRM, {"code": code()})

    assert not is_open(client, GUARDED[0])
