"""What the guide for whoever runs the accounts says in numbers is what the settings say."""

import re
from pathlib import Path

import pytest
from allauth.account import app_settings
from django.conf import settings

from accounts.models import KEPT_FOR
from accounts.second_factors import rules as second_factor_rules
from config.cache import PAUSE

ROOT = Path(__file__).parent.parent.parent
GUIDE = " ".join((ROOT / "docs" / "accounts.md").read_text().split())
README = " ".join((ROOT / "README.md").read_text().split())
UNITS = {"m": "a minute", "5m": "in 5 minutes", "10m": "in 10 minutes", "d": "a day", "10s": "in 10 seconds"}


def said(action: str, *kinds: str) -> list[str]:
    """The limits of an action, of these kinds, in the guide's words: "10 in 5 minutes"."""
    limits = [rate.split("/") for rate in app_settings.RATE_LIMITS[action].split(",")]
    return [f"{int(number):,} {UNITS[unit]}" for number, unit, kind in limits if kind in kinds]


@pytest.mark.parametrize(
    ("row", "action"),
    [
        ("wrong passwords", "login_failed"),
        ("emailed codes", "request_login_code"),
        ("emailed codes", "reset_password"),
        ("emailed codes", "proof_code"),
        ("codes that confirm an address", "confirm_email"),
        ("confirming who you are", "reauthenticate"),
        ("the current password, when changing it", "change_password"),
    ],
)
def test_the_guide_names_each_limit_of_an_account(row, action):
    limit = re.search(rf"\| {row} \| (.*?) \|", GUIDE)[1]

    for words in said(action, "key", "user"):
        number, unit = words.split(" ", 1)
        assert re.search(rf"\b{number} (\w+ )*{unit}", limit), (words, limit)


def test_the_guide_names_the_limit_of_second_factors():
    number = app_settings.RATE_LIMITS["second_factor_failed"].split("/")[0]

    assert app_settings.RATE_LIMITS["second_factor_failed"] == f"{number}/d/key"
    assert f"recovery codes | {number} wrong ones a day" in GUIDE
    assert f"{number} × {second_factor_rules.CODE_LASTS // 30} ÷ 1,000,000 a day" in GUIDE


def test_the_guide_names_each_limit_of_a_network_address():
    limits = {
        action: [rate.split("/")[0] for rate in rates.split(",") if rate.endswith("/m/ip")]
        for action, rates in (app_settings.RATE_LIMITS | settings.MFA_RATE_LIMITS).items()
    }
    order = ["login", "login_failed", "signup", "request_login_code", "reset_password", "webauthn_login"]
    numbers = [f"{int(limits[action][0]):,}" for action in order]

    words = "{} sign-ins, {} failed ones, {} sign-ups, {} requests for a code and {} for a new password a minute"

    assert f"{words}, {{}} passkeys".format(*numbers) in GUIDE


def test_the_guide_names_how_long_and_how_often_a_code_may_be_tried():
    a_day, digits = 40, settings.ALLAUTH_USER_CODE_FORMAT["length"]

    assert settings.CODE_TRIES == app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS == 5
    assert f"{settings.CODE_TRIES} wrong tries end a code" in GUIDE
    assert f"{a_day} × {settings.CODE_TRIES} = {a_day * settings.CODE_TRIES} guesses a day" in GUIDE
    assert 10**digits == 100_000_000
    assert "100 million codes" in GUIDE


def test_the_guide_names_how_often_redis_is_tried():
    assert f"tried again every {PAUSE} seconds" in GUIDE


def test_the_readme_names_how_long_one_stays_signed_in_and_how_long_texts_are_kept():
    days = settings.KEEP_SIGNED_IN_DAYS

    assert f"| `IDLE_MINUTES`, `KEEP_SIGNED_IN_DAYS` | {settings.IDLE_MINUTES}, {days} |" in README
    assert f"After {days} days (or `KEEP_SIGNED_IN_DAYS`), when sessions under the old key have ended" in README
    assert f"unsaved text that was kept for {KEPT_FOR.days} days" in README


def test_the_guide_names_every_event_that_is_logged():
    code = "\n".join(path.read_text() for path in (ROOT / "accounts").rglob("*.py"))
    events = {*re.findall(r'record\(\s*"([a-z_]+)"', code), *re.findall(r'_on\(\s*[\w.]+,\s*"([a-z_]+)"', code)}
    table = re.search(r"\| event \| with \|(.*?)A value with anything", GUIDE)[1]

    assert len(events) > 20
    assert {event for event in events if f"`{event}`" not in table} == set()
