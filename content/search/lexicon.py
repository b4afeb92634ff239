"""The words of the live texts with how often each occurs, in the search index: all processes share them.

Words that are near to a misspelt one are found by keys: hashes of what is left of a word's beginning when a letter is
taken out, or two. Two words within two edits of each other have a key in common (the method of SymSpell). If that is
one of those with two letters less, both edits are in the beginnings, so the words also end alike and the key has their
ending in it: a tenth of the words have to be compared. A publication changes the rows of its own words only.
"""

import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from zlib import crc32

from .spellings import variants
from .words import WORD, fold

SHORTEST, LONGEST = 4, 40  # letters of a word that is corrected, or corrected to
BEGINNING, ENDING = 5, 2  # letters that the keys are made of
TWO_EDITS = 6  # letters from which on a word can be two edits from a typed one, which then has two more
TABLES = """
    CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, count INTEGER NOT NULL);
    CREATE TABLE near (entry INTEGER PRIMARY KEY);
"""  # a word with the count 0 is another spelling of one that the site has; an entry is a key and the id of a word
IDS = 2**31  # ids that fit into an entry


def said(text: str) -> list[str]:
    """Return the words of a text as they are counted."""
    return WORD.findall(fold(text))


def is_plain(word: str) -> bool:
    """Return whether a word is corrected, and corrected to."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha()


def keys(word: str, edits: int = 2) -> set[int]:
    """Return the keys of a word, by which those within so many edits are found."""
    start = word[:BEGINNING].ljust(BEGINNING).encode("latin-1", "replace")
    found = set(_left(start, 1))
    if edits == 2 and len(word) >= TWO_EDITS:
        end = word[-ENDING:].encode("latin-1", "replace")
        found.update(crc32(end, left) for left in _left(start, 2))
    return found


@lru_cache(maxsize=1_000)
def _left(start: bytes, taken: int) -> tuple[int, ...]:
    """Return hashes of what is left of a beginning when so many letters are taken out."""
    return tuple(crc32(bytes(left)) for left in combinations(start, BEGINNING - taken))


def renew(base: sqlite3.Connection, changes: Mapping[str, int]) -> None:
    """Add to how often words occur; a word that occurs no more is forgotten."""
    last = _last(base)
    base.executemany(
        "INSERT INTO word (word, count) VALUES (?, ?) ON CONFLICT (word) DO UPDATE SET count = count + excluded.count",
        ((word, change) for word, change in changes.items() if change),
    )
    new = [word for (word,) in base.execute("SELECT word FROM word WHERE id > ?", (last,)) if is_plain(word)]
    spellings = {(spelling,) for word in new for spelling in variants(word) if is_plain(spelling)}
    base.executemany("INSERT OR IGNORE INTO word (word, count) VALUES (?, 0)", sorted(spellings))
    rows = base.execute("SELECT id, word FROM word WHERE id > ? ORDER BY word", (last,))  # many beginnings are the same
    entries = sorted(key * IDS + word_id for word_id, word in rows if is_plain(word) for key in keys(word))
    base.executemany("INSERT INTO near VALUES (?)", ((entry,) for entry in entries))
    for word in [word for word, change in changes.items() if change < 0]:
        _forget(base, word)


def _last(base: sqlite3.Connection) -> int:
    return int(base.execute("SELECT coalesce(max(id), 0) FROM word").fetchone()[0])


def _forget(base: sqlite3.Connection, word: str) -> None:
    """Remove a word that occurs no more, and its other spellings; what another word needs stays."""
    if counts(base, [word]):
        return
    for spelling in (word, *variants(word)):
        if not counts(base, (spelling, *variants(spelling))):
            rows = base.execute("SELECT id FROM word WHERE word = ?", (spelling,)).fetchall()
            entries = [(key * IDS + word_id,) for (word_id,) in rows for key in keys(spelling)]
            base.executemany("DELETE FROM near WHERE entry = ?", entries)
            base.execute("DELETE FROM word WHERE word = ?", (spelling,))


def counts(base: sqlite3.Connection, asked: Iterable[str]) -> dict[str, int]:
    """Return how often each of these words occurs, without those that do not."""
    found = {}
    for word in asked:
        row = base.execute("SELECT count FROM word WHERE word = ? AND count > 0", (word,)).fetchone()
        if row:
            found[word] = row[0]
    return found


def near(base: sqlite3.Connection, word: str, edits: int) -> Iterator[str]:
    """Yield words that may be within so many edits, among them all that are."""
    for key in keys(word, edits):
        rows = base.execute(
            "SELECT word FROM near JOIN word ON word.id = entry % ? "
            "WHERE entry BETWEEN ? AND ? AND length(word) BETWEEN ? AND ?",
            (IDS, key * IDS, key * IDS + IDS - 1, len(word) - edits, len(word) + edits),
        )
        yield from (found for (found,) in rows)


def beginning(base: sqlite3.Connection, prefix: str, limit: int) -> list[str]:
    """Return up to `limit` words that begin with the prefix, the most frequent first."""
    rows = base.execute(
        "SELECT word FROM word WHERE word >= ? AND word < ? AND count > 0 ORDER BY count DESC, word LIMIT ?",
        (prefix, prefix + chr(sys.maxunicode), limit),
    )
    return [word for (word,) in rows]
