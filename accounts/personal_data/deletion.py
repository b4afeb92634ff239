"""Deleting an account: one rule for the person, an administrator and a command."""

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
    """The account may not be deleted. The message says why, and what to do."""


@dataclass(frozen=True)
class Consequences:
    """What deleting an account would do."""

    goes: list[tuple[str, int]]  # the name of each kind of record, and how many are deleted
    stays: list[str]  # sentences that say what is kept and why


def find_consequences(user: User) -> Consequences:
    """Count what would be deleted with the account, and say what would stay."""
    counts: dict[str, int] = {}
    for name, rows, is_deleted in pointing_at(user):
        # Rows that only join two others mean nothing to the person.
        if is_deleted and not rows.model._meta.auto_created and rows.model._meta.label != "admin.LogEntry":
            counts[name] = counts.get(name, 0) + rows.count()
    stays = [sentence for held in all_holdings() for sentence in held.retained(user)]
    return Consequences([(name, count) for name, count in counts.items() if count], stays)


def find_obstacle(user: User, along_with: Collection[User] = ()) -> str:
    """Return why this account cannot be deleted `along_with` others, and what to do; an empty string if it can."""
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
    """Delete the account and everything that belongs to it, end its sessions, and tell the person by email.

    If any part fails, nothing is deleted. Unfinished sign-ins are deleted just after the rest. Raises `Refused` for the
    last active administrator.
    """
    with transaction.atomic():
        # If two administrators delete each other at the same moment, one of them waits here.
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
