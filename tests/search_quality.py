"""Measure how well search ranks, on a public collection of clinicians' questions with graded judgements.

Run by `make search-quality`; not part of the tests, because the collection states no licence and is in no repository.
It is the cystic fibrosis collection: 1,239 records of MEDLINE from 1974 to 1979, 99 questions, 4,812 judgements of four
judges. Put its files (cf74.xml to cf79.xml and cfquery.xml) into var/search-quality by hand. The questions go through
the site's own `search`, as asked and with the two rarest words of each misspelt. Ranking reads the index alone, which
is SQLite whatever the database is, so the figures are the same with PostgreSQL.
"""

import html
import math
import os
import random
import re
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

import django

T = TypeVar("T")


class Record(NamedTuple):
    """A record of the collection."""

    title: str
    text: str


class Question(NamedTuple):
    """A question, and for each record that answers it the sum of four judges' marks: 1 to 8."""

    text: str
    marks: dict[int, int]


def read_records(folder: Path) -> dict[int, Record]:
    """Return the records by number."""
    records = {}
    for path in sorted(folder.glob("cf7?.xml")):
        for each in re.findall(r"<RECORD>(.*?)</RECORD>", path.read_text("utf-8", "replace"), re.DOTALL):
            number = int(re.findall(r"<RECORDNUM>\s*(\d+)", each)[0])
            records[number] = Record(_inside(each, "TITLE"), _inside(each, "ABSTRACT|EXTRACT"))
    return records


def read_questions(folder: Path) -> dict[int, Question]:
    """Return the questions by number."""
    questions = {}
    text = (folder / "cfquery.xml").read_text("utf-8", "replace")
    for each in re.findall(r"<QUERY>(.*?)</QUERY>", text, re.DOTALL):
        items = re.findall(r'<Item score="(\d+)">\s*(\d+)', each)
        marks = {int(number): sum(map(int, digits)) for digits, number in items}
        questions[int(_inside(each, "QueryNumber"))] = Question(_inside(each, "QueryText"), marks)
    return questions


def _inside(xml: str, tags: str) -> str:
    found = re.search(rf"<({tags})>(.*?)</\1>", xml, re.DOTALL)
    return " ".join(html.unescape(found[2]).split()) if found else ""


def words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return re.findall(r"[a-z0-9]+", text.lower())


def misspell(question: str, frequency: Counter[str], seed: int) -> str:
    """Return the question with its two rarest words of five letters or more misspelt.

    Two letters of each are exchanged, or one is left out; never the first.
    """
    chance = random.Random(seed)
    long = {word for word in words(question) if len(word) >= 5 and word.isalpha()}
    for word in sorted(long, key=lambda word: (frequency[word], word))[:2]:
        place = chance.randrange(1, len(word) - 2)
        wrong = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        if wrong == word or chance.random() < 0.5:
            wrong = word[:place] + word[place + 1 :]
        question = re.sub(rf"\b{word}\b", wrong, question, flags=re.IGNORECASE)
    return question


def gain(found: list[int], marks: dict[int, int]) -> float:
    """Return the nDCG at 10: 1 if the best records come first, 0 if none is found."""

    def total(values: list[int]) -> float:
        return sum(value / math.log2(place + 2) for place, value in enumerate(values[:10]))

    best = total(sorted(marks.values(), reverse=True))
    return total([marks.get(number, 0) for number in found]) / best if best else 0


def build(records: dict[int, Record]) -> Callable[[str], list[int]]:
    """Make an index of the records with the site's own tables, and return the search in it."""
    from content.search import index, query

    base = sqlite3.connect(":memory:", isolation_level=None)
    base.executescript(index.TABLES)
    base.execute("INSERT INTO meta VALUES ('stamp', 'collection')")
    known = {"fingerprint": "", "summary": "", "number": 1, "published_at": datetime.now(UTC), "topics": ()}
    known |= {"search_terms": (), "codes": ()}
    documents = (
        index.Document(
            page_id=number,
            slug=str(number),
            title=record.title,
            html=f"<p>{html.escape(record.text)}</p>",
            **known,
        )
        for number, record in records.items()
    )
    index.replace(base, [], documents)

    class Collection(index.Index):
        """An index that is always up to date."""

        def read(self, ask: Callable[[sqlite3.Connection], T]) -> T:
            return ask(base)

    return lambda question: [hit.page_id for hit in query.search(question, Collection()).hits]


def measure(search: Callable[[str], list[int]], asked: dict[int, str], questions: dict[int, Question]) -> Iterator[str]:
    """Yield the figures for one way of asking."""
    gains, firsts, taken = [], [], []
    for number, question in questions.items():
        began = time.process_time()
        found = search(asked[number])
        taken.append((time.process_time() - began) * 1000)
        gains.append(gain(found, question.marks))
        firsts.append(next((1 / place for place, each in enumerate(found, 1) if each in question.marks), 0))
    taken.sort()
    yield f"nDCG@10 {sum(gains) / len(gains):.3f}"
    yield f"MRR@10 {sum(firsts) / len(firsts):.3f}"
    yield f"CPU p50 {taken[len(taken) // 2]:.1f} ms, p95 {taken[int(len(taken) * 0.95)]:.1f} ms"


def main(folder: Path) -> None:
    """Print the figures."""
    django.setup()
    records, questions = read_records(folder), read_questions(folder)
    frequency = Counter(word for record in records.values() for word in {*words(f"{record.title} {record.text}")})
    search = build(records)
    asked = {number: question.text for number, question in questions.items()}
    wrong = {number: misspell(text, frequency, number) for number, text in asked.items()}
    marks = sum(len(question.marks) for question in questions.values())
    print(f"{len(records):,} records, {len(questions)} questions, {marks:,} judgements")
    for name, texts in (("as asked", asked), ("two words misspelt", wrong)):
        print(f"{name:<20}", *measure(search, texts, questions), sep="  ")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    here = Path(os.environ.get("VAR", "var")) / "search-quality"
    if not (here / "cfquery.xml").exists():
        sys.exit(f"There is no collection in {here}: {__file__} says which files to put there.")
    main(here)
