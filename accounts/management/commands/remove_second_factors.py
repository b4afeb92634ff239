from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.second_factors import rules as second_factor_rules


class Command(BaseCommand):
    """Let a person who has lost their phone sign in by password again, if no administrator can do it in the admin."""

    help = (
        "Remove the authenticator app, passkeys and recovery codes of one account, sign it out everywhere and tell the "
        "person by email. For when no administrator can sign in; otherwise an administrator does it in the admin. Be "
        "sure that the person is who they say they are: afterwards they need only the password or an emailed code."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the email address of the account."""
        parser.add_argument("email", help="the address the person signs in with")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        """Remove them and say so. Raises `CommandError` if there is no such account or it has none."""
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise CommandError(f"There is no account {email}.")
        if not user.authenticator_set.exists():
            raise CommandError(
                f"{email} does not use two-step sign-in. They sign in with their password or an emailed code."
            )
        second_factor_rules.remove_all(user=user, by=None)
        self.stdout.write(f"Removed. {email} is signed out everywhere, was told by email, and can set them up again.")
