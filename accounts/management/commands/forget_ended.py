from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.models import UnsavedText


class Command(BaseCommand):
    """Delete ended sessions and old unsaved text. Run it daily: nothing uses them, but we store them until it runs."""

    help = (
        "Delete sessions that have ended, with the network address and browser stored for each, and unsaved text that "
        "was kept for 30 days."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete them, and print how many texts there were."""
        call_command("clearsessions")
        UserSession.objects.exclude(session_key__in=Session.objects.values("pk")).delete()
        deleted, _ = UnsavedText.objects.outdated().delete()
        self.stdout.write(f"Deleted {deleted} unsaved texts.")
