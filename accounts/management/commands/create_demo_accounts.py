import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Profession, User

# Role, whether they enter the admin, the groups they are in. The administrator is a superuser.
DEMO = [
    ("reader", False, []),
    ("editor", True, ["Editor"]),
    ("reviewer", True, ["Reviewer"]),
    ("administrator", True, []),
]


class Command(BaseCommand):
    """Make accounts to try the site with, on this machine only."""

    help = (
        "Make four demo accounts (a reader, an editor, a reviewer and an administrator) with random passwords, "
        "printed once. Run it again to set and print new passwords. Refused in production."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --offer."""
        parser.add_argument(
            "--offer",
            action="store_true",
            help="do nothing if there is any account; ask first where there is a terminal to ask at",
        )

    def handle(self, *args: Any, offer: bool, **options: Any) -> None:
        """Make or renew the accounts and print how to sign in."""
        if offer and (settings.PRODUCTION or User.objects.exists() or not self._is_wanted()):
            return
        if settings.PRODUCTION:
            raise CommandError(f"{settings.SITE_URL} is not this machine: demo accounts are never made in production.")
        self.stdout.write(f"Demo accounts, to sign in with at {settings.SITE_URL}/sign-in (shown once):")
        for role, is_staff, groups in DEMO:
            password = secrets.token_urlsafe(9)
            self._make(role, password, is_staff, groups)
            self.stdout.write(f"  {role:<14} {role}@demo.example   {password}")

    def _is_wanted(self) -> bool:
        if not sys.stdin.isatty():
            return True
        return input("Make demo accounts to try the site with? [Y/n] ").strip().lower() in ("", "y", "yes")

    @transaction.atomic
    def _make(self, role: str, password: str, is_staff: bool, groups: list[str]) -> None:
        user, _ = User.objects.get_or_create(
            email=f"{role}@demo.example",
            defaults={
                "name": f"Demo {role}",
                "profession": Profession.OTHER,
                "declared_at": timezone.now(),
                "is_staff": is_staff,
                "is_superuser": role == "administrator",
            },
        )
        user.set_password(password)
        user.save()
        user.groups.set(Group.objects.filter(name__in=groups))
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
