"""Measure search on many made-up pages, beside PostgreSQL's full text search and modelsearch on the same texts.

make bench        2,000 pages of some 900 words each
make bench TEXTS=16000 WORDS=200        16,000 of some 200 words
make bench TEXTS=16000 BESIDE=postgresql        without modelsearch, which takes long; `BESIDE=` is ours alone

The others are given the words and index each page once. Ours reads HTML, and indexes pages, sections, names and the
words by which it corrects what was typed. modelsearch has no excerpts. PostgreSQL is the server of DATABASE_URL or of
this machine; modelsearch is installed into a folder that is thrown away.
"""

import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import bench_search_modelsearch, bench_search_postgresql, timing

if TYPE_CHECKING:
    from tests.bench.many_pages import Language  # needs settings, which `main` makes

OTHERS = {"postgresql": bench_search_postgresql.measure, "modelsearch": bench_search_modelsearch.measure}


def queries(language: "Language", number: int = 240) -> Iterator[str]:
    """Yield different queries: rare and frequent words, one to eight, misspelt, questions, and very long ones."""
    chance = random.Random(5)

    def misspelt(word: str) -> str:
        place = chance.randrange(1, max(2, len(word) - 1))
        return word[:place] + word[place + 1 :]

    for place in range(number):
        words = language.say(chance.randrange(1, 9))
        match place % 6:
            case 0:
                words = [language.name()]
            case 1:
                words = [*words, misspelt(language.name())]
            case 2:
                words = ["what", "is", "the", "dose", "of", language.name(), "in", "pregnancy"]
            case 3:
                words = [misspelt(word) for word in (language.name(), language.name())]
            case 4 if place % 24 == 4:
                words = language.say(60)
        yield " ".join(words)[:300]


def beginnings(language: "Language", number: int = 240) -> Iterator[str]:
    """Yield what somebody has typed so far: one to three letters, and several words."""
    for place in range(number):
        word = language.name()
        yield f"{language.name()} {word[:2]}" if place % 4 == 3 else word[: 1 + place % 4]


def memory() -> float:
    """Return the memory of this process in MB."""
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def children() -> float:
    """Return the CPU time of the processes that this one started and that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def ours(index: Path, questions: list[str], begun: list[str]) -> dict[str, float]:
    """Return the figures of the site's own search."""
    from django.core.management import call_command
    from django.db import connections

    from content.models import Code
    from content.search import query

    def build() -> None:
        """Make it in a process of its own: what building needs is not what searching needs."""
        connections.close_all()
        builder = get_context("fork").Process(target=call_command, args=("build_search",))
        builder.start()
        builder.join()
        if builder.exitcode:
            sys.exit("The index was not made, as said above.")

    figures = timing.built(build, children)
    figures["index, MB"] = index.stat().st_size / 2**20
    before = memory()
    figures |= timing.asked("search", lambda question: query.search(question).hits, questions)
    figures |= timing.asked("suggestion", query.suggest, begun)
    figures["memory, MB more"] = memory() - before
    for term in ("changed", "changed again"):  # what the first change reads once is not part of each
        Code.objects.filter(pk=Code.objects.first().pk).update(term=term)
        began = time.process_time()
        query.search("dose")
        figures["search after a change, ms of CPU"] = (time.process_time() - began) * 1000
    return figures


def table(columns: dict[str, dict[str, float]]) -> Iterator[str]:
    """Yield the lines: the first search, and each other with its ratio to the first."""
    first, *rest = columns
    yield f"{'':34}{first:>10}" + "".join(f"{name:>24}" for name in rest)
    for row, own in columns[first].items():
        figures = [columns[name].get(row, math.nan) for name in rest]
        cells = ["" if math.isnan(each) else f"{each:,.1f} {each / own:9.2f} ×" for each in figures]
        yield f"{row:34}{own:10,.1f}" + "".join(f"{cell:>24}" for cell in cells)


def main(number: int, folder: Path) -> None:
    """Make the pages, and print the figures."""
    import django

    django.setup()
    from django.core.management import call_command

    from content.search.index import Index
    from tests.bench import many_pages

    is_short = os.environ.get("WORDS") == "200"
    call_command("migrate", verbosity=0)
    language = many_pages.make(number, is_short=is_short)
    asked = Index().path, list(queries(language)), list(beginnings(language))
    columns = {"ours": ours(*asked)}
    for name in os.environ.get("BESIDE", " ".join(OTHERS)).split():
        try:
            release, figures = OTHERS[name](folder, *asked)
        except timing.Missing as missing:
            print(missing)
        else:
            columns[release] = figures
    print(f"{number:,} texts of some {200 if is_short else 900} words")
    print("\n".join(table(columns)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        os.environ |= {"VAR": made, "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ["BENCH_DATABASE_URL"] = os.environ.pop("DATABASE_URL", "")
        main(int(os.environ.get("TEXTS", "2000")), Path(made))
