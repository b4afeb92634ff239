"""A reader's annotations as they stand on one version of a page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from content.models import Page, Rendering, Version

from . import headings
from .headings import Heading, Path


@dataclass(frozen=True)
class PlacedAnnotation:
    """One annotation on one version of its page: `heading` is where it stands there, if anywhere."""

    annotation: Any
    heading: Heading | None
    live_number: int

    @property
    def was_on(self) -> str:
        """The name of the heading it was put on, if this version has it no more."""
        path = self.annotation.heading_path
        return path[-1] if path and not self.heading else ""

    @property
    def page_changed(self) -> bool:
        """Whether the page has a newer version than the one it was written on."""
        return 0 < self.annotation.written_on_version < self.live_number


def placed_by_page(annotations: Iterable[Any]) -> list[tuple[Page, list[PlacedAnnotation]]]:
    """Annotations on many pages, by page, each page carrying the title and the number of its live version."""
    annotations = list(annotations)
    pages: dict[int, Any] = Page.objects.titled().in_bulk({annotation.page_id for annotation in annotations})
    with_headings = {annotation.page_id for annotation in annotations if annotation.heading}
    live = Version.objects.live().filter(page__in=with_headings, kind=Version.Kind.TEXT)
    html = dict(Rendering.objects.filter(version__in=live).values_list("version__page", "html"))
    panels = {pk: Panel(page, html.get(pk, ""), page.live_number or 0) for pk, page in pages.items()}
    found: dict[int, list[PlacedAnnotation]] = defaultdict(list)
    for annotation in annotations:
        found[annotation.page_id].append(panels[annotation.page_id].place(annotation))
    return [(pages[page], notes) for page, notes in found.items()]


class Panel:
    """What a page needs to show a reader's annotations on it.

    `html` is what the reader sees, in which headings are looked for; `live_number` is the number of the live version.
    """

    def __init__(self, page: Page, html: str, live_number: int) -> None:
        self.page = page
        self.html = html
        self.live_number = live_number
        self.headings = headings.find(html)
        self.by_path: dict[Path, Heading] = {heading.path: heading for heading in self.headings}

    @classmethod
    def of_live(cls, page: Page) -> "Panel":
        """The panel of the page as it reads now; once it is withdrawn there are no headings to put a note on."""
        live = page.live_version
        html = live.rendering.html if live and live.kind == Version.Kind.TEXT else ""
        return cls(page, html, live.number if live else 0)

    @property
    def heading_choices(self) -> list[tuple[str, str]]:
        """The headings as a form offers them: the value that is kept, and what a reader sees."""
        return [("\n".join(heading.path), heading.label) for heading in self.headings]

    def place(self, annotation: Any) -> PlacedAnnotation:
        """The annotation as it stands here."""
        return PlacedAnnotation(annotation, self.by_path.get(annotation.heading_path), self.live_number)

    def guidance(self, notes: Iterable[PlacedAnnotation]) -> SafeString:
        """The page's HTML with each of the notes also on its heading."""
        on_heading: dict[Path, list[PlacedAnnotation]] = defaultdict(list)
        for note in notes:
            if note.heading:
                on_heading[note.heading.path].append(note)
        pieces = {
            path: render_to_string("annotations/_here.html", {"notes": notes}) for path, notes in on_heading.items()
        }
        # The HTML is the renderer's, the pieces a template's.
        return mark_safe(headings.place(self.html, self.headings, pieces))  # noqa: S308
