"""A version's HTML, made from its Markdown: on import and redaction, and anew when the renderer has changed."""

from collections.abc import Iterator

from django.db import transaction

from content import publishing
from content.markup import rendering
from content.models import Page, Rendering, Version


def render(version: Version) -> Rendering:
    """Make the version's HTML, in place of any it has."""
    made, _ = Rendering.objects.update_or_create(version=version, defaults=publishing.rendered_fields(version.body))
    return made


def mark_all() -> int:
    """Mark every version's HTML as made by no renderer, so that all of it is made anew; how many."""
    return Rendering.objects.update(renderer=0)


def outdated() -> list[int]:
    """The ids of the versions whose HTML is missing or was made by another revision of the renderer."""
    stale_or_none = Version.objects.exclude(rendering__renderer=rendering.REVISION)
    return list(stale_or_none.order_by("pk").values_list("pk", flat=True))


def rerender(pks: list[int]) -> Iterator[Version]:
    """Make the HTML of these versions, each in a transaction of its own, so that stopping loses nothing done.

    The page is held and its version read only then: a version that is redacted meanwhile keeps its tombstone.
    """
    for pk in pks:
        with transaction.atomic():
            page = Page.objects.filter(versions=pk).first()
            if page is None:
                continue  # a scheduled version that was cancelled meanwhile
            publishing.lock(page)
            version = Version.objects.filter(pk=pk).first()
            if version is None:
                continue
            render(version)
        yield version
