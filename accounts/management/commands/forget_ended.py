from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Delete ended sessions, and the rows of every model that says which of them are `outdated`.

    Run it daily: nothing uses them, but we store them until it runs.
    """

    help = (
        "Delete sessions that have ended, with the network address and browser stored for each, unsaved text that was "
        "kept for 30 days, and words that were searched for and not found 90 or more days ago."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete them, and print how many of each there were, beside the sessions."""
        call_command("clearsessions")
        UserSession.objects.exclude(session_key__in=Session.objects.values("pk")).delete()
        for model in apps.get_models():
            rows = model._default_manager.all()
            if hasattr(rows, "outdated"):
                deleted, _ = rows.outdated().delete()
                self.stdout.write(f"Deleted {deleted} {model._meta.verbose_name_plural}.")
