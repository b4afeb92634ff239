"""What happens to accounts is written down, one line each, and nothing secret or typed ever is."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import audit
from accounts.allauth_private import context, totp
from accounts.models import User
from accounts.personal_data import deletion
from tests.accounts.passkeys import Device
from tests.accounts.steps import (
    CODE,
    DECLARATION,
    NEW_PASSWORD,
    WRONG,
    confirmed,
    emailed_code,
    recovery_codes,
    sign_in,
)
from tests.conftest import PASSWORD, reauthenticate_by_email

AGENT = "Mozilla/5.0 (X11; Linux x86_64)"


class Heard(logging.Handler):
    """Everything that any logger says, as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def text(self) -> str:
        """All of it, tracebacks and arguments too."""
        return "\n".join(f"{self.format(record)} {record.args!r}" for record in self.records)

    @property
    def lines(self) -> list[str]:
        """The lines about accounts."""
        return [record.getMessage() for record in self.records if record.name == "accounts.audit"]

    def events(self) -> list[str]:
        """What happened since this was asked last, without who and where."""
        lines = [re.sub(r" (address|agent)=.*", "", line).removeprefix("event=") for line in self.lines]
        self.records.clear()
        return [re.sub(r"account=\d+", "account=N", line) for line in lines]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """A listener at the root and at every logger that does not hand on to it."""
    handler, root = Heard(), logging.getLogger()
    deaf = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    ears = [root, *(logger for logger in deaf if not logger.propagate)]
    for logger in ears:
        logger.addHandler(handler)
    yield handler
    for logger in ears:
        logger.removeHandler(handler)


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"User-Agent": AGENT}, REMOTE_ADDR="203.0.113.5")


def test_a_line_says_what_to_whom_from_where_and_with_what(person, heard, visitor):
    reader = person("reader")

    sign_in(visitor)

    expected = f'event=sign_in account={reader.pk} how=password second_factor=- address=203.0.113.5 agent="{AGENT}"'
    assert heard.lines == [expected]
    assert heard.records[-1].levelname == "INFO"


def test_signing_up_in_and_out(db, heard, visitor):
    User.objects.create_superuser("first@clinic.example")  # the numbers of accounts and of addresses differ
    visitor.post("/sign-up", DECLARATION | {"name": "Ann Nurse", "email": "ann@clinic.example"})
    visitor.post("/account/confirm-email/", {"code": WRONG})
    visitor.post("/account/confirm-email/", {"code": emailed_code()})
    visitor.post("/sign-out")

    ann = User.objects.get(email="ann@clinic.example")
    assert all(f" account={ann.pk} " in line for line in heard.lines)
    assert heard.events() == [
        "sign_up account=N",
        "email_confirmation_failed account=N how=code",
        "email_confirmed account=N",
        "sign_in account=N how=sign_up second_factor=-",
        "sign_out account=N",
    ]


def test_of_somebody_who_was_not_signed_in_no_sign_out_is_written_down(db, heard, rf):
    request = rf.post("/")
    SessionMiddleware(lambda request: None).process_request(request)
    request.user = AnonymousUser()

    logout(request)

    assert heard.lines == []


@pytest.mark.parametrize(("email", "account"), [("reader@clinic.example", "N"), ("nobody@clinic.example", "-")])
def test_a_wrong_password_names_the_account_if_there_is_one_and_never_what_was_typed(person, heard, email, account):
    person("reader")

    sign_in(Client(), email, "typed-in-the-wrong-box")

    assert heard.events() == [f"sign_in_failed account={account} how=password"]
    sign_in(Client(), "typed-in-the-wrong-box", "x")
    sign_in(Client(), "typed-in@the-wrong.box", "x")
    assert "the-wrong" not in heard.text


def test_emailed_codes_and_a_new_password(person, heard, visitor):
    person("reader")
    visitor.post("/account/login/code/", {"email": "reader@clinic.example"})
    visitor.post("/account/login/code/confirm/", {"code": WRONG})
    visitor.post("/account/login/code/confirm/", {"code": emailed_code()})
    assert heard.events() == ["sign_in_failed account=N how=code", "sign_in account=N how=code second_factor=-"]

    other = Client()
    other.post("/account/password/reset/", {"email": "reader@clinic.example"})
    other.post("/account/password/reset/confirm/", {"code": WRONG})
    other.post("/account/password/reset/confirm/", {"code": emailed_code()})
    other.post("/account/password/reset/complete/", NEW_PASSWORD)
    assert heard.events() == [
        "password_reset_failed account=N how=code",
        "password_reset account=N",
        "sign_in account=N how=password_reset second_factor=-",
    ]

    other.post("/account/password/change/", NEW_PASSWORD | {"oldpassword": "guess"})
    assert heard.events() == ["reauthentication_failed account=N how=password"]
    other.post("/account/password/change/", {"oldpassword": NEW_PASSWORD["password1"], "password1": "yet another one",
                                             "password2": "yet another one"})  # fmt: skip
    assert heard.events() == ["password_changed account=N"]


def test_a_first_password_an_address_and_confirming_who_you_are(person, heard, signed_in):
    user = person("reader")
    client = signed_in(user)
    heard.records.clear()

    client.post("/account/reauthenticate/", {"password": "guess"})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.post("/account/email/", {"email": "new@clinic.example", "action_add": ""})
    client.post("/account/confirm-email/", {"code": emailed_code()})
    assert heard.events() == [
        "reauthentication_failed account=N how=password",
        "reauthenticated account=N how=password",
        "email_confirmed account=N",
        "email_changed account=N",
    ]

    user.refresh_from_db()
    user.set_unusable_password()
    user.save()
    client = signed_in(user)
    reauthenticate_by_email(client)
    heard.records.clear()
    client.post("/account/password/set/", {"password1": "a first long one", "password2": "a first long one"})
    assert heard.events() == ["password_set account=N"]


def set_up_app(client: Client) -> tuple[str, list[str]]:
    """Set up an authenticator app as a person does; its secret and the recovery codes."""
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.get("/account/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    authenticator = Authenticator.objects.get(type="recovery_codes")
    return secret, authenticator.wrap().get_unused_codes()


def code_of(secret: str, periods: int = 0) -> str:
    counter = list(totp.yield_hotp_counters_from_time())[1]
    return totp.format_hotp_value(totp.hotp_value(secret, counter + periods))


@pytest.mark.django_db(transaction=True)
def test_second_factors(person, heard, signed_in):
    client = signed_in(person("reader"))
    heard.records.clear()
    secret, codes = set_up_app(client)
    assert heard.events() == [
        "reauthenticated account=N how=password",
        "factor_added account=N factor=totp",
        "recovery_codes_made account=N",
    ]

    client.post("/account/2fa/recovery-codes/generate/")
    assert heard.events() == ["recovery_codes_made account=N"]
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()

    browser = Client()
    page = sign_in(browser).url
    browser.post(page, {"code": "00000000"})
    browser.post(page, {"code": codes[0]})
    assert heard.events() == [
        "second_factor_failed account=N factor=totp",
        "recovery_code_used account=N",
        "sign_in account=N how=password second_factor=recovery_codes",
    ]

    browser = Client()
    page = sign_in(browser).url
    browser.post(page, {"credential": '{"id": "typed"}'})
    browser.post(page, {"code": code_of(secret, 1)})
    assert heard.events() == [
        "sign_in_failed account=N how=passkey",
        "sign_in account=N how=password second_factor=totp",
    ]

    client.post("/account/2fa/totp/deactivate/")
    assert heard.events() == ["factor_removed account=N factor=totp", "factor_removed account=N factor=recovery_codes"]


LOG_IN, CONFIRM = "/account/2fa/webauthn/login/", "/account/2fa/webauthn/reauthenticate/"


def test_a_passkey(person, heard, signed_in):
    client, device = confirmed(signed_in(person("reader"))), Device()
    device.add_to(client)
    heard.records.clear()

    browser = Client()
    options = browser.get(LOG_IN, headers={"X-Requested-With": "XMLHttpRequest"}).json()["request_options"]
    browser.post(LOG_IN, {"credential": device.answer(options)})
    browser.post(CONFIRM, {"credential": device.answer(options)})  # the answer to a question that was asked before
    options = browser.get(CONFIRM).context["js_data"]["request_options"]
    browser.post(CONFIRM, {"credential": device.answer(options)})
    Client().post(LOG_IN, {"credential": '{"id": "typed"}'})

    assert heard.events() == [
        "sign_in account=N how=passkey second_factor=-",
        "reauthentication_failed account=N how=passkey",
        "reauthenticated account=N how=webauthn",
        "sign_in_failed account=- how=passkey",
    ]


def test_a_sign_in_provider(person, heard, rf, settings, signed_in):
    app = {
        "provider_id": "trust",
        "name": "The trust",
        "client_id": "site",
        "secret": "of-the-provider",
        "settings": {},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    person("other")
    user = person("reader")
    request = rf.post("/")
    request.user = user
    SessionMiddleware(lambda request: None).process_request(request)

    with context.request_context(request):
        SocialLogin(user=user, account=SocialAccount(provider="trust", uid="uid-at-trust")).connect(request, user)

    assert f" account={user.pk} " in heard.lines[0]
    assert heard.events() == ["provider_connected account=N provider=trust"]
    client = signed_in(user)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    heard.records.clear()
    client.post("/account/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert f" account={user.pk} " in heard.lines[0]
    assert heard.events() == ["provider_disconnected account=N provider=trust"]


def test_other_sessions_limits_the_admin_and_the_end_of_an_account(people, heard, signed_in, settings):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client)
    heard.records.clear()
    here.post("/account/sessions/")
    assert heard.events() == ["session_ended account=N"]

    editing = signed_in(people.editor)
    heard.records.clear()
    for path in ("/admin/", "/admin/", "/admin/content/"):
        editing.get(path)
    signed_in(people.other).get("/admin/")
    assert [event for event in heard.events() if "sign_in" not in event] == ["admin_entered account=N"]

    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "1/m/ip", "login_failed": "1/m/key"}
    for _ in range(2):
        Client().post("/account/login/code/", {"email": "other@clinic.example"})
    sign_in(Client(), password="guess")
    sign_in(Client())
    assert heard.events() == ["sign_in_failed account=N how=password", "limit_reached account=- at=account_login"]


@pytest.mark.django_db(transaction=True)
def test_what_an_administrator_does_to_an_account_names_them(people, heard, signed_in):
    administrator, by = signed_in(people.administrator), people.administrator.pk
    new = {"email": "new@clinic.example", "name": "Ann", "usable_password": "true"}
    administrator.get("/admin/")
    heard.records.clear()

    administrator.post("/admin/accounts/user/add/", new | NEW_PASSWORD)
    assert heard.events() == [f"added_by_administrator account=N by={by}"]

    recovery_codes(people.editor)
    administrator.post(f"/admin/accounts/user/{people.editor.pk}/second-factors/")
    assert heard.events() == [
        f"factor_removed account=N factor=totp by={by}",
        f"factor_removed account=N factor=recovery_codes by={by}",
    ]

    administrator.post(f"/admin/accounts/user/{people.reader.pk}/delete/", {"post": "yes"})
    assert heard.events() == [f"account_deleted account=N by={by}"]


@pytest.mark.django_db(transaction=True)
def test_who_deletes_their_own_account_and_what_is_done_on_the_server(people, heard, reauthenticated):
    call_command("remove_second_factors", people.editor.email)
    assert heard.events() == ["factor_removed account=N factor=totp by=-"]

    client = reauthenticated(people.reader)
    heard.records.clear()
    client.post("/account/delete/", {"is_sure": "on"})
    assert heard.events()[0] == f"account_deleted account=N by={people.reader.pk}"


@pytest.mark.django_db(transaction=True)
def test_an_account_that_is_not_deleted_after_all_is_not_said_to_be(people, heard):
    @transaction.atomic
    def delete(*users: User) -> None:
        for user in users:
            deletion.delete_account(user=user, by=people.administrator)

    with pytest.raises(deletion.Refused):
        delete(people.reader, people.administrator)

    assert heard.events() == []


def test_the_limit_of_an_account(person, heard, settings):
    limits = {"login_failed": "1/m/key", "second_factor_failed": "0/d/key"}
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | limits
    person("reader")
    for _ in range(2):
        sign_in(Client(), password="guess")
    assert heard.events() == [
        "sign_in_failed account=N how=password",
        "limit_reached account=- at=account_login",
    ]

    editor = Client()
    step = sign_in(editor, person("editor").email).url
    heard.records.clear()
    editor.post(step, {"code": "000000"})
    assert heard.events() == ["limit_reached account=- at=mfa_authenticate"]


@pytest.mark.parametrize("box", [{}, {"remember": "on"}])
def test_a_session_that_ends_by_itself(person, heard, time_machine, settings, box):
    person("reader")
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    client = Client()
    client.post("/sign-in", {"login": "reader@clinic.example", "password": PASSWORD} | box)
    heard.records.clear()

    if box:  # the session's own end, after which nothing is known of it, is so long after it was last used
        time_machine.move_to(now + timedelta(days=1))
        client.get("/")
    time_machine.move_to(now + (timedelta(days=settings.KEEP_SIGNED_IN_DAYS) if box else settings.IDLE_TIME))
    client.get("/")
    client.get("/")

    assert heard.events() == ["idle_end account=N", "sign_out account=N"]


def test_a_changed_profile_names_the_fields_and_not_what_they_say(person, heard, signed_in):
    client = signed_in(person("reader"))
    form = {"name": "Ann Nurse", "profession": "nurse", "country": "GB"}
    heard.records.clear()

    for number in ("", "", "12A3456E"):
        client.post("/account/profile/", form | {"register": "nmc" if number else "", "registration_number": number})

    assert heard.events() == [
        "profile_changed account=N fields=name,country",
        "profile_changed account=N fields=register,registration_number",
    ]


def test_a_wrong_emailed_code_to_confirm_who_you_are(person, heard, signed_in):
    user = person("reader")
    user.set_unusable_password()
    user.save()
    client = signed_in(user)
    client.post("/account/reauthenticate/code/")
    heard.records.clear()

    client.post("/account/reauthenticate/code/confirm/", {"code": ""})
    client.post("/account/reauthenticate/code/confirm/", {"code": WRONG})
    client.post("/account/reauthenticate/code/confirm/", {"code": emailed_code()})

    assert heard.events() == ["reauthentication_failed account=N how=code", "reauthenticated account=N how=code"]


def test_a_browser_cannot_forge_a_line(person, heard):
    person("reader")
    forged = 'x"\nevent=sign_in account=1\r\u2028\x1b[31m ' + "y" * 500

    request = Client(headers={"User-Agent": forged})
    sign_in(request, password="guess")

    (line,) = heard.lines
    assert line.isascii()
    assert line.isprintable()
    assert re.findall(r"event=(\w+)", line.partition(" agent=")[0]) == ["sign_in_failed"]
    assert len(line) < 400


def test_outside_a_request_a_line_is_written_too(heard):
    audit.record("idle_end", account=7, reason="a word\nand another")

    assert heard.lines == ['event=idle_end account=7 reason="a word\\nand another"']


@pytest.mark.django_db(transaction=True)
def test_nothing_secret_or_typed_or_personal_is_ever_logged(person, heard, settings, signed_in):
    secrets = {PASSWORD, *NEW_PASSWORD.values(), "my-secret-in-the-wrong-box", "Zebedee", "clinic.example"}
    clients = []

    def browser() -> Client:
        clients.append(Client(raise_request_exception=False))
        return clients[-1]

    def note() -> None:
        for client in clients:
            secrets.update(cookie.value for cookie in client.cookies.values() if len(cookie.value) > 8)
        for message in mail.outbox:
            secrets.update(CODE.findall(message.body))

    ann = browser()
    ann.post("/sign-up", DECLARATION | {"name": "Zebedee", "email": "zebedee@clinic.example"})
    note()
    ann.post("/account/confirm-email/", {"code": WRONG})
    ann.post("/account/confirm-email/", {"code": emailed_code()})
    note()
    secret, recovery = set_up_app(ann)
    secrets.update({secret, *recovery, code_of(secret), code_of(secret, 1)})
    note()
    for form in ({"login": "my-secret-in-the-wrong-box", "password": "x"}, {"login": "zebedee@clinic.example"},
                 {"login": "my-secret-in-the-wrong-box@x.example", "password": PASSWORD}):  # fmt: skip
        browser().post("/sign-in?next=/my-secret-in-the-wrong-box", form)
    second = browser()
    page = sign_in(second, "zebedee@clinic.example").url
    note()
    second.post(page, {"code": "my-secret-in-the-wrong-box"})
    second.post(page, {"code": recovery[0]})
    note()
    for path in ("/account/login/code/", "/account/password/reset/"):
        asking = browser()
        for address in ("zebedee@clinic.example", "unknown@clinic.example"):
            for _ in range(7):
                asking.post(path, {"email": address})
        note()
    reset = clients[-1]
    reset.post("/account/password/reset/confirm/", {"code": "my-secret-in-the-wrong-box"})
    ann.post("/account/email/", {"email": "new@clinic.example", "action_add": ""})
    note()
    ann.post("/account/confirm-email/", {"code": emailed_code()})
    ann.post("/account/password/change/", NEW_PASSWORD | {"oldpassword": PASSWORD})
    ann.post("/account/2fa/recovery-codes/generate/")
    ann.post("/account/2fa/webauthn/login/", {"credential": '{"id": "my-secret-in-the-wrong-box"}'})
    ann.post("/account/sessions/")
    note()
    forged = Client(enforce_csrf_checks=True)
    forged.post(
        "/sign-in", {"login": "my-secret-in-the-wrong-box"}, headers={"Referer": "https://my-secret-in-the-wrong-box"}
    )
    ann.post("/annotations/1/", {"text": "my-secret-in-the-wrong-box"})
    ann.get("/none/")
    # The mail server refuses, and the site breaks.
    settings.EMAIL_BACKEND = "tests.accounts.refusing_mail.EmailBackend"
    browser().post("/account/login/code/", {"email": "another@clinic.example"})
    zebedee = User.objects.get(name="Zebedee")
    deletion.delete_account(user=zebedee, by=zebedee)
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [], "OPTIONS": {}}]
    broken = browser().post("/sign-in", {"login": "zebedee@clinic.example", "password": "my-secret-in-the-wrong-box"})
    assert broken.status_code == 500

    said = heard.text
    assert said.count("event=") > 20
    assert "Traceback" in said
    assert sorted(secret for secret in secrets if secret.lower() in said.lower()) == []
    assert EmailAddress.objects.count() == 0
