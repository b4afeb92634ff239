import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User


def passwords(capsys) -> dict[str, str]:
    return dict(re.findall(r"(\w+@demo\.example)[ ]+(\S+)", capsys.readouterr().out))


@pytest.mark.django_db
def test_each_role_can_sign_in_with_the_password_printed(capsys):
    call_command("create_demo_accounts")
    made = passwords(capsys)

    assert len(made) == len(set(made.values())) == 4
    for email, password in made.items():
        client = Client()
        response = client.post("/sign-in", {"login": email, "password": password})
        if not email.startswith("reader"):
            call_command("create_demo_accounts", "--code", email.partition("@")[0])
            response = client.post(response.url, {"code": capsys.readouterr().out.strip()})
        assert response.url == "/"
        assert client.get("/admin/", follow=True).status_code == (403 if email.startswith("reader") else 200)


@pytest.mark.django_db
def test_whoever_edits_is_given_the_key_of_an_authenticator_app_anew_each_time(capsys, code_from_app, time_machine):
    time_machine.move_to("2026-11-22 09:00Z", tick=False)
    keys = []
    for _ in range(2):
        call_command("create_demo_accounts")
        printed = capsys.readouterr().out
        keys.append(re.findall(r"key for an authenticator app: ([A-Z2-7]{32})$", printed, re.MULTILINE))
        assert re.findall(
            r"otpauth://totp/(\w+)%40demo.example\?secret=(\w+)&issuer=Clinical%20reference", printed
        ) == [*zip(["editor", "reviewer", "administrator"], keys[-1], strict=True)]

    assert len({*keys[0], *keys[1]}) == 6
    call_command("create_demo_accounts", "--code", "reviewer")
    assert capsys.readouterr().out.strip() == code_from_app(keys[1][1])


@pytest.mark.django_db
def test_a_code_is_for_an_account_that_is_there():
    with pytest.raises(CommandError, match="no such demo account"):
        call_command("create_demo_accounts", "--code", "editor")


@pytest.mark.django_db
def test_running_it_again_makes_new_passwords_and_no_new_accounts(capsys):
    call_command("create_demo_accounts")
    first = passwords(capsys)
    call_command("create_demo_accounts")

    assert set(passwords(capsys).values()).isdisjoint(first.values())
    assert User.objects.count() == 4


@pytest.mark.django_db
def test_an_offer_without_a_terminal_makes_them_once(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    call_command("create_demo_accounts", "--offer")
    assert len(passwords(capsys)) == 4

    call_command("create_demo_accounts", "--offer")
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_they_are_never_made_in_production(settings, capsys):
    settings.PRODUCTION = True

    call_command("create_demo_accounts", "--offer")
    with pytest.raises(CommandError, match="never made in production"):
        call_command("create_demo_accounts")
    with pytest.raises(CommandError, match="never made in production"):
        call_command("create_demo_accounts", "--code", "editor")
    assert not User.objects.exists()
