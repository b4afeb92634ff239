"""Measure search on many made-up pages: CPU time of one process, and the memory that it takes.

python -m tests.bench_search        2,000 pages
TEXTS=16000 python -m tests.bench_search
TEXTS=16000 WORDS=200 python -m tests.bench_search        of some 200 words each, instead of 900
"""

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.many_pages import Language


def queries(language: Language, number: int = 240) -> Iterator[str]:
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


def beginnings(language: Language, number: int = 240) -> Iterator[str]:
    """Yield what somebody has typed so far: one to three letters, and several words."""
    for place in range(number):
        word = language.name()
        yield f"{language.name()} {word[:2]}" if place % 4 == 3 else word[: 1 + place % 4]


def late(ask: Callable[[str], Any], asked: Iterator[str]) -> str:
    """Return the median and the 95th percentile of the CPU time of one question."""
    taken = []
    for each in asked:
        began = time.process_time()
        ask(each)
        taken.append((time.process_time() - began) * 1000)
    taken.sort()
    return f"p50 {taken[len(taken) // 2]:6.1f} ms   p95 {taken[int(len(taken) * 0.95)]:6.1f} ms"


def memory() -> float:
    """Return the memory of this process in MB."""
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def main(number: int) -> None:
    """Make the pages and print the figures."""
    import django

    django.setup()
    from django.core.management import call_command

    from content.models import Code
    from content.search import query
    from content.search.index import Index
    from tests import many_pages

    call_command("migrate", verbosity=0)
    language = many_pages.make(number, is_short=os.environ.get("WORDS") == "200")
    began = time.process_time()
    if not os.fork():  # in a process of its own: what building needs is not what searching needs
        call_command("build_search")
        print(f"index of {number:,} pages: {time.process_time() - began:.1f} s, ", end="")
        print(f"{Index().path.stat().st_size / 2**20:.0f} MB", flush=True)
        os._exit(0)
    os.wait()
    before = memory()
    query.search("dose of natalizmab")
    print("search    ", late(query.search, queries(language)))
    print("suggestion", late(query.suggest, beginnings(language)))
    print(f"memory     {memory() - before:.1f} MB more")
    Code.objects.filter(pk=Code.objects.first().pk).update(term="changed")
    print("search after a change", late(query.search, iter(["dose"])))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ.pop("DATABASE_URL", None)
        main(int(os.environ.get("TEXTS", "2000")))
