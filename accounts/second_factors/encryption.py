"""Encrypts secrets that we have to read again under SECRET_KEY, so that a copy of the database signs nobody in."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """The text was encrypted under a key that is neither SECRET_KEY nor one of SECRET_KEY_FALLBACKS."""


def encrypt(text: str) -> str:
    """Return `text` encrypted under SECRET_KEY."""
    return _cipher().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Return the text that SECRET_KEY or one of SECRET_KEY_FALLBACKS encrypted; raise `Unreadable` if none did."""
    try:
        return _cipher().decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def encrypt_anew(encrypted: str) -> str:
    """Return the same text under SECRET_KEY, so that older keys are no longer needed; raise as `decrypt` does."""
    try:
        return _cipher().rotate(encrypted.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _cipher() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@lru_cache
def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"accounts.encryption").derive(key.encode())
    return Fernet(urlsafe_b64encode(derived))
