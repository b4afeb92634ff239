"""The search index: one SQLite file with FTS5 beside the database, made from the live texts and never a record.

Whoever searches asks the database whether anything changed since (`content/changes.py`) or a scheduled version's time
came, and if so brings the index up to date first: only the pages that differ are read again. A file that is damaged or
of another form is thrown away and made anew. Several processes share the file; each machine has its own. Reasons:
docs/decisions/0069-the-search-index.md.
"""

import logging
import sqlite3
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from content import changes, clock
from content.markup import key_points, tree
from content.models import Code, Page, SearchTerm, Synonym, Version
from content.titles import head_of

from . import lexicon
from .answers import Name
from .phrases import key_of
from .texts import beside_the_text, key_points_of, sections_of
from .words import WORD, fold

T = TypeVar("T")
Row = tuple[Any, ...]
FORM = "6"  # raise it when the tables below or what is in them change
WAIT = 30  # seconds for another process that brings the file up to date
BATCH = 500  # pages
CACHE = 64 * 1024  # KB while the file is written
FTS = ("page_text", "section_text", "beside_text", "name_text")
PAGES = 2**40  # ids of names below this are pages, so that these are found first
HASH = 32 * 2**20  # bytes that FTS5 collects before it writes: with its own default a whole index takes twice as long
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}  # another process is at it for longer than `WAIT`
# Nothing is wrong with the file, but it cannot be read or written here and now.
REFUSED = {*BUSY, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
FAILED = {*REFUSED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM}
LOG_EVERY = 60  # seconds
TABLES = """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE page (
        id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, slug TEXT NOT NULL, title TEXT NOT NULL,
        about TEXT NOT NULL, summary TEXT NOT NULL, number INTEGER NOT NULL, published_at TEXT NOT NULL
    );
    CREATE TABLE name_in_full (key TEXT NOT NULL, page_id INTEGER NOT NULL, how INTEGER NOT NULL);
    CREATE INDEX name_in_full_key ON name_in_full (key);
    CREATE INDEX name_in_full_page ON name_in_full (page_id);
    CREATE TABLE key_point (
        page_id INTEGER NOT NULL, lead TEXT NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL
    );
    CREATE INDEX key_point_of_page ON key_point (page_id);
    CREATE TABLE synonym (key TEXT NOT NULL, words TEXT NOT NULL, meaning TEXT NOT NULL);
    CREATE INDEX synonym_key ON synonym (key);
    CREATE TABLE section (
        id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL, anchor TEXT NOT NULL, heading TEXT NOT NULL
    );
    CREATE INDEX section_of_page ON section (page_id);
    CREATE TABLE code (code TEXT NOT NULL, system TEXT NOT NULL, page_id INTEGER NOT NULL);
    CREATE INDEX code_code ON code (code);
    CREATE VIRTUAL TABLE page_text USING fts5 (title, terms, body, tokenize = 'porter unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE section_text
        USING fts5 (heading, body, page, tokenize = 'porter unicode61 remove_diacritics 2');
    CREATE VIRTUAL TABLE beside_text USING fts5 (body, tokenize = 'porter unicode61 remove_diacritics 2');
    CREATE TABLE name (id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL, anchor TEXT NOT NULL, heading TEXT NOT NULL);
    CREATE INDEX name_of_page ON name (page_id);
    CREATE VIRTUAL TABLE name_text
        USING fts5 (words, prefix = '1 2 3', tokenize = 'porter unicode61 remove_diacritics 2');
"""
COLUMNS = {  # of the tables that have rows of a page
    "page": "id, fingerprint, slug, title, about, summary, number, published_at",
    "name_in_full": "key, page_id, how",
    "key_point": "page_id, lead, heading, text, html",
    "section": "id, page_id, anchor, heading",
    "code": "code, system, page_id",
    "page_text": "rowid, title, terms, body",
    "section_text": "rowid, heading, body, page",
    "beside_text": "rowid, body",
    "name": "id, page_id, anchor, heading",
    "name_text": "rowid, words",
}
TABLES += lexicon.TABLES
TABLES += "".join(f"INSERT INTO {name} ({name}, rank) VALUES ('hashsize', {HASH});" for name in FTS)  # noqa: S608


log = logging.getLogger("content.search")
_logged = {"at": -float(LOG_EVERY)}


class _Connection(sqlite3.Connection):
    """A connection that is closed with its thread."""

    def __del__(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # it was never opened
            self.close()


class _Held(threading.local):
    """What a thread keeps open."""

    base: sqlite3.Connection | None = None
    place: tuple[str, int, int] | None = None


_held = _Held()


def let_go() -> None:
    """Close this thread's connection to an index, if it has one."""
    if _held.base:
        _held.base.close()
    _held.base = _held.place = None


class Unavailable(Exception):
    """The index cannot be read or written: its folder is not ours, the disk is full, or it is busy for too long."""


@dataclass(frozen=True)
class Document:
    """What the index has of a page: its live version."""

    page_id: int
    fingerprint: str
    slug: str
    title: str
    summary: str
    number: int
    published_at: datetime
    topics: tuple[str, ...]
    search_terms: tuple[str, ...]
    codes: tuple[tuple[str, str, str], ...]
    html: str

    @property
    def terms(self) -> tuple[str, ...]:
        """The words for the page that need not stand on it: search terms, the terms of its codes, and topics."""
        return (*self.search_terms, *(term for _system, _code, term in self.codes), *self.topics)


class Index:
    """The index in one file. Every use of it sees what is live at that moment."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or Path(settings.SEARCH_INDEX)

    def read(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        """Bring the index up to date, and return what `ask` finds in it. Raises `Unavailable`."""
        try:
            try:
                return self._read(ask)
            except sqlite3.DatabaseError as error:  # damaged, or not a database at all
                if _code(error) in REFUSED:
                    raise
                self.remove()
                return self._read(ask)
        except (OSError, sqlite3.DatabaseError) as error:
            let_go()
            if isinstance(error, sqlite3.DatabaseError) and _code(error) not in FAILED:
                raise
            if time.monotonic() - _logged["at"] >= LOG_EVERY:
                _logged["at"] = time.monotonic()
                log.error("The search index %s is not available: %s", self.path, error)
            raise Unavailable(str(error)) from error

    def rebuild(self, progress: Callable[[Iterable[Document]], Iterable[Document]] = iter) -> int:
        """Make the whole index anew, and return the number of pages in it."""
        self.remove()
        base = self._open()
        self._update(base, progress)
        return int(base.execute("SELECT count(*) FROM page").fetchone()[0])

    def remove(self) -> None:
        """Throw the file away: the next search makes it anew."""
        let_go()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def _read(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        base = self._open()
        base.execute("BEGIN")  # so that all that is read is of one moment
        try:
            if not self._is_fresh(base, changes.stamp()):
                base.execute("ROLLBACK")
                self._update(base)
                base.execute("BEGIN")
            return ask(base)
        finally:
            if base.in_transaction:
                base.execute("ROLLBACK")

    def _open(self) -> sqlite3.Connection:
        """Return this thread's connection to the file that is here now: to open it takes longer than a suggestion."""
        if _held.base and _held.place == self._place():
            return _held.base
        let_go()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _held.base = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, factory=_Connection)
        _held.place = self._place()
        return _held.base

    def _place(self) -> tuple[str, int, int] | None:
        """Return what tells this file from another one, or from one that was made anew under its name."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return str(self.path), found.st_dev, found.st_ino

    @staticmethod
    def _is_fresh(base: sqlite3.Connection, stamp: str) -> bool:
        """Return whether nothing changed since the index was made, and no scheduled version's time came."""
        has_tables = base.execute("SELECT count(*) FROM sqlite_master WHERE name = 'meta'").fetchone()[0]
        meta = dict(base.execute("SELECT name, value FROM meta")) if has_tables else {}
        if (meta.get("form"), meta.get("stamp")) != (FORM, stamp):
            return False
        return not meta["until"] or clock.now() < datetime.fromisoformat(meta["until"])

    def _update(
        self, base: sqlite3.Connection, progress: Callable[[Iterable[Document]], Iterable[Document]] = iter
    ) -> None:
        """Bring the index up to date in one transaction: other processes wait for it or read what was there."""
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = NORMAL")
        base.execute(f"PRAGMA cache_size = -{CACHE}")
        base.execute("BEGIN IMMEDIATE")
        try:
            stamp = changes.stamp()  # read before the texts: what changes meanwhile makes the index stale again
            if self._is_fresh(base, stamp):
                base.execute("COMMIT")
                return
            if base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                for statement in filter(str.strip, TABLES.split(";")):
                    base.execute(statement)
            elif dict(base.execute("SELECT name, value FROM meta")).get("form") != FORM:
                raise sqlite3.DatabaseError("made by another release")
            upcoming = Version.objects.scheduled().values_list("published_at", flat=True).first()
            live = dict(_fingerprints())
            here = dict(base.execute("SELECT id, fingerprint FROM page"))
            changed = sorted(page_id for page_id in live if here.get(page_id) != live[page_id])
            _set_synonyms(base)
            replace(base, here.keys() - live.keys(), progress(_documents(changed, live)))
            meta = {"form": FORM, "stamp": stamp, "until": upcoming.isoformat() if upcoming else ""}
            base.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
            base.execute("COMMIT")
        except BaseException:
            if base.in_transaction:  # SQLite has taken it back itself if the disk is full
                base.execute("ROLLBACK")
            raise


def _code(error: sqlite3.DatabaseError) -> int | None:
    """Return the primary code of what SQLite said, if it said it."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _fingerprints() -> Iterator[tuple[int, str]]:
    """Yield the id of each page that can be found, with what changes when anything changes that can be found of it."""
    live = Version.objects.live().filter(kind=Version.Kind.TEXT, page__kind=Page.Kind.GUIDANCE)
    facts: dict[int, list[str]] = {}
    for page_id, *state in _rows(live.values_list("page_id", "pk", "rendering__renderer", "redaction__pk")):
        facts[page_id] = [str(state)]
    codes = Code.objects.order_by("system", "code").values_list("page_id", "code", "term")
    terms = SearchTerm.objects.order_by("words").values_list("page_id", "words")
    topics = Page.topics.through.objects.order_by("topic__name").values_list("page_id", "topic__name")
    for page_id, *said in chain(_rows(codes), _rows(terms), _rows(topics)):
        if page_id in facts:
            facts[page_id].append(" ".join(said))
    for page_id, each in facts.items():
        yield page_id, "\n".join(each)


def _rows(queryset: QuerySet[Any, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows as the database has them: all pages are read after each change."""
    with connection.cursor() as cursor:
        cursor.execute(*queryset.query.sql_with_params())
        yield from cursor


def _documents(pages: list[int], fingerprints: dict[int, str]) -> Iterator[Document]:
    """Yield the live version of each of `pages`, in their order, some at a time."""
    live = Version.objects.live()
    facts = ("page_id", "page__slug", "title", "summary", "number", "published_at", "rendering__html")
    for start in range(0, len(pages), BATCH):
        batch = pages[start : start + BATCH]
        codes, topics, terms = (defaultdict[int, list[Any]](list) for _ in range(3))
        of_batch = Code.objects.filter(page__in=batch).order_by("system", "code")
        for page_id, *code in of_batch.values_list("page_id", "system", "code", "term"):
            codes[page_id].append(tuple(code))
        under = Page.topics.through.objects.filter(page__in=batch).order_by("topic__name")
        for page_id, name in under.values_list("page_id", "topic__name"):
            topics[page_id].append(name)
        for page_id, words in SearchTerm.objects.filter(page__in=batch).values_list("page_id", "words"):
            terms[page_id].append(words)
        versions = live.filter(page__in=batch).order_by("page_id")
        for page_id, slug, title, summary, number, at, html in versions.values_list(*facts):
            others = tuple(topics[page_id]), tuple(terms[page_id]), tuple(codes[page_id])
            yield Document(page_id, fingerprints[page_id], slug, title, summary, number, at, *others, html or "")


def replace(base: sqlite3.Connection, gone: Iterable[int], documents: Iterable[Document]) -> None:
    """Remove the pages that are gone, and put these in, in the place of what the index had of them.

    They come in the order of their ids, because FTS5 writes what it has collected whenever an id is below the one
    before. Many rows of one table after another take less time than the same rows page by page.
    """
    counts: Counter[str] = Counter()
    (last,) = base.execute("SELECT coalesce(max(id), 0) FROM section").fetchone()
    here = {page_id for (page_id,) in base.execute("SELECT id FROM page")}
    numbers, waiting = count(last + 1), iter(documents)
    for page_id in gone:
        counts.subtract(_remove(base, page_id))
    while rows := _rows_of(islice(waiting, BATCH), numbers):
        for page_id, *_facts in rows["page"]:
            counts.subtract(_remove(base, page_id) if page_id in here else ())
        for table, columns in COLUMNS.items():
            marks = ", ".join("?" * len(columns.split()))
            base.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows[table])  # noqa: S608
        said = chain.from_iterable(texts for _page_id, *texts in rows["page_text"])
        counts.update(WORD.findall("\n".join(said)))
    _name_sections(base, last)
    lexicon.renew(base, counts)


def _remove(base: sqlite3.Connection, page_id: int) -> list[str]:
    """Remove a page, and return the words that the index had of it."""
    said = base.execute("SELECT * FROM page_text WHERE rowid = ?", (page_id,)).fetchone() or ()
    base.execute("DELETE FROM name_text WHERE rowid IN (SELECT id FROM name WHERE page_id = ?)", (page_id,))
    base.execute("DELETE FROM name WHERE page_id = ?", (page_id,))
    base.execute("DELETE FROM section_text WHERE rowid IN (SELECT id FROM section WHERE page_id = ?)", (page_id,))
    base.execute("DELETE FROM section WHERE page_id = ?", (page_id,))
    base.execute("DELETE FROM code WHERE page_id = ?", (page_id,))
    base.execute("DELETE FROM name_in_full WHERE page_id = ?", (page_id,))
    base.execute("DELETE FROM key_point WHERE page_id = ?", (page_id,))
    base.execute("DELETE FROM page_text WHERE rowid = ?", (page_id,))
    base.execute("DELETE FROM beside_text WHERE rowid = ?", (page_id,))
    base.execute("DELETE FROM page WHERE id = ?", (page_id,))
    return WORD.findall("\n".join(said))


def _rows_of(documents: Iterable[Document], numbers: Iterator[int]) -> dict[str, list[Row]]:
    """Return what the index has of pages, by table; each section is given the next of the `numbers`."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for document in documents:
        for table, row in _rows_of_page(document, numbers):
            rows[table].append(row)
    return rows


def _rows_of_page(document: Document, numbers: Iterator[int]) -> Iterator[tuple[str, Row]]:
    page_id, title, summary = document.page_id, document.title, document.summary
    about = "\n".join((title, *document.topics))
    at = document.published_at.isoformat()
    yield "page", (page_id, document.fingerprint, document.slug, title, about, summary, document.number, at)
    for system, code, _term in document.codes:
        yield "code", (code, system, page_id)
    root = tree.parse(document.html)
    sections = sections_of(root)
    body = "\n".join([summary, *("\n".join([each.heading, *each.lines]) for each in sections)])
    yield "page_text", (page_id, *map(fold, (title, "\n".join(document.terms), body)))
    yield "beside_text", (page_id, fold(beside_the_text(root)))
    for each in sections:
        number = next(numbers)
        yield "section", (number, page_id, each.anchor, each.heading)
        yield "section_text", (number, each.heading, "\n".join(each.lines), page_token(page_id))
    for point in key_points_of(root):
        yield "key_point", (page_id, point.lead, point.heading, point.text, point.html)
    for key, how in _names_in_full(document):
        yield "name_in_full", (key, page_id, how)
    yield "name", (page_id, page_id, "", "")
    yield "name_text", (page_id, " ".join((title, *document.terms)))


def page_token(page_id: int) -> str:
    """Return the word by which all sections of a page are found at once."""
    return f"page{page_id}"


def _names_in_full(document: Document) -> set[tuple[str, int]]:
    """Return what a question calls the page if it means this page, and how each is a name of it."""
    names = [(document.title, Name.TITLE), (head_of(document.title), Name.HEAD)]
    names += [(words, Name.TERM) for words in document.search_terms]
    names += [(code, Name.CODE) for _system, code, _term in document.codes]
    return {(key_of(name), int(how)) for name, how in names}


def _set_synonyms(base: sqlite3.Connection) -> None:
    """Replace the editors' synonyms. Their words are words of the site, so that no correction passes them over."""
    counts: Counter[str] = Counter()
    for (before,) in base.execute("SELECT words FROM synonym"):
        counts.subtract(lexicon.said(before))
    base.execute("DELETE FROM synonym")
    pairs = list(Synonym.objects.values_list("words", "meaning"))
    base.executemany("INSERT INTO synonym VALUES (?, ?, ?)", [(key_of(pair[0]), *pair) for pair in pairs])
    for words, _meaning in pairs:
        counts.update(lexicon.said(words))
    lexicon.renew(base, counts)


def _name_sections(base: sqlite3.Connection, last: int) -> None:
    """Add what can be suggested of the sections after the `last`, by the addresses of their pages.

    All at once, because their ids are above those of all pages.
    """
    (before,) = base.execute("SELECT max(?, coalesce(max(id), 0)) FROM name", (PAGES,)).fetchone()
    base.execute(
        "INSERT INTO name SELECT ? + row_number() OVER (ORDER BY slug, section.id), page_id, anchor, heading "
        "FROM section JOIN page ON page.id = page_id WHERE section.id > ? AND lower(heading) NOT IN ('', ?)",
        (before, last, key_points.HEADING.lower()),
    )
    base.execute(
        "INSERT INTO name_text (rowid, words) SELECT name.id, title || ' ' || heading "
        "FROM name JOIN page ON page.id = page_id WHERE name.id > ? ORDER BY name.id",
        (before,),
    )
