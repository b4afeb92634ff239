"""The client: the network address that a request came from, and the device that sent it.

The address is the one that the outermost trusted proxy saw, never one that a visitor claims.
"""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 (an address to write down, not to listen at)

# The first match counts: most browsers also claim to be those that come after them in this list.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
]


def client_ip(request: HttpRequest) -> str:
    """Return the network address of the sender as text, or `0.0.0.0` if it is unknown.

    Each proxy appends the address that called it to `X-Forwarded-For`. With n trusted proxies, the outermost wrote the
    n-th entry from the end, and a visitor can forge everything before it. If that entry is missing or is not an
    address, the address of the connection counts. So the header can neither cause an error nor choose the answer.
    """
    proxies = settings.TRUSTED_PROXIES
    seen = request.headers.get("X-Forwarded-For", "").split(",")
    entry = seen[-proxies] if 0 < proxies <= len(seen) else ""
    return _address(entry) or _address(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def _address(text: str) -> str | None:
    """Return the address in `text` without a port, or None. An IPv4 address written as IPv6 becomes IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def device_name(user_agent: str) -> str:
    """Return the device in words, like “Chrome on Windows”. An unrecognised part is “unknown”, never a guess."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "Unknown browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "an unknown system")
    return "Unknown device" if browser.startswith("Unknown") and system.startswith("an ") else f"{browser} on {system}"
