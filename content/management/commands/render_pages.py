from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from content.history import rerendering
from content.models import Version


class Command(BaseCommand):
    """Make the HTML of versions again after the renderer has changed."""

    help = (
        "Make the HTML of every version that has none or was rendered by another revision of the renderer, and list "
        "which words that readers see change by it: the page, the version, and a line for each place, with [-words-] "
        "that go and {+words+} that come. With --dry-run, only list them. The Markdown and its hashes do not change. "
        "You can stop it at any time: run again, it continues where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --all and --dry-run."""
        parser.add_argument(
            "--all", action="store_true", help="every version; if you stop it, run again without --all to continue"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="list which words would change for readers, and write nothing"
        )

    def handle(self, *args: Any, all: bool, dry_run: bool, verbosity: int, **options: Any) -> None:
        """Render the versions, show progress, say which words change, and how many versions there were."""
        if all and not dry_run:
            rerendering.mark_all()
        pks = list(Version.objects.order_by("pk").values_list("pk", flat=True)) if all else rerendering.outdated()
        done = changed = 0
        for each in tqdm(
            rerendering.preview(pks) if dry_run else rerendering.rerender(pks),
            total=len(pks), unit="version", disable=None,
        ):  # fmt: skip
            done, changed = done + 1, changed + bool(each.changes)
            with tqdm.external_write_mode():
                for change in each.changes:
                    self.stdout.write(f"{each.version}: {change}")
        if done:
            self.stdout.write(f"{done} versions {'to render' if dry_run else 'rendered'}")
        elif verbosity:
            self.stdout.write("Every version is rendered as it should be.")
        if changed:
            self.stdout.write(f"What readers see {'would change' if dry_run else 'changed'} in {changed} of them.")
        if dry_run:
            self.stdout.write("This was a dry run: nothing was written.")
