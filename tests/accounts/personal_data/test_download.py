import json
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.db.models import CASCADE
from django.test import Client

from accounts import registration_check
from accounts.allauth_private import totp
from accounts.models import User
from accounts.personal_data.download import not_in_file
from accounts.personal_data.holdings import find_left_out
from content.models import Contributor, ErrorReport, Page
from tests.accounts.steps import recovery_codes
from tests.conftest import PASSWORD

# What the download shows of each kind of row that points to an account. A new kind, and a new field of an old one,
# fails here until somebody has decided whether it is shown or a secret.
SHOWN = {
    "accounts.UnsavedText": {"id", "owner", "address", "label", "text", "saved_at"},
    "account.EmailAddress": {"id", "user", "email", "verified", "primary"},
    "admin.LogEntry": {"id", "action_time", "user", "content_type", "object_id", "action_flag", "change_message"},
    "annotations.Annotation": {
        "id", "owner", "page", "text", "label", "position", "heading", "check_on", "checked_on", "written_on_version",
        "written_at", "edited_at", "deleted_at",
    },
    "mfa.Authenticator": {"id", "user", "type", "created_at", "last_used_at"},
    "socialaccount.SocialAccount": {"id", "user", "provider", "uid", "last_login", "date_joined", "extra_data"},
    "usersessions.UserSession": {"id", "user", "created_at", "ip", "last_seen_at", "user_agent"},
}  # fmt: skip
ACCOUNT = {
    "id", "email", "name", "profession", "country", "register", "registration_number", "registration_verified_at",
    "registration_verified_by_id", "registration_verified_by_name", "declared_at", "is_staff", "is_active",
    "is_superuser", "joined_at", "last_login", "password",
}  # fmt: skip


def download(client: Client) -> dict:
    return json.loads(client.post("/account/download/").content)


def reached_from(model: type) -> set[type]:
    """The models whose rows go when a row of `model` does, and all that point to an account."""
    found = {
        relation.related_model
        for relation in model._meta.get_fields(include_hidden=True)
        if (relation.one_to_many or relation.one_to_one)
        and relation.auto_created
        and (relation.on_delete is CASCADE or model is User)
    }
    return found | {further for each in found for further in reached_from(each)}


def test_somebody_has_decided_about_every_row_that_hangs_on_an_account():
    hanging = {each for each in reached_from(User) if each._meta.auto_created is not User}

    assert {each._meta.label for each in hanging} == set(find_left_out())


def test_somebody_has_decided_about_every_field_that_is_shown():
    shown = {
        label: {field.name for field in apps.get_model(label)._meta.concrete_fields} - set(left_out)
        for label, left_out in find_left_out().items()
        if left_out is not None
    }

    assert shown == SHOWN
    assert {field.name for field in User._meta.concrete_fields} == ACCOUNT


def test_the_file_holds_the_account_and_all_annotations(people, reauthenticated, publish):
    publish()
    client = reauthenticated(people.reader)
    for text in ("bleep 4417", "bleep 5521"):
        client.post("/pages/a-page/annotations/", {"text": text})
    people.reader.annotations.first().delete_softly()

    file = download(client)

    assert file["account"]["email address"] == "reader@clinic.example"
    assert file["account"]["profession"] == "Nurse"
    assert [(each["text"], each["page"], bool(each["deleted at"])) for each in file["annotations"]] == [
        ("bleep 4417", "a-page", True),
        ("bleep 5521", "a-page", False),
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00", file["annotations"][0]["written at"])
    assert file["email addresses"][0]["email address"] == "reader@clinic.example"


def test_the_file_names_how_and_where_the_person_signs_in(people):
    SocialAccount.objects.create(user=people.reader, provider="nhs", uid="u-1", extra_data={"sub": "u-1"})
    client = Client(headers={"user-agent": "Firefox/145.0"})
    client.post("/sign-in", {"login": people.reader.email, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})

    file = download(client)

    assert [(each["ip"], each["user agent"]) for each in file["devices you are signed in on"]] == [
        ("127.0.0.1", "Firefox/145.0")
    ]
    assert [(each["provider"], each["uid"]) for each in file["single sign-on connections"]] == [("nhs", "u-1")]


def test_the_file_and_the_page_before_it_say_that_the_servers_log_is_not_in_it(people, reauthenticated):
    client = reauthenticated(people.reader)

    said = client.get("/account/download/").content.decode()
    assert "lines about your account in the server&#x27;s log" in said
    assert 'To see them, write to <a href="mailto:contact@guidance.example">contact@guidance.example</a>.' in said
    [log] = [sentence for sentence in download(client)["not in this file"] if "server's log" in sentence]
    assert "To see them, write to contact@guidance.example." in log


def test_without_an_address_the_administrator_is_asked_for_the_servers_log(settings):
    settings.CONTACT_EMAIL = ""

    assert any("To see them, write to the administrator of this site." in sentence for sentence in not_in_file())


def test_no_secret_is_in_the_file(people):
    client = Client()
    client.post("/sign-in", {"login": people.reader.email, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    totp.TOTP.activate(people.reader, "JBSWY3DPEHPK3PXP")
    recovery_codes(people.reader)
    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    Authenticator.objects.create(
        user=people.reader, type="webauthn", data={"name": "Key", "credential": {"id": "credential-secret"}}
    )

    text = client.post("/account/download/").content.decode()

    people.reader.refresh_from_db()
    secrets = [
        people.reader.password, "md5$", "JBSWY3DPEHPK3PXP", seed, "credential-secret", client.session.session_key,
        client.cookies["sessionid"].value,
    ]  # fmt: skip
    assert [secret for secret in secrets if secret in text] == []
    assert len(json.loads(text)["passkeys, authenticator apps and sets of recovery codes"]) == 3
    assert len(json.loads(text)["devices you are signed in on"]) == 1
    assert json.loads(text)["names of your passkeys"] == ["Key"]


def test_nobody_elses_is_in_the_file(people, reauthenticated, publish):
    publish()
    for person in (people.reader, people.other):
        reauthenticated(person).post("/pages/a-page/annotations/", {"text": f"note of {person.name}"})

    text = reauthenticated(people.reader).post("/account/download/").content.decode()

    assert "note of The reader" in text
    for other in (people.other, people.editor, people.reviewer, people.administrator):
        assert other.email not in text
        assert other.name not in text


def test_the_file_names_what_an_editor_did_and_no_colleague(people, reauthenticated, publish):
    version = publish()
    Contributor.objects.create(page=version.page, name="The editor", role="Author")

    editor, reviewer = download(reauthenticated(people.editor)), download(reauthenticated(people.reviewer))

    assert [(each["page"], each["number"], each["you wrote in it"], each["you approved it"])
            for each in editor["versions"]] == [("a-page", 1, True, False)]  # fmt: skip
    assert [each["you approved it"] for each in reviewer["versions"]] == [True]
    assert editor["credits under your name"][0]["page"] == "a-page"
    assert "The reviewer" not in json.dumps(editor)
    assert editor["account"]["groups"] == ["Editor"]
    assert not [name for name in editor if "relationship" in name]


def test_a_registration_is_in_the_file_of_whose_it_is_and_of_who_verified_it(people, reauthenticated):
    User.objects.filter(pk=people.reader.pk).update(register="gmc", registration_number="1234567", country="GB")
    registration_check.verify(user=people.reader, seen=("gmc", "1234567"), by=people.administrator)

    reader, administrator = download(reauthenticated(people.reader)), download(reauthenticated(people.administrator))

    account = reader["account"]
    assert (account["registration number"], account["country"]) == ("1234567", "United Kingdom")
    assert account["registration verified at"] in administrator["registrations that you verified, by time"]
    assert "1234567" not in json.dumps(administrator)


def test_error_reports_are_shown_only_to_whoever_confirmed_the_address(people, reauthenticated, publish):
    page = publish().page
    ErrorReport.objects.create(page=page, version_number=1, text="Dose is wrong", email="other@clinic.example")
    EmailAddress.objects.create(user=people.reader, email="other@clinic.example", verified=False)

    assert "Dose is wrong" not in json.dumps(download(reauthenticated(people.reader)))
    assert "Dose is wrong" in json.dumps(download(reauthenticated(people.other)))


def test_the_file_is_named_by_the_day_and_kept_by_no_cache(people, reauthenticated):
    with time_machine.travel("2026-11-22T12:00:00Z"):
        response = reauthenticated(people.reader).post("/account/download/")

    assert response["Content-Disposition"] == 'attachment; filename="everything-about-me-2026-11-22.json"'
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store, private"


def test_the_page_says_what_is_not_in_the_file(people, reauthenticated):
    page = reauthenticated(people.reader).get("/account/download/").content.decode()

    assert "Your password: the site stores only a salted hash" in page


@pytest.mark.parametrize("pages", [1, 8])
def test_the_number_of_queries_does_not_grow_with_the_annotations(
    people, reauthenticated, publish, pages, django_assert_max_num_queries
):
    client = reauthenticated(people.reader)
    for number in range(pages):
        publish(f"page-{number}")
        client.post(f"/pages/page-{number}/annotations/", {"text": "note"})
    assert Page.objects.count() == pages

    with django_assert_max_num_queries(25):
        client.post("/account/download/")
