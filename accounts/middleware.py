"""The meter over HTTP (the rule is in `meter.py`): which views are metered, the visitor's cookie, and what counts."""

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
MOST_SQUARES = 10


def metered(*, refusal: View) -> Callable[[View], View]:
    """Return a decorator that marks a view as metered: a visitor may open five such pages, then `refusal` answers.

    The view must take a `slug`, by which the meter counts. `refusal` takes the same arguments, and the middleware sends
    its answer unchanged.
    """

    def mark(view: View) -> View:
        view.metered_refusal = refusal  # type: ignore[attr-defined]
        return view

    return mark


def read(cookie: str) -> Meter:
    """Return the meter in a visitor's cookie, as of today; a forged, cut or missing cookie means a new visitor."""
    try:
        record = signing.loads(cookie, salt=SALT)
    except signing.BadSignature:
        record = {}
    return Meter.from_record(record, timezone.localdate(), settings.FREE_PAGES, settings.FREE_PAGES_DAYS)


def count(meter: Meter, page: str, response: HttpResponseBase) -> None:
    """Record in the visitor's cookie that they opened the page, if it is a new one among those they have opened.

    So the cookie lasts until the newest of its pages is forgotten.
    """
    opened = meter.open(page)
    if opened is meter:
        return
    response.set_cookie(
        COOKIE,
        signing.dumps(opened.to_record(), salt=SALT, compress=True),
        max_age=settings.FREE_PAGES_DAYS * 24 * 60 * 60,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


class VisitorMeter:
    """The meter for one request: templates show it, and the middleware decides by it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.page: str | None = None

    @cached_property
    def value(self) -> Meter:
        """The meter in the visitor's cookie."""
        return read(self.request.COOKIES.get(COOKIE, ""))

    @property
    def applies(self) -> bool:
        """Whether the meter counts: for visitors and, with REQUIRE_VERIFIED_REGISTRATION, for unverified readers."""
        user = self.request.user
        if not user.is_authenticated:
            return True
        return settings.REQUIRE_VERIFIED_REGISTRATION and not (user.is_staff or user.has_verified_registration)

    @property
    def lifts_for_verified(self) -> bool:
        """Whether only a verified registration removes the limit, so that an account alone does not."""
        return settings.REQUIRE_VERIFIED_REGISTRATION

    @property
    def remaining(self) -> int:
        """The number of pages to show as remaining; on a metered page, it includes that page."""
        return self.value.remaining(self.page)

    @property
    def squares(self) -> list[bool]:
        """A square for each free page, which is filled while the page is left; none where they are too many to see."""
        free = self.value.free_pages
        return [number < self.remaining for number in range(free)] if free <= MOST_SQUARES else []

    @property
    def opened(self) -> list[str]:
        """The slugs of the pages that the visitor has opened and can still read."""
        return list(self.value.opened)


class MeterMiddleware:
    """Let a visitor open five pages, which stay open; the sixth needs them to sign in, or a verified registration.

    Only a page that the visitor was shown counts (200 or 304, not HEAD). A browser that fetches a page ahead of a click
    gets 503, so that this does not use up a page.
    """

    def __init__(self, get_response: Callable[[Request], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        meter = request.meter = VisitorMeter(request)
        response = self.get_response(request)
        if meter.page:
            patch_cache_control(response, private=True)  # the page shows the visitor's own number
            if counts(request.method or "", response.status_code):
                count(meter.value, meter.page, response)
        return response

    def process_view(self, request: Request, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """Return None to serve the view, or the answer to a metered view that the visitor may not open now."""
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
