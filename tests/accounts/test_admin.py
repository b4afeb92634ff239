import html
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import registration_check
from accounts.models import User
from tests.accounts.steps import emailed_code
from tests.conftest import PASSWORD

OWN = "/admin/password_change/"
NMC = ("nmc", "12A3456E")


@pytest.fixture
def registered(people) -> User:
    """A reader whose registration is to be verified."""
    people.reader.change_registration(*NMC)
    people.reader.save()
    return people.reader


@pytest.fixture
def admin(people, signed_in):
    """The administrator's browser."""
    return signed_in(people.administrator)


def address(user: User) -> str:
    return f"/admin/accounts/user/{user.pk}/change/"


def filled_in(client, user: User) -> dict[str, str]:
    """What the browser would send of the form as it was shown, before any change."""
    page = client.get(address(user)).content.decode()
    form = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("type") in ("text", "hidden") or " checked" in tag:
            form[attributes.get("name", "")] = html.unescape(attributes.get("value", ""))
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.findall(r'value="(\w*)" selected', options)
        if name != "groups":
            form[name] = chosen[0] if chosen else ""
    return form


def stored(user: User) -> User:
    return User.objects.get(pk=user.pk)


def logged(user: User) -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.filter(object_id=user.pk).order_by("pk")]


def test_an_administrator_verifies_and_takes_back_and_both_are_logged(admin, registered, people, caplog):
    form = filled_in(admin, registered) | {"_verify": ""}
    caplog.clear()
    page = admin.post(address(registered), form, follow=True)
    assert caplog.text.count("event=registration_verified") == 1
    assert caplog.text.count("event=changed_by_administrator") == 1

    assert stored(registered).registration_verified_by_id == people.administrator.pk
    assert "by The administrator (account" in page.content.decode()
    assert "Save and remove the verification" in page.content.decode()

    admin.post(address(registered), filled_in(admin, registered) | {"_take_back": ""})

    assert stored(registered).registration_state == "To verify"
    assert [message for message in logged(registered) if "erifi" in message] == [
        "Verified the registration.",
        "Removed the verification of the registration.",
    ]


def test_what_was_changed_in_the_form_is_saved_with_the_verification(admin, registered):
    form = filled_in(admin, registered) | {"name": "Ann Nurse", "registration_number": "12a 3457e", "_verify": ""}

    admin.post(address(registered), form)

    user = stored(registered)
    assert (user.name, user.registration, user.has_verified_registration) == ("Ann Nurse", ("nmc", "12A3457E"), True)


def test_a_number_that_the_administrator_never_saw_is_not_verified(admin, registered):
    form = filled_in(admin, registered)
    registered.change_registration("nmc", "99Z9999Z")
    registered.save()

    page = admin.post(address(registered), form | {"_verify": ""}, follow=True)

    assert "Not verified: this is not the registration you saw." in page.content.decode()
    assert (stored(registered).registration, stored(registered).has_verified_registration) == (
        ("nmc", "99Z9999Z"),
        False,
    )
    assert "Verified the registration." not in logged(registered)


def test_what_a_person_changed_meanwhile_is_not_overwritten_by_a_form_that_was_open(admin, registered):
    form = filled_in(admin, registered)
    registered.name, registered.profession, registered.country = "New Name", "midwife", "IE"
    registered.change_registration("gmc", "1234567")
    registered.save()

    admin.post(address(registered), form | {"is_staff": "on"})

    user = stored(registered)
    assert (user.name, user.profession, user.country, user.is_staff) == ("New Name", "midwife", "IE", True)
    assert user.registration == ("gmc", "1234567")


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ({}, "Verified"),
        ({"registration_number": " 12a-3456-e"}, "Verified"),
        ({"registration_number": "12A3457E"}, "To verify"),
        ({"register": "", "registration_number": ""}, "None"),
    ],
)
def test_another_number_entered_in_the_admin_is_no_longer_verified(admin, registered, people, typed, state):
    registration_check.verify(user=registered, seen=NMC, by=people.administrator)

    admin.post(address(registered), filled_in(admin, registered) | typed | {"_save": ""})

    assert stored(registered).registration_state == state


def test_a_number_of_the_wrong_shape_is_refused_in_the_admin_too(admin, registered):
    response = admin.post(address(registered), filled_in(admin, registered) | {"registration_number": "1"})

    assert "An NMC Pin has 2 digits" in response.content.decode()
    assert stored(registered).registration == NMC


@pytest.mark.parametrize("role", ["reader", "other", "editor", "reviewer"])
def test_nobody_but_an_administrator_verifies(registered, people, signed_in, admin, role):
    form = filled_in(admin, registered) | {"_verify": ""}

    response = signed_in(getattr(people, role)).post(address(registered), form)

    assert response.status_code in (302, 403)
    assert not stored(registered).has_verified_registration


def test_other_accounts_with_the_same_number_are_named_to_the_administrator_alone(admin, registered, people, signed_in):
    alone = admin.get(address(registered)).content.decode()
    assert "other@clinic.example" not in alone
    assert f'href="{address(registered)}"' not in alone
    people.other.change_registration(*NMC)
    people.other.save()

    assert "other@clinic.example" in admin.get(address(registered)).content.decode()
    assert "other@clinic.example" not in signed_in(registered).get("/account/profile/").content.decode()


@pytest.mark.parametrize(
    ("chosen", "shown"), [("none", {"other"}), ("to-verify", {"reader"}), ("verified", {"editor"}), ("", None)]
)
def test_accounts_are_listed_by_where_their_registration_stands(admin, registered, people, chosen, shown):
    people.editor.change_registration("gmc", "1234567")
    people.editor.save()
    registration_check.verify(user=people.editor, seen=("gmc", "1234567"), by=people.administrator)

    page = admin.get("/admin/accounts/user/", {"registration": chosen} if chosen else {}).content.decode()

    roles = {role for role in ("reader", "other", "editor") if f"{role}@clinic.example" in page}
    assert roles == (shown or {"reader", "other", "editor"})


def test_the_list_costs_no_query_for_each_account(admin, registered, person, django_assert_max_num_queries):
    for number in range(20):
        person("reader", email=f"r{number}@clinic.example")

    with django_assert_max_num_queries(10):
        admin.get("/admin/accounts/user/")


def test_nobody_changes_their_own_password_at_an_open_desk(people, signed_in):
    client, own = signed_in(people.administrator), f"/admin/accounts/user/{people.administrator.pk}/password/"
    new = {"password1": "an entirely new phrase", "password2": "an entirely new phrase", "usable_password": "true"}

    for path in (own, own.replace(f"/{people.administrator.pk}/", f"/0{people.administrator.pk}/"), OWN):
        client.post(path, new)
        assert client.get(path, follow=True).status_code in (200, 404)

    assert client.get(own).url == client.get(OWN).url == "/account/password/change/"
    people.administrator.refresh_from_db()
    assert people.administrator.check_password(PASSWORD)


def test_an_administrator_gives_somebody_else_a_password(people, signed_in):
    new = {"password1": "an entirely new phrase", "password2": "an entirely new phrase", "usable_password": "true"}

    signed_in(people.administrator).post(f"/admin/accounts/user/{people.reader.pk}/password/", new)

    people.reader.refresh_from_db()
    assert people.reader.check_password(new["password1"])


def test_whoever_gets_a_new_password_from_an_administrator_is_told_and_it_is_logged(people, signed_in, caplog):
    form = {"password1": "another good one", "password2": "another good one", "usable_password": "true"}
    address = f"/admin/accounts/user/{people.reader.pk}/password/"
    administrator = signed_in(people.administrator)
    administrator.post(address, form | {"password2": "a slip"})
    assert mail.outbox == []

    administrator.post(address, form)

    assert [message.to for message in mail.outbox] == [[people.reader.email]]
    assert "password" in mail.outbox[0].subject
    assert f"event=changed_by_administrator account={people.reader.pk} by={people.administrator.pk}" in caplog.text
    assert "another good one" not in caplog.text


def test_somebody_added_without_a_password_signs_in_with_an_emailed_code(admin, client):
    page = admin.get("/admin/accounts/user/add/").content.decode()
    admin.post("/admin/accounts/user/add/", {"email": "ann@clinic.example", "name": "Ann", "usable_password": "false"})

    step = client.post("/account/login/code/", {"email": "ann@clinic.example"}).url
    step = client.post(step, {"code": emailed_code()}).url
    client.post(step, {"code": emailed_code()})  # the first time, another code confirms the address

    assert "Without a password, the person signs in with a code that we email to them." in page
    assert client.get("/account/").context["user"] == User.objects.get(email="ann@clinic.example")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("READER@clinic.example ", ["reader"]),
        ("12A3456E", ["reader"]),
        ("clinic", ["administrator", "editor", "other", "otherreader", "reader", "reviewer"]),
        ("the editor", ["editor"]),
        ("12A34", ["reader"]),
        ("nobody", []),
    ],
)
def test_people_are_found_by_a_whole_address_or_number_or_by_words(admin, registered, person, asked, found):
    person("other", email="otherreader@clinic.example")
    rows = admin.get("/admin/accounts/user/", {"q": asked}).context["cl"].result_list

    assert [user.email.split("@")[0] for user in rows] == found


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a plan as SQLite says it")
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("registration=to-verify", "accounts_to_verify"),
        ("q=12A3456E", "accounts_by_registration"),
    ],
)
def test_accounts_are_found_by_an_index(admin, registered, query, index):
    with CaptureQueriesContext(connection) as asked:
        admin.get(f"/admin/accounts/user/?{query}")
    plans = ""
    for each in asked.captured_queries:
        if 'FROM "accounts_user"' in each["sql"]:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {each['sql']}")
                plans += " ".join(row[-1] for row in cursor.fetchall())

    assert index in plans
