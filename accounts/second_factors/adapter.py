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
    """What the site changes in allauth's second factors: its words, its name, and that secrets are encrypted."""

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
        """A secret as the database keeps it."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; where its key is gone, a random one that no code fits: it signs nobody in."""
        try:
            return encryption.decrypt(encrypted_text)
        except encryption.Unreadable:
            logger.error("A second factor cannot be read. Add the former SECRET_KEY to SECRET_KEY_FALLBACKS.")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Whether a second step is asked for; of an account that was deleted after the first there is none to take."""
        return user is not None and super().is_mfa_enabled(user, types)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """The name offered for a new passkey."""
        there = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {there + 1}" if there else "Passkey on this device"

    def get_totp_issuer(self) -> str:
        """The site's name in an authenticator app."""
        return settings.SITE_NAME

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site's name where a device asks for a passkey."""
        return super().get_public_key_credential_rp_entity() | {"name": settings.SITE_NAME}
