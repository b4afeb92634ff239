"""How long a search takes, whatever makes it: what `tests.bench.bench_search` compares. Needs nothing but Python."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

Clock = Callable[[], float]  # seconds of CPU time
MOST = 10  # pages that a search shows
MOST_SUGGESTIONS = 8


class Missing(Exception):
    """A search that this machine cannot measure: why, and what to do."""


def texts(index: Path) -> Iterator[tuple[int, str, str]]:
    """Yield the id, the title and the text of each page, in the words that the site's own index has of it."""
    with closing(sqlite3.connect(index)) as base:
        yield from base.execute("SELECT rowid, title, body FROM page_text")


def built(build: Callable[[], Any], cpu: Clock = time.process_time) -> dict[str, float]:
    """Make an index, and return how many seconds it took."""
    began, since = cpu(), time.perf_counter()
    build()
    wall = time.perf_counter() - since
    return {"index, s of CPU": cpu() - began, "index, s": wall}


def asked(
    what: str, ask: Callable[[str], Any], questions: Sequence[str], cpu: Clock = time.process_time
) -> dict[str, float]:
    """Ask each question, and return the median and the 95th percentile in ms, and how many had an answer."""
    ask(questions[0])  # what is read once is not part of each question
    answered, taken = 0, []
    for question in questions:
        began, since = cpu(), time.perf_counter()
        answered += bool(ask(question))
        wall = time.perf_counter() - since
        taken.append((cpu() - began, wall))
    figures = {}
    for unit, times in zip(("ms of CPU", "ms"), map(sorted, zip(*taken, strict=True)), strict=True):
        figures[f"{what} p50, {unit}"] = times[len(times) // 2] * 1000
        figures[f"{what} p95, {unit}"] = times[int(len(times) * 0.95)] * 1000
    return figures | {f"{what} with an answer, %": 100 * answered / len(questions)}
