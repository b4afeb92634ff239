from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.second_factors import encryption


class Command(BaseCommand):
    """Encrypt the secrets of second factors again, so that a former SECRET_KEY can be removed."""

    help = (
        "Encrypt the secrets of second factors again, under the current SECRET_KEY. Run it after you have changed "
        "SECRET_KEY and put the old key into SECRET_KEY_FALLBACKS. You can then remove the old key, once sessions have "
        "ended."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Encrypt them and print how many. Raises `CommandError`, with the accounts, if a secret cannot be read."""
        done, unreadable = 0, []
        for pk in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("pk", flat=True):
            with transaction.atomic():
                factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
                if factor is None:
                    continue
                name = "seed" if factor.type == Authenticator.Type.RECOVERY_CODES else "secret"
                try:
                    factor.data[name] = encryption.encrypt_anew(factor.data[name])
                except encryption.Unreadable:
                    unreadable.append(factor.user_id)
                    continue
                factor.save(update_fields=["data"])
                done += 1
        self.stdout.write(f"Encrypted again: {done}.")
        if unreadable:
            raise CommandError(
                f"Not readable with these keys: accounts {sorted(set(unreadable))}. Add the key they were made under."
            )
