"""The request that the site's views receive, and what they ask of any request."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from .models import User

if TYPE_CHECKING:
    from .middleware import VisitorMeter
    from .session.timeout import SessionLifetime

View = Callable[..., HttpResponse]


class Request(HttpRequest):
    """A request with the visitor's meter, the lifetime of the session and the details that htmx sends."""

    meter: "VisitorMeter"
    session_lifetime: "SessionLifetime | None"
    ended_for: User | None
    htmx: HtmxDetails
    user: User


def page_before(request: HttpRequest, otherwise: Any) -> str:
    """Return the address, on this site, of the page with the form or the link; else the address of `otherwise`."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return referer
    return resolve_url(otherwise)
