from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from content.history import rerendering


class Command(BaseCommand):
    """Make the HTML of versions again after the renderer has changed."""

    help = (
        "Make the HTML of every version that has none or was rendered by another revision of the renderer. The "
        "Markdown and its hashes do not change. You can stop it at any time: run again, it continues where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --all."""
        parser.add_argument(
            "--all", action="store_true", help="every version; if you stop it, run again without --all to continue"
        )

    def handle(self, *args: Any, all: bool, verbosity: int, **options: Any) -> None:
        """Render the versions, show progress, and say how many there were."""
        if all:
            rerendering.mark_all()
        pks = rerendering.outdated()
        done = sum(1 for _ in tqdm(rerendering.rerender(pks), total=len(pks), unit="version", disable=None))
        if done:
            self.stdout.write(f"{done} versions rendered")
        elif verbosity:
            self.stdout.write("Every version is rendered as it should be.")
