import secrets
import sys
import time
from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.allauth_private import totp
from accounts.models import Profession, User

# The role, whether it may enter the admin, and its groups. The administrator is a superuser.
DEMO = [
    ("reader", False, []),
    ("editor", True, ["Editor"]),
    ("reviewer", True, ["Reviewer"]),
    ("administrator", True, []),
]


class Command(BaseCommand):
    """Create accounts to try the site with. Only on a developer's own machine."""

    help = (
        "Create four demo accounts (a reader, an editor, a reviewer and an administrator) with random passwords and, "
        "for those who edit, the key of an authenticator app, printed once. Run it again to set and print new ones. "
        "Refused in production."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --offer and --code."""
        parser.add_argument(
            "--offer",
            action="store_true",
            help="do nothing if any account exists; where there is a terminal, ask first",
        )
        parser.add_argument(
            "--code",
            metavar="ROLE",
            choices=[role for role, is_staff, _ in DEMO if is_staff],
            help="only print the code that this account's authenticator app would show now",
        )

    def handle(self, *args: Any, offer: bool, code: str | None, **options: Any) -> None:
        """Create or renew the accounts and print how to sign in. Raises `CommandError` in production."""
        if offer and (settings.PRODUCTION or User.objects.exists() or not self._is_wanted()):
            return
        if settings.PRODUCTION:
            raise CommandError(f"{settings.SITE_URL} is not this machine: demo accounts are never made in production.")
        if code:
            self.stdout.write(self._code(code))
            return
        self.stdout.write(f"Demo accounts, to sign in with at {settings.SITE_URL}/sign-in (shown once):")
        for role, is_staff, groups in DEMO:
            password = secrets.token_urlsafe(9)
            user = self._make(role, password, is_staff, groups)
            self.stdout.write(f"  {role:<14} {role}@demo.example   {password}")
            if is_staff:
                key = self._renew_app(user)
                self.stdout.write(f"  {'':<14} key for an authenticator app: {key}")
                self.stdout.write(f"  {'':<14} {get_adapter().build_totp_url(user, key)}")
        self.stdout.write(
            "Those with a key also need a code to sign in: add the key to an authenticator app or a password manager, "
            "or print the current code with\n"
            "  .venv/bin/python manage.py create_demo_accounts --code editor"
        )

    def _is_wanted(self) -> bool:
        if not sys.stdin.isatty():
            return True
        return input("Create demo accounts to try the site with? [Y/n] ").strip().lower() in ("", "y", "yes")

    @transaction.atomic
    def _make(self, role: str, password: str, is_staff: bool, groups: list[str]) -> User:
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
        return user

    @transaction.atomic
    def _renew_app(self, user: User) -> str:
        """Replace the account's second factors with one authenticator app, and return its key."""
        Authenticator.objects.filter(user=user).delete()
        key = totp.generate_totp_secret()
        totp.TOTP.activate(user, key)
        return key

    def _code(self, role: str) -> str:
        """Return the code that the role's authenticator app shows now. Raises `CommandError` if it has none."""
        app = Authenticator.objects.filter(user__email=f"{role}@demo.example", type=Authenticator.Type.TOTP).first()
        if app is None:
            raise CommandError("There is no such demo account, or it has no authenticator app: make them again first.")
        key = get_adapter().decrypt(app.data["secret"])
        return totp.format_hotp_value(totp.hotp_value(key, int(time.time()) // 30))
