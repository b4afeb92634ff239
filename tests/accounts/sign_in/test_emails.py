"""What holds for every email about an account."""

import re

import pytest
from allauth.account.adapter import get_adapter
from allauth.core.context import request_context
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from tests.accounts.steps import ADDRESS, NEW_PHRASE, SIGN_UP, confirmed, emailed_code
from tests.conftest import PASSWORD, reauthenticate_by_email


@pytest.fixture
def visitor(client, people):
    return client


def sent(to: str, subject: str) -> str:
    """The words of the one email in the outbox with this addressee and subject."""
    subject = f"{settings.SITE_NAME}: {subject}"
    (message,) = [each for each in mail.outbox if each.to == [to] and each.subject == subject]
    assert_is_ours(message)
    return message.body


def assert_is_ours(message: EmailMessage) -> None:
    assert message.from_email == settings.DEFAULT_FROM_EMAIL
    assert message.alternatives == []
    assert settings.SITE_NAME in message.body
    assert settings.CONTACT_EMAIL in message.body
    assert set(re.findall(r"\S+://\S+", message.body)) == {settings.SITE_URL}
    assert "/account/" not in message.body
    assert "not you" in message.body or "you did not" in message.body.lower()


def test_a_new_account(visitor):
    visitor.post("/sign-up", SIGN_UP)

    body = sent("ann@clinic.example", "Your code to confirm your email address")
    assert "If you did not ask for an account" in body


def test_an_account_that_exists_already(visitor):
    visitor.post("/sign-up", SIGN_UP | {"email": ADDRESS})

    assert "You already have one" in sent(ADDRESS, "You already have an account")


@pytest.mark.parametrize("ask", ["/account/login/code/", "/account/password/reset/"])
def test_an_address_without_an_account(visitor, ask):
    visitor.post(ask, {"email": "nobody@clinic.example"})

    body = sent("nobody@clinic.example", "There is no account with this address")
    assert "No account uses that address" in body
    assert not re.search(r"\d{4}-\d{4}", body)


@pytest.mark.parametrize(
    ("ask", "subject"),
    [
        ("/account/login/code/", "Your code to sign in"),
        ("/account/password/reset/", "Your code to reset your password"),
    ],
)
def test_a_code(visitor, ask, subject):
    visitor.post(ask, {"email": ADDRESS})

    body = sent(ADDRESS, subject)
    assert len(re.findall(r"^\d{4}-\d{4}$", body, re.MULTILINE)) == 1
    assert "You can use it once, within 15 minutes." in body


def test_a_code_to_confirm_that_it_is_you(people, signed_in):
    people.reader.set_unusable_password()
    people.reader.save()

    reauthenticate_by_email(signed_in(people.reader))

    body = sent(ADDRESS, "Your code to confirm it is you")
    assert "to sign in to" not in body
    assert "You can use it once, within 15 minutes." in body
    assert "sign out all other devices" in body


def test_a_reset_password(visitor, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    url = visitor.post("/account/password/reset/", {"email": ADDRESS}).url
    url = visitor.post(url, {"code": emailed_code()}).url

    visitor.post(url, {"password1": NEW_PHRASE})

    body = sent(ADDRESS, "Your password was reset")
    assert "November 2026" in body
    assert NEW_PHRASE not in body


def test_a_changed_password(people, signed_in):
    signed_in(people.reader).post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW_PHRASE})

    assert "reset your password now" in sent(ADDRESS, "Your password was changed")


def test_a_first_password(people, signed_in):
    people.reader.set_unusable_password()
    people.reader.save()

    client = signed_in(people.reader)
    reauthenticate_by_email(client)
    client.post("/account/password/set/", {"password1": NEW_PHRASE})

    assert sent(ADDRESS, "A password was added to your account")


def test_a_changed_address_is_told_to_both(people, signed_in):
    client = confirmed(signed_in(people.reader))
    url = client.post("/account/email/", {"email": "new@clinic.example", "action_add": ""}).url
    sent("new@clinic.example", "Your code to confirm your email address")

    client.post(url, {"code": emailed_code()})

    for address in (ADDRESS, "new@clinic.example"):
        body = sent(address, "Your email address was changed")
        assert f"from {ADDRESS} to new@clinic.example" in body
        assert "Forgotten" not in body


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("mfa/email/totp_activated", "An authenticator app was added"),
        ("mfa/email/totp_deactivated", "The authenticator app was removed"),
        ("mfa/email/webauthn_added", "A passkey was added"),
        ("mfa/email/webauthn_removed", "A passkey was removed"),
        ("mfa/email/recovery_codes_generated", "New recovery codes were created"),
    ],
)
def test_a_second_factor_that_was_added_or_removed(people, rf, template, words):
    request = rf.get("/")
    with request_context(request):
        get_adapter(request).send_notification_mail(template, people.reader)

    assert_is_ours(mail.outbox[-1])
    assert words in mail.outbox[-1].body


def test_without_an_address_to_write_to_an_email_names_the_administrator(settings, rf):
    settings.CONTACT_EMAIL = ""

    body = render_to_string("account/email/password_changed_message.txt", {"timestamp": timezone.now()}, rf.get("/"))

    assert "write to the administrator of the site." in body
    assert "Questions" not in body


def test_an_apostrophe_in_an_address_is_an_apostrophe(visitor, people):
    Client().post("/account/login/code/", {"email": "o'neill@clinic.example"})

    assert "o'neill@clinic.example" in mail.outbox[-1].body
