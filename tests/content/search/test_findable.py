"""No published word of a live page is unfindable, and no word that is not published can be found."""

import html
import re
from collections import defaultdict
from datetime import timedelta

from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content import publishing
from content.models import Page, Version
from content.search import query
from content.search.index import Index
from content.search.words import WORD, fold, words_of


def words_in(page: str) -> set[str]:
    """The words of a page's HTML, and those of its descriptions and meanings."""
    page = re.sub(r"<sup id=.*?</sup>", " ", page)  # the number of a citation
    said = " ".join(re.findall(r' (?:alt|title)="([^"]*)"', page)) + " " + re.sub(r"<[^>]*>", " ", page)
    return {word[:60] for word in WORD.findall(fold(html.unescape(said)))}


def pages_of(base, word: str) -> set[str]:
    """The pages that a word finds, as it is."""
    question = query.understand(base, word)
    assert not question.shown_for, f"{word} became {question.shown_for}"
    slugs = dict(base.execute("SELECT id, slug FROM page"))
    return {slugs[page] for page in query.order(base, question, len(slugs))}


def test_every_word_of_the_library_finds_every_page_that_says_it(shipped_library):
    live = Version.objects.live().filter(page__kind=Page.Kind.GUIDANCE).select_related("page", "rendering")
    said: dict[str, set[str]] = defaultdict(set)
    for version in live:
        for word in words_in(f"{version.title} {version.summary} {version.html}"):
            said[word].add(version.page.slug)

    def missed(base):
        return {word: left for word, pages in said.items() if (left := pages - pages_of(base, word))}

    assert len(said) > 1500
    assert Index().read(missed) == {}


# What is published here and what is not has no letter in common, so that neither can be a form of the other.
PUBLISHED, HIDDEN = (
    st.lists(st.text(letters, min_size=1, max_size=12), min_size=1, max_size=6)
    for letters in ("abcdefghijklm02468µ²ßéαβ漢", "nopqrstuvwxyz13579³ÅøñжЖع字")
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(published=PUBLISHED, before=HIDDEN, written=HIDDEN, waiting=HIDDEN)
def test_what_is_published_is_found_and_nothing_else(people, published, before, written, waiting):
    """Found is what the live version says, and not what the page said before, what is a draft and what waits."""
    slug = f"page-{Page.objects.count()}"
    page = Page.objects.create(slug=slug)

    def text(words):
        said = " ".join(words)
        return publishing.Text(said[:90], said[:90], f"## {said[:90]}\n\n{said}.\n", "Because.")

    publishing.add_version(page=page, text=text(before))
    publishing.add_version(page=page, text=text(published))
    publishing.add_version(page=page, text=text(waiting), published_at=timezone.now() + timedelta(days=1))
    other = Page.objects.create(slug=f"{slug}-draft")
    publishing.start_draft(page=other, text=text(written), by=people.editor, started_from=0)

    said = Version.objects.live().select_related("rendering").get(page=page)
    words = words_in(said.html)
    assert Index().read(lambda base: [word for word in words if slug not in pages_of(base, word)]) == []
    hidden = set(words_of(" ".join((*before, *written, *waiting))))
    assert [word for word in hidden if query.search(word, as_typed=True).hits] == []
    assert [word for word in hidden if query.suggest(word)] == []
