"""Permanently removes the text of one published version, and says in its place who did so, when and why.

It is for something that should never have been published, such as a patient's name. The version stays in the history
with its own sha256, so that the chain is not broken; the redaction has the hash of the text that replaced it. Reasons:
docs/decisions/0020-redaction.md.
"""

from dataclasses import dataclass
from datetime import UTC

from django.db import connection, transaction
from django.utils import timezone

from accounts.characters import describe_fields
from accounts.models import User
from content import publishing
from content.models import Draft, Redaction, Version

from . import rerendering, triggers

TITLE = "Redacted"
SUMMARY = "The text of this version was taken away."
CHANGE_NOTE = "Redacted."


class Refused(Exception):
    """A redaction that is not allowed. The message says why."""


@dataclass(frozen=True)
class Likeness:
    """A version or draft of the page that shares lines with a version, so that it may need a redaction too."""

    name: str
    lines: int

    def __str__(self) -> str:
        return f"{self.name} ({self.lines} line{'s' * (self.lines > 1)})"


def redact(*, version: Version, by: User, reason: str, keep_title: bool = False) -> Redaction:
    """Replace everything typed in the version with a tombstone, and return the redaction. Credits and people stay.

    The triggers are removed only inside this one transaction: when it ends, they are back in place, or nothing has
    changed. Raises `Refused` if `by` is not an active administrator, if there is no reason, if the version is already
    redacted, or if it is scheduled: cancel that one instead.
    """
    with transaction.atomic():
        publishing.lock(version.page)
        version = Version.objects.select_related("page").get(pk=version.pk)
        _refuse(version, by, reason)
        redaction = Redaction(
            version=version,
            reason=reason.strip(),
            redacted_by_name=by.name,
            redacted_by_id=by.pk,
            redacted_at=timezone.now(),
        )
        _bury(version, redaction, keep_title)
        before = version.page.versions.filter(number__lt=version.number).order_by("-number").first()
        redaction.sha256 = version.compute_sha256(before.sha256 if before else "")
        _wait_briefly()
        triggers.remove(connection)
        version.save(force_update=True)
        redaction.save(force_insert=True)
        connection.check_constraints()  # PostgreSQL creates no trigger while a check of a row is pending
        triggers.install(connection)
        rerendering.render(version)
    return redaction


def is_tombstone(version: Version) -> bool:
    """Return whether a redacted version contains the tombstone and nothing else, apart from a kept title.

    The words are compared letter by letter, so the words of a tombstone can never change.
    """
    there = Version(kind=version.kind, title=version.title)
    _bury(there, version.redaction, keep_title=version.title != TITLE)
    names = ("summary", "body", "change_note", "reason")
    return all(getattr(there, name) == getattr(version, name) for name in names)


def describe(redaction: Redaction) -> str:
    """Return a sentence that says who redacted the version, when and why."""
    at = redaction.redacted_at.astimezone(UTC)  # so that the words are the same wherever the site runs
    return f"redacted by {redaction.redacted_by_name} on {at:%-d %B %Y at %H:%M} UTC: {redaction.reason}"


def likenesses(version: Version) -> list[Likeness]:
    """Return the page's other versions and drafts that share a line with `version`. Call it before the redaction."""
    lines = _lines(version)
    versions = version.page.versions.exclude(pk=version.pk).order_by("number")
    drafts = Draft.objects.filter(page=version.page).order_by("kind")
    named: list[tuple[str, Version | Draft]] = [(f"version {other.number}", other) for other in versions]
    named += [("the draft of its withdrawal" if draft.is_withdrawal else "the draft", draft) for draft in drafts]
    return [Likeness(name, len(shared)) for name, other in named if (shared := lines & _lines(other))]


def _refuse(version: Version, by: User, reason: str) -> None:
    """Raise `Refused` if this redaction is not allowed."""
    if not (by.is_active and by.is_superuser):
        raise Refused(f"{by.email} is not an active administrator.")
    if not reason.strip():
        raise Refused("Give the reason: readers will see it in place of the text.")
    if unseen := describe_fields([("Reason", reason)]):
        raise Refused(" ".join(unseen))
    if hasattr(version, "redaction"):
        raise Refused(f"{version} is already {describe(version.redaction)}")
    if version.is_scheduled:
        raise Refused(f"{version} is not published yet. Cancel it on the site instead.")


def _bury(version: Version, redaction: Redaction, keep_title: bool) -> None:
    """Replace the words of the version with the tombstone, without saving it."""
    said = describe(redaction)
    version.title = version.title if keep_title else TITLE
    version.summary = SUMMARY
    version.change_note = CHANGE_NOTE
    is_text = version.kind == Version.Kind.TEXT
    version.body = f"This version was {said}\n" if is_text else ""
    version.reason = "" if is_text else f"This reason was {said}"


def _lines(holder: Version | Draft) -> set[str]:
    """Return the lines that someone typed, without the space around them."""
    typed = (holder.title, holder.summary, holder.body, holder.change_note, holder.reason)
    return {line.strip() for text in typed for line in text.splitlines()} - {""}


def _wait_briefly() -> None:
    """On PostgreSQL, give up after five seconds: while we wait for a long query, every reader waits for us."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
