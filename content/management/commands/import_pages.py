from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from content.files import importing


class Command(BaseCommand):
    """Import the content files in a directory."""

    help = (
        "Import the Markdown files of a directory: <slug>.md is a page's live text, <slug>.draft.md its draft. "
        "A text is published as a new version only when it says something new, so running this again changes nothing. "
        "Files that cannot be imported are listed with every line and reason, and the exit status is 1; the others are "
        "imported, and what could be better in them is listed too. Files in other folders, or with other endings, are "
        "named and skipped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the directory."""
        parser.add_argument("directory", type=Path, help="the directory that contains the .md files")

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:
        """Import every file, show progress, then say what happened to each. The exit status is 1 if any was refused."""
        if not directory.is_dir():
            raise CommandError(f"{directory} is not a directory. Name the one that contains the .md files.")
        paths = importing.files_in(directory)
        if not paths:
            raise CommandError(f"{directory} contains no .md files.")
        outcomes = list(tqdm(importing.import_files(paths), total=len(paths), unit="file", disable=None))
        for outcome in outcomes:
            stream = self.stderr if outcome.result == "refused" else self.stdout
            for detail in outcome.detail.splitlines():
                stream.write(f"{outcome.result}: {outcome.path}, {detail}")
            for warning in outcome.warnings:
                self.stdout.write(f"check: {outcome.path}, {warning}")
        for path in importing.skipped_in(directory):
            self.stdout.write(f"skipped: {path}, which has no name of a content file")
        counts = Counter(outcome.result for outcome in outcomes)
        results = ("new", "changed", "unchanged", "superseded", "refused")
        self.stdout.write(", ".join(f"{counts[result]} {result}" for result in results))
        if counts["refused"]:
            raise CommandError(f"{counts['refused']} of {len(paths)} files were not imported.")
