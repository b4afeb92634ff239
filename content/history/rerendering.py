"""A version's HTML, made from its Markdown: on import, on redaction, and again when the renderer has changed.

Reasons: docs/decisions/0003-html-is-made-again-one-version-at-a-time.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from content import publishing
from content.markup import rendering
from content.models import Page, Rendering, Version
from content.references import retractions

from . import wording


@dataclass(frozen=True)
class Rerendered:
    """A version, and which of the words that readers see change with its new HTML."""

    version: Version
    changes: tuple[str, ...]


def render(version: Version) -> Rendering:
    """Make the version's HTML and what is derived from it, replacing any that it has, and return it."""
    made, _ = Rendering.objects.update_or_create(version=version, defaults=publishing.rendered_fields(version))
    retractions.renew(made)
    return made


def mark_all() -> int:
    """Mark all HTML as made by no renderer, so that it is made again, and return how many versions that is."""
    return Rendering.objects.update(renderer=0)


def outdated() -> list[int]:
    """Return the ids of the versions whose HTML is missing or was made by another revision of the renderer."""
    stale_or_none = Version.objects.exclude(rendering__renderer=rendering.REVISION)
    return list(stale_or_none.order_by("pk").values_list("pk", flat=True))


def find_changes(version: Version) -> tuple[str, ...]:
    """Return which visible words the renderer of today would change, a line for each place; none if it has no HTML."""
    made = getattr(version, "rendering", None)
    if made is None or made.html == (html := rendering.render(version.body).html):
        return ()
    return tuple(wording.differences(wording.visible_words(made.html), wording.visible_words(html)))


def preview(pks: list[int]) -> Iterator[Rerendered]:
    """Yield each of these versions with what `rerender` would change, and change nothing."""
    for pk in pks:
        version = Version.objects.select_related("page", "rendering").filter(pk=pk).first()
        if version:
            yield Rerendered(version, find_changes(version))


def rerender(pks: list[int]) -> Iterator[Rerendered]:
    """Make the HTML of these versions and yield each, in a transaction of its own, so that you can stop at any time.

    The page is locked and the version is read only when its turn comes: if it has been redacted since, it keeps its
    tombstone.
    """
    for pk in pks:
        with transaction.atomic():
            page = Page.objects.filter(versions=pk).first()
            if page is None:
                continue  # a scheduled version that has been cancelled since
            publishing.lock(page)
            version = Version.objects.select_related("page", "rendering").filter(pk=pk).first()
            if version is None:
                continue
            changes = find_changes(version)
            render(version)
        yield Rerendered(version, changes)
