"""Forged forms, planted sessions, frames and cookies, on every address the site has."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.allauth_private import totp
from accounts.models import User
from tests.accounts.steps import DECLARATION, NEW_PASSWORD, app_code, emailed_code, sign_in
from tests.conftest import APP_KEY, PASSWORD, reauthenticate_by_email
from tests.site_addresses import addresses


def test_the_walk_reaches_what_matters():
    walked = list(addresses())

    for path in ("/", "/sign-in", "/annotations/1/", "/account/email/", "/account/2fa/webauthn/login/", "/admin/"):
        assert path in walked
    assert len(walked) > 80
    assert not any("<" in path or "(" in path for path in walked)


# Forged forms


@pytest.mark.parametrize("who", [None, "reader", "administrator"])
def test_no_address_takes_a_form_without_the_secret_of_this_browser(person, publish, who):
    publish()
    client = Client(enforce_csrf_checks=True)
    if who:
        client.force_login(person(who, email="somebody@clinic.example"))
        client.get("/account/email/")

    taken = {path for path in addresses() if client.post(path, {"x": "1"}).status_code != 403}

    assert taken == {"/account/unsaved/keep/"}  # which asks for the seal of the page that the text was typed on


def test_a_form_with_the_secret_is_taken(person):
    person("reader")
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-in")
    form = {
        "login": "reader@clinic.example",
        "password": PASSWORD,
        "csrfmiddlewaretoken": client.cookies["csrftoken"].value,
    }

    assert client.post("/sign-in", form).status_code == 302


# Frames and headers


@pytest.mark.parametrize("who", [None, "reader", "administrator"])
def test_no_page_may_be_framed_and_scripts_come_from_here_only(person, publish, who):
    publish()
    client = Client(raise_request_exception=False)
    if who:
        client.force_login(person(who, email="somebody@clinic.example"))

    for path in [*addresses(), "/none/"]:
        if path == "/sign-out":
            continue
        response = client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert response.status_code < 500 or path == "/readyz", path
        assert response.headers["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in policy, path
        assert "default-src 'self'" in policy, path
        assert "unsafe" not in policy, path
        assert response.headers["X-Content-Type-Options"] == "nosniff", path
        assert response.headers["Referrer-Policy"] == "same-origin", path


def test_refusals_may_not_be_framed_either(settings, db):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "0/m/ip"}
    forged = Client(enforce_csrf_checks=True).post("/sign-in", {"login": "a"})
    too_often = Client().post("/sign-in", {"login": "a"})

    assert (forged.status_code, too_often.status_code) == (403, 429)
    assert {response.headers["X-Frame-Options"] for response in (forged, too_often)} == {"DENY"}


# Sessions


def by_password(client: Client) -> None:
    sign_in(client)


def by_code(client: Client) -> None:
    client.post("/account/login/code/", {"email": "reader@clinic.example"})
    client.post("/account/login/code/confirm/", {"code": emailed_code()})


def by_app(client: Client) -> None:
    totp.TOTP.activate(User.objects.get(email="reader@clinic.example"), APP_KEY)
    client.post(sign_in(client).url, {"code": app_code()})


def by_a_new_password(client: Client) -> None:
    client.post("/account/password/reset/", {"email": "reader@clinic.example"})
    client.post("/account/password/reset/confirm/", {"code": emailed_code()})
    client.post("/account/password/reset/complete/", NEW_PASSWORD)


def by_signing_up(client: Client) -> None:
    client.post("/sign-up", DECLARATION | {"name": "New Reader", "email": "new@clinic.example"})
    client.post("/account/confirm-email/", {"code": emailed_code()})


def by_confirming_an_address(client: Client) -> None:
    EmailAddress.objects.update(verified=False)
    client.post(sign_in(client).url, {"code": emailed_code()})


WAYS_IN = [by_password, by_code, by_app, by_a_new_password, by_signing_up, by_confirming_an_address]


@pytest.mark.parametrize("way_in", WAYS_IN)
def test_whoever_knows_the_session_before_sign_in_does_not_know_it_after(person, way_in):
    person("reader")
    client = Client()
    client.post("/account/password/reset/", {"email": "nobody@clinic.example"})  # begins a session
    client.get("/sign-in")
    before = client.cookies["sessionid"].value, client.cookies["csrftoken"].value

    way_in(client)

    assert "_auth_user_id" in client.session
    after = client.cookies["sessionid"].value, client.cookies["csrftoken"].value
    assert before[0] != after[0]
    assert before[1] != after[1]
    thief = Client()
    thief.cookies["sessionid"] = before[0]
    assert thief.get("/account/email/").status_code == 302
    assert not Session.objects.filter(pk=before[0]).exists()


@pytest.mark.parametrize("way_in", WAYS_IN)
def test_a_planted_session_is_not_used(person, way_in):
    person("reader")
    client = Client()
    client.cookies["sessionid"] = "plantedplantedplantedplanted1234"

    way_in(client)

    assert "_auth_user_id" in client.session
    assert client.cookies["sessionid"].value != "plantedplantedplantedplanted1234"
    assert not Session.objects.filter(pk="plantedplantedplantedplanted1234").exists()


def test_signing_out_leaves_nothing_of_the_session(person, client):
    person("reader")
    sign_in(client)
    key = client.cookies["sessionid"].value

    client.post("/sign-out")

    assert not Session.objects.filter(pk=key).exists()


@pytest.mark.parametrize("means", ["change", "reset"])
def test_a_new_password_ends_every_other_session(person, means):
    person("reader")
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client)

    if means == "change":
        here.post("/account/password/change/", NEW_PASSWORD | {"oldpassword": PASSWORD})
    else:
        here = Client()
        by_a_new_password(here)

    assert here.get("/annotations/").status_code != 302
    assert elsewhere.get("/account/email/").url.startswith("/sign-in")


# Passwords


@pytest.mark.parametrize(
    "password", ["short", "password1234", "1234567890", "qwertyuiop", "reader@clinic.example", "a reader a"]
)
@pytest.mark.parametrize("where", ["sign-up", "change", "set", "reset"])
def test_no_weak_password_is_taken_anywhere(person, where, password):
    reader = person("reader", name="A Reader")
    client = Client()
    form = {"password1": password, "password2": password}
    if where == "sign-up":
        form = DECLARATION | {"name": "A Reader", "email": "reader@clinic.example", "password1": password}
        reader.delete()
        response = client.post("/sign-up", form)
    elif where == "change":
        client.force_login(reader)
        response = client.post("/account/password/change/", form | {"oldpassword": PASSWORD})
    elif where == "set":
        reader.set_unusable_password()
        reader.save()
        client.force_login(reader)
        reauthenticate_by_email(client)
        response = client.post("/account/password/set/", form)
    else:
        client.post("/account/password/reset/", {"email": "reader@clinic.example"})
        client.post("/account/password/reset/confirm/", {"code": emailed_code()})
        response = client.post("/account/password/reset/complete/", form)

    assert response.status_code == 200
    assert "Error: " in response.content.decode()
    assert not any(user.check_password(password) for user in User.objects.all())


# Cookies


def test_in_production_every_cookie_is_for_https_for_this_site_and_not_for_scripts(settings, person, publish):
    publish()
    settings.SECURE = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client, seen = Client(), {}

    def ask(method, *args, **kwargs):
        response = method(*args, **kwargs, secure=True)
        seen.update(response.cookies.items())
        return response

    ask(client.get, "/pages/a-page/")
    ask(client.get, "/sign-in")
    ask(client.post, "/account/password/reset/", {"email": "reader@clinic.example"})
    ask(client.post, "/account/login/code/", {"email": "reader@clinic.example"})
    sign_in(client, secure=True)
    ask(client.post, "/sign-out")
    sign_in(client, secure=True)
    seen.update(client.cookies.items())

    assert {"sessionid", "csrftoken", "meter"} <= set(seen)
    for name, cookie in seen.items():
        if cookie.value:
            assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax"), name
        assert not cookie["domain"], name
        assert reverse("home") == cookie["path"], name
