"""The only module that may import names that allauth and Django do not publish or document.

An upgrade may rename any of them without notice. Each block says which page would break; every other file imports the
names from here. If one is gone, the site does not start, and the error names the page. The contract test,
`tests/accounts/test_allauth_private.py`, checks the same for the private methods that our classes override.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import allauth
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest


@contextmanager
def needed_for(page: str) -> Iterator[None]:
    """Import private names inside; if one is gone, raise `ImproperlyConfigured`, which names the `page`."""
    try:
        yield
    except ImportError as error:
        raise ImproperlyConfigured(
            f"{page} depends on a name that django-allauth {allauth.__version__} does not have: {error}. Find what "
            "took its place, then change accounts/allauth_private.py; docs/CONTRIBUTING.md says how to upgrade allauth."
        ) from error


# Signing in and emailed codes

with needed_for("/sign-in, which drops codes and sign-ups that someone else left,"):
    from allauth.account.internal.flows.email_verification_by_code import (
        EMAIL_VERIFICATION_CODE_SESSION_KEY as EMAIL_CODE_KEY,
    )
    from allauth.account.internal.flows.password_reset_by_code import (
        PASSWORD_RESET_VERIFICATION_SESSION_KEY as RESET_CODE_KEY,
    )
    from allauth.socialaccount.internal.flows.signup import clear_pending_signup
with needed_for("/sign-in, which offers the way back to a code,"):
    from allauth.account.internal.stagekit import get_pending_stage
with needed_for("/account/login/code/confirm/, which counts tries of a code,"):
    from allauth.core import ratelimit
with needed_for("The log of accounts"):
    from allauth.core import context

# Reauthentication and second factors

with needed_for("/account/reauthenticate/"):
    from allauth.account.authentication import get_authentication_records
    from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY as REAUTHENTICATION_KEY
with needed_for("/account/2fa/, which counts a new factor as shown,"):
    from allauth.account.internal.flows.login import record_authentication
with needed_for("/account/2fa/authenticate/, where a code works once,"):
    from allauth.core.internal.cryptokit import normalize_user_code
with needed_for("manage.py create_demo_accounts"):
    from allauth.mfa.totp.internal import auth as totp

# Single sign-on

with needed_for("/account/3rdparty/signup/"):
    from allauth.socialaccount.internal.flows.signup import get_pending_signup
with needed_for("/account/oidc/<provider>/login/callback/"):
    from allauth.socialaccount.helpers import render_authentication_error
    from allauth.socialaccount.internal.statekit import get_states

# Django


def drop_unread_messages(request: HttpRequest) -> None:
    """Drop the stored messages of the person who signs out; keep those that this request has queued."""
    stored: Any = getattr(request, "_messages", None)
    if stored is not None:
        queued = stored._queued_messages  # one says that they have signed out
        stored._queued_messages = []
        list(stored)
        stored._loaded_data, stored._queued_messages = [], queued
