"""What someone searched for → the pages and sections that say it, the best first.

Any word counts, and the rarer it is here, the more. Nothing typed reaches FTS5's own syntax: only words and numbers do,
each in quotes. Ranking was measured on a public collection of clinicians' questions. Reasons:
docs/decisions/0069-the-search-index.md.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from threading import Lock

from django.utils.safestring import SafeString, mark_safe

from . import answers, phrases
from .index import Index
from .phrases import Phrase
from .spelling import Vocabulary, variants
from .words import LONGEST_WORD, MOST_WORDS, WORD, fold, words_of

_vocabularies: dict[str, Vocabulary] = {}  # by the state of the index; the last one only
_lock = Lock()

LONGEST_QUERY = 300  # characters that are read, and shown again
MOST_PAGES = 10
MOST_SUGGESTIONS = 8
SECTIONS_EACH = 3  # of a page
LONGEST_EXCERPT = 240  # characters
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“(])")
OPEN, CLOSE = "\x02", "\x03"  # around a word that was found: no text contains them
TITLE, TERMS, BODY, HEADING = 4.0, 1.0, 1.0, 4.0  # weights


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
class Answer:
    """A key point that answers the question: its HTML as it stands on its page, with links that lead there."""

    page: Hit
    html: SafeString


@dataclass(frozen=True)
class Meaning:
    """What ambiguous words can mean. `query` is the question with this meaning, `pages` how many say all of it."""

    words: str
    query: str
    pages: int


@dataclass(frozen=True)
class Results:
    """The answer to one query. `asked` is what was typed, in the length that is read.

    `shown_for` is what was looked for in its place, if words that the site does not know could be corrected.
    `ambiguous` are words in it with several `meanings`.
    """

    asked: str
    hits: tuple[Hit, ...] = ()
    shown_for: str = ""
    answer: Answer | None = None
    ambiguous: str = ""
    meanings: tuple[Meaning, ...] = ()


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
        better = {} if by_code or as_typed else corrections(words, vocabulary_of(base))
        shown_for = WORD.sub(lambda word: better.get(fold(word[0]), word[0]), asked) if better else ""
        (question,) = phrases.read(base, [shown_for or asked])
        looked_for, meanings = words_of(shown_for or asked), _meanings(question)
        ambiguous = answers.ambiguous_in(base, question)
        point = answers.find(base, question)
        hits: list[Hit] = []
        if not ambiguous or len(question) > 1:
            first = [point.page_id] if point else answers.named_alone(base, question)
            first = [*by_code, *first, *_named_by_section(base, looked_for)]
            hits = _find(base, first, looked_for, meanings)
        return Results(
            asked,
            tuple(hits),
            shown_for,
            _answer(point, hits) if point else None,
            " ".join(ambiguous.typed) if ambiguous else "",
            tuple(_meanings_of(base, question, ambiguous)) if ambiguous else (),
        )

    return (index or Index()).read(find)


def suggest(typed: str, index: Index | None = None) -> list[Suggestion]:
    """Return the pages and sections whose names contain every word of `typed`, the last as far as it is written.

    The pages come first. Nothing is corrected: a name that is half written is no mistake.
    """
    words = WORD.findall(fold(typed[:LONGEST_QUERY]))[:MOST_WORDS]
    if not words:
        return []
    whole = [f"({_match([word])})" for word in words[:-1]]
    match = " AND ".join([*whole, f'"{words[-1][:LONGEST_WORD]}" *'])

    def find(base: sqlite3.Connection) -> list[Suggestion]:
        rows = base.execute(
            "SELECT slug, title, anchor, heading FROM name_text JOIN name ON name.id = name_text.rowid "
            "JOIN page ON page.id = name.page_id WHERE name_text MATCH ? "
            "ORDER BY anchor <> '', bm25(name_text), title, name.id LIMIT ?",
            (match, MOST_SUGGESTIONS),
        )
        return [Suggestion(*row) for row in rows]

    return (index or Index()).read(find)


def corrections(words: Sequence[str], vocabulary: Vocabulary) -> dict[str, str]:
    """Return the words that the site does not know and that can be corrected, each with what it becomes."""
    unknown = [word for word in words if not vocabulary.knows(word)]
    return {word: better for word in unknown if (better := vocabulary.correct(word))}


def vocabulary_of(base: sqlite3.Connection) -> Vocabulary:
    """Return the words of the live texts, made once for each state of the index."""
    stamp = dict(base.execute("SELECT name, value FROM meta")).get("stamp", "")
    with _lock:
        if stamp not in _vocabularies:
            _vocabularies.clear()
            _vocabularies[stamp] = Vocabulary(dict(base.execute("SELECT term, cnt FROM word")))
        return _vocabularies[stamp]


def ranked(base: sqlite3.Connection, words: Sequence[str], limit: int, meanings: Sequence[str] = ()) -> list[int]:
    """Return the ids of the pages that contain any of `words` or all of one of `meanings` together, the best first."""
    rows = base.execute(
        "SELECT rowid FROM page_text WHERE page_text MATCH ? ORDER BY bm25(page_text, ?, ?, ?) LIMIT ?",
        (_match(words, meanings), TITLE, TERMS, BODY, limit),
    )
    return [page_id for (page_id,) in rows]


def _pages_of_code(base: sqlite3.Connection, asked: str) -> list[int]:
    rows = base.execute("SELECT DISTINCT page_id FROM code WHERE code = ?", (asked.upper(),))
    return [page_id for (page_id,) in rows]


def _answer(point: answers.KeyPoint, hits: Sequence[Hit]) -> Answer:
    page = next(hit for hit in hits if hit.page_id == point.page_id)
    return Answer(page, mark_safe(point.html))  # noqa: S308  # the renderer made it


def _meanings(question: Sequence[Phrase]) -> list[str]:
    """Return the meanings to look for beside the words: those of what has only one."""
    return [" ".join(phrase.meant) for phrase in question if len(phrase.meanings) == 1]


def _meanings_of(base: sqlite3.Connection, question: Sequence[Phrase], ambiguous: Phrase) -> Iterator[Meaning]:
    """Yield what ambiguous words can mean, those that pages say first."""
    others = [" ".join(phrase.typed) for phrase in question]
    place = question.index(ambiguous)
    found: list[Meaning] = []
    for meaning in ambiguous.meanings:
        match = " AND ".join(f"({_match([word])})" for word in words_of(meaning))
        pages = base.execute("SELECT count(*) FROM page_text WHERE page_text MATCH ?", (match,)).fetchone()[0]
        found.append(Meaning(meaning, " ".join([*others[:place], meaning, *others[place + 1 :]]), pages))
    yield from sorted(found, key=lambda each: -each.pages)


def _named_by_section(base: sqlite3.Connection, words: Sequence[str]) -> list[int]:
    """Return the pages whose title and one of whose headings together say every word, the best first."""
    match = " AND ".join(f"({_match([word])})" for word in words)
    rows = base.execute(
        "SELECT page_id FROM name_text JOIN name ON name.id = name_text.rowid WHERE name_text MATCH ? "
        "ORDER BY bm25(name_text) LIMIT ?",
        (match, MOST_PAGES),
    )
    return [page_id for (page_id,) in rows]


def _find(base: sqlite3.Connection, first: Sequence[int], words: Sequence[str], meanings: Sequence[str]) -> list[Hit]:
    """Return the pages found: those named `first`, then by how well they say the words or their meanings."""
    pages = list(dict.fromkeys([*first, *ranked(base, words, MOST_PAGES, meanings)]))[:MOST_PAGES]
    hits = {hit.page_id: hit for hit in _hits(base, pages)}
    return [replace(hits[page], sections=tuple(_sections(base, words, meanings, hits[page]))) for page in pages]


def _hits(base: sqlite3.Connection, pages: Sequence[int]) -> Iterator[Hit]:
    rows = base.execute(
        "SELECT id, slug, title, summary, number, published_at FROM page WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(pages),),
    )
    for page_id, slug, title, summary, number, published_at in rows:
        yield Hit(page_id, slug, title, summary, number, datetime.fromisoformat(published_at))


def _sections(base: sqlite3.Connection, words: Sequence[str], meanings: Sequence[str], hit: Hit) -> Iterator[Found]:
    """Yield the best sections of a page: the words of its title are true of each of them, so the others decide."""
    title = set(WORD.findall(hit.title.casefold()))
    deciding = [word for word in words if word not in title] or words
    first, last = base.execute("SELECT min(id), max(id) FROM section WHERE page_id = ?", (hit.page_id,)).fetchone()
    rows = base.execute(
        "SELECT anchor, section.heading, highlight(section_text, 1, ?, ?) FROM section_text "
        "JOIN section ON section.id = section_text.rowid "
        "WHERE section_text MATCH ? AND section_text.rowid BETWEEN ? AND ? "
        "ORDER BY bm25(section_text, ?, ?) LIMIT ?",
        (OPEN, CLOSE, _match(deciding, meanings), first, last, HEADING, BODY, SECTIONS_EACH),
    )
    for anchor, heading, body in rows:
        yield Found(anchor, heading, _excerpt(body))


def _match(words: Sequence[str], meanings: Sequence[str] = ()) -> str:
    """Return the query for FTS5: any of the words, in any spelling, or of the meanings, word after word."""
    spellings = [spelling for word in words for spelling in (word, *sorted(variants(word)))]
    return " OR ".join(f'"{each}"' for each in dict.fromkeys([*spellings, *meanings]))


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
