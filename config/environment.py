"""How the settings read environment variables.

A value that cannot be meant stops the site from starting, with a message that names the variable and what to set
(docs/decisions/0049-strict-settings.md).
"""

import ipaddress
import os
import secrets
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine: `localhost`, a name under it, or a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def local_secret_key(folder: Path) -> str:
    """Return the random key in the file `secret_key` in `folder`, created on first use. For loopback sites only."""
    path = folder / "secret_key"
    try:
        return path.read_text()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        return path.read_text()


def yes_or_no(variable: str, default: bool) -> bool:
    """Return the variable as a bool, or `default` if it is unset or empty.

    Raises `ImproperlyConfigured` unless it is true, yes, on, 1, false, no, off or 0, in capitals or not.
    """
    word = env.str(variable, default="").strip().lower()
    if word not in ("", "true", "yes", "on", "1", "false", "no", "off", "0"):
        raise ImproperlyConfigured(f"{variable} is {word!r}. Set it to true or false.")
    return word in ("true", "yes", "on", "1") if word else default


def whole_number(variable: str, default: int, least: int, most: int) -> int:
    """Return the variable as a number from `least` to `most`, or `default` if it is unset or empty.

    Raises `ImproperlyConfigured` for anything else.
    """
    number = env.str(variable, default="").strip() or str(default)
    if not (number.isascii() and number.isdigit() and len(number) <= 10 and least <= int(number) <= most):
        raise ImproperlyConfigured(f"{variable} is {number!r}. Set it to a whole number from {least} to {most}.")
    return int(number)


def address(variable: str, default: str, schemes: Collection[str], read: Callable[[str], Any], example: str) -> Any:
    """Return what `read` makes of the variable, or of `default` if it is unset or empty.

    Raises `ImproperlyConfigured` if its scheme is not one of `schemes` or `read` raises `ValueError`. The message shows
    `example` and not the value, which may contain a password.
    """
    url = env.str(variable, default="") or default
    try:
        if url.strip().lower().partition(":")[0] in schemes:
            return read(url)
    except ValueError:
        pass
    raise ImproperlyConfigured(f"{variable} is not an address that the site can use. Set it to one like {example}")


def trusted_proxies() -> int:
    """Return how many proxies there are between a visitor and the site, from 0 to 10.

    `BEHIND_PROXY=true` is an older way to say one. Raises `ImproperlyConfigured` if the two variables disagree.
    """
    behind = yes_or_no("BEHIND_PROXY", default=False)
    number = whole_number("TRUSTED_PROXIES", default=int(behind), least=0, most=10)
    if env.str("BEHIND_PROXY", default="").strip() and behind != (number > 0):
        raise ImproperlyConfigured("TRUSTED_PROXIES and BEHIND_PROXY say different things. Set only TRUSTED_PROXIES.")
    return number


def require(holds: bool, variable: str, remedy: str) -> None:
    """Raise `ImproperlyConfigured` unless `holds`, with a message that names the variable and what to set."""
    if not holds:
        raise ImproperlyConfigured(f"{variable} is not safe for production. {remedy}")
