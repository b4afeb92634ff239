from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from content.files import exporting
from content.models import Page


class Command(BaseCommand):
    """Write every page with its whole history into a directory."""

    help = (
        "Write every page as Markdown files: <slug>.md is its live text, <slug>.draft.md and "
        "<slug>.withdrawal.draft.md its drafts, <slug>/history/<n>.md every version, scheduled ones too, and "
        "synonyms.yaml the search's synonyms. import_pages brings all of it back. Nothing in the directory is ever "
        "deleted: without --overwrite it must be empty, and with it only files of these names are replaced and the "
        "other .md files are listed. Error reports and readers' annotations are private and not exported."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the directory and --overwrite."""
        parser.add_argument("directory", type=Path, help="the directory to write into; created if it does not exist")
        parser.add_argument(
            "--overwrite", action="store_true", help="write into a directory that is not empty, replacing these files"
        )

    def handle(self, *args: Any, directory: Path, overwrite: bool, **options: Any) -> None:
        """Write the files, show progress, then say how many there are and which others are in the directory."""
        if directory.exists() and not directory.is_dir():
            raise CommandError(f"{directory} is a file. Name a directory to write into.")
        if directory.exists() and any(directory.iterdir()) and not overwrite:
            raise CommandError(f"{directory} is not empty. Name an empty directory, or add --overwrite.")
        directory.mkdir(parents=True, exist_ok=True)
        written: set[Path] = set()
        pages = 0
        for _page, paths in tqdm(
            exporting.export_pages(directory), total=Page.objects.count(), unit="page", disable=None
        ):
            written.update(paths)
            pages += 1
        written.update(exporting.export_synonyms(directory))
        for path in sorted(set(directory.rglob("*.md")) - written):
            self.stdout.write(f"not part of this export, left unchanged: {path}")
        self.stdout.write(f"{pages} pages in {len(written)} files in {directory}")
