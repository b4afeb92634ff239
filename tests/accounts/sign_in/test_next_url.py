"""Whoever is sent on after an account page stays on this site."""

import re
from urllib.parse import quote

import pytest
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.core import mail

from accounts.allauth_private import context, totp
from accounts.sign_in.adapter import AccountAdapter
from tests.accounts.steps import DECLARATION, app_code, emailed_code
from tests.conftest import APP_KEY, PASSWORD

HOSTILE = [
    "//evil.example",
    "///evil.example",
    "https://evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http://testserver.evil.example/",
    "//evil.example/testserver",
    r"/\evil.example",
    r"\\evil.example",
    r"\/evil.example",
    r"/\/evil.example",
    "javascript:alert(1)",
    "JavaScript://testserver/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "ftp://testserver/",
    "http://testserver@evil.example/",
    "http://user:password@testserver/",
    "http://evil.example#testserver",
    "http://testserver:81/",
    "http://localhost/",  # an allowed host, and another server
    "http://[::1",
    "//evil。example",
    "//evil%E3%80%82example",
    "//ⓔvil.example",
    "\x00//evil.example",
    "\x01https://evil.example",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "ht\ntps://evil.example",
    "//evil.example\r\nSet-Cookie: a=b",
]


SOME = [
    "//evil.example",
    r"/\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver:81/",
    "\t//evil.example",
]


@pytest.mark.parametrize("where", HOSTILE)
def test_no_hostile_address_is_taken_for_this_site(rf, settings, where):
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
    with context.request_context(rf.get("/")):
        assert not AccountAdapter().is_safe_url(where)


def test_a_page_of_this_site_is_where_they_are_sent(person, client):
    person("reader")

    response = client.post("/sign-in?next=/annotations/", {"login": "reader@clinic.example", "password": PASSWORD})

    assert response.url == "/annotations/"


def stays(response) -> bool:
    """Whether the answer sends nobody off this site."""
    return re.fullmatch(r"/([^/\\\s].*)?", response.headers.get("Location", "/"), re.DOTALL) is not None


@pytest.mark.parametrize("where", SOME)
def test_signing_in_by_password_and_app_stays_here(person, client, where):
    totp.TOTP.activate(person("reader"), APP_KEY)
    client.get("/sign-in", {"next": where})

    response = client.post("/sign-in", {"login": "reader@clinic.example", "password": PASSWORD, "next": where})
    assert stays(response)
    response = client.post(f"{response.url}?next={quote(where)}", {"code": app_code(), "next": where})

    assert response.url == "/"
    for path in ("/sign-in", "/sign-up", "/account/login/code/", "/account/2fa/webauthn/login/"):
        assert stays(client.get(path, {"next": where}))
        assert stays(client.post(path, {"next": where}))


@pytest.mark.parametrize("where", SOME)
def test_signing_in_by_code_stays_here(person, client, where):
    person("reader")
    response = client.post("/account/login/code/", {"email": "reader@clinic.example", "next": where})
    assert stays(response)
    response = client.post(f"/account/login/code/confirm/?next={quote(where)}", {"code": emailed_code(), "next": where})

    assert response.url == "/"


@pytest.mark.parametrize("where", SOME)
def test_signing_up_stays_here(db, client, where):
    form = DECLARATION | {"name": "Ann", "email": "ann@clinic.example", "next": where}
    response = client.post(f"/sign-up?next={quote(where)}", form)
    assert stays(response)
    response = client.post(f"{response.url}?next={quote(where)}", {"code": emailed_code(), "next": where})

    assert "_auth_user_id" in client.session
    assert stays(response)


@pytest.mark.parametrize("where", SOME)
def test_a_new_password_stays_here(person, client, where):
    person("reader")
    for path, form in (
        ("/account/password/reset/", {"email": "reader@clinic.example"}),
        ("/account/password/reset/confirm/", None),
        ("/account/password/reset/complete/", {"password1": "a new long one", "password2": "a new long one"}),
    ):
        response = client.post(f"{path}?next={quote(where)}", (form or {"code": emailed_code()}) | {"next": where})
        assert response.status_code == 302
        assert stays(response)
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("where", SOME)
def test_signing_out_and_confirming_who_you_are_stay_here(people, signed_in, where):
    client = signed_in(people.administrator)
    for path, form in (
        ("/account/reauthenticate/", {"password": PASSWORD}),
        ("/account/password/change/", {}),
        ("/admin/login/", {}),
        ("/sign-out", {}),
    ):
        assert stays(client.get(path, {"next": where}))
        assert stays(client.post(f"{path}?next={quote(where)}", form | {"next": where}))
    assert stays(client.get("/sign-out", {"next": where}))
    assert stays(client.get("/admin/login/", {"next": where}))


@pytest.mark.parametrize("where", HOSTILE)
def test_a_sign_in_elsewhere_comes_back_to_this_site(rf, where):
    request = rf.get("/account/oidc/trust/login/", {"next": where})
    with context.request_context(request):
        provider = OpenIDConnectProvider(request, app=SocialApp(provider="openid_connect", provider_id="trust"))

        assert "next_url" not in provider.get_redirect_from_request_kwargs(request)


@pytest.mark.parametrize("where", SOME)
def test_typed_text_leads_back_to_this_site(db, client, where):
    headers = {"Referer": where.replace("\r", "").replace("\n", "")}

    text = client.post("/annotations/1/", {"text": "Bleep 1234"}, headers=headers).content.decode()

    assert "Bleep 1234" in text
    assert 'href="/sign-in?next=%2F"' in text


@pytest.mark.parametrize("where", ["http://testserver/annotations/", "/annotations/", "/pages/a-page/?q=1#h-dose"])
def test_addresses_on_this_site_are_kept(person, client, where):
    person("reader")

    response = client.post("/sign-in", {"login": "reader@clinic.example", "password": PASSWORD, "next": where})

    assert response.url == where


def test_nobody_is_sent_from_https_down_to_http(person, client):
    person("reader")
    form = {"login": "reader@clinic.example", "password": PASSWORD, "next": "http://testserver/annotations/"}

    assert client.post("/sign-in", form, secure=True).url == "/"
