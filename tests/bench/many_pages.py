"""Many made-up guidance pages, live in the database: to measure, not to read. The same number gives the same pages.

The words are made of syllables and are as frequent as words of a language are: the second half as often as the first,
and so on (Zipf), so that a larger site has more words. The most frequent are those of English that say nothing.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, product

from django.db import transaction
from django.utils.text import slugify

from content.markup import rendering
from content.models import Code, Page, Rendering, Topic, Version
from content.search.words import STOP

WORDS = 80_000
COMMON = [
    "patient",
    "dose",
    "treatment",
    "monitoring",
    "pregnancy",
    "infusion",
    "infection",
    "relapse",
    "blood",
    "risk",
]
HEADINGS = ["Dose", "Monitoring", "Pregnancy", "Stopping", "Side effects", "Before treatment", "Interactions"]
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 500


class Language:
    """A made-up language: words by how frequent they are, and texts in it."""

    def __init__(self, seed: int = 12) -> None:
        """Make the words."""
        self.chance = random.Random(seed)
        syllables = ["".join(parts) for parts in product("bcdfglmnprstv", "aeiou", ["", "", "l", "n", "r", "s"])]
        made: dict[str, None] = dict.fromkeys([*sorted(STOP), *COMMON])
        while len(made) < WORDS:
            made["".join(self.chance.choices(syllables, k=self.chance.choice((2, 2, 3, 3, 3, 4, 5))))] = None
        self.words = list(made)
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))

    def say(self, number: int) -> list[str]:
        """Return this many words."""
        return self.chance.choices(self.words, cum_weights=self._weights, k=number)

    def name(self) -> str:
        """Return a rare word, as the names of drugs and diseases are."""
        return self.words[self.chance.randrange(WORDS // 100, WORDS)]

    def sentence(self) -> str:
        """Return a sentence of 6 to 20 words; some have a number with its unit."""
        words = self.say(self.chance.randrange(6, 20))
        if self.chance.random() < 0.3:
            words.insert(3, f"{self.chance.randrange(1, 999)} mg")
        return f"{' '.join(words).capitalize()}."


def _html(language: Language, name: str, *, is_short: bool) -> str:
    """Return some 900 words, or 200, as the renderer writes them: key points, sections, lists and tables."""
    chance = language.chance
    points = "".join(f"<li><strong>{name}:</strong> {language.sentence()}</li>\n" for _ in range(4))
    parts = [
        '<section class="key-points" aria-labelledby="h-in-brief">\n<h2 id="h-in-brief">In brief</h2>\n'
        f"<ul>\n{points}</ul>\n</section>"
    ]
    headings = [*chance.sample(HEADINGS, 1 if is_short else chance.randrange(2, 6))]
    headings.append(" ".join(language.say(3)).capitalize())
    for heading in headings:
        parts.append(f'<h2 id="h-{slugify(heading)}">{heading}</h2>')
        for _ in range(1 if is_short else chance.randrange(2, 5)):
            parts.append(f"<p>{' '.join(language.sentence() for _ in range(chance.randrange(2, 6)))}</p>")
        if chance.random() < 0.4:
            items = "".join(f"<li>{language.sentence()}</li>\n" for _ in range(chance.randrange(3, 7)))
            parts.append(f"<ul>\n{items}</ul>")
        if chance.random() < 0.3:
            head = "".join(f'<th scope="col">{" ".join(language.say(2))}</th>' for _ in range(3))
            cells = (f"<td>{' '.join(language.say(4))}</td>" for _ in range(12))
            rows = "".join(f"<tr>{next(cells)}{next(cells)}{next(cells)}</tr>\n" for _ in range(4))
            parts.append(f"<table>\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n</table>")
    return "\n".join(parts) + "\n"


def _versions(number: int, language: Language, *, is_short: bool) -> Iterator[tuple[Version, str]]:
    """Yield the first version of each new page, and its HTML."""
    for place in range(number):
        name = language.name()
        page = Page(slug=f"{name}-{place}", review_due_on=SINCE.date())
        title = f"{name.capitalize()} {' '.join(language.say(2))}"
        version = Version(page=page, number=1, title=title, summary=language.sentence()[:300], author_name="Imported")
        version.published_at = SINCE + timedelta(minutes=place)
        version.body = "Made up to measure search.\n"
        version.sha256 = version.compute_sha256("")
        yield version, _html(language, name, is_short=is_short)


def make(number: int, *, is_short: bool = False) -> Language:
    """Add this many live pages, each with one version, a code and a topic, and return their language."""
    language = Language()
    topics = [Topic.objects.get_or_create(name=name, slug=slugify(name))[0] for name in COMMON]
    texts = _versions(number, language, is_short=is_short)
    for start in range(0, number, BATCH):
        batch = [next(texts) for _ in range(min(BATCH, number - start))]
        pages = [version.page for version, _ in batch]
        with transaction.atomic():
            Page.objects.bulk_create(pages)
            for version, _ in batch:
                version.page_id = version.page.pk
            Version.objects.bulk_create([version for version, _ in batch])
            Rendering.objects.bulk_create(
                Rendering(version=version, html=html, page_html=html, renderer=rendering.REVISION)
                for version, html in batch
            )
            Code.objects.bulk_create(
                Code(page=page, system=Code.System.SNOMED_CT, code=str(10**7 + page.pk), term=language.name())
                for page in pages
            )
            Page.topics.through.objects.bulk_create(
                Page.topics.through(page=page, topic=language.chance.choice(topics)) for page in pages
            )
    return language
