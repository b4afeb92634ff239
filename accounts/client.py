"""Who is at the other end: the network address a request came from, and the device it was sent by.

The address is what the outermost trusted proxy saw, never what a visitor claims.
"""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 (an address to write down, not to listen at)

# The first that is found counts: most browsers also claim to be those that come after them.
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
    """The address of whoever sent this request, as text; `0.0.0.0` where nobody can say.

    Each proxy appends the address it was called from to `X-Forwarded-For`, so the entry of the outermost of ours is the
    n-th from the end, and whatever stands before it was typed by the visitor. Where that entry is missing or is no
    address, the connection's own counts: nothing in the header can fail, or choose an answer.
    """
    proxies = settings.TRUSTED_PROXIES
    seen = request.headers.get("X-Forwarded-For", "").split(",")
    entry = seen[-proxies] if 0 < proxies <= len(seen) else ""
    return _address(entry) or _address(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def _address(text: str) -> str | None:
    """The address in `text`, which may carry a port; an IPv4 address written as IPv6 comes out as IPv4."""
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
    """The device in words, like “Chrome on Windows”; what is not recognised is called so, and never guessed."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "Unknown browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "an unknown system")
    return "Unknown device" if browser.startswith("Unknown") and system.startswith("an ") else f"{browser} on {system}"
