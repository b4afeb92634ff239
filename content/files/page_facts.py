"""A page's facts that its live file states: topics, search terms, codes, contributors, places on home, review interval.

Reasons: docs/decisions/0017-facts-in-content-files.md and 0072-home.md.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q
from django.utils.text import slugify

from content.models import Code, Contributor, HomeEntry, Page, SearchTerm, Topic

from .format import BadFile, ContentFile

PLACE = ("section", "label", "note", "position", "below")  # what a file states of a place on home


def are_there(page: Page) -> bool:
    """Return whether the page has facts yet. Facts that editors entered are only replaced with a new version."""
    return any(
        facts.exists() for facts in (page.topics, page.search_terms, page.codes, page.contributors, page.home_entries)
    )


def credits_stated(file: ContentFile) -> list[dict[str, str]] | None:
    """Return the credits that the file states, as a version stores them, or None if it states none."""
    if "credits" in file.facts:
        return list(file.facts["credits"])
    if "contributors" in file.facts:
        return [Contributor(**_strings(entry)).to_credit() for entry in file.facts["contributors"] or []]
    return None


def find_difference(page: Page, file: ContentFile) -> str:
    """Return in words which of the file's facts differ from the page's, or an empty string."""
    differing = list(_find_differing(page, file))
    return f"the site keeps its own {' and '.join(differing)}" if differing else ""


def _find_differing(page: Page, file: ContentFile) -> Iterator[str]:
    facts = file.facts
    if facts.get("kind", page.kind) != page.kind:
        yield "kind"
    if "topics" in facts:
        stated = sorted(_topic_slug(entry) for entry in facts["topics"] or [])
        if stated != sorted(page.topics.values_list("slug", flat=True)):
            yield "topics"
    if "codes" in facts:
        entries = [_strings(entry) for entry in facts["codes"] or []]
        codes = sorted((entry["system"], entry["code"], entry["term"]) for entry in entries)
        if codes != sorted(page.codes.values_list("system", "code", "term")):
            yield "codes"
    if "search_terms" in facts:
        terms = sorted(str(words) for words in facts["search_terms"] or [])
        if terms != sorted(page.search_terms.values_list("words", flat=True)):
            yield "search_terms"
    if "contributors" in facts:
        entries = [Contributor(**_strings(entry)).to_credit() for entry in facts["contributors"] or []]
        if entries != [contributor.to_credit() for contributor in page.contributors.all()]:
            yield "contributors"
    if "home" in facts and sorted(_places(file)) != sorted(page.home_entries.values_list(*PLACE)):
        yield "home"
    if facts.get("review_interval_months", page.review_interval_months) != page.review_interval_months:
        yield "review_interval_months"


def set_facts(page: Page, file: ContentFile) -> None:
    """Give the page the facts that the file states. Raises `BadFile` for one that is too long."""
    facts = file.facts
    page.review_interval_months = facts.get("review_interval_months", page.review_interval_months)
    page.save()
    if "topics" in facts:
        page.topics.set([_topic(entry, file) for entry in facts["topics"] or []])
    _replace(file, page.codes, "codes", lambda entry, position: Code(page=page, **entry))
    set_search_terms(page, file)
    _replace(
        file,
        page.contributors,
        "contributors",
        lambda entry, position: Contributor(page=page, position=position, **entry),
    )
    set_home(page, file)


def set_home(page: Page, file: ContentFile) -> None:
    """Give the page the places on home that the file states. Raises `BadFile` for words that are too long."""
    if file.facts.get("home") is not None:
        page.home_entries.all().delete()
        for place in _places(file):
            entry = HomeEntry(page=page, **dict(zip(PLACE, place, strict=True)))
            _check_lengths(entry, file.line_of("home"))
            entry.save()


def _places(file: ContentFile) -> list[tuple[str, str, str, int, str]]:
    """Return the places on home that the file states, as the values of `PLACE`."""
    entries = file.facts.get("home") or []
    words = [_strings({"note": None, "below": None} | entry) for entry in entries]
    return [
        (said["section"], said["label"], said["note"], entry.get("position", 0), said["below"])
        for entry, said in zip(entries, words, strict=True)
    ]


def set_search_terms(page: Page, file: ContentFile) -> None:
    """Give the page the search terms that the file states. Raises `BadFile` for one that is too long."""
    if file.facts.get("search_terms") is not None:
        page.search_terms.all().delete()
        for words in file.facts["search_terms"]:
            term = SearchTerm(page=page, words=str(words))
            _check_lengths(term, file.line_of("search_terms"))
            term.save()


def _topic(entry: str | dict[str, str], file: ContentFile) -> Topic:
    """Return the topic with this name or, failing that, this slug; create it if there is neither."""
    name, slug = (entry, slugify(entry)) if isinstance(entry, str) else (entry["name"], entry["slug"])
    found = sorted(Topic.objects.filter(Q(name=name) | Q(slug=slug)), key=lambda topic: topic.name != name)
    if found:
        return found[0]
    topic = Topic(name=name, slug=slug)
    _check_lengths(topic, file.line_of("topics"))
    topic.save()
    return topic


def _topic_slug(entry: str | dict[str, str]) -> str:
    return slugify(entry) if isinstance(entry, str) else entry["slug"]


def _strings(entry: dict[str, Any]) -> dict[str, str]:
    return {key: "" if value is None else str(value) for key, value in entry.items()}


def _replace(file: ContentFile, related: Any, key: str, make: Callable[[dict[str, str], int], Any]) -> None:
    """Replace the related rows with those that the file states under `key`. If it states none, they stay."""
    if file.facts.get(key) is not None:
        related.all().delete()
        for position, entry in enumerate(file.facts[key]):
            row = make(_strings(entry), position)
            _check_lengths(row, file.line_of(key))
            row.save()


def _check_lengths(row: Code | Contributor | HomeEntry | SearchTerm | Topic, line: int) -> None:
    """Raise `BadFile` for a value longer than its column: PostgreSQL refuses it, but SQLite does not."""
    for field in row._meta.concrete_fields:
        longest = getattr(field, "max_length", None)
        if longest and len(getattr(row, field.attname)) > longest:
            said = f"the {field.name} of a {row._meta.verbose_name} has at most {longest} characters"
            raise BadFile(line, said)
