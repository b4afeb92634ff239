import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from accounts.models import User
from content.history import redaction
from content.models import Version

BEYOND = (
    "This does not reach: backups of the database, and the database's own files until it is vacuumed; files exported "
    "earlier and anything copied, printed or cached from the page; drafts, other versions and error reports; and "
    "the titles in the admin's list of recent actions."
)


class Command(BaseCommand):
    """Permanently remove the text of one published version."""

    help = (
        "Replace the title, summary, text, change note and reason of one published version with a tombstone that says "
        "who, when and why. For what should never have been published, like a patient's name. It cannot be "
        "undone. The version keeps its number, people, credits and sha256; verify_history reports it as redacted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the version, the administrator and the reason."""
        parser.add_argument("slug", help="the page")
        parser.add_argument("number", type=int, help="the version")
        parser.add_argument(
            "--by", required=True, metavar="EMAIL", help="the administrator who decides, named in public"
        )
        parser.add_argument("--reason", required=True, help="shown to readers: do not repeat what is to be removed")
        parser.add_argument("--keep-title", action="store_true", help="leave the title as it was")
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")

    def handle(self, *args: Any, slug: str, number: int, by: str, reason: str, **options: Any) -> None:
        """Name the version, ask, redact it, and say what was done and what that cannot reach."""
        version = Version.objects.select_related("page").filter(page__slug=slug, number=number).first()
        if version is None:
            raise CommandError(f"There is no version {number} of {slug}.")
        person = User.objects.filter(email=by.lower()).first()
        if person is None:
            raise CommandError(f"There is no account {by}.")
        alike = redaction.likenesses(version)
        is_live = version.page.live_version == version
        self.stdout.write(f"{version}: {version.title}")
        if not options["yes"] and not self._is_confirmed():
            raise CommandError("Nothing was changed.")
        try:
            made = redaction.redact(version=version, by=person, reason=reason, keep_title=options["keep_title"])
        except redaction.Refused as refusal:
            raise CommandError(f"Nothing was changed. {refusal}") from refusal
        except OperationalError as error:
            raise CommandError(f"Nothing was changed: the database is busy. Try again. ({error})") from error
        self.stdout.write(f"{version} is {redaction.describe(made)}")
        if is_live:
            self.stdout.write("It is the live version: readers now see the tombstone. Publish a corrected text.")
        if alike:
            self.stdout.write(f"These share lines with what was removed, so check each: {', '.join(map(str, alike))}.")
        self.stdout.write(BEYOND)

    def _is_confirmed(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nothing was changed. Where there is no terminal to ask in, add --yes.")
        return input("Its text will be permanently removed. Type yes to continue: ").strip().lower() == "yes"
