"""A second factor is an authenticator app or a passkey; a recovery code replaces one.

Editing needs more than a password: the account must have a second factor, and the session must have shown one.
"""

import logging
from functools import partial
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import audit
from accounts.allauth_private import get_authentication_records, normalize_user_code, record_authentication
from accounts.mail import compose, try_to_send
from accounts.models import User

logger = logging.getLogger("accounts.second_factor")

RECOVERY_CODES = Authenticator.Type.RECOVERY_CODES
# A code is valid in its own half minute and, because clocks differ, in the ones before and after.
CODE_LASTS = (2 * settings.MFA_TOTP_TOLERANCE + 1) * 30


def is_shown(request: HttpRequest) -> bool:
    """Return whether this session has shown a second factor and the account still has one. At most one query."""
    user: Any = request.user
    shown = any(record["method"] == "mfa" for record in get_authentication_records(request, user))
    return shown and user.has_second_factor


def use_up(user: User, code: str) -> bool:
    """Return whether this person's `code` is unused, and mark it as used, also if it sets up the app."""
    return cache.add(f"accounts.second_factor:{user.pk}:{normalize_user_code(code)}", True, CODE_LASTS)


def added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Count a new second factor as shown in this session; after the first, end the person's other sessions.

    Otherwise, someone signed in elsewhere with the password alone could add a second factor of their own. allauth sends
    this signal.
    """
    if authenticator.type == RECOVERY_CODES:
        return
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
    factors = Authenticator.objects.filter(user=user).exclude(type=RECOVERY_CODES)
    if not factors.exclude(pk=authenticator.pk).exists():
        _end(UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key))


@transaction.atomic
def remove_all(*, user: User, by: User | None) -> None:
    """Remove all second factors and recovery codes of `user`, sign them out everywhere and tell them by email.

    `by` is an administrator, or None for a command on the server.
    """
    for factor in Authenticator.objects.filter(user=user).order_by("pk"):
        factor.delete()
        audit.record("factor_removed", account=user, factor=factor.type, by=by.pk if by else None)
    _end(UserSession.objects.filter(user=user))
    address = EmailAddress.objects.get_primary_email(user) or user.email
    notice = compose("second_factors_removed", address, person=user)
    transaction.on_commit(partial(try_to_send, notice, name="second_factors_removed", log=logger))


def _end(sessions: QuerySet[UserSession]) -> None:
    for session in sessions:
        session.end()
