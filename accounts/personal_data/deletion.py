"""Deleting an account: one rule, whoever does it and wherever."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from accounts import audit
from accounts.mail import compose, try_to_send
from accounts.models import User

from .holdings import DELETED, all_holdings, find_addresses, pointing_at
from .sessions import end_sessions, forget_in_sessions

log = logging.getLogger("accounts.deletion")


class Refused(Exception):
    """An account that may not be deleted; the message says why and what to do."""


@dataclass(frozen=True)
class Consequences:
    """What deleting an account would do."""

    goes: list[tuple[str, int]]  # what, and how many
    stays: list[str]


def find_consequences(user: User) -> Consequences:
    """What goes with the account and what stays, counted now."""
    counts: dict[str, int] = {}
    for name, rows, is_deleted in pointing_at(user):
        # Rows that only join two others say nothing to people.
        if is_deleted and not rows.model._meta.auto_created and rows.model._meta.label != "admin.LogEntry":
            counts[name] = counts.get(name, 0) + rows.count()
    stays = [sentence for held in all_holdings() for sentence in held.retained(user)]
    return Consequences([(name, count) for name, count in counts.items() if count], stays)


def find_obstacle(user: User, along_with: Collection[User] = ()) -> str:
    """Why this account cannot be deleted `along_with` others and what to do; nothing if it can."""
    if user.email == DELETED:
        return "This placeholder represents deleted accounts in the log. It cannot be deleted, and nobody can use it."
    going = [user.pk, *(other.pk for other in along_with)]
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk__in=going)
    if user.is_superuser and user.is_active and not others.exists():
        return (
            "Nobody can look after the site without an active administrator. Make another person an administrator "
            "first, then delete this account."
        )
    return ""


def delete_account(*, user: User, by: User) -> None:
    """Delete the account and all that goes with it, end its sessions, and tell the person by email.

    All of it or nothing; only sign-ins that are not finished are deleted just after it. Raises `Refused` for the last
    active administrator.
    """
    with transaction.atomic():
        # Two administrators who delete each other at the same moment wait for one another here.
        list(User.objects.select_for_update().filter(is_superuser=True).order_by("pk").values("pk"))
        user = User.objects.select_for_update().get(pk=user.pk)
        if obstacle := find_obstacle(user):
            raise Refused(obstacle)
        pk = user.pk
        verified, addresses = find_addresses(user, verified=True), find_addresses(user, verified=False)
        notices = [compose("account_deleted", each, by_themselves=by.pk == pk) for each in verified]
        written_down = partial(audit.record, "account_deleted", account=pk, by=by.pk)
        for held in all_holdings():
            held.erase(user)
        end_sessions(user)
        user.delete()
        transaction.on_commit(written_down)
        transaction.on_commit(lambda: forget_in_sessions(pk, addresses), robust=True)
        for notice in notices:
            transaction.on_commit(partial(try_to_send, notice, name="account_deleted", log=log))
