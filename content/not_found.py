"""An address where there is no page: what someone may have looked for there."""

import re

from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import Request

from .search import query
from .search.index import Unavailable

LONGEST = 100  # characters of an address that are read
MOST = 5  # pages that are named
# Where an address that starts with one of these leads is not a matter of a page's name.
ELSEWHERE = frozenset(
    {"account", "accounts", "admin", "annotations", "code", "search", "sign-in", "sign-out", "sign-up", "static"}
)
# Parts of the site's own addresses, and endings of files: they are no words of a page's name.
PARTS = re.compile(
    r"(pages|about|history|compare|report|on|topics|feed|changes|source|cite|index|wp"
    r"|html?|php|aspx?|jsp|md|json|xml|txt|ico|png|js|css|\d+)"
)


def words_in(path: str) -> str:
    """Return the words of the page's name in an address, or nothing if the address could not be a page's."""
    segments = [segment for segment in path[:LONGEST].split("/") if segment]
    if not segments or segments[0].lower() in ELSEWHERE or segments[0].startswith("."):
        return ""
    words = [word for segment in segments for word in query.WORD.findall(segment)]
    return " ".join(word for word in words if not PARTS.fullmatch(word.lower()))


def page_not_found(request: Request, exception: Exception) -> HttpResponse:
    """Say that there is no page at this address, with a search for its words and the titles nearest to them.

    The answer does not depend on the search: without it, it names no titles.
    """
    request.meter.page = None  # what is not there is not one of a visitor's free pages
    words = words_in(request.path)
    try:
        nearest = query.search(words).hits[:MOST] if words else ()
    except Unavailable:
        nearest = ()
    return render(request, "404.html", {"words": words, "nearest": nearest}, status=404)
