"""A reader's annotations as they appear on one version of a page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from content.models import Page, Rendering, Version

from . import headings, sections
from .headings import Heading, Path
from .sections import Sections


@dataclass(frozen=True)
class PlacedAnnotation:
    """One annotation on one version of its page.

    `heading` is its heading there, or None; `has_changed` says that the text of its own section has, since it was
    written.
    """

    annotation: Any
    heading: Heading | None
    live_number: int
    has_changed: bool = False

    @property
    def was_on(self) -> str:
        """The name of the annotation's heading if this version no longer has it, otherwise empty."""
        path = self.annotation.heading_path
        return path[-1] if path and not self.heading else ""

    @property
    def is_to_check(self) -> bool:
        """Whether its reader is asked to look at it again."""
        return self.has_changed or self.annotation.needs_checking


def placed_by_page(annotations: Iterable[Any]) -> list[tuple[Page, list[PlacedAnnotation]]]:
    """Group annotations by page, and return pairs of a page and its placed annotations, in the order given.

    Each page has the fields that `PageQuerySet.titled` adds. It takes four queries at most, however many there are.
    """
    annotations = list(annotations)
    if not annotations:
        return []
    pages: dict[int, Any] = Page.objects.titled().in_bulk({annotation.page_id for annotation in annotations})
    with_headings = {annotation.page_id for annotation in annotations if annotation.heading}
    live = Version.objects.live().filter(page__in=with_headings, kind=Version.Kind.TEXT)
    html = dict(Rendering.objects.filter(version__in=live).values_list("version__page", "page_html"))
    panels = {pk: Panel(page, html.get(pk, ""), page.live_number or 0) for pk, page in pages.items()}
    by_page: dict[int, list[Any]] = defaultdict(list)
    for annotation in annotations:
        by_page[annotation.page_id].append(annotation)
    read = sections.of_versions({(pk, panels[pk].live_number): here for pk, here in by_page.items()})
    return [(pages[pk], [panels[pk].place(each, read) for each in here]) for pk, here in by_page.items()]


class Panel:
    """What a page needs to show a reader's annotations on it.

    `html` is the guidance that the reader sees, with the headings; `live_number` is the number of the live version, or
    0 if there is none.
    """

    def __init__(self, page: Page, html: str, live_number: int) -> None:
        self.page = page
        self.html = html
        self.live_number = live_number
        self.headings = headings.find(html)
        self.by_path: dict[Path, Heading] = {heading.path: heading for heading in self.headings}

    @classmethod
    def of_live(cls, page: Page) -> "Panel":
        """Return the panel of the live version. A withdrawn page has no headings."""
        live = page.live_version
        html = live.rendering.page_html if live and live.kind == Version.Kind.TEXT else ""
        return cls(page, html, live.number if live else 0)

    @property
    def heading_choices(self) -> list[tuple[str, str]]:
        """The headings as a form offers them: pairs of the stored value and the name that readers see."""
        return [("\n".join(heading.path), heading.label) for heading in self.headings]

    def place(self, annotation: Any, read: Sections | None = None) -> PlacedAnnotation:
        """Return the annotation with its heading here, if exactly one heading has its path.

        `read` are the sections that it may be on, if they were read already.
        """
        read = read or sections.of_versions({(self.page.pk, self.live_number): [annotation]})
        heading = self.by_path.get(annotation.heading_path)
        return PlacedAnnotation(annotation, heading, self.live_number, read.has_changed(annotation, self.live_number))

    def place_all(self, annotations: Iterable[Any]) -> list[PlacedAnnotation]:
        """Return the annotations with their headings here, in two queries at most."""
        annotations = list(annotations)
        read = sections.of_versions({(self.page.pk, self.live_number): annotations})
        return [self.place(annotation, read) for annotation in annotations]

    def guidance(self, notes: Iterable[PlacedAnnotation]) -> SafeString:
        """Return the page's HTML, with each note that has a heading here shown at that heading."""
        on_heading: dict[Path, list[PlacedAnnotation]] = defaultdict(list)
        for note in notes:
            if note.heading:
                on_heading[note.heading.path].append(note)
        pieces = {
            path: render_to_string("annotations/_here.html", {"notes": notes}) for path, notes in on_heading.items()
        }
        # The renderer made the HTML, and a template the pieces.
        return mark_safe(headings.place(self.html, self.headings, pieces))  # noqa: S308
