"""What an import does to the words of a file before it saves them: the same as saving on the site.

A file that is the record of something, such as a version that was published, stays byte for byte as it is. Reasons:
docs/decisions/0063-no-unseen-characters.md.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from accounts.characters import find_unseen
from content.length import describe_excess
from content.markup import cleaning
from content.models import Draft, Page, Version

from . import format as content_file
from . import page_facts
from .format import BadFile, ContentFile, Role, one_line, tidy

TITLED = ("title", "summary")


def clean_file(page: Page, file: ContentFile) -> tuple[ContentFile, list[str]]:
    """Return the file with its words as they are to be saved, and a notice of each change, with its line in the file.

    An exported draft that nobody has edited stays as it is. Words that cleaning has made a version or a draft of `page`
    from become those words, so that importing a file again changes nothing.
    """
    if file.is_untouched or _is_record(page, file) or describe_excess(file.body):
        return file, []
    titles = _titles(file)
    head, in_head = cleaning.remove_unseen(file.head)
    file = replace(file, facts=_without_unseen(file.facts), head=head, as_read=file)
    holders: list[Version | Draft] = [*page.versions.all(), *page.drafts.all()]
    for saved in holders:
        if _is_made_from(saved, file, titles):
            words = {name: getattr(saved, name) for name in TITLED}
            return replace(file, facts=file.facts | words, body=saved.body), []
    body, in_body = cleaning.clean(file.body, {slug: known[0] for slug, known in titles.items()})
    said = [notice.describe(1) for notice in in_head] + [notice.describe(file.body_line - 1) for notice in in_body]
    return replace(file, body=body), said


def list_published(file: ContentFile) -> tuple[str, ...]:
    """Return a sentence, with its line, for each character that nobody can see in a version that was published so."""
    found = [(each, 1) for each in find_unseen(file.head)]
    found += [(each, file.body_line - 1) for each in find_unseen(file.body)]
    return tuple(f"line {each.line + above}: {each.where} is {each.name}, as it was published" for each, above in found)


def _is_record(page: Page, file: ContentFile) -> bool:
    """Return whether the file is what an export wrote: of a page that is not live, or of a version that is here."""
    version = page.versions.filter(sha256=file.facts.get("sha256", "")).first()
    if version is None:
        return str(file.facts.get("live")).lower() == "false"
    words = (file.text.title, file.text.summary, tidy(file.body))
    is_same = (one_line(version.title), one_line(version.summary), tidy(version.body)) == words
    return is_same and page_facts.credits_stated(file) in (None, version.credits)


def _is_made_from(saved: Version | Draft, file: ContentFile, titles: Mapping[str, list[str]]) -> bool:
    """Return whether `saved` has the file's words as cleaning would have saved them."""
    words = [_without_unseen(one_line(file.facts.get(name))) for name in TITLED]
    is_titled = [_without_unseen(one_line(getattr(saved, name))) for name in TITLED] == words
    return is_titled and cleaning.is_made_from(tidy(saved.body), tidy(file.body), titles)


def _without_unseen(value: Any) -> Any:
    """Return a fact, or all facts, without the characters that pasting leaves in them."""
    if isinstance(value, str):
        return cleaning.remove_unseen(value)[0]
    if isinstance(value, list):
        return [_without_unseen(each) for each in value]
    return {key: _without_unseen(each) for key, each in value.items()} if isinstance(value, dict) else value


def _titles(file: ContentFile) -> dict[str, list[str]]:
    """Return the titles, by slug, of the pages that the file links to without text: the one to write, then older ones.

    The one to write is live here or, if the page is not, in a file beside this one, which the same import reads.
    """
    slugs = cleaning.slugs_to_fill(file.body)
    titles = {slug: [title] for slug, title in Page.objects.titles(slugs).items()}
    for slug in slugs:
        if title := _title_beside(file.path.with_name(f"{slug[:100]}{Role.LIVE.value}")):
            titles.setdefault(slug, []).append(title)
    older = Version.objects.filter(page__slug__in=titles).values_list("page__slug", "title")
    for slug, title in older:
        titles[slug].append(title)
    return titles


def _title_beside(path: Path) -> str:
    """Return the title that a content file states, or an empty string if it is none: the import says so itself."""
    try:
        return content_file.read(path).text.title if path.is_file() else ""
    except (BadFile, OSError):
        return ""
