import re

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from tests.accounts.steps import recovery_codes
from tests.conftest import APP_KEY, PASSWORD

AUTHENTICATE = "/account/2fa/authenticate/"


def path(user: User) -> str:
    return f"/admin/accounts/user/{user.pk}/second-factors/"


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def lost(people, transactional_db, code_from_app):
    """The editor, who has an authenticator app and recovery codes, and is signed in at two browsers."""
    recovery_codes(people.editor)
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.post("/sign-in", {"login": people.editor.email, "password": PASSWORD})
        browser.post(AUTHENTICATE, {"code": code_from_app()})
        assert browser.get("/admin/").status_code == 200
    people.editor.browsers = browsers
    return people.editor


def assert_removed(user: User) -> None:
    assert not Authenticator.objects.filter(user=user).exists()
    for browser in user.browsers:
        assert browser.get("/account/2fa/").url.startswith("/sign-in")
    assert [message.to for message in mail.outbox] == [[user.email]]
    assert "Two-step sign-in was turned off" in mail.outbox[0].subject
    body = mail.outbox[0].body
    assert user.name in body
    assert "Clinical reference" in body
    assert "contact@guidance.example" in body
    browser = Client()
    assert browser.post("/sign-in", {"login": user.email, "password": PASSWORD}).url == "/"


def test_an_administrator_reads_what_to_check_and_removes_what_somebody_lost(lost, people, signed_in, caplog):
    administrator = signed_in(people.administrator)
    account = text(administrator.get(f"/admin/accounts/user/{lost.pk}/change/"))
    assert f'href="{path(lost)}">Turn off two-step sign-in' in account
    assert "Authenticator app, recovery codes" in account

    asked = text(administrator.get(path(lost)))
    assert "Call them back on a number you already have" in asked
    assert Authenticator.objects.filter(user=lost).count() == 2
    response = administrator.post(path(lost))

    assert response.url == f"/admin/accounts/user/{lost.pk}/change/"
    assert_removed(lost)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (people.administrator, str(lost.pk))
    assert "Turned off two-step sign-in" in entry.change_message
    for factor in ("totp", "recovery_codes"):
        assert f"event=factor_removed account={lost.pk} factor={factor} by={people.administrator.pk} " in caplog.text
    assert "nothing to turn off" in text(administrator.get(path(lost)))


def test_a_mail_server_that_refuses_undoes_nothing(lost, people, signed_in, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # where nothing listens

    assert signed_in(people.administrator).post(path(lost)).status_code == 302

    assert not Authenticator.objects.filter(user=lost).exists()
    assert LogEntry.objects.get().object_id == str(lost.pk)
    assert "An email could not be sent: second_factors_removed" in caplog.text
    assert lost.email not in caplog.text


def test_the_command_removes_them_where_nobody_can_sign_in(lost, capsys, caplog):
    call_command("remove_second_factors", lost.email.upper())

    assert_removed(lost)
    assert "signed out everywhere" in capsys.readouterr().out
    for factor in ("totp", "recovery_codes"):
        assert f"event=factor_removed account={lost.pk} factor={factor} by=-" in caplog.text


@pytest.mark.parametrize(
    ("email", "reason"),
    [("nobody@clinic.example", "There is no account"), ("reader@clinic.example", "does not use two-step sign-in")],
)
def test_the_command_says_why_it_did_nothing(people, email, reason):
    with pytest.raises(CommandError, match=reason):
        call_command("remove_second_factors", email)
    assert mail.outbox == []


@pytest.mark.parametrize("role", [None, "reader", "editor", "reviewer", "helper", "administrator"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_an_administrator_may_and_not_for_themselves(people, person, signed_in, role, method):
    lost = people.administrator
    client = Client()
    if role == "helper":
        helper = person("editor", email="helper@clinic.example")
        helper.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
        client = signed_in(helper)
        assert "Turn off two-step sign-in" not in text(client.get(f"/admin/accounts/user/{lost.pk}/change/"))
    elif role:
        client = signed_in(getattr(people, role))
    response = getattr(client, method)(path(lost))

    assert response.status_code in (302, 403)
    assert Authenticator.objects.filter(user=lost).exists()
    assert mail.outbox == []


def test_the_admin_shows_and_sets_nothing_secret(people, signed_in):
    shown = {model._meta.label for model in admin.site._registry}
    hidden = [model for model in apps.get_models() if model._meta.app_config.name.startswith("allauth.")]
    administrator = signed_in(people.administrator)

    assert "accounts.User" in shown
    assert len(hidden) > 5
    for model in hidden:
        assert model._meta.label not in shown
        assert administrator.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/").status_code == 404
    account = text(administrator.get(f"/admin/accounts/user/{people.editor.pk}/change/"))
    kept = Authenticator.objects.get(user=people.editor).data["secret"]
    assert kept not in account
    assert APP_KEY not in account
