"""Whether one stays signed in is chosen by a box, however one signs in, and by nobody else's box."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.allauth_private import totp
from accounts.models import User
from accounts.session.timeout import CHOICE
from tests.conftest import PASSWORD
from tests.openid_provider import OpenIDProvider

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAYS_30 = 30 * 24 * 60 * 60


@pytest.fixture
def travel():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield lambda **after: traveller.move_to(NOON + timedelta(**after))


def code() -> str:
    return re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4}|[A-Z0-9]{6})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]


def by_password(client, box):
    client.post("/sign-in", {"login": "reader@clinic.example", "password": PASSWORD} | box)


def by_code(client, box):
    client.post("/account/login/code/", {"email": "reader@clinic.example"} | box)
    client.post("/account/login/code/confirm/", {"code": code()})


def by_sign_up(client, box):
    form = {"name": "Ann", "password1": PASSWORD, "profession": "nurse", "country": "GB", "is_professional": "on"}
    address = client.post("/sign-up", form | {"email": "new@clinic.example"} | box).url
    client.post(address, {"code": code()})


def by_password_reset(client, box):
    address = client.post("/account/password/reset/", {"email": "reader@clinic.example"} | box).url
    address = client.post(address, {"code": code()}).url
    client.post(address, {"password1": PASSWORD + " 2", "password2": PASSWORD + " 2"})


WAYS = [by_password, by_code, by_sign_up, by_password_reset]


def is_signed_in(client) -> bool:
    return client.get("/account/email/").status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_without_the_box_the_cookie_goes_with_the_browser_and_the_session_with_the_idle_time(people, travel, way):
    client = Client()
    way(client, {})

    assert client.cookies["sessionid"]["max-age"] == ""
    travel(minutes=29)
    assert is_signed_in(client)
    travel(minutes=60)
    assert not is_signed_in(client)


@pytest.mark.parametrize("way", WAYS)
def test_with_the_box_one_stays_signed_in_for_30_days(people, travel, way):
    client = Client()
    way(client, {"remember": "on"})

    assert client.cookies["sessionid"]["max-age"] == DAYS_30
    for day in range(5, 30, 5):
        travel(days=day)
        assert is_signed_in(client)
    travel(days=30, minutes=1)
    assert "30 days have passed since you signed in." in client.get("/").content.decode()
    assert not is_signed_in(client)


def test_the_choice_travels_through_a_second_factor(people, travel):
    secret = with_second_factor(people.reader)
    client = Client()
    by_password(client, {"remember": "on"})
    assert not is_signed_in(client)

    client.post("/account/2fa/authenticate/", {"code": code_shown(secret)})

    travel(days=29)
    assert is_signed_in(client)


def test_the_choice_travels_through_another_site_and_the_declaration(openid_provider, db, travel):
    client = Client()
    through(openid_provider, client, {"remember": "on"})

    travel(days=29)
    assert is_signed_in(client)


def test_without_the_box_another_site_signs_in_for_the_idle_time(openid_provider, db, travel):
    client = Client()
    through(openid_provider, client, {})

    assert is_signed_in(client)
    travel(minutes=31)
    assert not is_signed_in(client)


@pytest.mark.parametrize("way", WAYS)
def test_the_box_of_whoever_gave_up_does_not_apply_to_the_next_person(people, travel, way):
    with_second_factor(people.other)
    client = Client()
    client.post("/sign-in", {"login": people.other.email, "password": PASSWORD, "remember": "on"})
    client.post("/sign-out")  # what “Cancel” does where the second factor is asked for

    way(client, {})

    assert client.cookies["sessionid"]["max-age"] == ""
    assert is_signed_in(client)
    travel(minutes=31)
    assert not is_signed_in(client)


def test_the_box_of_whoever_gave_up_does_not_apply_through_another_site(people, openid_provider, travel):
    client = Client()
    client.post("/account/login/code/", {"email": people.other.email, "remember": "on"})

    through(openid_provider, client, {})

    assert is_signed_in(client)
    travel(minutes=31)
    assert not is_signed_in(client)


def test_whoever_opens_the_sign_in_page_begins_anew(people, travel):
    secret = with_second_factor(people.reader)
    client = Client()
    by_password(client, {"remember": "on"})
    client.get("/sign-in")

    client.post("/account/2fa/authenticate/", {"code": code_shown(secret)})

    travel(minutes=31)
    assert not is_signed_in(client)


def test_the_box_of_the_last_session_does_not_apply_to_the_next(people, travel):
    client = Client()
    by_password(client, {"remember": "on"})
    client.post("/sign-out")
    by_password(client, {})

    travel(minutes=31)
    assert not is_signed_in(client)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/account/login/code/", "/account/password/reset/"])
def test_the_box_is_on_every_page_where_signing_in_begins(client, db, path):
    html = client.get(path).content.decode()

    assert "Keep me signed in on this device (not on a shared computer)" in html
    assert 'type="checkbox" name="remember"' in html
    assert "sessionid" not in client.cookies


def test_how_long_one_is_kept_signed_in_is_a_setting(people, travel, settings):
    settings.KEEP_SIGNED_IN_DAYS = 2
    client = Client()
    by_password(client, {"remember": "on"})

    travel(days=2, minutes=1)
    assert not is_signed_in(client)


def with_second_factor(user: User) -> str:
    """Give this person an authenticator app; its secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return secret


def code_shown(secret: str) -> str:
    """What the authenticator app shows now."""
    return totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))


def through(provider: OpenIDProvider, client: Client, box: dict) -> None:
    """Come for the first time from the provider, declare what sign-up asks, and confirm the address."""
    person = provider.person("new", email="new@clinic.example", name="Ann")
    declaration = provider.sign_in(client, person, **box).url
    form = {
        "name": "Ann",
        "email": "new@clinic.example",
        "profession": "nurse",
        "country": "GB",
        "is_professional": "on",
    }
    confirm = client.post(declaration, form).url
    client.post(confirm, {"code": code()})


@pytest.mark.parametrize(
    "door",
    [
        "/sign-in",
        "/sign-up",
        "/account/login/code/",
        "/account/password/reset/",
        "/account/2fa/webauthn/login/",
        "/account/oidc/nhs/login/",
    ],
)
def test_every_door_takes_the_box_and_being_opened_takes_it_back(openid_provider, db, client, door):
    client.post(door, {"remember": "on"})
    assert CHOICE in client.session

    client.get(door)
    assert CHOICE not in client.session
