"""Guessing is limited for each account, and a hospital behind one address is never locked out by it."""

import pytest
from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.allauth_private import totp
from accounts.models import User
from tests.accounts.steps import CODE, DECLARATION, NEW_PASSWORD, WRONG, app_code, emailed_code, recovery_codes, sign_in
from tests.conftest import APP_KEY, PASSWORD

TOO_OFTEN = "Too many attempts."


@pytest.fixture
def hospital(db) -> list[User]:
    """200 readers, a third of them with an authenticator app."""
    addresses = [f"reader{number}@hospital.example" for number in range(200)]
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(User(email=each, password=password, name="A reader") for each in addresses)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    secret = {"secret": get_adapter().encrypt(APP_KEY)}
    Authenticator.objects.bulk_create(Authenticator(user=user, type="totp", data=secret) for user in users[::3])
    return users


@pytest.fixture
def with_app(person) -> User:
    """A reader with an authenticator app and recovery codes."""
    user = person("reader")
    totp.TOTP.activate(user, APP_KEY)
    recovery_codes(user)
    return user


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# One address, many people


def test_200_readers_sign_in_from_one_address_within_a_minute(hospital, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    browsers = [Client() for _ in hospital]

    for number, (user, client) in enumerate(zip(hospital, browsers, strict=True)):
        if number % 3 != 1:
            assert TOO_OFTEN not in sign_in(client, user.email, "not the password").content.decode()
    for number, (user, client) in enumerate(zip(hospital, browsers, strict=True)):
        if number % 3 == 1:
            client.post("/account/login/code/", {"email": user.email})
            client.post("/account/login/code/confirm/", {"code": emailed_code()})
            continue
        response = sign_in(client, user.email)
        if number % 3 == 0:
            client.post(response.url, {"code": "000000"})
            client.post(response.url, {"code": app_code()})

    assert [is_in(client) for client in browsers] == [True] * 200


def test_200_readers_ask_for_a_code_or_a_new_password_from_one_address_within_a_minute(hospital, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)

    for user in hospital:
        Client().post("/account/login/code/", {"email": user.email})
        reset = Client()
        reset.post("/account/password/reset/", {"email": user.email})
        reset.post("/account/password/reset/confirm/", {"code": emailed_code()})
        done = reset.post("/account/password/reset/complete/", NEW_PASSWORD)
        assert done.status_code == 302

    codes = [message for message in mail.outbox if CODE.search(message.body)]
    assert len(codes) == 400


def test_100_people_sign_up_from_one_address_within_a_minute(db, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)

    for number in range(100):
        client = Client()
        form = DECLARATION | {"email": f"new{number}@hospital.example"}
        if number % 4 == 0:
            assert client.post("/sign-up", form).status_code == 200  # the name was forgotten
        client.post("/sign-up", form | {"name": "New Reader"})
        client.post("/account/confirm-email/", {"code": emailed_code()})
        assert is_in(client)


def test_200_readers_use_a_passkey_from_one_address_within_a_minute(db, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)

    statuses = {Client().post("/account/2fa/webauthn/login/", {"credential": "{}"}).status_code for _ in range(200)}

    assert statuses == {302}


def test_an_account_under_attack_does_not_use_up_what_its_address_may(settings, person, time_machine):
    limit = settings.ACCOUNT_RATE_LIMITS["login_failed"].replace("300/m", "15/m")
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": limit}
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    person("reader")
    person("other")
    for _ in range(30):
        sign_in(Client(), password="guess")

    client = Client()
    sign_in(client, "other@clinic.example")

    assert is_in(client)


def test_one_address_may_not_guess_at_every_account(settings, db):
    limit = settings.ACCOUNT_RATE_LIMITS["login_failed"].replace("300/m", "3/m")
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": limit}
    for number in range(3):
        assert TOO_OFTEN not in sign_in(Client(), f"a{number}@clinic.example", "guess").content.decode()

    assert TOO_OFTEN in sign_in(Client(), "a3@clinic.example", "guess").content.decode()


# One account, many guesses


def test_the_eleventh_wrong_password_in_five_minutes_is_not_tried(person, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    person("reader")
    for number in range(10):
        assert TOO_OFTEN not in sign_in(Client(), password=f"guess {number}").content.decode()

    client = Client()
    answer = sign_in(client).content.decode()
    assert TOO_OFTEN in answer
    assert 'value="reader@clinic.example"' in answer
    assert not is_in(client)

    time_machine.shift(301)
    sign_in(client)
    assert is_in(client)


def test_at_most_100_wrong_passwords_are_tried_in_a_day(person, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    person("reader")
    tried = 0
    for _ in range(12):
        tried += sum("do not match" in sign_in(Client(), password="guess").content.decode() for _ in range(11))
        time_machine.shift(301)

    assert tried == 100


@pytest.mark.parametrize("spelling", ["READER@clinic.example", " reader@clinic.example ", "Reader@Clinic.Example"])
def test_another_spelling_of_the_address_is_the_same_account(person, spelling):
    person("reader")
    for _ in range(10):
        sign_in(Client(), password="guess")

    assert TOO_OFTEN in sign_in(Client(), spelling, "guess").content.decode()


@pytest.mark.parametrize("host", ["localhost:1", "LOCALHOST", "127.0.0.1:8000"])
def test_another_name_of_the_site_does_not_start_the_count_anew(person, host):
    person("reader")
    for _ in range(10):
        sign_in(Client(), password="guess", headers={"Host": "localhost"})

    assert TOO_OFTEN in sign_in(Client(), password="guess", headers={"Host": host}).content.decode()


def test_another_address_of_the_attacker_does_not_start_the_count_anew(person):
    person("reader")
    for number in range(10):
        sign_in(Client(), password="guess", REMOTE_ADDR=f"203.0.113.{number}")

    assert TOO_OFTEN in sign_in(Client(), password="guess", REMOTE_ADDR="203.0.113.99").content.decode()


def test_guessing_at_many_addresses_does_not_push_out_the_count_of_one(person):
    person("reader")
    for _ in range(10):
        sign_in(Client(), password="guess")
    for number in range(1000):
        cache.set(f"a-count-of-another-account-{number}", [1.0], 600)

    assert TOO_OFTEN in sign_in(Client(), password="guess").content.decode()


def test_whoever_is_locked_out_by_guesses_still_comes_in_by_a_code(person, client):
    person("reader")
    for _ in range(11):
        sign_in(Client(), password="guess")

    client.post("/account/login/code/", {"email": "reader@clinic.example"})
    client.post("/account/login/code/confirm/", {"code": emailed_code()})

    assert is_in(client)


def test_a_new_password_ends_the_lock_out(person, client):
    person("reader")
    for _ in range(11):
        sign_in(Client(), password="guess")
    client.post("/account/password/reset/", {"email": "reader@clinic.example"})
    client.post("/account/password/reset/confirm/", {"code": emailed_code()})
    client.post("/account/password/reset/complete/", NEW_PASSWORD)

    browser = Client()
    sign_in(browser, password="a new long one")

    assert is_in(browser)


@pytest.mark.parametrize("path", ["/account/login/code/", "/account/password/reset/"])
def test_a_code_is_sent_five_times_in_ten_minutes_and_forty_times_a_day(person, path, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    person("reader")
    for _ in range(6):
        Client().post(path, {"email": "Reader@clinic.example"})
    assert len(mail.outbox) == 5

    time_machine.shift(601)
    Client().post(path, {"email": "reader@clinic.example"})
    assert len(mail.outbox) == 6

    for _ in range(50):
        time_machine.shift(601)
        Client().post(path, {"email": "reader@clinic.example"})
    assert len(mail.outbox) == 40


@pytest.mark.parametrize(
    ("path", "confirm"),
    [
        ("/account/login/code/", "/account/login/code/confirm/"),
        ("/account/password/reset/", "/account/password/reset/confirm/"),
    ],
)
def test_a_code_is_refused_after_so_many_wrong_ones(person, client, path, confirm):
    person("reader")
    client.post(path, {"email": "reader@clinic.example"})
    for _ in range(app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS):
        client.post(confirm, {"code": WRONG})

    client.post(confirm, {"code": emailed_code()})
    client.post("/account/password/reset/complete/", NEW_PASSWORD)

    assert not is_in(client)


@pytest.mark.parametrize("password", ["zenobia@quill.example", "Zenobia Quillon", "qwertyuiop"])
def test_a_new_password_too_cannot_be_the_name_the_address_or_a_common_one(person, signed_in, client, password):
    user = person("reader", name="Zenobia Quillon", email="zenobia@quill.example")
    new = {"password1": password, "password2": password}
    client.post("/account/password/reset/", {"email": user.email})
    client.post("/account/password/reset/confirm/", {"code": emailed_code()})

    assert client.post("/account/password/reset/complete/", new).status_code == 200
    changed = signed_in(user).post("/account/password/change/", new | {"oldpassword": PASSWORD})
    assert changed.status_code == 200

    user.refresh_from_db()
    assert user.check_password(PASSWORD)


# The second factor


def test_twenty_wrong_codes_of_an_app_in_a_day_and_then_not_even_the_right_one(with_app, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    tried = 0
    for _ in range(4):
        client = Client()
        page = sign_in(client).url
        for _ in range(11):
            tried += "Too many" not in client.post(page, {"code": "000000"}).content.decode()
        time_machine.shift(301)
    client = Client()
    answer = client.post(sign_in(client).url, {"code": app_code()})

    assert tried == 20
    assert "Too many wrong codes today." in answer.content.decode()
    assert not is_in(client)
    time_machine.shift(86_400)
    client.post(sign_in(client).url, {"code": app_code()})
    assert is_in(client)


def test_recovery_codes_count_as_the_same_guesses(with_app, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    for start in (0, 10):
        client = Client()
        page = sign_in(client).url
        for number in range(10):
            client.post(page, {"code": f"{start + number:08}"})
        time_machine.shift(301)
    client = Client()
    right = with_app.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()[0]

    client.post(sign_in(client).url, {"code": right})

    assert not is_in(client)


def test_right_codes_are_not_counted(with_app, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    for _ in range(30):
        client = Client()
        client.post(sign_in(client).url, {"code": app_code()})
        assert is_in(client)
        time_machine.shift(90)


def test_a_code_of_an_app_works_once(with_app):
    first, second = Client(), Client()
    code = app_code()

    first.post(sign_in(first).url, {"code": code})
    second.post(sign_in(second).url, {"code": code})

    assert is_in(first)
    assert not is_in(second)


@pytest.mark.parametrize(("periods", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_three_codes_of_an_app_fit_at_a_time(with_app, time_machine, periods, fits):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    client = Client()

    client.post(sign_in(client).url, {"code": app_code(periods)})

    assert is_in(client) is fits


@pytest.mark.parametrize(("minutes", "goes_on"), [(59, True), (61, False)])
def test_a_sign_in_that_was_left_half_way_ends_after_an_hour(with_app, time_machine, minutes, goes_on):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    client = Client()
    page = sign_in(client).url

    time_machine.shift(minutes * 60)
    client.post(page, {"code": app_code()})

    assert is_in(client) is goes_on


def test_confirming_who_you_are_is_limited_too(with_app, person, signed_in, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    client = signed_in(with_app)
    answers = [client.post("/account/2fa/reauthenticate/", {"code": "000000"}) for _ in range(11)]
    assert answers[-1].status_code == 429

    client = signed_in(person("other"))
    answers = [client.post("/account/reauthenticate/", {"password": "guess"}) for _ in range(11)]
    assert answers[-1].status_code == 429


@pytest.mark.parametrize(
    "credential",
    ["", "{}", "[]", "1", '"x"', "null", '{"id": 1}', '{"id": "a", "rawId": "a", "type": "public-key", "response": {}}',
     '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "e30",'
     ' "authenticatorData": "YQ", "signature": "YQ", "userHandle": "enp6enp6enp6enp6eg"}}', "{"],
)  # fmt: skip
def test_a_passkeys_answer_that_no_browser_gives_is_refused_like_a_wrong_one(with_app, credential):
    client = Client()
    client.get("/account/2fa/webauthn/login/", headers={"Accept": "application/json"})
    assert client.post("/account/2fa/webauthn/login/", {"credential": credential}).url == "/sign-in"

    page = sign_in(client).url
    assert client.post(page, {"credential": credential}).status_code == 200
    assert not is_in(client)


def test_whoever_took_over_a_session_does_not_guess_the_password_by_changing_it(person, signed_in, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    client, tried = signed_in(person("reader")), 0
    for _ in range(8):
        forms = [client.post("/account/password/change/", NEW_PASSWORD | {"oldpassword": "guess"}) for _ in range(6)]
        tried += sum(form.status_code == 200 for form in forms)
        time_machine.shift(61)

    assert tried == 30
