"""How the settings read a variable of the environment: what is not understood refuses to start, naming the variable."""

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
    """Whether `host` names this machine: `localhost`, a name under it, or a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def local_secret_key(folder: Path) -> str:
    """The random key kept in `secret_key` in `folder`, made on the first use; for this machine only."""
    path = folder / "secret_key"
    try:
        return path.read_text()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        return path.read_text()


def yes_or_no(variable: str, default: bool) -> bool:
    """The variable as a yes or no; a word that is neither refuses to start, unset or empty is the default."""
    word = env.str(variable, default="").strip().lower()
    if word not in ("", "true", "yes", "on", "1", "false", "no", "off", "0"):
        raise ImproperlyConfigured(f"{variable} is {word!r}. Set it to true or false.")
    return word in ("true", "yes", "on", "1") if word else default


def whole_number(variable: str, default: int, least: int, most: int) -> int:
    """The variable as a number from `least` to `most`; another refuses to start, unset or empty is the default."""
    number = env.str(variable, default="").strip() or str(default)
    if not (number.isascii() and number.isdigit() and least <= int(number[:10]) <= most):
        raise ImproperlyConfigured(f"{variable} is {number!r}. Set it to a whole number from {least} to {most}.")
    return int(number)


def address(variable: str, default: str, schemes: Collection[str], read: Callable[[str], Any], example: str) -> Any:
    """What `read` makes of the variable; an address it cannot use refuses to start, and is not shown: it may hold a
    password. Unset or empty is the default.
    """
    url = env.str(variable, default="") or default
    try:
        if url.strip().lower().partition(":")[0] in schemes:
            return read(url)
    except ValueError:
        pass
    raise ImproperlyConfigured(f"{variable} is not an address that the site can use. Set it to one like {example}")


def trusted_proxies() -> int:
    """How many proxies stand between a visitor and the site; `BEHIND_PROXY=true` is an older word for one."""
    behind = yes_or_no("BEHIND_PROXY", default=False)
    number = whole_number("TRUSTED_PROXIES", default=int(behind), least=0, most=10)
    if env.str("BEHIND_PROXY", default="").strip() and behind != (number > 0):
        raise ImproperlyConfigured("TRUSTED_PROXIES and BEHIND_PROXY say different things. Set only TRUSTED_PROXIES.")
    return number


def require(holds: bool, variable: str, remedy: str) -> None:
    """Refuse to start unless `holds`; the message names the variable and what to set."""
    if not holds:
        raise ImproperlyConfigured(f"{variable} is not safe for production. {remedy}")
