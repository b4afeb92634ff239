from typing import Any

from django.core.management.base import BaseCommand

from annotations.models import UNDO_DAYS, purge


class Command(BaseCommand):
    """Permanently delete annotations that readers deleted and did not restore."""

    help = (
        f"Permanently remove the annotations that readers deleted {UNDO_DAYS} or more days ago; until then readers can "
        "bring them back. Prints how many, and nothing of what they said. Run it daily; running it twice does no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge them and say how many."""
        count = purge()
        self.stdout.write(f"{count} deleted annotation{'' if count == 1 else 's'} permanently removed.")
