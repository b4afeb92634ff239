"""What the site holds about a person, and what happens to it when their account is deleted.

The site finds the rows that point to an account by itself: it adds them to the download, and deletes them with the
account. Each app has a subclass of `Holdings`, named in the setting `PERSONAL_RECORDS`. It says which fields the
download leaves out, and what to do with rows that name a person without pointing to the account.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import CASCADE, Model, Q, QuerySet
from django.utils.module_loading import import_string

from accounts.models import User

DELETED = "deleted"  # in the place of an email address: nobody can sign up with it


class Holdings:
    """What one app holds about a person. Each app that holds anything has a subclass."""

    # For each model, by its label: the fields that the download leaves out. None leaves out the whole model.
    left_out: dict[str, Collection[str] | None] = {}
    # For each model, by its label: the name of its rows in the download, if the model's own name is not readable.
    names: dict[str, str] = {}

    def export(self, user: User) -> dict[str, Any]:
        """Return, for the download, what names this person without pointing to the account, by its name there."""
        return {}

    def retained(self, user: User) -> list[str]:
        """Return sentences that say what is kept when the account is deleted, and why; an empty list if nothing is."""
        return []

    def erase(self, user: User) -> None:
        """In the transaction of the deletion, keep what others still need, and remove what it would not delete."""


class AccountHoldings(Holdings):
    """The account itself, ways to sign in, unsaved text and the admin's log."""

    left_out = {
        "accounts.UnsavedText": ("form", "field"),  # the page and the label say the same
        "account.EmailAddress": (),
        "account.EmailConfirmation": None,  # a secret, and the address is listed
        "admin.LogEntry": ("object_repr",),  # may be another person's name
        "mfa.Authenticator": ("data",),  # the secret of an authenticator app, the recovery codes
        "socialaccount.SocialAccount": (),
        "socialaccount.SocialToken": None,  # a secret
        "usersessions.UserSession": ("session_key", "data"),
    }
    names = {
        "accounts.UnsavedText": "text that you typed and did not save",
        "account.EmailAddress": "email addresses",
        "admin.LogEntry": "log of what you did as an editor or administrator",
        "mfa.Authenticator": "passkeys, authenticator apps and sets of recovery codes",
        "socialaccount.SocialAccount": "single sign-on connections",
        "usersessions.UserSession": "devices you are signed in on",
    }

    def export(self, user: User) -> dict[str, Any]:
        """Return the names of their passkeys, which are stored with secrets, and when they verified registrations."""
        passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk")
        verified = _verified_by(user).values_list("registration_verified_at", flat=True)
        return {
            "names of your passkeys": [str(passkey) for passkey in passkeys],
            "registrations that you verified, by time": [_text(at) for at in verified],
        }

    def retained(self, user: User) -> list[str]:
        """Return sentences about lines in the server's log and, for staff, about what they did."""
        kept = [
            "Lines in the server's log that record that you signed in or changed something: with your account number, "
            "your network address and how your browser describes itself, without your name or email address. The "
            "operator of this site decides how long to keep its log."
        ]
        if LogEntry.objects.filter(user=user).exists():
            kept.append(
                "The log of what you did as an editor or administrator, with your name, so that others can see later "
                "who changed what."
            )
        if verified := _verified_by(user).count():
            kept.append(f"Your name as the person who verified registrations: {verified}.")
        return kept

    def erase(self, user: User) -> None:
        """Keep the log of what this person did; remove their name from the log of what was done to their account."""
        _forget_in_log(user)
        _keep_log(user)


def all_holdings() -> list[Holdings]:
    """Return the `Holdings` of every app."""
    return [import_string(path)() for path in settings.PERSONAL_RECORDS]


def find_left_out() -> dict[str, Collection[str] | None]:
    """Return what the apps leave out of the download, by the label of the model."""
    return {label: fields for held in all_holdings() for label, fields in held.left_out.items()}


def pointing_at(user: User) -> Iterator[tuple[str, QuerySet[Any], bool]]:
    """Yield the rows that point to the account: their name, a queryset, and whether they are deleted with it.

    Each relation comes once. Groups and permissions are not included: they are part of the account.
    """
    names = {label: name for held in all_holdings() for label, name in held.names.items()}
    for relation in User._meta.get_fields(include_hidden=True):
        model: Any = relation.related_model
        if not (relation.one_to_many or relation.one_to_one) or not relation.auto_created:
            continue
        if model._meta.auto_created is User:
            continue
        name = names.get(model._meta.label, str(model._meta.verbose_name_plural))
        rows = model._default_manager.filter(**{relation.field.name: user})  # type: ignore[union-attr]
        yield name, rows, relation.on_delete is CASCADE  # type: ignore[union-attr]


def describe(row: Model, left_out: Collection[str] = ()) -> dict[str, Any]:
    """Return the row's values by the names of its fields, without links to accounts and the fields `left_out`."""
    return {
        _heading(field): _value(row, field)
        for field in row._meta.concrete_fields
        if field.name not in left_out and field.related_model is not User
    }


def find_addresses(user: User, *, verified: bool) -> list[str]:
    """Return the email addresses of an account. Only `verified` ones are known to be this person's own."""
    found = EmailAddress.objects.filter(user=user)
    if verified:
        return sorted(found.filter(verified=True).values_list("email", flat=True))
    return sorted({user.email, *found.values_list("email", flat=True)})


def _verified_by(user: User) -> QuerySet[User]:
    return User.objects.filter(registration_verified_by_id=user.pk).exclude(pk=user.pk).order_by("pk")


def _heading(field: Any) -> str:
    return "number" if field.primary_key else str(field.verbose_name)


def _value(row: Model, field: Any) -> Any:
    if field.is_relation:
        linked = getattr(row, field.name)
        return None if linked is None else str(linked)
    if field.choices:
        return getattr(row, f"get_{field.name}_display")()
    value = field.value_from_object(row)
    return value if isinstance(value, dict | list | bool | int | None) else _text(value)


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _keep_log(user: User) -> None:
    """Move this person's entries in the admin's log to the placeholder for deleted accounts, with their name."""
    entries = LogEntry.objects.filter(user=user)
    if not entries.exists():
        return
    by = f"{user.name or 'No name given'} (account {user.pk})"
    standing, _ = User.objects.get_or_create(
        email=DELETED, defaults={"name": "Deleted account", "is_active": False, "password": "!"}
    )
    for entry in entries:
        said = entry.get_change_message()
        entry.change_message = f"{by}: {said}" if said else by
        entry.user = standing
        entry.save(update_fields=["change_message", "user"])


def _forget_in_log(user: User) -> None:
    """Remove this person's name and addresses from the entries of the admin's log about their account."""
    whose = f"Account {user.pk}"
    about = [User.objects.filter(pk=user.pk)]
    about += [rows for _, rows, goes in pointing_at(user) if goes and rows.model is not LogEntry]
    for rows in about:
        keys = [str(key) for key in rows.values_list("pk", flat=True)]
        kind = ContentType.objects.get_for_model(rows.model)
        LogEntry.objects.filter(content_type=kind, object_id__in=keys).update(object_repr=whose)
    for address in find_addresses(user, verified=False):
        for entry in LogEntry.objects.filter(Q(object_repr__icontains=address) | Q(change_message__icontains=address)):
            # Not as the end of a longer address, which is another person's.
            written = re.compile(rf"(?<![\w.+'-]){re.escape(address)}(?![\w-])", re.IGNORECASE)
            entry.object_repr = written.sub(whose, entry.object_repr)
            entry.change_message = written.sub(whose, entry.change_message)
            entry.save(update_fields=["object_repr", "change_message"])
