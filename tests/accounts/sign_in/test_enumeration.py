"""Nobody learns from an answer, or from how long it took, whether an address has an account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.core import mail
from django.test import Client

from accounts.allauth_private import totp
from accounts.models import User
from tests.accounts.steps import CODE, DECLARATION, recovery_codes
from tests.conftest import ONCE_ONLY, PASSWORD

KINDS = ("unknown", "existing", "inactive", "unverified", "without a password", "with a second factor")


@pytest.fixture
def addresses(person) -> dict[str, str]:
    """An address of each kind, all of one length."""
    made = {kind: f"{number}@clinic.example" for number, kind in enumerate(KINDS)}
    users = {kind: person("reader", email=email) for kind, email in made.items() if kind != "unknown"}
    User.objects.filter(pk=users["inactive"].pk).update(is_active=False)
    EmailAddress.objects.filter(user=users["unverified"]).update(verified=False)
    users["without a password"].set_unusable_password()
    users["without a password"].save()
    totp.TOTP.activate(users["with a second factor"], totp.generate_totp_secret())
    recovery_codes(users["with a second factor"])
    return made


class Outsider:
    """Somebody who types an address into forms, and keeps all of each answer that neither it nor chance made."""

    def __init__(self, address: str, client: Client | None = None) -> None:
        self.client, self.address = client or Client(), address
        self.seen: list[tuple] = []
        self.page = ""

    def post(self, path: str, **form: str) -> None:
        """Send a form from its page, and follow where that leads."""
        self.client.get(path)
        self._see(self.client.post(path, form))

    def _see(self, response) -> None:
        body = response.content.decode().replace(self.address, "ADDRESS")
        body = re.sub(ONCE_ONLY + r'|(data-(person|seal|seconds)|name="seal" value)="[^"]+"', "", body)
        headers = {
            name: response.headers[name] for name in response.headers if name not in ("Expires", "Content-Length")
        }
        cookies = {name: cookie.OutputString() for name, cookie in response.cookies.items()}
        cookies = {name: re.sub(r"=[^;]+|expires=[^;]+", "", text, count=2) for name, text in cookies.items()}
        self.seen.append((response.status_code, headers, cookies, body))
        if response.status_code == 302:
            self.page = response.url
            self._see(self.client.get(response.url))


@pytest.fixture
def real_hasher(settings, monkeypatch) -> list[str]:
    """Production's hasher with few rounds; appended to whenever a password's hash is worked out."""
    worked_out: list[str] = []
    encode = hashers.PBKDF2PasswordHasher.encode

    def counted(self, password, salt, iterations=None):
        worked_out.append(password)
        return encode(self, password, salt, iterations)

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    monkeypatch.setattr(hashers.PBKDF2PasswordHasher, "encode", counted)
    monkeypatch.setattr(hashers.PBKDF2PasswordHasher, "iterations", 10)
    return worked_out


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_wrong_password_is_answered_like_an_unknown_address(addresses, kind):
    unknown, known = Outsider(addresses["unknown"]), Outsider(addresses[kind])

    for outsider in (unknown, known):
        outsider.post("/sign-in", login=outsider.address, password="not the password")

    assert known.seen == unknown.seen
    assert "do not match" in known.seen[0][3]


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_password_takes_one_hash_whatever_the_account(real_hasher, addresses, kind):
    real_hasher.clear()

    Outsider(addresses[kind]).post("/sign-in", login=addresses[kind], password="not the password")

    assert len(real_hasher) == 1


@pytest.mark.parametrize("path", ["/account/login/code/", "/account/password/reset/"])
@pytest.mark.parametrize("kind", KINDS[1:])
def test_asking_for_a_code_is_answered_like_an_unknown_address_to_the_last_attempt(real_hasher, addresses, path, kind):
    unknown, known = Outsider(addresses["unknown"]), Outsider(addresses[kind])
    real_hasher.clear()

    for outsider in (unknown, known):
        outsider.post(path, email=outsider.address)
        page = outsider.page
        for _ in range(3):
            outsider.post(page, code="0000-0000")

    assert known.seen == unknown.seen
    assert [message.to for message in mail.outbox] == [[unknown.address], [known.address]]
    assert real_hasher == []


@pytest.mark.parametrize("kind", KINDS[1:])
def test_signing_up_is_answered_alike_takes_as_long_and_sends_one_email(real_hasher, addresses, kind):
    unknown, known = Outsider(addresses["unknown"]), Outsider(addresses[kind])
    hashes = []

    for outsider in (unknown, known):
        real_hasher.clear()
        outsider.post("/sign-up", email=outsider.address, name="Ann Nurse", **DECLARATION)
        hashes.append(len(real_hasher))

    assert known.seen == unknown.seen
    assert known.page == "/account/confirm-email/"
    assert [message.to for message in mail.outbox] == [[unknown.address], [known.address]]
    assert hashes == [1, 1]


def test_another_code_on_request_is_one_email_with_an_account_and_without(addresses, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    unknown, known = Outsider(addresses["unknown"]), Outsider(addresses["existing"])
    for outsider in (unknown, known):
        outsider.post("/sign-up", email=outsider.address, name="Ann Nurse", **DECLARATION)
    mail.outbox.clear()
    time_machine.shift(11)

    for outsider in (unknown, known):
        outsider.post("/account/confirm-email/", action="resend")

    assert known.seen == unknown.seen
    assert [message.to for message in mail.outbox] == [[unknown.address], [known.address]]


def test_another_code_to_sign_in_is_one_email_with_an_account_and_without(addresses, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    unknown, known = Outsider(addresses["unknown"]), Outsider(addresses["existing"])
    for outsider in (unknown, known):
        outsider.post("/account/login/code/", email=outsider.address)
    mail.outbox.clear()
    time_machine.shift(11)

    for outsider in (unknown, known):
        outsider.post("/account/login/code/confirm/", action="resend")

    assert known.seen == unknown.seen
    assert [message.to for message in mail.outbox] == [[unknown.address], [known.address]]


def test_the_emails_to_those_without_an_account_hold_no_code(addresses):
    unknown, known = Outsider(addresses["unknown"]), Outsider(addresses["existing"])

    unknown.post("/account/login/code/", email=unknown.address)
    Outsider(unknown.address).post("/account/password/reset/", email=unknown.address)
    known.post("/sign-up", email=known.address, name="Ann Nurse", **DECLARATION)

    assert len(mail.outbox) == 3
    assert not any(CODE.search(message.body) for message in mail.outbox)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_changing_to_anothers_address_is_answered_like_a_free_one(addresses, signed_in, person, kind):
    seen = []
    for address in (addresses["unknown"], addresses[kind]):
        reader = Outsider(address, signed_in(person("reader", email=f"reader{len(seen)}@clinic.example")))
        reader.client.post("/account/reauthenticate/", {"password": PASSWORD})
        mail.outbox.clear()
        reader.post("/account/email/", email=address, action_add="")
        assert [message.to for message in mail.outbox] == [[address]]
        seen.append(reader.seen)

    assert seen[0] == seen[1]


def test_a_passkey_is_asked_for_without_naming_any_account(addresses, client):
    answers = [client.get("/account/2fa/webauthn/login/", headers={"Accept": "application/json"}).json() for _ in "12"]

    assert [answer["request_options"]["publicKey"]["allowCredentials"] for answer in answers] == [[], []]
