"""Secrets that must be kept and read again are encrypted under SECRET_KEY: a copy of the database signs nobody in."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """Encrypted under a key that is in neither SECRET_KEY nor SECRET_KEY_FALLBACKS."""


def encrypt(text: str) -> str:
    """`text` encrypted under SECRET_KEY."""
    return _cipher().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """What `encrypt` was given, under this key or one of SECRET_KEY_FALLBACKS. Raises `Unreadable`."""
    try:
        return _cipher().decrypt(encrypted.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def encrypt_anew(encrypted: str) -> str:
    """The same text under SECRET_KEY, so that older keys are no longer needed. Raises `Unreadable`."""
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
