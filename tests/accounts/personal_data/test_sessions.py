import re
from collections.abc import Callable

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.allauth_private import totp
from accounts.models import User
from accounts.personal_data import deletion
from accounts.personal_data.sessions import BATCH
from tests.accounts.personal_data.test_deletion import where
from tests.accounts.sign_in.test_sign_up import FORM
from tests.conftest import APP_KEY, PASSWORD

ADDRESS = "zenobia@quill.example"
NEW_PASSWORD = {"password1": "an entirely new phrase"}


def code() -> str:
    return re.search(r"^\d{4}-\d{4}$", mail.outbox[-1].body, re.MULTILINE)[0]


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def delete(user: User) -> None:
    deletion.delete_account(user=user, by=user)


def anonymous_session(key: str, **content: str) -> Session:
    """A row as the store writes it, under this key."""
    session = SessionStore(key).create_model_instance(content)
    session.session_key = key
    return session


# Each leaves a browser one step before Zenobia is signed in there: where, and what to send


def emailed_code(client: Client, person: Callable[..., User], code_from_app: Callable[..., str]):
    person("reader", email=ADDRESS)
    return client.post("/account/login/code/", {"email": ADDRESS}).url, {"code": code()}


def reset_code(client: Client, person: Callable[..., User], code_from_app: Callable[..., str]):
    person("reader", email=ADDRESS)
    return client.post("/account/password/reset/", {"email": ADDRESS}).url, {"code": code()}


def new_password(client: Client, person: Callable[..., User], code_from_app: Callable[..., str]):
    url, form = reset_code(client, person, code_from_app)
    return client.post(url, form).url, NEW_PASSWORD


def second_step(client: Client, person: Callable[..., User], code_from_app: Callable[..., str]):
    totp.TOTP.activate(person("reader", email=ADDRESS), APP_KEY)
    return client.post("/sign-in", {"login": ADDRESS, "password": PASSWORD}).url, {"code": code_from_app()}


def sign_up(client: Client, person: Callable[..., User], code_from_app: Callable[..., str]):
    return client.post("/sign-up", FORM | {"email": ADDRESS}).url, {"code": code()}


ways = pytest.mark.parametrize("begin", [emailed_code, reset_code, new_password, second_step, sign_up])


# Signed in


@ways
def test_however_somebody_signed_in_deletion_finds_the_session_without_reading_any(
    begin, client, person, code_from_app, django_capture_on_commit_callbacks
):
    answer = client.post(*begin(client, person, code_from_app))
    if answer.url.startswith("/account/password/reset/complete/"):
        client.post(answer.url, NEW_PASSWORD)
    assert is_in(client)

    with django_capture_on_commit_callbacks():
        delete(User.objects.get(email=ADDRESS))

    assert not is_in(client)
    assert not Session.objects.exists()


def test_a_session_that_is_on_no_list_signs_nobody_in_and_is_deleted_afterwards(
    people, django_capture_on_commit_callbacks
):
    client = Client()
    client.post("/sign-in", {"login": people.reader.email, "password": PASSWORD})
    UserSession.objects.all().delete()

    with django_capture_on_commit_callbacks() as afterwards:
        delete(people.reader)
    assert client.session["_auth_user_id"] == str(people.reader.pk)
    assert not is_in(client)
    for each in afterwards:
        each()

    assert where(people.reader.email) == set()


def test_what_another_person_began_or_is_signed_in_with_stays(people, signed_in, django_capture_on_commit_callbacks):
    other, began = signed_in(people.other), Client()
    began.post("/account/login/code/", {"email": people.editor.email})
    other.post("/account/reauthenticate/", {"password": PASSWORD})
    other.post("/account/email/", {"email": people.reader.email, "action_add": ""})  # which will not succeed
    assert people.reader.email in str(dict(other.session))

    with django_capture_on_commit_callbacks(execute=True):
        delete(people.reader)

    assert is_in(other)
    assert began.get("/account/login/code/confirm/").status_code == 200


# Not finished


@ways
def test_a_sign_in_that_was_not_finished_leads_nowhere_once_the_account_is_gone(
    begin, client, person, code_from_app, django_capture_on_commit_callbacks
):
    url, form = begin(client, person, code_from_app)
    with django_capture_on_commit_callbacks():
        delete(User.objects.get(email=ADDRESS))
    stored, emails = Session.objects.get(), len(mail.outbox)

    for method, sent in (("get", {}), ("post", {"action": "resend"}), ("post", form)):
        stored.save()
        client.cookies["sessionid"] = stored.pk

        assert getattr(client, method)(url, sent).status_code == 302
        assert not is_in(client)

    assert not User.objects.filter(email=ADDRESS).exists()
    assert len(mail.outbox) == emails


@ways
def test_nothing_of_a_sign_in_that_was_not_finished_is_kept(
    begin, client, person, code_from_app, django_capture_on_commit_callbacks
):
    url, form = begin(client, person, code_from_app)

    with django_capture_on_commit_callbacks(execute=True):
        delete(User.objects.get(email=ADDRESS))

    assert where("quill") == set()
    client.post(url, form)
    assert not is_in(client)


@pytest.mark.parametrize("address", [ADDRESS, "zenobia@quill-büro.example", '"z"@quill.example'])
def test_an_address_is_removed_also_where_no_account_is_named(person, address, django_capture_on_commit_callbacks):
    user, browser = person("reader", email=address), Client()
    browser.post("/sign-up", FORM | {"email": address})  # looks as if it could be finished
    assert "quill" in str(dict(browser.session))

    with django_capture_on_commit_callbacks(execute=True):
        delete(user)

    assert not Session.objects.exists()


def test_an_arrival_by_single_sign_on_is_forgotten(person, client, openid_provider, django_capture_on_commit_callbacks):
    user = person("reader", email=ADDRESS)
    form = openid_provider.sign_in(client, openid_provider.person("z", email=ADDRESS, name="Zenobia")).url
    assert client.get(form).status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        delete(user)

    assert where("quill") == set()
    client.post(form, FORM | {"email": ADDRESS})
    assert not User.objects.exists()


def test_an_arrival_by_single_sign_on_that_was_not_forgotten_becomes_a_new_account_at_most(
    person, client, openid_provider, django_capture_on_commit_callbacks
):
    user = person("reader", email=ADDRESS)
    form = openid_provider.sign_in(client, openid_provider.person("z", email=ADDRESS, name="Zenobia")).url
    with django_capture_on_commit_callbacks():
        delete(user)

    answer = client.post(form, FORM | {"email": ADDRESS})

    assert answer.url.startswith("/account/confirm-email/")
    assert User.objects.get().pk != user.pk
    assert not is_in(client)


# What it costs


def test_no_session_is_read_while_the_account_is_deleted(people, django_capture_on_commit_callbacks):
    def queries(user: User) -> list[str]:
        with CaptureQueriesContext(connection) as captured, django_capture_on_commit_callbacks():
            delete(user)
        return [query["sql"] for query in captured]

    Client().post("/sign-in", {"login": people.reader.email, "password": PASSWORD})
    few = queries(people.reader)
    Session.objects.bulk_create(anonymous_session(f"{number:032}") for number in range(300))
    for _ in range(3):
        Client().post("/sign-in", {"login": people.other.email, "password": PASSWORD})
    many = queries(people.other)

    assert len(many) == len(few)
    assert [query for query in many if "session_data" in query] == []


def test_afterwards_only_sessions_on_no_list_are_read_a_batch_at_a_time(
    people, django_capture_on_commit_callbacks, monkeypatch
):
    for _ in range(2):
        Client().post("/sign-in", {"login": people.other.email, "password": PASSWORD})
    theirs, address = {0, BATCH - 1, BATCH, 2 * BATCH}, people.reader.email
    Session.objects.bulk_create(
        anonymous_session(f"{number:032}", email=address.upper() if number in theirs else "other@clinic.example")
        for number in range(2 * BATCH + 1)
    )
    read, get_decoded = [], Session.get_decoded
    monkeypatch.setattr(Session, "get_decoded", lambda session: read.append(session.pk) or get_decoded(session))
    with django_capture_on_commit_callbacks() as afterwards:
        delete(people.reader)

    with CaptureQueriesContext(connection) as captured:
        for each in afterwards:
            each()

    asked = [query["sql"] for query in captured if "session_data" in query["sql"]]
    assert len(asked) == 4
    assert all(f"LIMIT {BATCH}" in query for query in asked)
    assert read == [f"{number:032}" for number in range(2 * BATCH + 1)]
    assert Session.objects.count() == 2 + 2 * BATCH + 1 - len(theirs)


def test_that_it_is_cut_off_undoes_nothing_and_says_no_address(
    people, django_capture_on_commit_callbacks, monkeypatch, caplog
):
    Client().post("/account/login/code/", {"email": people.reader.email})

    def fail(session):
        raise DatabaseError("gone away")

    monkeypatch.setattr(Session, "get_decoded", fail)
    with django_capture_on_commit_callbacks(execute=True):
        delete(people.reader)

    assert not User.objects.filter(pk=people.reader.pk).exists()
    assert "Your account is deleted" in mail.outbox[-1].subject
    assert f"event=account_deleted account={people.reader.pk}" in caplog.text
    assert "gone away" in caplog.text
    assert people.reader.email not in caplog.text
