"""The log of accounts: each event is one line on the logger `accounts.audit`.

A line names the event, the id of the account, the network address and the browser. It never contains a name, an email
address, a password, a code, a session key, or anything else that a person typed: people type passwords into the wrong
box.
"""

import json
import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as sso
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import Signal, receiver
from django.http import HttpRequest, HttpResponseBase

from accounts.allauth_private import context, get_authentication_records

from .client import client_ip
from .models import User

LONGEST = 120  # characters of a value, so that a line is readable whatever a browser calls itself
PLAIN = re.compile(r"[A-Za-z0-9_.:/,-]+")
ENTERED = "admin_entered"

log = logging.getLogger(__name__)


def record(event: str, *, request: HttpRequest | None = None, account: Any = None, **facts: object) -> None:
    """Write to the log that `event` happened to `account` (a user, an id, or None if there is none).

    Without a `request`, it takes the one that the site is answering. `facts` are short words, like `how="password"`.
    """
    request = request or context.request
    line = {"event": event, "account": getattr(account, "pk", account), **facts}
    if request:
        line |= {"address": client_ip(request), "agent": request.headers.get("User-Agent", "")}
    log.info(" ".join(f"{name}={_written(value)}" for name, value in line.items()))


def _written(value: object) -> str:
    """Return a value for one line: plain, or as a JSON string in ASCII, so that no browser's name can forge a line."""
    text = "" if value is None else str(value)[:LONGEST]
    return text if PLAIN.fullmatch(text) else json.dumps(text) if text else "-"


def limit_reached(request: HttpRequest | None = None) -> None:
    """Write to the log that someone made too many attempts, and the URL name of the page."""
    request = request or context.request
    record(
        "limit_reached",
        request=request,
        account=request.user if request and request.user.is_authenticated else None,
        at=request.resolver_match.url_name if request and request.resolver_match else None,
    )


def recorded_entry(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view of the admin that also records the first page that a session is shown."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = view(request, *args, **kwargs)
        if response.status_code == 200 and not request.session.get(ENTERED):
            request.session[ENTERED] = True
            record(ENTERED, request=request, account=request.user)
        return response

    return entered


# Signals of Django and allauth: first those whose meaning has to be worked out


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    """Record how a user signed in, from allauth's records of their steps; none means a sign-up just confirmed."""
    how, second_factor = "sign_up", None
    for step in get_authentication_records(request, user):
        if step["method"] != "mfa":
            how, second_factor = step.get("provider") or step["method"], None
        elif step.get("passwordless"):
            how = "passkey"
        else:
            second_factor = step["type"]
    record("sign_in", request=request, account=user, how=how, second_factor=second_factor)


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user:
        record("sign_out", request=request, account=user)


@receiver(user_login_failed)
def _password_refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    email = str(credentials.get("email") or "").lower()
    pk = User.objects.filter(email=email).values_list("pk", flat=True).first()
    record(_failed(request), request=request, account=pk, how="password")


@receiver(account.login_code_rejected)
def _code_refused(request: HttpRequest, user: User, **_: Any) -> None:
    record(_failed(request), request=request, account=user, how="code")


def _failed(request: HttpRequest | None) -> str:
    """Return the event that failed: for a signed-in user it is a reauthentication, otherwise a sign-in."""
    confirming = bool(request and request.user.is_authenticated)
    return "reauthentication_failed" if confirming else "sign_in_failed"


@receiver(account.authentication_step_completed)
def _confirmed(user: User, method: str, reauthenticated: bool = False, **facts: Any) -> None:
    if reauthenticated:
        record("reauthenticated", account=user, how=facts.get("type") or method)


@receiver(mfa.authenticator_used)
def _factor_used(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record("recovery_code_used", account=user)


@receiver([mfa.authenticator_added, mfa.authenticator_reset])
def _factor_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record("recovery_codes_made", account=user)
    else:
        record("factor_added", account=user, factor=authenticator.type)


@receiver(account.email_changed)
def _email_changed(user: User, from_email_address: Any = None, **_: Any) -> None:
    if from_email_address:  # None when a new account confirms its first address
        record("email_changed", account=user)


# Then signals that become events as they are


def _on(signal: Signal, event: str, whose: str = "{user.pk}", **facts: str) -> None:
    """Record `event` at each signal. `whose` and `facts` are formats, filled from what the signal sends."""

    def written(request: HttpRequest | None = None, **sent: Any) -> None:
        filled = {name: fact.format(**sent) for name, fact in facts.items()}
        record(event, request=request, account=whose.format(**sent), **filled)

    signal.connect(written, weak=False, dispatch_uid=f"accounts.audit.{event}")


_on(account.user_signed_up, "sign_up")
_on(account.password_changed, "password_changed")
_on(account.password_set, "password_set")
_on(account.password_reset, "password_reset")
_on(account.password_reset_code_rejected, "password_reset_failed", how="code")
_on(account.email_verification_code_rejected, "email_confirmation_failed", how="code")
_on(account.email_confirmed, "email_confirmed", "{email_address.user_id}")
_on(mfa.authentication_failed, "second_factor_failed", factor="{authenticator.type}")
_on(mfa.authenticator_removed, "factor_removed", factor="{authenticator.type}")
_on(sso.social_account_added, "provider_connected", "{sociallogin.user.pk}", provider="{sociallogin.account.provider}")
_on(sso.social_account_removed, "provider_disconnected", "{socialaccount.user_id}", provider="{socialaccount.provider}")
