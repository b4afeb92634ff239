"""What someone searched for → the pages and sections that say it, the best first.

Any word counts, and the rarer it is here, the more. Nothing typed reaches FTS5's own syntax: only words and numbers do,
each in quotes. Ranking was measured on a public collection of clinicians' questions. Reasons:
docs/decisions/0069-the-search-index.md.
"""

import json
import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

from django.utils.safestring import SafeString, mark_safe

from .index import Index, page_token
from .spelling import Vocabulary
from .spellings import variants

MOST_WORDS = 32  # of a query; the rest is not looked for
LONGEST_WORD = 60  # characters
LONGEST_QUERY = 300  # characters that are read, and shown again
MOST_PAGES = 10
MOST_SUGGESTIONS = 8
MOST_NAMES = 200  # that are put in order: one letter begins thousands; the pages are the first
SECTIONS_EACH = 3  # of a page
LONGEST_EXCERPT = 240  # characters
WORD = re.compile(r"[^\W_]+")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“(])")
OPEN, CLOSE = "\x02", "\x03"  # around a word that was found: no text contains them
TITLE, TERMS, BODY, HEADING = 4.0, 1.0, 1.0, 4.0  # weights
# Words of a question that say nothing about its subject.
STOP = frozenset(
    """
    a about after all also am an and any are as at be because been being between both but by can could did do does each
    for from get give had has have how i if in into is it its me my no not of on or other our should so such than that
    the their them then there these they this to was we were what when where which who whom why will with would you your
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Found:
    """A section that says what was searched for: where it is, and the sentence, as HTML with the words marked."""

    anchor: str
    heading: str
    excerpt: SafeString


@dataclass(frozen=True)
class Hit:
    """A page that was found. `sections` are the best of it."""

    page_id: int
    slug: str
    title: str
    summary: str
    number: int
    published_at: datetime
    sections: tuple[Found, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A page, or with an anchor one of its sections, whose name goes on as somebody writes."""

    slug: str
    title: str
    anchor: str
    heading: str


@dataclass(frozen=True)
class Results:
    """The answer to one query. `asked` is what was typed, in the length that is read.

    `shown_for` is what was looked for in its place, if words that the site does not know could be corrected.
    """

    asked: str
    hits: tuple[Hit, ...] = ()
    shown_for: str = ""


def search(typed: str, index: Index | None = None, *, as_typed: bool = False) -> Results:
    """Return what can be found for `typed`. Raises nothing, whatever it is.

    Words that the site does not know are corrected by those that it knows, unless `as_typed` says not to.
    """
    asked = " ".join("".join(sign if sign.isprintable() else " " for sign in typed[:LONGEST_QUERY]).split())
    words = words_of(asked)
    if not words:
        return Results(asked)

    def find(base: sqlite3.Connection) -> Results:
        by_code = _pages_of_code(base, asked)
        better = {} if by_code or as_typed else corrections(words, Vocabulary(base))
        hits = _find(base, by_code, list(dict.fromkeys(each for word in words for each in better.get(word, [word]))))
        shown_for = WORD.sub(lambda word: " or ".join(better.get(_fold(word[0]), [word[0]])), asked) if better else ""
        return Results(asked, tuple(hits), shown_for)

    return (index or Index()).read(find)


def suggest(typed: str, index: Index | None = None) -> list[Suggestion]:
    """Return the pages and sections whose names contain every word of `typed`, the last as far as it is written.

    The pages come first. Nothing is corrected: a name that is half written is no mistake.
    """
    words = WORD.findall(_fold(typed[:LONGEST_QUERY]))[:MOST_WORDS]
    if not words:
        return []
    whole = [f"({_match([word])})" for word in words[:-1]]
    match = " AND ".join([*whole, f'"{words[-1][:LONGEST_WORD]}" *'])

    def find(base: sqlite3.Connection) -> list[Suggestion]:
        rows = base.execute(
            "SELECT slug, title, anchor, heading FROM "
            "(SELECT rowid, bm25(name_text) AS score FROM name_text WHERE name_text MATCH ? LIMIT ?) AS found "
            "JOIN name ON name.id = found.rowid JOIN page ON page.id = name.page_id "
            "ORDER BY anchor <> '', score, title, name.id LIMIT ?",
            (match, MOST_NAMES, MOST_SUGGESTIONS),
        )
        return [Suggestion(*row) for row in rows]

    return (index or Index()).read(find)


def corrections(words: Sequence[str], vocabulary: Vocabulary) -> dict[str, list[str]]:
    """Return the words that the site does not know and that can be corrected, each with what it may mean."""
    return {word: meant for word in words if (meant := vocabulary.meant(word))}


def words_of(text: str) -> list[str]:
    """Return the words and numbers of `text` to look for, each once: without those that say nothing, unless all do."""
    words = [word[:LONGEST_WORD] for word in dict.fromkeys(WORD.findall(_fold(text)))][:MOST_WORDS]
    return [word for word in words if word not in STOP] or words


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def ranked(base: sqlite3.Connection, words: Sequence[str], limit: int) -> list[int]:
    """Return the ids of the pages that contain any of `words`, the best first."""
    rows = base.execute(
        "SELECT rowid FROM page_text WHERE page_text MATCH ? ORDER BY bm25(page_text, ?, ?, ?) LIMIT ?",
        (_match(words), TITLE, TERMS, BODY, limit),
    )
    return [page_id for (page_id,) in rows]


def _pages_of_code(base: sqlite3.Connection, asked: str) -> list[int]:
    rows = base.execute("SELECT DISTINCT page_id FROM code WHERE code = ?", (asked.upper(),))
    return [page_id for (page_id,) in rows]


def _find(base: sqlite3.Connection, by_code: Sequence[int], words: Sequence[str]) -> list[Hit]:
    pages = list(dict.fromkeys([*by_code, *ranked(base, words, MOST_PAGES)]))[:MOST_PAGES]
    hits = {hit.page_id: hit for hit in _hits(base, pages)}
    sections = _sections(base, words, list(hits.values()))
    return [replace(hits[page], sections=tuple(sections[page])) for page in pages]


def _hits(base: sqlite3.Connection, pages: Sequence[int]) -> Iterator[Hit]:
    rows = base.execute(
        "SELECT id, slug, title, summary, number, published_at FROM page WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(pages),),
    )
    for page_id, slug, title, summary, number, published_at in rows:
        yield Hit(page_id, slug, title, summary, number, datetime.fromisoformat(published_at))


def _sections(base: sqlite3.Connection, words: Sequence[str], hits: Sequence[Hit]) -> dict[int, list[Found]]:
    """Return the best sections of each page: the words of its title are true of each of them, so the others decide.

    One question for all pages that the same words decide: FTS5 counts each word in the whole index for each question.
    """
    pages: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for hit in hits:
        title = set(WORD.findall(hit.title.casefold()))
        pages[tuple(word for word in words if word not in title) or tuple(words)].append(hit.page_id)
    found: defaultdict[int, list[Found]] = defaultdict(list)
    for deciding, alike in pages.items():
        rows = base.execute(
            "SELECT section.page_id, anchor, section.heading, highlight(section_text, 1, ?, ?) FROM section_text "
            "JOIN section ON section.id = section_text.rowid WHERE section_text MATCH ? "
            "ORDER BY bm25(section_text, ?, ?, 0)",
            (OPEN, CLOSE, f"{{heading body}}: ({_match(deciding)}) AND page: ({_match_pages(alike)})", HEADING, BODY),
        )
        for page_id, anchor, heading, body in rows:
            if len(found[page_id]) < SECTIONS_EACH:
                found[page_id].append(Found(anchor, heading, _excerpt(body)))
    return found


def _match_pages(pages: Sequence[int]) -> str:
    return " OR ".join(f'"{page_token(page)}"' for page in pages)


def _match(words: Sequence[str]) -> str:
    """Return the query for FTS5: any of the words, in any spelling."""
    return " OR ".join(f'"{spelling}"' for word in words for spelling in (word, *sorted(variants(word))))


def _excerpt(body: str) -> SafeString:
    """Return the sentence of a section that contains the most of what was searched for, as HTML with it in bold."""
    sentences = [sentence for line in body.split("\n") for sentence in SENTENCE.split(line)]
    best = max(sentences, key=lambda sentence: len({*re.findall(f"{OPEN}(.*?){CLOSE}", sentence.casefold())}))
    return mark_safe(escape(_cut(best)).replace(OPEN, "<b>").replace(CLOSE, "</b>"))  # noqa: S308  # escaped


def _cut(sentence: str) -> str:
    """Return a sentence, or of a long one the part around the first word that was found, cut between words."""
    if len(sentence) <= LONGEST_EXCERPT:
        return sentence
    first = max(0, sentence.find(OPEN))
    start = max(0, first - LONGEST_EXCERPT // 3)
    start = sentence.rfind(" ", 0, start) + 1 if start else 0
    end = sentence.rfind(" ", 0, start + LONGEST_EXCERPT)
    part = sentence[start : end if end > first else start + LONGEST_EXCERPT]
    part = part[: part.rfind(OPEN)] if part.count(OPEN) > part.count(CLOSE) else part
    return f"{'… ' if start else ''}{part.strip()} …"
