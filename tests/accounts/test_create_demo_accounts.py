import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User


def passwords(capsys) -> dict[str, str]:
    return dict(re.findall(r"(\w+@demo\.example)\s+(\S+)", capsys.readouterr().out))


@pytest.mark.django_db
def test_each_role_can_sign_in_with_the_password_printed(capsys):
    call_command("create_demo_accounts")
    made = passwords(capsys)

    assert len(made) == len(set(made.values())) == 4
    for email, password in made.items():
        client = Client()
        assert client.post("/sign-in", {"login": email, "password": password}).url == "/"
        assert client.get("/admin/", follow=True).status_code == (403 if email.startswith("reader") else 200)


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
    assert not User.objects.exists()
