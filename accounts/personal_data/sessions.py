"""Ending the sessions of a deleted account, and removing its addresses from sign-ins that are not finished.

Security does not depend on this. Without the account, a session signs nobody in, an unfinished sign-in ends at its next
step, and someone who comes from single sign-on can only create a new account.
"""

import json
from collections.abc import Collection

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from accounts.models import User

BATCH = 500  # sessions that are read at a time


def end_sessions(user: User) -> None:
    """Delete the sessions of all devices that allauth lists for this person, without reading them."""
    Session.objects.filter(pk__in=UserSession.objects.filter(user=user).values("session_key")).delete()


def forget_in_sessions(pk: int, addresses: Collection[str]) -> None:
    """Delete the other sessions of the deleted account `pk`, and unfinished sign-ins with its `addresses`.

    Call it after the deletion has been committed. It reads the sessions that are on nobody's list of devices: sign-ins
    that someone left unfinished, and sessions that a new password has ended. It reads `BATCH` at a time, so that the
    database is never locked for long. If it is interrupted, the rest stays until `forget_ended` deletes it, at most a
    day after `KEEP_SIGNED_IN_DAYS`.
    """
    unlisted = Session.objects.filter(~Exists(UserSession.objects.filter(session_key=OuterRef("pk")))).order_by("pk")
    read_up_to = ""
    while batch := [*unlisted.filter(pk__gt=read_up_to)[:BATCH]]:
        if found := [session.pk for session in batch if _is_of(session, pk, addresses)]:
            Session.objects.filter(pk__in=found).delete()
        read_up_to = batch[-1].pk


def _is_of(session: Session, pk: int, addresses: Collection[str]) -> bool:
    """Return whether the session was signed in to account `pk` or, if to none, contains one of the `addresses`."""
    content = session.get_decoded()
    if signed_in := content.get(SESSION_KEY):
        return bool(signed_in == str(pk))
    words = json.dumps(content).lower()
    return any(json.dumps(address)[1:-1].lower() in words for address in addresses)
