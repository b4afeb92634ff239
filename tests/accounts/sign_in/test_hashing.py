"""Passwords are hashed one after another, and a form is refused while many wait."""

import threading

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password

from accounts.sign_in import hashing
from tests.conftest import PASSWORD

BUSY = "Too many people are signing in. Try again in a minute."


@pytest.fixture
def full(monkeypatch) -> None:
    """As many passwords are in hand as the process takes."""
    monkeypatch.setattr(hashing, "_in_hand", hashing.IN_LINE)


def refused(response) -> str:
    """Return the page of a form that was refused for the time being."""
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    html = response.content.decode()
    assert BUSY in html
    return html


def test_a_sign_in_is_refused_with_the_address_still_there(full, client, people):
    html = refused(client.post("/sign-in", {"login": people.reader.email, "password": PASSWORD}))

    assert f'value="{people.reader.email}"' in html
    assert PASSWORD not in html
    assert "_auth_user_id" not in client.session


def test_a_refused_sign_in_is_no_wrong_guess(client, people, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(hashing, "_in_hand", hashing.IN_LINE)
        for _ in range(15):
            refused(client.post("/sign-in", {"login": people.reader.email, "password": "wrong"}))

    assert client.post("/sign-in", {"login": people.reader.email, "password": PASSWORD}).status_code == 302


def test_a_sign_up_is_refused_with_all_that_was_typed(full, client, db):
    html = refused(client.post("/sign-up", {"email": "new@clinic.example", "name": "Ann Other", "password1": PASSWORD}))

    assert 'value="new@clinic.example"' in html
    assert 'value="Ann Other"' in html


def test_a_changed_password_and_a_confirmation_are_refused(full, signed_in, people):
    client = signed_in(people.reader)

    refused(client.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/account/"}))
    change = {"oldpassword": PASSWORD, "password1": "another long password"}
    refused(client.post("/account/password/change/", change))


def test_a_form_without_a_password_is_not(full, client, people):
    assert client.post("/account/login/code/", {"email": people.reader.email}).status_code == 302


def test_hashes_are_djangos(settings):
    settings.PASSWORD_HASHERS = ["accounts.sign_in.hashing.PatientHasher"]

    assert check_password(PASSWORD, PBKDF2PasswordHasher().encode(PASSWORD, "salt"))
    assert not check_password("wrong", PBKDF2PasswordHasher().encode(PASSWORD, "salt"))


def test_passwords_are_hashed_one_after_another(monkeypatch):
    at_once, most, go = [], [], threading.Event()

    def encode(self, password, salt, iterations=None):
        at_once.append(password)
        most.append(len(at_once))
        go.wait()
        at_once.remove(password)
        return password

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    threads = [
        threading.Thread(target=hashing.PatientHasher().encode, args=(str(n), "salt")) for n in range(hashing.IN_LINE)
    ]
    for thread in threads:
        assert hashing.has_room()
        thread.start()
        while hashing._in_hand <= threads.index(thread):
            pass
    assert not hashing.has_room()
    go.set()
    for thread in threads:
        thread.join()

    assert most == [1] * hashing.IN_LINE
    assert hashing.has_room()
