import base64
import logging
import secrets
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings

from . import encryption

logger = logging.getLogger("accounts.adapter")


class MfaAdapter(DefaultMFAAdapter):
    """What the site changes in allauth's second factors: the error messages, names and encryption of secrets."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": "First remove your authenticator app and passkeys, then add the address.",
        "cannot_delete_authenticator": "This cannot be turned off.",
        "cannot_generate_recovery_codes": "First set up an authenticator app or a passkey.",
        "incorrect_code": "That code is not correct. Enter the one shown now, before it changes.",
        "used_code": "That code has already been used. Wait for the next one.",
        "unknown_passkey": "That passkey does not open an account here. Choose another way.",
        "passkey_not_added": "We could not add the passkey. Try again.",
        "unverified_email": "First confirm your email address.",
    }

    def encrypt(self, text: str) -> str:
        """Return a secret as the database stores it."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret. If its key is gone, return a random one that no code fits, so that it signs nobody in."""
        try:
            return encryption.decrypt(encrypted_text)
        except encryption.Unreadable:
            logger.error("A second factor cannot be read. Add the former SECRET_KEY to SECRET_KEY_FALLBACKS.")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Return whether to ask for a second step: not if the account was deleted (`None`) after the first."""
        return user is not None and super().is_mfa_enabled(user, types)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """Return the name that the form offers for a new passkey."""
        there = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {there + 1}" if there else "Passkey on this device"

    def get_totp_issuer(self) -> str:
        """Return the site's name, for an authenticator app to show."""
        return settings.SITE_NAME

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the site's name, for a device to show when it asks for a passkey."""
        return super().get_public_key_credential_rp_entity() | {"name": settings.SITE_NAME}
