import re
import time
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.allauth_private import totp
from accounts.models import User
from tests.accounts.steps import SIGN_UP, emailed_code
from tests.conftest import ONCE_ONLY, PASSWORD, reauthenticate_by_email
from tests.openid_provider import query

ARRIVAL = "/account/3rdparty/signup/"
CONNECTIONS = "/account/3rdparty/"
FORM = {name: value for name, value in SIGN_UP.items() if name != "password1"}
NOT_CONFIRMED = "did not confirm your identity in a way that we can accept"
OUT_OF_REACH = "We cannot reach NHS Care Identity"
NOWHERE = "http://127.0.0.1:9"  # the port that is there to discard; nothing listens


@pytest.fixture
def visitor(client, db) -> Client:
    return client


@pytest.fixture
def ann(openid_provider) -> str:
    """Ann at the provider, whose address it says is hers."""
    return openid_provider.person("ann", email="Ann@clinic.example", email_verified=True, name="Ann Nurse")


def signed_in_as(browser: Client) -> str | None:
    """The address of whoever is signed in in this browser."""
    user_id = browser.session.get("_auth_user_id")
    return User.objects.get(pk=user_id).email if user_id else None


@pytest.fixture
def annas_account(openid_provider, ann, visitor) -> User:
    """Ann's account here, made by single sign-on in another browser."""
    browser = Client()
    openid_provider.sign_in(browser, ann)
    confirm = browser.post(ARRIVAL, FORM).url
    browser.post(confirm, {"code": emailed_code()})
    mail.outbox.clear()
    return User.objects.get(email="ann@clinic.example")


# Arriving for the first time


def test_a_new_arrival_makes_the_declaration_confirms_the_address_and_lands_on_the_page_wanted(
    openid_provider, ann, visitor
):
    form = openid_provider.sign_in(visitor, ann, next="/about/privacy/")
    page = visitor.get(form.url).content.decode()
    assert 'value="Ann Nurse"' in page
    assert 'value="ann@clinic.example"' in page
    assert not User.objects.exists()

    confirm = visitor.post(form.url, FORM)
    assert signed_in_as(visitor) is None
    done = visitor.post(confirm.url, {"code": emailed_code()})

    assert done.url == "/about/privacy/"
    assert signed_in_as(visitor) == "ann@clinic.example"
    user = User.objects.get()
    assert (user.name, user.profession, user.country) == ("Ann Nurse", "nurse", "GB")
    assert user.declared_at
    assert not user.has_usable_password()


def test_who_leaves_in_the_middle_is_not_shown_to_whoever_comes_next(openid_provider, ann, visitor, settings):
    openid_provider.sign_in(visitor, ann)
    assert "Ann Nurse" in visitor.get(ARRIVAL).content.decode()

    with time_machine.travel(timezone.now() + settings.IDLE_TIME + timedelta(seconds=1)):
        page = visitor.get(ARRIVAL, follow=True).content.decode()
        assert "Ann Nurse" not in page
        assert "That took longer than 30 minutes. Sign in again." in page
        visitor.post(ARRIVAL, FORM)

    assert not User.objects.exists()


@pytest.mark.parametrize("path", ["/sign-in", "/account/login/code/", "/account/password/reset/"])
def test_a_sign_in_that_begins_ends_what_somebody_before_left_in_the_middle(openid_provider, ann, visitor, path):
    openid_provider.sign_in(visitor, ann)

    visitor.get(path)

    assert "Ann Nurse" not in visitor.get(ARRIVAL, follow=True).content.decode()


@pytest.mark.parametrize("field", ["is_professional", "profession", "name", "email"])
def test_without_any_of_these_no_account_is_made(openid_provider, ann, visitor, field):
    openid_provider.sign_in(visitor, ann)

    answer = visitor.post(ARRIVAL, {key: value for key, value in FORM.items() if key != field})

    assert answer.status_code == 200
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("trust", "claim", "typed", "asked"),
    [
        (False, True, "ann@clinic.example", True),
        (True, False, "ann@clinic.example", True),
        (True, None, "ann@clinic.example", True),
        (True, "false", "ann@clinic.example", True),
        (True, "true", "ann@clinic.example", True),
        (True, True, "somebody@else.example", True),
        (True, True, "ann@clinic.example", False),
        (True, True, "ANN@clinic.example", False),
    ],
)
def test_the_code_is_asked_unless_a_trusted_provider_has_confirmed_the_very_address(
    openid_provider, connect_providers, visitor, trust, claim, typed, asked
):
    connect_providers(openid_provider.entry(trust_email=trust))
    claims = {"email": "ann@clinic.example", "name": "Ann Nurse"} | ({} if claim is None else {"email_verified": claim})
    openid_provider.sign_in(visitor, openid_provider.person("ann", **claims))

    visitor.post(ARRIVAL, FORM | {"email": typed})

    assert [message.to for message in mail.outbox if "code" in message.subject] == ([[typed]] if asked else [])
    assert signed_in_as(visitor) == (None if asked else typed.lower())
    address = EmailAddress.objects.get()
    assert (address.email, address.verified) == (typed.lower(), not asked)


def test_of_what_the_provider_said_only_the_name_and_address_are_kept(openid_provider, visitor):
    roles = [{"org_code": "X", "role_name": "Clinical Practitioner"}]
    ann = openid_provider.person("ann", email="ann@clinic.example", given_name="Ann", family_name="Nurse", roles=roles)

    openid_provider.sign_in(visitor, ann)
    visitor.post(ARRIVAL, FORM)

    kept = SocialAccount.objects.get()
    assert kept.uid == "ann"
    assert kept.extra_data == {"userinfo": {"email": "ann@clinic.example", "name": "Ann Nurse"}}
    assert not SocialToken.objects.exists()


def test_a_provider_that_gives_no_address_leaves_it_to_the_person(openid_provider, visitor):
    openid_provider.sign_in(visitor, openid_provider.person("ann", name="Ann Nurse"))

    assert 'name="email" autocomplete="email"' in re.sub(r"\s+", " ", visitor.get(ARRIVAL).content.decode())
    visitor.post(ARRIVAL, FORM)
    assert mail.outbox[-1].to == ["ann@clinic.example"]


@pytest.mark.parametrize("email", ["ann@clinic.example", "ann@home.example"])
def test_who_finishes_in_two_tabs_has_one_account(openid_provider, ann, visitor, email):
    other = Client()
    for browser in (visitor, other):
        openid_provider.sign_in(browser, ann)
    visitor.post(ARRIVAL, FORM)

    answer = other.post(ARRIVAL, FORM | {"email": email})

    assert "You already have an account." in answer.content.decode()
    assert User.objects.count() == SocialAccount.objects.count() == 1


# An address that has an account already


@pytest.mark.parametrize("trust", [True, False])
@pytest.mark.parametrize("verified", [True, False])
def test_whoever_has_the_address_of_an_account_at_a_provider_does_not_get_into_it(
    openid_provider, connect_providers, visitor, people, trust, verified
):
    connect_providers(openid_provider.entry(trust_email=trust))
    claims = {"email": "reader@clinic.example", "email_verified": verified, "name": "Not the reader"}
    there = openid_provider.sign_in(visitor, openid_provider.person("impostor", **claims))

    page = visitor.get(there.url).content.decode()
    answer = visitor.post(ARRIVAL, FORM | {"email": "reader@clinic.example"})

    assert "Do you already have an account here?" in page
    assert signed_in_as(visitor) is None
    assert not SocialAccount.objects.exists()
    people.reader.refresh_from_db()
    assert people.reader.name == "The reader"
    assert people.reader.check_password(PASSWORD)
    assert [message.to for message in mail.outbox] == [["reader@clinic.example"]]
    assert visitor.post(answer.url, {"code": "AAAA-AAAA"}).status_code == 200
    assert signed_in_as(visitor) is None


def test_whether_an_address_has_an_account_cannot_be_told_from_the_answer(openid_provider, people):
    seen = []
    for sub, email in (("new", "nobody@clinic.example"), ("taken", "reader@clinic.example")):
        browser = Client()
        openid_provider.sign_in(browser, openid_provider.person(sub, email=email, email_verified=True))
        answer = browser.post(ARRIVAL, FORM | {"email": email})
        page = browser.get(answer.url).content.decode().replace(email, "")
        seen.append((answer.status_code, answer.url, re.sub(ONCE_ONLY, "", page)))

    assert seen[0] == seen[1]


# Coming back


def test_a_returning_person_signs_in_and_lands_on_the_page_wanted(openid_provider, ann, annas_account, visitor):
    answer = openid_provider.sign_in(visitor, ann, next="/about/privacy/")

    assert answer.url == "/about/privacy/"
    assert signed_in_as(visitor) == "ann@clinic.example"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_single_sign_on_leads_only_within_the_site(openid_provider, ann, annas_account, visitor, address):
    assert openid_provider.sign_in(visitor, ann, next=address).url == "/"


@pytest.mark.parametrize(("form", "closes"), [({}, True), ({"remember": "on"}, False)])
def test_the_box_keep_me_signed_in_counts_as_for_a_password(openid_provider, ann, annas_account, visitor, form, closes):
    openid_provider.sign_in(visitor, ann, **form)

    assert signed_in_as(visitor)
    assert visitor.session.get_expire_at_browser_close() is closes


def test_a_second_factor_is_asked_after_single_sign_on(openid_provider, ann, annas_account, visitor):
    totp.TOTP.activate(annas_account, totp.generate_totp_secret())

    answer = openid_provider.sign_in(visitor, ann)

    assert answer.url == "/account/2fa/authenticate/"
    assert signed_in_as(visitor) is None


def test_who_may_no_longer_sign_in_does_not_by_single_sign_on(openid_provider, ann, annas_account, visitor):
    User.objects.update(is_active=False)

    openid_provider.sign_in(visitor, ann)

    assert signed_in_as(visitor) is None


def test_an_address_that_changed_at_the_provider_changes_nothing_here(openid_provider, annas_account, people, visitor):
    openid_provider.person("ann", email="reader@clinic.example", email_verified=True, name="Ann Married")

    openid_provider.sign_in(visitor, "ann")

    assert signed_in_as(visitor) == "ann@clinic.example"
    annas_account.refresh_from_db()
    assert annas_account.name == "Ann Nurse"


def test_the_same_identity_at_two_providers_is_two_people(openid_provider, connect_providers, annas_account, visitor):
    connect_providers(openid_provider.entry(), openid_provider.entry("trust", "Our Trust"))

    answer = openid_provider.sign_in(visitor, "ann", "trust")

    assert answer.url == ARRIVAL
    assert "Our Trust" in visitor.get(ARRIVAL).content.decode()
    assert signed_in_as(visitor) is None


def test_another_claim_than_sub_may_say_who_a_person_is(openid_provider, connect_providers, visitor):
    connect_providers(openid_provider.entry(identity_claim="pairwiseID"))

    openid_provider.sign_in(visitor, openid_provider.person("ann", email="ann@clinic.example", pairwiseID="a1@x"))
    visitor.post(ARRIVAL, FORM)

    assert SocialAccount.objects.get().uid == "a1@x"


# Answers that are not to be believed


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ({"iss": "https://evil.example"}, "OAuth2Error from InvalidIssuerError"),
        ({"iss": None}, "OAuth2Error from MissingRequiredClaimError"),
        ({"aud": "another-site"}, "OAuth2Error from InvalidAudienceError"),
        ({"aud": None}, "OAuth2Error from MissingRequiredClaimError"),
        ({"exp": 1_700_000_000}, "OAuth2Error from ExpiredSignatureError"),
        ({"exp": None}, "the ID token has no exp"),
        ({"iat": None}, "the ID token has no iat"),
        ({"sub": "somebody-else"}, "the user info is not that of the person in the ID token"),
        ({"sub": None}, "the ID token has no sub"),
        ({"acr": "AAL1"}, "the ID token's acr is not one of those required"),
        ({"acr": None}, "the ID token's acr is not one of those required"),
        ({"level": 1}, "the ID token's level is not one of those required"),
        (None, "the provider sent no ID token"),
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(
    openid_provider, connect_providers, ann, annas_account, visitor, caplog, token, said
):
    connect_providers(openid_provider.entry(required_claims={"acr": ["AAL2", "AAL3"], "level": ["2", 3]}))
    openid_provider.bend(token=token if token is None else {"acr": "AAL3", "level": 3} | token)

    answer = openid_provider.sign_in(visitor, ann, next="/about/privacy/")

    assert answer.status_code == 401
    assert NOT_CONFIRMED in answer.content.decode()
    assert "/sign-in?next=%2Fabout%2Fprivacy%2F" in answer.content.decode()
    assert signed_in_as(visitor) is None
    assert f"Sign-in with provider nhs failed: {said}" in caplog.text


NOW = int(time.time())


@pytest.mark.parametrize(
    "token", [{}, {"level": 2}, {"level": "3"}, {"acr": "AAL2", "iat": NOW + 240, "nbf": NOW + 240}]
)
def test_a_token_that_is_right_lets_the_person_in_whichever_clock_is_ahead(
    openid_provider, connect_providers, ann, annas_account, visitor, token
):
    connect_providers(openid_provider.entry(required_claims={"acr": ["AAL2", "AAL3"], "level": ["2", 3]}))
    openid_provider.bend(token={"acr": "AAL3", "level": 3} | token)

    openid_provider.sign_in(visitor, ann)

    assert signed_in_as(visitor) == "ann@clinic.example"


RUBBISH = ["", "<html>", "null", "[]", "{}", '"text"', "7", '{"access_token": null}', '{"sub": []}', "[[1]]"]


@pytest.mark.parametrize("reply", RUBBISH)
@pytest.mark.parametrize("path", ["/oauth2/token", "/userinfo", "/.well-known/openid-configuration"])
def test_rubbish_from_the_provider_is_explained(openid_provider, ann, annas_account, visitor, path, reply):
    way_back = openid_provider.way_back(visitor, ann)
    openid_provider.bend(replies={path: reply or " "})

    answer = visitor.get(way_back)

    assert answer.status_code == 401
    assert NOT_CONFIRMED in answer.content.decode() or OUT_OF_REACH in answer.content.decode()
    assert signed_in_as(visitor) is None


@pytest.mark.parametrize("reply", RUBBISH)
def test_rubbish_before_the_way_to_the_provider_is_explained(openid_provider, visitor, reply):
    openid_provider.bend(replies={"/.well-known/openid-configuration": reply or " "})

    answer = visitor.post("/account/oidc/nhs/login/", {"next": "/about/privacy/"})

    assert answer.status_code == 401
    assert "/sign-in?next=%2Fabout%2Fprivacy%2F" in answer.content.decode()


@pytest.mark.parametrize("sub", ["x" * 192, "a\0b", ""])
def test_an_identity_that_cannot_be_kept_is_explained(openid_provider, connect_providers, visitor, sub):
    connect_providers(openid_provider.entry(identity_claim="uid"))

    answer = openid_provider.sign_in(visitor, openid_provider.person("ann", uid=sub))

    assert NOT_CONFIRMED in answer.content.decode()


def test_a_provider_that_is_down_is_explained_and_the_log_says_more(
    openid_provider, connect_providers, ann, visitor, caplog
):
    way_back = openid_provider.way_back(visitor, ann, next="/about/privacy/")
    connect_providers(openid_provider.entry() | {"server_url": NOWHERE})

    for answer in (
        visitor.post("/account/oidc/nhs/login/", {"next": "/about/privacy/"}),
        visitor.get(way_back),
    ):
        assert answer.status_code == 401
        assert OUT_OF_REACH in answer.content.decode()
        assert "/sign-in?next=%2Fabout%2Fprivacy%2F" in answer.content.decode()
    assert caplog.text.count("Sign-in with provider nhs failed: HTTPConnectionPool(host='127.0.0.1', port=9)") == 2


def test_what_the_provider_said_of_a_wrong_secret_is_in_the_log(openid_provider, ann, visitor, caplog):
    way_back = openid_provider.way_back(visitor, ann)
    refusal = '{"error": "invalid_client", "error_description": "The secret has expired.", "id_token": "hidden"}'
    openid_provider.bend(replies={"/oauth2/token": refusal})

    visitor.get(way_back)

    assert "('error', 'invalid_client'), ('error_description', 'The secret has expired.')" in caplog.text
    assert "hidden" not in caplog.text


def test_an_error_in_the_way_back_is_explained_and_logged_on_one_line(openid_provider, visitor, caplog):
    there = visitor.post("/account/oidc/nhs/login/")
    state = query(there.url)["state"]

    answer = visitor.get(
        "/account/oidc/nhs/login/callback/",
        {"state": state, "error": "server_error", "error_description": "a\nforged line"},
    )

    assert answer.status_code == 401
    assert "('error', 'server_error'), ('error_description', 'a\\nforged line')" in caplog.text


@pytest.mark.parametrize("parameters", [{}, {"state": "forged", "code": "x"}, {"code": "x"}])
def test_a_way_back_that_began_nowhere_is_explained(openid_provider, visitor, parameters):
    answer = visitor.get("/account/oidc/nhs/login/callback/", parameters)

    assert answer.status_code == 401
    assert "started in another browser" in answer.content.decode()


def test_a_way_back_serves_once_and_in_the_browser_where_it_began(openid_provider, ann, annas_account, visitor):
    way_back = openid_provider.way_back(visitor, ann)
    thief = Client()

    assert "started in another browser" in thief.get(way_back).content.decode()
    assert signed_in_as(thief) is None
    visitor.get(way_back)
    assert signed_in_as(visitor)
    assert "was already used" in thief.get(way_back).content.decode()


def test_after_cancelling_the_way_on_leads_to_the_page_wanted(openid_provider, visitor):
    state = query(visitor.post("/account/oidc/nhs/login/", {"next": "/about/privacy/"}).url)["state"]

    there = visitor.get("/account/oidc/nhs/login/callback/", {"state": state, "error": "access_denied"})
    page = visitor.get(there.url).content.decode()

    assert "You did not sign in" in page
    assert "/sign-in?next=%2Fabout%2Fprivacy%2F" in page


def test_a_provider_that_is_not_in_settings_is_not_found(openid_provider, visitor):
    assert visitor.post("/account/oidc/other/login/").status_code == 404
    assert visitor.get("/account/oidc/other/login/callback/").status_code == 404


def test_in_production_a_provider_is_talked_to_over_tls_only(openid_provider, visitor, settings):
    settings.PRODUCTION = True

    assert OUT_OF_REACH in visitor.post("/account/oidc/nhs/login/").content.decode()
    assert openid_provider.asked("/.well-known/openid-configuration") == []


# What is sent to the provider


def test_the_code_serves_only_whoever_asked_for_it(openid_provider, ann, visitor):
    openid_provider.sign_in(visitor, ann)

    [(form, _)] = openid_provider.asked("/oauth2/token")
    sent = openid_provider.sent
    challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    assert (sent["code_challenge_method"], sent["code_challenge"]) == ("S256", challenge)
    assert sent["redirect_uri"] == "http://testserver/account/oidc/nhs/login/callback/"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {"scope": {"openid", "profile", "email"}}),
        ({"scope": ["openid", "nationalrbacaccess"]}, {"scope": {"openid", "nationalrbacaccess"}}),
        ({"acr_values": "AAL2_OR_AAL3_ANY"}, {"acr_values": {"AAL2_OR_AAL3_ANY"}}),
        ({"pkce": False}, {"code_challenge": set()}),
    ],
)
def test_the_setting_says_what_is_asked_of_the_provider(openid_provider, connect_providers, visitor, more, expected):
    connect_providers(openid_provider.entry(**more))

    asked = query(visitor.post("/account/oidc/nhs/login/").url)

    assert {name: set(asked.get(name, "").split()) for name in expected} == expected


@pytest.mark.parametrize(("method", "in_header"), [("client_secret_basic", True), ("client_secret_post", False)])
def test_the_setting_says_how_the_secret_is_sent(openid_provider, connect_providers, ann, visitor, method, in_header):
    connect_providers(openid_provider.entry(token_auth_method=method))
    openid_provider.sign_in(visitor, ann)

    [(form, headers)] = openid_provider.asked("/oauth2/token")

    assert ("Authorization" in headers, "client_secret" in form) == (in_header, not in_header)


# The buttons


@pytest.mark.parametrize(("path", "form"), [("/sign-in", "sign-in"), ("/sign-up", "sign-up-elsewhere")])
def test_each_provider_has_a_button_that_takes_the_page_wanted_along_and_costs_no_query(
    openid_provider, connect_providers, visitor, path, form, django_assert_num_queries
):
    connect_providers(openid_provider.entry(), openid_provider.entry("our-trust", "Our Trust <&>"))

    with django_assert_num_queries(0):
        page = visitor.get(path, {"next": "/about/privacy/"})

    html = page.content.decode()
    inside = re.search(rf'<form[^>]* id="{form}".*?</form>', html, re.DOTALL)[0]
    assert 'name="next" value="/about/privacy/"' in inside
    assert ('name="remember"' in inside) is (path == "/sign-in")
    for id, name in (("nhs", "NHS Care Identity"), ("our-trust", "Our Trust &lt;&amp;&gt;")):
        button = re.search(rf"<button[^>]*/account/oidc/{id}/login/[^>]*>[^<]*{name}</button>", html)[0]
        assert f'form="{form}"' in button
        assert "formnovalidate" in button
    assert openid_provider.url in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up"])
def test_without_a_provider_there_is_no_trace_of_single_sign_on(visitor, people, signed_in, path):
    page = visitor.get(path)

    assert "oidc" not in page.content.decode()
    assert "form-action 'self';" in page.headers["Content-Security-Policy"] + ";"
    assert "Single sign-on" not in signed_in(people.reader).get("/about/privacy/").content.decode()


# Connecting and disconnecting


def reauthenticate(browser: Client, url: str):
    """Give the password that the site asks for again."""
    assert url.startswith("/account/reauthenticate/")
    return browser.post(url, {"password": PASSWORD})


def test_a_person_connects_a_provider_and_signs_in_with_it(openid_provider, ann, people, signed_in, visitor):
    browser = signed_in(people.reader)
    assert "Connect NHS Care Identity" in browser.get(CONNECTIONS).content.decode()

    answer = openid_provider.sign_in(browser, ann, process="connect")
    assert not SocialAccount.objects.exists()
    answer = reauthenticate(browser, answer.url)

    assert answer.url == CONNECTIONS
    assert "Disconnect" in browser.get(CONNECTIONS).content.decode()
    openid_provider.sign_in(visitor, ann)
    assert signed_in_as(visitor) == "reader@clinic.example"
    assert EmailAddress.objects.filter(user=people.reader).count() == 1


def test_a_provider_account_that_is_anothers_is_not_connected(openid_provider, ann, annas_account, people, signed_in):
    browser = signed_in(people.reader)

    reauthenticate(browser, openid_provider.sign_in(browser, ann, process="connect").url)

    assert SocialAccount.objects.get().user == annas_account
    assert signed_in_as(browser) == "reader@clinic.example"


def test_the_last_way_of_signing_in_is_not_disconnected(openid_provider, ann, annas_account, visitor):
    openid_provider.sign_in(visitor, ann)

    answer = visitor.post(CONNECTIONS, {"account": SocialAccount.objects.get().pk})

    assert "This is your only way to sign in. Set a password first, then disconnect it." in answer.content.decode()
    assert SocialAccount.objects.exists()


def test_a_provider_that_has_left_the_settings_is_no_way_of_signing_in(
    openid_provider, connect_providers, ann, annas_account, visitor
):
    connect_providers(openid_provider.entry(), openid_provider.entry("trust", "Our Trust"))
    openid_provider.sign_in(visitor, ann)
    openid_provider.sign_in(visitor, ann, "trust", process="connect")
    assert SocialAccount.objects.filter(user=annas_account).count() == 1
    reauthenticate_by_email(visitor)
    assert SocialAccount.objects.filter(user=annas_account).count() == 2

    connect_providers(openid_provider.entry())
    page = visitor.get(CONNECTIONS).content.decode()
    mine, gone = (SocialAccount.objects.get(provider=name) for name in ("nhs", "trust"))
    visitor.post(CONNECTIONS, {"account": mine.pk})
    visitor.post(CONNECTIONS, {"account": gone.pk})

    assert "NHS Care Identity" in page
    assert "Our Trust" not in page
    assert SocialAccount.objects.count() == 2


def test_who_has_a_password_disconnects(openid_provider, ann, annas_account, visitor):
    annas_account.set_password(PASSWORD)
    annas_account.save()
    openid_provider.sign_in(visitor, ann)

    answer = visitor.post(CONNECTIONS, {"account": SocialAccount.objects.get().pk})
    reauthenticate(visitor, answer.url)

    assert not SocialAccount.objects.exists()


def test_nobody_disconnects_anothers_provider(openid_provider, annas_account, people, signed_in):
    signed_in(people.reader).post(CONNECTIONS, {"account": SocialAccount.objects.get().pk})

    assert SocialAccount.objects.exists()


def test_who_never_had_a_password_sets_one(openid_provider, ann, annas_account, visitor):
    openid_provider.sign_in(visitor, ann)

    assert visitor.get("/account/password/change/").url == "/account/password/set/"
    assert visitor.get("/account/password/set/").url.startswith("/account/reauthenticate/code/")
    reauthenticate_by_email(visitor)
    visitor.post("/account/password/set/", {"password1": PASSWORD, "password2": PASSWORD})

    annas_account.refresh_from_db()
    assert annas_account.check_password(PASSWORD)


def test_who_never_had_a_password_signs_in_by_a_code_when_the_provider_is_gone(annas_account, connect_providers):
    connect_providers()
    browser = Client()

    confirm = browser.post("/account/login/code/", {"email": annas_account.email})
    browser.post(confirm.url, {"code": emailed_code()})

    assert signed_in_as(browser) == annas_account.email
    assert "not connected to any other service" in browser.get(CONNECTIONS).content.decode()


def test_a_provider_of_whoever_made_the_account_opens_it_no_more_once_its_address_is_confirmed_by_reset(
    openid_provider, visitor
):
    eve = openid_provider.person("eve", email="eve@elsewhere.example", name="Eve")
    openid_provider.sign_in(visitor, eve)
    visitor.post(ARRIVAL, FORM)  # with Ann's address

    ann = Client()
    ann.post("/account/password/reset/", {"email": "ann@clinic.example"})
    ann.post("/account/password/reset/confirm/", {"code": emailed_code()})
    ann.post("/account/password/reset/complete/", {"password1": "an entirely new phrase"})
    openid_provider.sign_in(visitor, eve)

    assert signed_in_as(ann) == "ann@clinic.example"
    assert signed_in_as(visitor) is None


@pytest.mark.parametrize("path", ["/account/email/", CONNECTIONS])
def test_who_never_had_a_password_is_not_asked_for_one(openid_provider, ann, annas_account, visitor, path):
    openid_provider.sign_in(visitor, ann)

    assert visitor.get(path).status_code == 200


def test_providers_are_not_kept_in_the_admin():
    assert not {"socialapp", "socialtoken"} & {model._meta.model_name for model in admin.site._registry}
