"""The download of everything the site holds about a person, in a file that people and programs can read."""

import json
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User

from .holdings import all_holdings, describe, find_left_out, pointing_at

NOT_HERE = [
    "Your password: the site stores only a salted hash, from which the password cannot be read back.",
    "The secrets of your two-step sign-in and sessions: anyone who had them could sign in as you.",
    "The lines about your account in the server's log, which record that you signed in or changed something, with your "
    "account number, your network address and how your browser describes itself. To see them, write to {contact}.",
    "The text of published pages and drafts: it belongs to the pages, and you can read it there.",
]


def not_in_file() -> list[str]:
    """Return a sentence about each thing that the file leaves out."""
    contact = settings.CONTACT_EMAIL or "the administrator of this site"
    return [sentence.format(contact=contact) for sentence in NOT_HERE]


def make_file(user: User) -> str:
    """Return the text of the file: JSON with readable names as keys, and times in ISO 8601."""
    return json.dumps(_everything(user), indent=2, ensure_ascii=False)


def file_name() -> str:
    """Return the name of the file, with today's date."""
    return f"everything-about-me-{timezone.localdate():%Y-%m-%d}.json"


def _everything(user: User) -> dict[str, Any]:
    """Return the account, the rows that point to it, and what each app exports, by their names."""
    account = describe(user, left_out=("password",))
    for field in User._meta.many_to_many:
        account[str(field.verbose_name)] = [str(each) for each in getattr(user, field.name).all()]
    everything: dict[str, Any] = {
        "what this is": f"Everything that {settings.SITE_NAME} ({settings.SITE_URL}) holds about you",
        "made at": timezone.now().isoformat(),
        "not in this file": not_in_file(),
        "account": account,
    }
    left_out = find_left_out()
    for name, rows, _ in pointing_at(user):
        hidden = left_out.get(rows.model._meta.label, ())
        if hidden is not None:
            links = [field.name for field in rows.model._meta.concrete_fields if field.is_relation]
            everything[name] = [describe(row, hidden) for row in rows.select_related(*links).order_by("pk")]
    for held in all_holdings():
        everything |= held.export(user)
    return everything
