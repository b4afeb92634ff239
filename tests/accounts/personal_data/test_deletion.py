import json
from collections.abc import Iterator
from contextlib import contextmanager
from smtplib import SMTPRecipientsRefused
from threading import Thread

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.test import Client

from accounts import registration_check
from accounts.allauth_private import totp
from accounts.models import User
from accounts.personal_data import deletion
from accounts.personal_data.holdings import DELETED
from content import publishing
from content.models import Contributor, ErrorReport
from tests.accounts.steps import SIGN_UP
from tests.conftest import APP_KEY, PASSWORD

SURE = {"is_sure": "on"}


def delete(client: Client, capture) -> object:
    with capture(execute=True):
        return client.post("/account/delete/", SURE)


def everything_stored() -> dict[str, list[str]]:
    """Every row of every table as text, sessions decoded, by table."""
    stored = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            stored[table] = [json.dumps(dict(zip(columns, row, strict=True)), default=str) for row in cursor.fetchall()]
    stored["django_session"] = [json.dumps(session.get_decoded()) for session in Session.objects.all()]
    return stored


def where(*words: str) -> set[str]:
    """The tables in which any of the words stands."""
    return {
        table
        for table, rows in everything_stored().items()
        for row in rows
        if any(word.lower() in row.lower() for word in words)
    }


# What is said and asked


def test_the_page_says_exactly_what_goes(people, reauthenticated, publish):
    publish()
    client = reauthenticated(people.reader)
    for text in ("one", "two", "three"):
        client.post("/pages/a-page/annotations/", {"text": text})
    people.reader.annotations.first().delete_softly()
    totp.TOTP.activate(people.reader, "JBSWY3DPEHPK3PXP")

    page = client.get("/account/delete/").content.decode()

    assert "Annotations: 3" in page
    assert "Email addresses: 1" in page
    assert "Passkeys, authenticator apps and sets of recovery codes: 1" in page
    stays = page.partition("What stays")[2].partition("</ul>")[0]
    assert stays.count("<li>") == stays.count("Lines in the server&#x27;s log") == 1


def test_without_the_tick_nothing_is_deleted(people, reauthenticated):
    response = reauthenticated(people.reader).post("/account/delete/", {})

    assert response.status_code == 422
    assert "Tick the box if you want to delete your account." in response.content.decode()
    assert User.objects.filter(pk=people.reader.pk).exists()


# What goes


def test_nothing_of_a_reader_is_left_in_any_table(person, reauthenticated, publish, django_capture_on_commit_callbacks):
    version = publish()
    reader = person("reader-2", name="Zenobia Quill", email="zenobia@quill.example")
    reader.profession = "midwife"
    reader.save()
    EmailAddress.objects.create(user=reader, email="other@quill.example", verified=False)
    SocialAccount.objects.create(user=reader, provider="nhs", uid="u", extra_data={"name": "Zenobia Quill"})
    totp.TOTP.activate(reader, APP_KEY)
    Client().post("/sign-in", {"login": reader.email, "password": PASSWORD})  # half-way: the code is still to come
    client = reauthenticated(reader)
    client.post("/pages/a-page/annotations/", {"text": "bleep 4417"})
    client.post("/pages/a-page/annotations/", {"text": "bleep 5521"})
    reader.annotations.first().delete_softly()
    ErrorReport.objects.create(page=version.page, version_number=1, text="Wrong", email="zenobia@quill.example")
    names = ("zenobia", "quill", "bleep")
    assert where(*names) >= {
        "accounts_user", "account_emailaddress", "socialaccount_socialaccount", "annotations_annotation",
        "content_errorreport", "django_session",
    }  # fmt: skip

    delete(client, django_capture_on_commit_callbacks)

    assert where(*names) == set()
    assert not User.objects.filter(pk=reader.pk).exists()
    assert ErrorReport.objects.get().text == "Wrong"


def test_of_an_editor_only_what_the_page_names_is_left(
    person, people, reauthenticated, publish, django_capture_on_commit_callbacks
):
    editor = person("editor", name="Zenobia Quill", email="zenobia@quill.example")
    page = publish().page
    Contributor.objects.create(page=page, name="Zenobia Quill", role="Author")
    draft = publishing.start_draft(
        page=page, text=publishing.Text("T", "S", "Body.\n", "Why"), by=editor, started_from=1
    )
    draft = publishing.submit(draft=draft, by=editor, revision=draft.revision)
    publishing.publish(draft=draft, by=people.reviewer, revision=draft.revision, sha256=draft.shown_sha256)
    publishing.start_draft(page=page, text=publishing.Text("T", "S", "More.\n", "Why"), by=editor, started_from=2)
    publishing.record_review(version=page.live_version, by=editor, outcome="current")
    client = reauthenticated(editor)
    admin = reauthenticated(people.administrator)
    admin.post(
        f"/admin/accounts/user/{editor.pk}/change/",
        {
            "name": editor.name,
            "is_staff": "on",
            "is_active": "on",
            "profession": "nurse",
            "groups": [*Group.objects.values_list("pk", flat=True)],
        },
    )
    client.post("/admin/content/topic/add/", {"name": "Topic", "slug": "topic"})
    assert LogEntry.objects.filter(user=editor).exists()
    assert LogEntry.objects.filter(object_repr="Zenobia Quill").exists()
    shown = client.get("/account/delete/").content.decode()

    delete(client, django_capture_on_commit_callbacks)

    assert where("zenobia@quill.example") == set()
    assert where("zenobia") == {
        "content_version", "content_draft", "content_review", "content_contributor", "django_admin_log",
    }  # fmt: skip
    for promised in ("1 version", "1 text", "1 clinical review", "1 credit", "The log of what you did"):
        assert promised in shown


def test_whoever_verified_a_registration_is_still_named_there(
    people, person, reauthenticated, django_capture_on_commit_callbacks
):
    person("administrator", email="second@clinic.example", name="Second")
    User.objects.filter(pk=people.reader.pk).update(register="gmc", registration_number="1234567")
    registration_check.verify(user=people.reader, seen=("gmc", "1234567"), by=people.administrator)
    client = reauthenticated(people.administrator)
    assert "as the person who verified registrations: 1." in client.get("/account/delete/").content.decode()

    delete(client, django_capture_on_commit_callbacks)

    people.reader.refresh_from_db()
    assert people.reader.registration_verified_by_name == "The administrator"


def test_the_log_says_who_did_it_and_no_longer_to_whom(people, reauthenticated, django_capture_on_commit_callbacks):
    reauthenticated(people.editor).post("/admin/content/topic/add/", {"name": "Topic", "slug": "topic"})
    number = people.editor.pk

    delete(reauthenticated(people.editor), django_capture_on_commit_callbacks)

    entry = LogEntry.objects.get(object_repr="Topic")
    assert entry.user.email == DELETED
    assert entry.get_change_message() == f"The editor (account {number}): Added."
    assert not entry.user.is_active
    assert not entry.user.has_usable_password()


def test_the_log_keeps_an_address_in_which_that_of_a_deleted_account_stands(
    people, person, reauthenticated, django_capture_on_commit_callbacks
):
    ann = reauthenticated(person("reader", email="n@clinic.example"))
    said = 'Changed the address of "ann@clinic.example" and N@clinic.example.'
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=people.administrator, content_type=kind, action_flag=2, change_message=said)

    delete(ann, django_capture_on_commit_callbacks)

    assert 'of "ann@clinic.example" and Account' in LogEntry.objects.get().change_message
    assert "N@" not in LogEntry.objects.get().change_message


def test_the_account_that_stands_for_deleted_ones_stays(people, reauthenticated, django_capture_on_commit_callbacks):
    reauthenticated(people.editor).post("/admin/content/topic/add/", {"name": "Topic", "slug": "topic"})
    delete(reauthenticated(people.editor), django_capture_on_commit_callbacks)
    standing = User.objects.get(email=DELETED)

    with pytest.raises(deletion.Refused, match="represents deleted accounts in the log"):
        deletion.delete_account(user=standing, by=people.administrator)


def test_every_device_is_signed_out_and_the_cookies_are_gone(
    people, reauthenticated, settings, django_capture_on_commit_callbacks
):
    here, elsewhere = reauthenticated(people.reader), Client()
    elsewhere.post("/sign-in", {"login": people.reader.email, "password": PASSWORD})
    assert elsewhere.get("/account/").status_code == 200
    here.get("/account/")

    settings.SESSION_SAVE_EVERY_REQUEST = True  # as if something else wrote to the session meanwhile
    response = delete(here, django_capture_on_commit_callbacks)

    assert response.status_code == 302
    assert response.url == "/account/deleted/"
    assert {name for name, cookie in here.cookies.items() if cookie.value} == set()
    assert "Your account is deleted" in here.get("/account/deleted/").content.decode()
    assert elsewhere.get("/account/").status_code == 302
    assert not Session.objects.exists()


def test_another_person_stays_signed_in_with_their_annotations(
    people, reauthenticated, publish, django_capture_on_commit_callbacks
):
    publish()
    other = reauthenticated(people.other)
    other.post("/pages/a-page/annotations/", {"text": "bleep 4417"})

    delete(reauthenticated(people.reader), django_capture_on_commit_callbacks)

    assert "bleep 4417" in other.get("/pages/a-page/").content.decode()


def test_signing_in_no_longer_works_and_signing_up_does(people, reauthenticated, django_capture_on_commit_callbacks):
    delete(reauthenticated(people.reader), django_capture_on_commit_callbacks)

    response = Client().post("/sign-in", {"login": "reader@clinic.example", "password": PASSWORD})

    assert response.status_code == 200
    assert "do not match" in response.content.decode()
    again = Client().post("/sign-up", SIGN_UP | {"email": "reader@clinic.example"})
    assert again.url.startswith("/account/confirm-email/")
    assert User.objects.filter(email="reader@clinic.example").exists()


def test_an_email_says_that_it_was_done(people, reauthenticated, django_capture_on_commit_callbacks):
    delete(reauthenticated(people.reader), django_capture_on_commit_callbacks)

    (message,) = mail.outbox
    assert message.to == ["reader@clinic.example"]
    assert "Your account is deleted" in message.subject
    assert "You have deleted your account" in message.body
    assert "contact@guidance.example" in message.body


def test_an_email_that_cannot_be_sent_does_not_undo_it_and_the_log_does_not_say_to_whom(
    people, reauthenticated, django_capture_on_commit_callbacks, monkeypatch, caplog
):
    client = reauthenticated(people.reader)

    def fail(*args):
        raise SMTPRecipientsRefused({people.reader.email: (550, b"no such mailbox")})

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    response = delete(client, django_capture_on_commit_callbacks)

    assert response.url == "/account/deleted/"
    assert "An email could not be sent: account_deleted (SMTPRecipientsRefused)" in caplog.text
    assert people.reader.email not in caplog.text
    assert not User.objects.filter(pk=people.reader.pk).exists()


def test_an_address_that_cannot_be_reached_does_not_keep_the_email_from_another(
    people, reauthenticated, django_capture_on_commit_callbacks, monkeypatch
):
    EmailAddress.objects.create(user=people.reader, email="a-first@clinic.example", verified=True)
    client, send = reauthenticated(people.reader), EmailBackend.send_messages

    def refuse_the_first(backend, messages):
        if messages[0].to == ["a-first@clinic.example"]:
            raise SMTPRecipientsRefused({})
        return send(backend, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse_the_first)
    delete(client, django_capture_on_commit_callbacks)

    assert [message.to for message in mail.outbox] == [["reader@clinic.example"]]


def test_when_a_step_fails_nothing_is_deleted(people, publish, reauthenticated, monkeypatch):
    publish()
    client = reauthenticated(people.reader)
    client.post("/pages/a-page/annotations/", {"text": "bleep 4417"})
    before = everything_stored()

    def fail(*args, **kwargs):
        raise RuntimeError("stopped half-way")

    monkeypatch.setattr(User, "delete", fail)
    with pytest.raises(RuntimeError):
        deletion.delete_account(user=people.reader, by=people.reader)

    assert everything_stored() == before
    assert not mail.outbox


# Who may not


def test_the_last_active_administrator_is_told_what_to_do(people, reauthenticated, person):
    person("administrator", email="left@clinic.example", name="Left")
    User.objects.filter(email="left@clinic.example").update(is_active=False)
    client = reauthenticated(people.administrator)

    for page in (client.get("/account/delete/"), client.post("/account/delete/", SURE)):
        assert "Make another person an administrator first" in page.content.decode()
        assert "Delete my account" not in page.content.decode()

    assert User.objects.filter(pk=people.administrator.pk).exists()


def test_an_administrator_who_is_not_the_last_may_go(
    people, reauthenticated, person, django_capture_on_commit_callbacks
):
    person("administrator", email="second@clinic.example", name="Second")

    delete(reauthenticated(people.administrator), django_capture_on_commit_callbacks)

    assert not User.objects.filter(pk=people.administrator.pk).exists()


def test_the_page_after_it_is_not_for_people_with_an_account(people, signed_in):
    assert signed_in(people.reader).get("/account/deleted/").url == "/account/"


# In the admin


def test_an_administrator_deletes_by_the_same_rule(people, signed_in, publish, django_capture_on_commit_callbacks):
    publish()
    signed_in(people.reader).post("/pages/a-page/annotations/", {"text": "bleep 4417"})
    admin = signed_in(people.administrator)
    path = f"/admin/accounts/user/{people.reader.pk}/delete/"
    shown = admin.get(path).content.decode()
    assert "Everything that belongs to the account is deleted" in shown
    assert "Annotation " not in shown

    with django_capture_on_commit_callbacks(execute=True):
        admin.post(path, {"post": "yes"})

    assert where("reader@clinic.example", "bleep 4417") == set()
    assert LogEntry.objects.get(object_id=str(people.reader.pk)).object_repr == f"Account {people.reader.pk}"
    assert "An administrator has deleted your account" in mail.outbox[-1].body


def test_an_administrator_deletes_several_by_the_same_rule(people, signed_in, publish):
    page = publish().page
    publishing.start_draft(page=page, text=publishing.Text("T", "S"), by=people.editor, started_from=1)
    chosen = {"action": "delete_selected", "_selected_action": [people.editor.pk, people.reader.pk], "post": "yes"}

    signed_in(people.administrator).post("/admin/accounts/user/", chosen)

    assert set(User.objects.values_list("name", flat=True)) == {"The other", "The reviewer", "The administrator"}
    assert [writer["name"] for writer in page.drafts.get().former_writers] == ["The editor"]


@pytest.mark.parametrize("confirmed", [{}, {"post": "yes"}])
def test_the_admin_too_keeps_an_administrator(people, signed_in, person, confirmed):
    second = person("administrator", email="second@clinic.example", name="Second")
    admin = signed_in(people.administrator)
    chosen = {"action": "delete_selected", "_selected_action": [people.administrator.pk, second.pk]}

    page = admin.post("/admin/accounts/user/", chosen | confirmed).content.decode()

    assert "Nothing was deleted" in page
    assert User.objects.filter(is_superuser=True).count() == 2
    second.delete()
    path = f"/admin/accounts/user/{people.administrator.pk}/delete/"
    assert "Make another person an administrator first" in admin.post(path, confirmed).content.decode()
    assert User.objects.filter(is_superuser=True).count() == 1


def test_an_administrator_may_delete_their_own_account_in_the_admin(people, signed_in, person):
    person("administrator", email="second@clinic.example", name="Second")
    admin = signed_in(people.administrator)

    response = admin.post(f"/admin/accounts/user/{people.administrator.pk}/delete/", {"post": "yes"})

    assert response.status_code == 302
    assert admin.get("/admin/").status_code == 302
    assert where("administrator@clinic.example") == set()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_delete_each_other_at_once_leave_one(people, person):
    second = person("administrator", email="second@clinic.example", name="Second")
    outcomes = []

    def delete_one(user: User, by: User) -> None:
        try:
            deletion.delete_account(user=user, by=by)
        except deletion.Refused as refusal:
            outcomes.append(str(refusal))
        finally:
            connection.close()

    pairs = [(second, people.administrator), (people.administrator, second)]
    threads = [Thread(target=delete_one, args=pair) for pair in pairs]
    with both_at_once(threads):
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 1
    assert User.objects.filter(is_superuser=True).count() == 1


@contextmanager
def both_at_once(threads: list[Thread]) -> Iterator[None]:
    """Let no deletion go on after it has looked for obstacles until each has or waits for the other to.

    SQLite lets only one in at a time in any case.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_admin_log IN EXCLUSIVE MODE")  # what a deletion writes to next
        yield
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        for _ in range(1000):
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone() == (len(threads),):
                return
            threads[0].join(0.01)
        raise TimeoutError("The deletions did not meet.")
