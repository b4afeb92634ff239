from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts.models import User
from content import publishing
from content.files import importing
from content.files.importing import Outcome

RESULTS = ("new", "changed", "unchanged", "superseded", "refused", "skipped")


class Command(BaseCommand):
    """Import the content files in a directory."""

    help = (
        "Import the Markdown files of a directory: <slug>.md is a page's live text, <slug>.draft.md its draft. A page "
        "that has no version yet is published, as “Imported”. Where a page is live, an edited file becomes a draft: an "
        "editor submits it on the site, and a reviewer approves it. With --publish --by EMAIL it goes live at once, "
        "and the history says who imported it. For each file this prints what was done: new, changed (with [-words-] "
        "that go and {+words+} that come), superseded by a later version, skipped, or refused, with each line and "
        "reason and what to write instead. Nothing of a refused file stays, the others are imported, and the exit "
        "status is 1. synonyms.yaml states the search's synonyms, for a site that has none. Running this again changes "
        "nothing. With --dry-run it prints the same and writes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the directory, --dry-run, --publish and --by."""
        parser.add_argument("directory", type=Path, help="the directory that contains the .md files")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done with each file, and do nothing"
        )
        parser.add_argument(
            "--publish",
            action="store_true",
            help="put edited texts of live pages live at once, without a second person",
        )
        parser.add_argument(
            "--by", metavar="EMAIL", help="with --publish: the reviewer or administrator who decides, named in public"
        )

    def handle(self, *args: Any, directory: Path, dry_run: bool, publish: bool, by: str | None, **options: Any) -> None:
        """Import every file, show progress, then say what happened to each. The exit status is 1 if any was refused."""
        publisher = _find_publisher(publish, by)
        if not directory.is_dir():
            raise CommandError(f"{directory} is not a directory. Name the one that contains the .md files.")
        paths = importing.files_in(directory)
        if not paths:
            raise CommandError(f"{directory} contains no .md files.")
        done = importing.import_files(paths, publisher=publisher, dry_run=dry_run)
        outcomes = list(tqdm(done, total=len(paths), unit="file", disable=None))
        outcomes += importing.import_synonyms(directory, dry_run=dry_run)
        for outcome in outcomes:
            self._report(outcome)
        unread = importing.skipped_in(directory)
        for path in unread:
            self.stdout.write(f"skipped: {path}, which has no name of a content file")
        self._sum_up(outcomes, len(unread), dry_run)
        if refused := sum(outcome.result == "refused" for outcome in outcomes):
            raise CommandError(f"{refused} of {len(outcomes)} files were not imported.")

    def _report(self, outcome: Outcome) -> None:
        """Print what happened to one file. A file that says nothing new is only counted."""
        stream = self.stderr if outcome.result == "refused" else self.stdout
        details = outcome.detail.splitlines() or ([] if outcome.result == "unchanged" else [""])
        for detail in details:
            stream.write(f"{outcome.result}: {outcome.path}{', ' if detail else ''}{detail}")
        for change in outcome.changes:
            self.stdout.write(f"    {change}")
        for warning in outcome.warnings:
            self.stdout.write(f"check: {outcome.path}, {warning}")

    def _sum_up(self, outcomes: list[Outcome], unread: int, dry_run: bool) -> None:
        """Print how many files had each result, and which pages have a new draft."""
        counts = Counter(outcome.result for outcome in outcomes)
        counts["skipped"] += unread
        self.stdout.write(", ".join(f"{counts[result]} {result}" for result in RESULTS))
        if drafts := sorted({outcome.slug for outcome in outcomes if outcome.is_draft}):
            verb = "would come in" if dry_run else "came in"
            self.stdout.write(
                f"As drafts, which readers do not see until a reviewer approves, {verb}: {', '.join(drafts)}"
            )
        if dry_run:
            self.stdout.write("This was a dry run: nothing was written.")


def _find_publisher(publish: bool, by: str | None) -> User | None:
    """Return the person who stands for texts that go live at once, or None. Raises `CommandError`."""
    if publish and not by:
        raise CommandError(
            "Nothing was done. Say who publishes: add --by EMAIL, or leave out --publish to make drafts."
        )
    if by and not publish:
        raise CommandError("Nothing was done. --by is for --publish: add --publish, or leave out --by to make drafts.")
    if not by:
        return None
    person = User.objects.filter(email=by.lower()).first()
    if person is None:
        raise CommandError(f"Nothing was done. There is no account {by}. Name the account of a reviewer.")
    try:
        importing.require_publisher(person)
    except publishing.NotAllowed as refusal:
        raise CommandError(f"Nothing was done. {refusal}") from refusal
    return person
