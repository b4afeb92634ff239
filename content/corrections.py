"""A correction of a reference, for every page that cites it: a draft for each, which goes the usual way to readers."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User

from . import publishing
from .markup import references
from .models import Draft, Page
from .references.overview import Citing


@dataclass(frozen=True)
class Outcome:
    """What came of one page: its draft, or why it was left as it is."""

    page: Page
    title: str
    draft: Draft | None = None
    refusal: str = ""


def correct(*, citings: Iterable[Citing], typed: str, change_note: str, by: User) -> list[Outcome]:
    """Start a draft for each page of `citings`, with their words replaced by `typed`, and return what came of each.

    A draft starts from the live text. A page that has a draft already, or says something else by now, is left as it
    is. Each page has a transaction of its own.
    """
    pages: dict[int, list[Citing]] = {}
    for citing in citings:
        pages.setdefault(citing.page, []).append(citing)
    return [_correct_page(each, typed, change_note, by) for each in pages.values()]


def _correct_page(citings: list[Citing], typed: str, change_note: str, by: User) -> Outcome:
    page, title = Page.objects.get(pk=citings[0].page), citings[0].title
    if Draft.objects.filter(page=page).exists():
        return Outcome(page, title, refusal="It has a draft already. Correct the reference there.")
    live = page.live_version
    if live is None or live.number != citings[0].number:
        return Outcome(page, title, refusal="A new version has been published since. Look at it first.")
    body = live.body
    for citing in citings:
        body = references.replace(body, citing.reference.key, typed)
    text = publishing.Text(live.title, live.summary, body, change_note)
    try:
        draft = publishing.start_draft(page=page, text=text, by=by, started_from=live.number)
    except publishing.NotAllowed as refusal:
        return Outcome(page, title, refusal=str(refusal))
    return Outcome(page, title, draft)
