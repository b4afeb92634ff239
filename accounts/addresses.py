"""The network address that a request came from: what the outermost trusted proxy saw, never what a visitor claims."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 (an address to write down, not to listen at)


def client_address(request: HttpRequest) -> str:
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
