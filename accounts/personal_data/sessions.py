"""Deleting an account ends its sessions and forgets the address in sign-ins that are not finished.

What is safe does not depend on it: a session of an account that is gone signs nobody in, a sign-in of one ends at its
next step, and an arrival by single sign-on can become no more than a new account.
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
    """Delete the sessions of every device that allauth lists for this person, without reading any."""
    Session.objects.filter(pk__in=UserSession.objects.filter(user=user).values("session_key")).delete()


def forget_in_sessions(pk: int, addresses: Collection[str]) -> None:
    """Delete what other sessions there are of the deleted account `pk`, and sign-ins with its addresses not finished.

    Call it after the deletion has been committed: it reads each session that is on nobody's list of devices, some at a
    time, so that the database is never locked for long. Those are sign-ins that somebody began and left, and sessions
    that a new password has ended. If it is interrupted, the rest stays until it has expired and `forget_ended` deletes
    it, which is within `KEEP_SIGNED_IN_DAYS` and a day.
    """
    unlisted = Session.objects.filter(~Exists(UserSession.objects.filter(session_key=OuterRef("pk")))).order_by("pk")
    read_up_to = ""
    while batch := [*unlisted.filter(pk__gt=read_up_to)[:BATCH]]:
        if found := [session.pk for session in batch if _is_of(session, pk, addresses)]:
            Session.objects.filter(pk__in=found).delete()
        read_up_to = batch[-1].pk


def _is_of(session: Session, pk: int, addresses: Collection[str]) -> bool:
    """Whether this person is, or was, signed in there; where nobody is, whether one of the addresses is in it."""
    content = session.get_decoded()
    if signed_in := content.get(SESSION_KEY):
        return bool(signed_in == str(pk))
    words = json.dumps(content).lower()
    return any(json.dumps(address)[1:-1].lower() in words for address in addresses)
