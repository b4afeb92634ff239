from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from content.search.index import Index


class Command(BaseCommand):
    """Make the search index anew."""

    help = (
        "Throw the search index away and make it again from the live texts, with a progress bar. The site does this by "
        "itself when something changed or the file is damaged; the command saves the first visitor after an update "
        "the wait. The index is a file of its own on each machine and never a record: nothing is lost with it."
    )

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        """Make the index, and say how many pages are in it."""
        number = Index().rebuild(lambda documents: tqdm(documents, unit="page", disable=None))
        if verbosity:
            self.stdout.write(f"{number} page{'' if number == 1 else 's'} can be found.")
