"""The only module that may use names that allauth and Django do not publish or document.

An upgrade may rename any of them without notice. This module takes each name beside the page that would break, and
every other file imports it from here. If a name is gone, the site does not start, and the error says which page to look
at. The contract test, `tests/accounts/test_allauth_private.py`, checks the same for the private methods that our
classes override.
"""

from pkgutil import resolve_name
from typing import Any

import allauth
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

TAKEN: dict[str, str] = {}  # dotted name → the page that depends on it


def _take(name: str, page: str) -> Any:
    """Return the object called `name`; if it is gone, raise `ImproperlyConfigured`, which names the `page`."""
    TAKEN[name] = page
    try:
        return resolve_name(name)
    except (ImportError, AttributeError) as error:
        raise ImproperlyConfigured(
            f"django-allauth {allauth.__version__} has no {name}, on which {page} depends. Find what took its place, "
            "then change accounts/allauth_private.py; docs/CONTRIBUTING.md says how to upgrade allauth."
        ) from error


# Signing in and emailed codes

EMAIL_CODE_KEY = _take(
    "allauth.account.internal.flows.email_verification_by_code.EMAIL_VERIFICATION_CODE_SESSION_KEY",
    "/sign-in, which drops what someone else left half done,",
)
RESET_CODE_KEY = _take(
    "allauth.account.internal.flows.password_reset_by_code.PASSWORD_RESET_VERIFICATION_SESSION_KEY",
    "/sign-in, which drops what someone else left half done,",
)
get_pending_stage = _take(
    "allauth.account.internal.stagekit.get_pending_stage", "/sign-in, which offers the way back to a code,"
)
ratelimit = _take("allauth.core.ratelimit", "/account/login/code/confirm/, which counts tries of a code,")
context = _take("allauth.core.context", "the log of accounts")

# Reauthentication and second factors

REAUTHENTICATION_KEY = _take(
    "allauth.account.internal.flows.reauthentication.STATE_SESSION_KEY", "/account/reauthenticate/"
)
get_authentication_records = _take(
    "allauth.account.authentication.get_authentication_records", "/account/reauthenticate/"
)
record_authentication = _take(
    "allauth.account.internal.flows.login.record_authentication", "/account/2fa/, which counts a new factor as shown,"
)
normalize_user_code = _take(
    "allauth.core.internal.cryptokit.normalize_user_code", "/account/2fa/authenticate/, where a code works once,"
)
totp = _take("allauth.mfa.totp.internal.auth", "manage.py create_demo_accounts")
recovery_codes = _take("allauth.mfa.recovery_codes.internal.auth", "the tests of /account/2fa/recovery-codes/")
perform_passwordless_login = _take(
    "allauth.mfa.webauthn.internal.flows.perform_passwordless_login", "the tests of /account/2fa/webauthn/login/"
)

# Single sign-on

get_pending_signup = _take(
    "allauth.socialaccount.internal.flows.signup.get_pending_signup", "/account/3rdparty/signup/"
)
clear_pending_signup = _take("allauth.socialaccount.internal.flows.signup.clear_pending_signup", "/sign-in")
get_states = _take("allauth.socialaccount.internal.statekit.get_states", "/account/oidc/<provider>/login/callback/")
render_authentication_error = _take(
    "allauth.socialaccount.helpers.render_authentication_error", "/account/oidc/<provider>/login/callback/"
)

# Django


def drop_unread_messages(request: HttpRequest) -> None:
    """Drop the stored messages of the person who signs out; keep those that this request has queued."""
    stored: Any = getattr(request, "_messages", None)
    if stored is not None:
        queued = stored._queued_messages  # one says that they have signed out
        stored._queued_messages = []
        list(stored)
        stored._loaded_data, stored._queued_messages = [], queued
