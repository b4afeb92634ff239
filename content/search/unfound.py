"""What was searched for and not found: single words by day, so that the editors see what readers miss.

No account, address, session, time of day or whole query is kept, and no word that is known as a person's name. A word
that nobody knows, neither as a name nor as a word, is kept only if it stands beside no name and no other such word.
Reasons and figures: docs/decisions/0073-searched-for-and-not-found.md.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.http import HttpRequest

from accounts.meter import is_prefetch
from content import clock
from content.models import UnfoundWord

from . import persons
from .query import Results
from .words import STOP

MOST_A_DAY = 1_000  # different words
PATIENCE = 200  # milliseconds that a search waits for a busy database
TOKEN = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
KEPT = re.compile(r"(?=.{3,40}$)[a-z]+(?:-[a-z]+)*")
POSSESSIVE = re.compile(r"['’]s$")
# About one person, whatever the other words are.
ABOUT_A_PERSON = re.compile(
    r"@|\b(?:mr|mrs|mx|dr|prof|professor|patient|pt|named|called|name|surname|forename|firstname|lastname|nickname|dob|mrn"
    r"|born|postcode|birthday)\b"
    r"|\bdate of birth\b|\b(?:nhs|chi|hospital|ward|phone|mobile|telephone|passport)[ -](?:number|no|num)\b"
    r"|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"  # a date
    r"|\b(?:\d[ -]?){6,}"  # a number of a person
    r"|\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b"  # a postcode
)
BEFORE_A_NAME = {"ms", "miss", "sister", "nurse", "sir", "lady", "lord", "dame", "rev", "father", "master", "matron"}

log = logging.getLogger("content.search")


def is_counted(request: HttpRequest) -> bool:
    """Return whether someone asked: a HEAD, a page fetched in advance and a reload are not another question."""
    reloads = request.headers.get("Cache-Control", "") in ("max-age=0", "no-cache")
    return request.method == "GET" and not reloads and not is_prefetch(request.headers)


def record(results: Results) -> None:
    """Count the words that were not found and could be no person. If the database refuses, the search goes on."""
    words = choose(results.asked, results.unknown) if results.unknown else []
    if not words:
        return
    try:
        with _impatient(), transaction.atomic():
            _count(words)
    except DatabaseError as error:
        log.warning("Words that were not found could not be counted: %s", type(error).__name__)


def choose(asked: str, unknown: Iterable[str]) -> list[str]:
    """Return, in alphabetical order, the words of a query that may be kept. `unknown` are those the site lacks."""
    folded = persons.plain(asked)
    if ABOUT_A_PERSON.search(folded):
        return []
    lacking = {persons.plain(word) for word in unknown}
    tokens = [POSSESSIVE.sub("", token) for token in TOKEN.findall(folded)]
    tokens = [token for token in tokens if token not in STOP]
    kinds = {token: _kind(token, lacking) for token in tokens}
    for title, after in pairwise(tokens):
        if title in BEFORE_A_NAME and kinds[after] in ("name", "open"):
            return []
    is_open = [token for token, kind in kinds.items() if kind == "open"]
    left_out = is_open if "name" in kinds.values() or len(is_open) > 1 else []
    return sorted(
        token
        for token, kind in kinds.items()
        if kind in ("ordinary", "open") and token not in left_out and KEPT.fullmatch(token)
    )


def _kind(token: str, lacking: set[str]) -> str:
    """Return if a word is a "name", "known" to the site, "ordinary", "open" or, with digits, of "no" interest."""
    parts = re.split(r"[-'’.]", token)
    if any(persons.is_name(part) for part in parts):
        return "name"
    if not lacking.intersection(parts):
        return "known"
    if any(sign.isdigit() for sign in token):
        return "no"
    return "ordinary" if all(part not in lacking or persons.is_ordinary(part) for part in parts) else "open"


def _count(words: list[str]) -> None:
    today = UnfoundWord.objects.filter(day=clock.today())
    if today.count() < MOST_A_DAY:
        rows = (UnfoundWord(day=clock.today(), word=word) for word in words)
        UnfoundWord.objects.bulk_create(rows, ignore_conflicts=True)
    today.filter(word__in=words).update(times=F("times") + 1)


@contextmanager
def _impatient() -> Iterator[None]:
    """Wait for no other writer for longer than a reader would notice."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        else:
            usual = cursor.execute("SHOW lock_timeout").fetchone()[0]
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{PATIENCE}ms"])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(f"PRAGMA busy_timeout = {usual}")
            else:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [usual])
