"""What someone searched for → the pages and sections that say it, the best first.

Any word counts, and the rarer it is here, the more. Nothing typed reaches FTS5's own syntax: only words and numbers do,
each in quotes. Ranking was measured on a public collection of clinicians' questions. Reasons:
docs/decisions/0069-the-search-index.md.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from itertools import chain, pairwise, repeat

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from . import answers, phrases
from .index import Index, page_token
from .phrases import Phrase
from .spelling import Vocabulary, is_confused, is_like_a_name
from .spellings import variants
from .texts import on_another_page
from .words import MOST_WORDS, WORD, every_word, fold, words_of

LONGEST_TYPED = 2_000  # characters that are looked at
LONGEST_QUERY = 300  # characters that are read, and shown again
MOST_PAGES = 10
MOST_READ = 3_000  # pages that are put in order, each as often as it says another of the words
MOST_SUGGESTIONS = 8
MOST_NAMES = 100  # that are put in order: one letter begins thousands; the pages are the first
MOST_NEAREST = 4  # pages that are named to somebody who found nothing
BEGINNING = 4  # letters that a word of such a page's name shares with one that was typed
SECTIONS = (3, 2, 2)  # of the first pages that are found; of each other page, one
LONGEST_EXCERPT = 240  # characters
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“(])")
OPEN, CLOSE = "\x02", "\x03"  # around a word that was found: no text contains them
TITLE, TERMS, BODY, HEADING = 4.0, 1.0, 1.0, 4.0  # weights
NAMED = 2.0  # what a page counts more that the query names, beside the scores of its words


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

    `shown_for` is what was looked for in its place, if words that the site does not know could be corrected. `unknown`
    are those that could not. `ambiguous` are words in it with several `meanings`. If nothing was found, `nearest` are
    pages whose names have a word that begins alike.
    """

    asked: str
    hits: tuple[Hit, ...] = ()
    shown_for: str = ""
    unknown: tuple[str, ...] = ()
    answer: Answer | None = None
    ambiguous: str = ""
    meanings: tuple[Meaning, ...] = ()
    nearest: tuple[Suggestion, ...] = ()


@dataclass(frozen=True)
class Question:
    """A query as it was understood. `words` are those to look for, `coded` the pages whose code it is.

    `unknown` are words that the site does not have, `named` the pages that it names, `ambiguous` is a phrase in it with
    several meanings, and `point` the key point that answers it.
    """

    asked: str
    shown_for: str
    phrases: tuple[Phrase, ...]
    words: tuple[str, ...]
    unknown: tuple[str, ...]
    coded: tuple[int, ...]
    named: tuple[answers.Named, ...]
    ambiguous: Phrase | None
    point: answers.KeyPoint | None


def search(typed: str, index: Index | None = None, *, as_typed: bool = False) -> Results:
    """Return what can be found for `typed`. Raises nothing, whatever it is, but `Unavailable` without an index.

    Words that the site does not know are corrected by those that it knows, unless `as_typed` says not to.
    """
    said = " ".join("".join(sign if sign.isprintable() else " " for sign in typed[:LONGEST_TYPED]).split())
    asked = said[:LONGEST_QUERY].strip()
    is_whole = len(typed) <= LONGEST_TYPED and asked == said and len(WORD.findall(said)) <= MOST_WORDS
    if not words_of(asked):
        return Results(asked)

    def find(base: sqlite3.Connection) -> Results:
        question = understand(base, asked, as_typed=as_typed)
        is_ambiguous_alone = question.ambiguous is not None and len(question.phrases) == 1
        pages = [] if is_ambiguous_alone else order(base, question, MOST_PAGES)
        hits = _hits(base, pages, question)
        return Results(
            asked,
            tuple(hits),
            question.shown_for,
            question.unknown,
            _answer(question.point, hits) if question.point and is_whole else None,
            _as_typed(question) if question.ambiguous else "",
            tuple(_meanings_of(base, question)),
            () if hits else tuple(_nearest(base, question.words)),
        )

    return (index or Index()).read(find)


def suggest(typed: str, index: Index | None = None) -> list[Suggestion]:
    """Return the pages and sections whose names contain every word of `typed`, the last as far as it is written.

    The pages come first, and of them those of which it is the whole name; of the others, the shortest. Nothing is
    corrected: a name that is half written is no mistake.
    """
    words = every_word(typed[:LONGEST_QUERY])
    return (index or Index()).read(lambda base: _suggest(base, words)) if words else []


def _suggest(base: sqlite3.Connection, words: Sequence[str]) -> list[Suggestion]:
    whole = [f"({_match([word])})" for word in words[:-1]]
    written = " AND ".join([*whole, f'"{words[-1]}" *'])
    meant = [f'"{" ".join(every_word(meaning))}"' for meaning in phrases.meanings_of(base, words)]
    match = " OR ".join(f"({each})" for each in [written, *meant])
    begun = " ".join(words)
    rows = base.execute(
        "SELECT slug, title, anchor, heading FROM "
        "(SELECT rowid FROM name_text WHERE name_text MATCH ? LIMIT ?) AS found "
        "JOIN name ON name.id = found.rowid JOIN page ON page.id = name.page_id ORDER BY anchor <> '', "
        "CASE anchor WHEN '' THEN (SELECT -total(how) FROM name_in_full AS full "
        "WHERE full.page_id = name.page_id AND key GLOB ? AND key NOT GLOB ?) END, "
        "length(heading), length(title), title, name.id LIMIT ?",
        (match, MOST_NAMES, f"{begun}*", f"{begun}* *", MOST_SUGGESTIONS),
    )
    return [Suggestion(*row) for row in rows]


def _nearest(base: sqlite3.Connection, words: Sequence[str]) -> list[Suggestion]:
    """Return pages whose names have a word that begins like one of these: not like a drug's name, which others have."""
    begun = [word[:BEGINNING] for word in words if len(word) >= BEGINNING and not is_like_a_name(word)]
    found = [each for beginning in begun[:MOST_NEAREST] for each in _suggest(base, [beginning]) if not each.anchor]
    return list(dict.fromkeys(found))[:MOST_NEAREST]


def respaced(base: sqlite3.Connection, asked: str, vocabulary: Vocabulary) -> str:
    """Return the query with a space where two words of the site were run together, and none within one of them."""
    found: list[str] = []
    end = 0
    words = list(WORD.finditer(asked))
    for place, word in enumerate(words):
        if word.start() < end:
            continue  # the second half of the word before
        found.append(asked[end : word.start()])
        end = word.end()
        following = words[place + 1] if place + 1 < len(words) else None
        if following and (both := vocabulary.joined(fold(word[0]), fold(following[0]))):
            found.append(both)
            end = following.end()
        else:
            parted = vocabulary.parted(fold(word[0]))
            found.append(word[0] if not parted or _is_beside(base, fold(word[0])) else parted)
    return "".join([*found, asked[end:]])


def understand(base: sqlite3.Connection, asked: str, *, as_typed: bool = False) -> Question:
    """Return what the site makes of a query: its words corrected, its phrases, and the key point that answers it."""
    coded = _pages_of_code(base, asked)
    vocabulary = Vocabulary(base)
    meant = asked if coded or as_typed else respaced(base, asked, vocabulary)
    lacking = [word for word in words_of(meant) if not vocabulary.knows(word)] if not coded else []
    lacking = [word for word in lacking if not _is_beside(base, word)]
    # Hydro morphone is hydromorphone, although the site may only have morphine.
    apart = {word for pair in pairwise(every_word(meant)) if is_confused("".join(pair)) for word in pair}
    doubtful = [] if as_typed else [word for word in lacking if word not in apart]
    better = {word: likely for word in doubtful if (likely := vocabulary.meant(word))}
    unknown = tuple(word for word in lacking if word not in better)
    meant = WORD.sub(lambda word: " or ".join(better.get(fold(word[0]), [word[0]])), meant)
    shown_for = meant if meant != asked else ""
    (said,) = phrases.read(base, [shown_for or asked])
    named = answers.names_in(base, said)
    return Question(
        asked,
        shown_for,
        tuple(said),
        tuple(words_of(shown_for or asked)),
        unknown,
        tuple(coded),
        tuple(named),
        answers.ambiguous_in(said, named),
        answers.find(base, said, named),
    )


def order(base: sqlite3.Connection, question: Question, limit: int) -> list[int]:
    """Return the ids of the pages found, the best first.

    First the page that answers, those of a code, pages that are all that was asked for, and pages whose title and
    one of whose headings say every word. Then by how well the texts say the words; a page that is named counts more.
    Pages that say them beside their texts alone, in a reference, come last.
    """
    likely = [_settle(base, phrase) for phrase in question.phrases]
    named = answers.names_in(base, likely) if question.ambiguous else question.named
    first = [question.point.page_id] if question.point else []
    first = [*first, *question.coded, *answers.named_alone(likely, named), *_named_by_section(base, question.words)]
    particular = answers.named_by(base, likely, named)
    match = _match(_rarest(base, question.words), _meanings(likely))
    weighed = (TITLE, TERMS, BODY, match)
    rows = base.execute(
        "SELECT rowid, bm25(page_text, ?, ?, ?) FROM page_text WHERE page_text MATCH ? ORDER BY 2 LIMIT ?",
        (*weighed, limit),
    )
    scores = dict(rows)
    rows = base.execute(
        "SELECT rowid, bm25(page_text, ?, ?, ?) FROM page_text WHERE page_text MATCH ? "
        "AND rowid IN (SELECT value FROM json_each(?))",
        (*weighed, json.dumps(list(particular))),
    )
    scores |= {page_id: score - NAMED for page_id, score in rows}
    beside = base.execute(
        "SELECT rowid FROM beside_text WHERE beside_text MATCH ? ORDER BY rank LIMIT ?", (_match(question.words), limit)
    )
    pages = [*first, *sorted(scores, key=scores.__getitem__), *(page_id for (page_id,) in beside)]
    return list(dict.fromkeys(pages))[:limit]


def _rarest(base: sqlite3.Connection, words: Sequence[str]) -> list[str]:
    """Return the words to put pages in order by: all, unless so many pages say them that it would take long.

    Then the most frequent are left out, which say the least of a page. The rarest stays.
    """
    most = base.execute("SELECT coalesce(max(id), 0) FROM page").fetchone()[0]
    if most * len(words) <= MOST_READ:
        return list(words)
    pages = "SELECT count(*) FROM page_text WHERE page_text MATCH ?"
    said_on = {word: base.execute(pages, (_match([word]),)).fetchone()[0] for word in words}
    kept: list[str] = []
    left = MOST_READ
    for word in sorted(words, key=said_on.__getitem__):
        left -= said_on[word]
        if left >= 0 or not any(said_on[each] for each in kept):
            kept.append(word)
    return kept


def _settle(base: sqlite3.Connection, phrase: Phrase) -> Phrase:
    """Return an ambiguous phrase with the only meaning that the site has pages on, if there is just one.

    It decides in what order pages come, and never what is answered.
    """
    here = [meaning for meaning in phrase.meanings if _count(base, meaning)] if phrase.is_ambiguous else []
    return Phrase(phrase.typed, tuple(here)) if len(here) == 1 else phrase


def _pages_of_code(base: sqlite3.Connection, asked: str) -> list[int]:
    """Return the pages that carry a code that is the query, or one of its words that has a digit."""
    codes = {asked.upper(), *(word for word in asked.upper().split() if any(sign.isdigit() for sign in word))}
    rows = base.execute(
        "SELECT DISTINCT page_id FROM code JOIN page ON page.id = page_id "
        "WHERE code IN (SELECT value FROM json_each(?)) ORDER BY slug",
        (json.dumps(list(codes)),),
    )
    return [page_id for (page_id,) in rows]


def _answer(point: answers.KeyPoint, hits: Sequence[Hit]) -> Answer:
    page = next(hit for hit in hits if hit.page_id == point.page_id)
    html = on_another_page(point.html, reverse("page-detail", args=[page.slug]))
    return Answer(page, mark_safe(html))  # noqa: S308  # the renderer made it


def _meanings(said: Sequence[Phrase]) -> list[str]:
    """Return the meanings to look for beside the words: those of what has only one."""
    return [" ".join(phrase.meant) for phrase in said if len(phrase.meanings) == 1]


def _meanings_of(base: sqlite3.Connection, question: Question) -> list[Meaning]:
    """Return what the ambiguous words can mean, those that the most pages say first."""
    if not question.ambiguous:
        return []
    typed = [" ".join(phrase.typed) for phrase in question.phrases]
    place = question.phrases.index(question.ambiguous)
    found = [
        Meaning(meaning, " ".join([*typed[:place], meaning, *typed[place + 1 :]]), _count(base, meaning))
        for meaning in question.ambiguous.meanings
    ]
    return sorted(found, key=lambda each: -each.pages)


def _is_beside(base: sqlite3.Connection, word: str) -> bool:
    """Return whether a page says the word beside its text, in a reference or as the meaning of an abbreviation."""
    rows = base.execute("SELECT 1 FROM beside_text WHERE beside_text MATCH ? LIMIT 1", (_match([word]),))
    return rows.fetchone() is not None


def _as_typed(question: Question) -> str:
    """Return the ambiguous words as they were typed: MS, not ms."""
    typed = WORD.findall(question.shown_for or question.asked)
    words = list(question.ambiguous.typed) if question.ambiguous else []
    for start in range(len(typed)):
        if [fold(word) for word in typed[start : start + len(words)]] == words:
            return " ".join(typed[start : start + len(words)])
    return " ".join(words)


def _count(base: sqlite3.Connection, text: str) -> int:
    """Return how many pages say every word of a text."""
    match = " AND ".join(f"({_match([word])})" for word in words_of(text))
    return int(base.execute("SELECT count(*) FROM page_text WHERE page_text MATCH ?", (match,)).fetchone()[0])


def _named_by_section(base: sqlite3.Connection, words: Sequence[str]) -> list[int]:
    """Return the pages whose title and one of whose headings together say every word, the best first."""
    match = " AND ".join(f"({_match([word])})" for word in words)
    rows = base.execute(
        "SELECT page_id FROM (SELECT rowid, bm25(name_text) AS score FROM name_text WHERE name_text MATCH ? LIMIT ?) "
        "AS found JOIN name ON name.id = found.rowid ORDER BY score LIMIT ?",
        (match, MOST_NAMES, MOST_PAGES),
    )
    return [page_id for (page_id,) in rows]


def _hits(base: sqlite3.Connection, pages: Sequence[int], question: Question) -> list[Hit]:
    """Return the pages in this order, each with the sections that say what was asked for."""
    rows = base.execute(
        "SELECT id, slug, title, summary, number, published_at FROM page WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(pages),),
    )
    found = {}
    for page_id, slug, title, summary, number, published_at in rows:
        found[page_id] = Hit(page_id, slug, title, summary, number, datetime.fromisoformat(published_at))
    most = dict(zip(pages, chain(SECTIONS, repeat(1)), strict=False))
    sections = _sections(base, question, list(found.values()), most)
    return [replace(found[page], sections=tuple(sections[page])) for page in pages]


def _sections(
    base: sqlite3.Connection, question: Question, hits: Sequence[Hit], most: Mapping[int, int]
) -> dict[int, list[Found]]:
    """Return the best sections of each page: the words of its title are true of each of them, so the others decide.

    One question for all pages that the same words decide: FTS5 counts each word in the whole index for each question.
    """
    pages: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for hit in hits:
        title = set(WORD.findall(fold(hit.title)))
        deciding = tuple(word for word in question.words if word not in title) or question.words
        pages[deciding].append(hit.page_id)
    found: defaultdict[int, list[Found]] = defaultdict(list)
    for deciding, alike in pages.items():
        match = _match(deciding, _meanings(question.phrases))
        rows = base.execute(
            "SELECT section.page_id, anchor, section.heading, highlight(section_text, 1, ?, ?) FROM section_text "
            "JOIN section ON section.id = section_text.rowid WHERE section_text MATCH ? "
            "ORDER BY bm25(section_text, ?, ?, 0)",
            (OPEN, CLOSE, f"{{heading body}}: ({match}) AND page: ({_match_pages(alike)})", HEADING, BODY),
        )
        for page_id, anchor, heading, body in rows:
            if len(found[page_id]) < most[page_id]:
                found[page_id].append(Found(anchor, heading, _excerpt(body)))
    return found


def _match_pages(pages: Sequence[int]) -> str:
    return " OR ".join(f'"{page_token(page)}"' for page in pages)


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
