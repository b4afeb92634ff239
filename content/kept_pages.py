"""The pages that visitors read, kept as the bytes of their answers, in front of Django.

A visitor's page depends on little: the content, the number that the meter shows, the encoding, and the day. So an
answer that Django gave is given again, by the same rules of the meter, until anything that readers see has changed
(`content/changes.py` is asked at each request), a scheduled version's time comes, or the day ends in the UK. Whatever
else could change an answer, like a session, a query or another method, goes to Django. Reasons:
docs/decisions/0084-visitors-pages-are-kept.md.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpResponse, parse_cookie
from django.utils import timezone

from accounts import middleware
from accounts.meter import PURPOSES

from . import changes, clock
from .models import Version

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

PAGE = re.compile(r"/pages/([-a-zA-Z0-9_]+)/")
MOST = 16 * 2**20  # bytes of answers that a process keeps
ENCODINGS = ("br", "gzip")  # those that Django may answer in, the smallest first
PURPOSE_HEADERS = {f"HTTP_{name.upper().replace('-', '_')}" for name in PURPOSES}


@dataclass(frozen=True)
class Kept:
    """An answer without the meter's cookie: of which content it was made, and when it ends."""

    stamp: str
    ends_at: datetime
    headers: list[tuple[str, str]]
    body: bytes


class KeptPages:
    """A WSGI application that answers visitors from what it keeps, and lets `application` answer everything else."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.kept: OrderedDict[tuple[str, int, str], Kept] = OrderedDict()
        self.size = 0
        self.lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        found = PAGE.fullmatch(environ["PATH_INFO"])
        if not found or not _is_plain(environ):
            return self.application(environ, start_response)
        slug, cookies = found[1], parse_cookie(environ.get("HTTP_COOKIE", ""))
        meter = middleware.read(cookies.get(middleware.COOKIE, ""))
        if settings.SESSION_COOKIE_NAME in cookies or "messages" in cookies:
            return self.application(environ, start_response)
        encoding = environ["HTTP_ACCEPT_ENCODING"] = _encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        key, now = (slug, meter.remaining(slug), encoding), clock.now()
        try:
            stamp = changes.committed_stamp()
            kept = self._find(key, stamp, now)
            ends_at = kept.ends_at if kept else _end()  # asked before Django answers, so that no version slips between
        except (DatabaseError, changes.ContentChange.DoesNotExist):
            return self.application(environ, start_response)  # which says what is wrong
        if kept is None:
            answer = _Answer(self.application, environ)
            if not answer.can_be_kept:
                return answer.give(start_response)
            kept = Kept(stamp, ends_at, answer.headers_without_cookie, answer.body)
            self._keep(key, kept)
        response = HttpResponse()
        middleware.count(meter, slug, response)
        cookie = [("Set-Cookie", each.output(header="")) for each in response.cookies.values()]
        start_response("200 OK", kept.headers + cookie)
        return [kept.body]

    def _find(self, key: tuple[str, int, str], stamp: str, now: datetime) -> Kept | None:
        """Return the answer that is kept, if the content is still what it was made of."""
        with self.lock:
            kept = self.kept.get(key)
            if kept is None or kept.stamp != stamp or kept.ends_at <= now:
                return None
            self.kept.move_to_end(key)
            return kept

    def _keep(self, key: tuple[str, int, str], kept: Kept) -> None:
        """Keep an answer, and let go of those that were not asked for in the longest time if there are too many."""
        with self.lock:
            if before := self.kept.pop(key, None):
                self.size -= len(before.body)
            self.kept[key] = kept
            self.size += len(kept.body)
            while self.size > MOST:
                _key, oldest = self.kept.popitem(last=False)
                self.size -= len(oldest.body)


class _Answer:
    """What the application answers, read to its end."""

    def __init__(self, application: Application, environ: Environ) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        answer = application(environ, self._start)
        try:
            self.body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status, self.headers = status, headers

    @property
    def can_be_kept(self) -> bool:
        """Whether it is a page that every visitor with the same number gets, but for the meter's cookie."""
        cookies = [value for name, value in self.headers if name == "Set-Cookie"]
        return self.status == "200 OK" and all(each.lstrip().startswith(f"{middleware.COOKIE}=") for each in cookies)

    @property
    def headers_without_cookie(self) -> list[tuple[str, str]]:
        return [header for header in self.headers if header[0] != "Set-Cookie"]

    def give(self, start_response: Callable[..., Any]) -> list[bytes]:
        """Give the answer on as it is."""
        start_response(self.status, self.headers)
        return [self.body]


def _is_plain(environ: Environ) -> bool:
    """Return whether it is a GET of a page at the site's own address, as a browser asks when somebody wants to read."""
    site = urlsplit(settings.SITE_URL)
    proxy, said = settings.SECURE_PROXY_SSL_HEADER or ("wsgi.url_scheme", "https")
    scheme = "https" if environ.get(proxy) == said else environ["wsgi.url_scheme"]
    return (
        environ["REQUEST_METHOD"] == "GET"
        and not environ.get("QUERY_STRING")
        and not environ.get("SCRIPT_NAME")
        and environ.get("HTTP_HOST") == site.netloc
        and scheme == site.scheme
        and PURPOSE_HEADERS.isdisjoint(environ)
    )


def _encoding(accepted: str) -> str:
    """Return the encoding for an Accept-Encoding header, or an empty string for none."""
    wanted = {
        name.strip()
        for name, _, quality in (each.partition(";") for each in accepted.split(","))
        if not re.fullmatch(r"\s*q=0(\.0*)?\s*", quality)
    }
    return next((each for each in ENCODINGS if each in wanted), "")


def _end() -> datetime:
    """Return when a page may be another one without any change: at the next version's time, or when the day ends."""
    midnight = timezone.make_aware(datetime.combine(clock.today() + timedelta(days=1), time.min))
    scheduled = Version.objects.scheduled().values_list("published_at", flat=True).first()
    return min(midnight, scheduled) if scheduled else midnight
