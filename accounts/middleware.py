"""The HTTP shell around `meter.py`: which views are metered, the visitor's cookie, and what is counted."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control

from .http import Request, View
from .meter import Meter, counts, is_prefetch

COOKIE = "meter"
SALT = "accounts.meter"


def metered(*, refusal: View) -> Callable[[View], View]:
    """Mark a view as one of the pages a visitor may open five of; `refusal` answers in its place when they are spent.

    The view must take a `slug`: that is what is counted. `refusal` takes the same arguments, and its answer is sent
    as it is.
    """

    def mark(view: View) -> View:
        view.metered_refusal = refusal  # type: ignore[attr-defined]
        return view

    return mark


class VisitorMeter:
    """The meter as one request sees it: what templates show, and what the middleware decides by."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.page: str | None = None

    @cached_property
    def value(self) -> Meter:
        """What the visitor's cookie says; a forged, cut or missing cookie is a new visitor."""
        try:
            record = signing.loads(self.request.COOKIES.get(COOKIE, ""), salt=SALT)
        except signing.BadSignature:
            record = {}
        return Meter.from_record(record, timezone.localdate(), settings.FREE_PAGES, settings.FREE_PAGES_DAYS)

    @property
    def applies(self) -> bool:
        """Whether pages are counted: for visitors and, where readers have to be verified, for those who are not."""
        user = self.request.user
        if not user.is_authenticated:
            return True
        return settings.REQUIRE_VERIFIED_REGISTRATION and not (user.is_staff or user.has_verified_registration)

    @property
    def lifts_for_verified(self) -> bool:
        """Whether only a verified registration lifts the limit, so that an account alone does not."""
        return settings.REQUIRE_VERIFIED_REGISTRATION

    @property
    def remaining(self) -> int:
        """The number to show: on a metered page it includes that page."""
        return self.value.remaining(self.page)

    @property
    def opened(self) -> list[str]:
        """The slugs of the pages that stay open."""
        return list(self.value.opened)

    def count(self, response: HttpResponseBase) -> None:
        """Set the cookie that remembers that the page was opened."""
        value = self.value.open(self.page or "")
        response.set_cookie(
            COOKIE,
            signing.dumps(value.to_record(), salt=SALT, compress=True),
            max_age=settings.FREE_PAGES_DAYS * 24 * 60 * 60,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )


class MeterMiddleware:
    """A visitor opens five pages; each stays open; the sixth asks them to sign in, or for a verified registration.

    Only a page that was really shown counts (200 or 304, not HEAD). A browser that fetches a page ahead of a click is
    told to come back later, so that nothing is spent by it.
    """

    def __init__(self, get_response: Callable[[Request], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        meter = request.meter = VisitorMeter(request)
        response = self.get_response(request)
        if meter.page:
            patch_cache_control(response, private=True)  # it shows the visitor's own number
            if counts(request.method or "", response.status_code):
                meter.count(response)
        return response

    def process_view(self, request: Request, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """Let a marked view be served, or answer in its place."""
        refusal: View | None = getattr(view, "metered_refusal", None)
        meter = request.meter
        if refusal is None or not meter.applies:
            return None
        if is_prefetch(request.headers):
            return HttpResponse(status=503, headers={"Cache-Control": "no-store"})
        if not meter.value.allows(kwargs["slug"]):
            return refusal(request, *args, **kwargs)
        meter.page = kwargs["slug"]
        return None
