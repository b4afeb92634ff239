import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from content.history import verification
from content.models import Version


class Command(BaseCommand):
    """Check whether anything published was changed behind the site's back."""

    help = (
        "Recompute the chain of hashes of every page, and list the page and version of anything that was altered. Only "
        "--heads can show that the newest versions of a page, or a whole page, were removed: save the heads regularly, "
        "somewhere that nobody who can change the database can reach. The exit status is 1 if anything is found. "
        "Clinical reviews and the HTML made from a version are not part of the chain."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the files of heads and --html."""
        parser.add_argument("--heads", type=Path, help="a file that --save-heads wrote earlier, to compare with")
        parser.add_argument(
            "--save-heads", type=Path, help="write the newest version of each page here, when nothing is found"
        )

        parser.add_argument(
            "--html", action="store_true", help="render every version again too, and compare with what readers see"
        )

    def handle(self, *args: Any, heads: Path | None, save_heads: Path | None, html: bool, **options: Any) -> None:
        """Check every page, show progress, then list what was found. The exit status is 1 if that is anything."""
        try:
            saved = verification.read_heads(heads) if heads else None
        except verification.BadHeads as error:
            raise CommandError(str(error)) from error
        findings = verification.missing_triggers()
        redacted: list[str] = []
        now: list[verification.Head] = []
        pages = versions = 0
        with tqdm(total=Version.objects.count(), unit="version", disable=None) as bar:
            for page in verification.check_pages(saved, html=html):
                bar.update(page.count)
                pages, versions = pages + bool(page.count), versions + page.count
                findings += page.findings
                redacted += page.redacted
                now += [page.head] if page.head else []
        for line in redacted:
            self.stdout.write(line)
        for finding in findings:
            self.stderr.write(str(finding))
        if findings:
            raise CommandError(f"{len(findings)} findings in {versions} versions of {pages} pages.")
        self.stdout.write(f"{versions} versions of {pages} pages are as they were published.")
        if not heads:
            self.stdout.write(
                "Without --heads FILE, this cannot show whether newest versions or whole pages were removed."
            )
        if save_heads:
            self._save(save_heads, now)

    def _save(self, path: Path, heads: list[verification.Head]) -> None:
        """Write the heads under another name first, so that a failure does not destroy earlier ones."""
        unfinished = path.with_name(f"{path.name}.part")
        try:
            unfinished.write_text("".join(f"{head.to_json()}\n" for head in heads), encoding="utf-8")
            os.replace(unfinished, path)
        except OSError as error:
            raise CommandError(f"The heads were not saved: {error}") from error
        self.stdout.write(
            f"{len(heads)} heads saved in {path}. Keep them where nobody who can change the database can reach them."
        )
