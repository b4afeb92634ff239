"""Steps of signing up and in that several tests take, and what is typed in them."""

import re
import time

from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.allauth_private import totp
from accounts.models import User
from tests.conftest import APP_KEY, PASSWORD

ADDRESS = "reader@clinic.example"
NEW_PHRASE = "an entirely new phrase"
NEW_PASSWORD = {"password1": "a new long one", "password2": "a new long one"}
WRONG = "0000-0000"
CODE = re.compile(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", re.MULTILINE)
DECLARATION = {"password1": PASSWORD, "profession": "nurse", "country": "GB", "is_professional": "on"}
SIGN_UP = DECLARATION | {"name": "Ann Nurse", "email": "ann@clinic.example"}


def app_code(periods: int = 0) -> str:
    """What the authenticator app shows, now or some periods later."""
    return totp.format_hotp_value(totp.hotp_value(APP_KEY, int(time.time()) // 30 + periods))


def recovery_codes(user: User) -> list[str]:
    """Give the account recovery codes, as adding its first second factor does, and return them."""
    made = Authenticator(user=user, type=Authenticator.Type.RECOVERY_CODES, data={}).wrap().activate(user)
    return made.generate_codes()


def emailed_code() -> str:
    """The code in the newest email."""
    return CODE.search(mail.outbox[-1].body)[1]


def sign_in(client: Client, email: str = ADDRESS, password: str = PASSWORD, **extra):
    return client.post("/sign-in", {"login": email, "password": password}, **extra)


def confirmed(client: Client) -> Client:
    """The same browser after the person confirmed again who they are, by password."""
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client
