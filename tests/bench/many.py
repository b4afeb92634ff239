"""A made-up site of any size, for measuring: pages with their history, readers, notes. The same sizes, the same site.

Rows are written in bulk, with the database's triggers in place: the chains of hashes are whole (`verify_history`), and
every version has the HTML of its own renderer. A page's text is one of `TEXTS`, so that rendering takes no time that
grows. From 100 pages on, the reader and the administrator who are measured have the same, whatever the size: notes,
and on the first `ASIDE` pages drafts in review, problems and reviews that are overdue.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify
from tqdm import tqdm

from accounts.models import Profession, User
from annotations.models import Annotation
from content import publishing
from content.models import Code, Contributor, Draft, ErrorReport, HomeEntry, Page, Rendering, Review, Topic, Version

from .many_pages import HEADINGS, Language

TEXTS = 10
BATCH = 500
TOPICS = 20
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
ASIDE = 60  # pages on which there is something to do
ON_HOME = 30  # pages that are arranged there, half by drug and half by problem
THEIRS = 60  # notes of the reader who is measured, on 12 pages
UNUSABLE = "!" + "x" * 40  # as a password


def make(pages: int, versions: int, readers: int, notes: int, *, is_quiet: bool = False) -> None:
    """Add a site of this size to an empty database: some texts, then rows in bulk, with a bar unless `is_quiet`."""
    language = Language()
    topics = [Topic(name=f"Topic {number:03}", slug=f"topic-{number:03}") for number in range(TOPICS)]
    Topic.objects.bulk_create(topics)
    bodies = [_body(language, number) for number in range(TEXTS + 1)]
    writer = User.objects.create_user("writer@many.example", name="The writer")
    with tqdm(total=pages * versions + readers + notes, unit="row", disable=is_quiet or None) as bar:
        for numbers in _in_batches(pages):
            with transaction.atomic():
                bar.update(_add_pages(numbers, versions, topics, language, bodies, writer))
        for numbers in _in_batches(readers):
            with transaction.atomic():
                bar.update(_add_readers(numbers))
        theirs, about = _ids(User.objects.all()), _ids(Page.objects.all())
        for numbers in _in_batches(notes):
            with transaction.atomic():
                bar.update(_add_notes(numbers, versions, theirs, about))
    _add_people(versions)


def _in_batches(number: int) -> Iterator[range]:
    for start in range(0, number, BATCH):
        yield range(start, min(number, start + BATCH))


def _body(language: Language, number: int) -> str:
    """Return a text of some 500 words. The last one has a problem: it links to a page that is not there."""
    points = "\n".join(f"- **[{name}](#h-{slugify(name)}):** {language.sentence()}[^0]" for name in HEADINGS[:3])
    parts = [f"## In brief\n\n{points}\n"]
    for place, heading in enumerate(HEADINGS[:5]):
        said = " ".join(language.sentence() for _ in range(5))
        parts.append(f"## {heading}\n\n{said}[^{place % 3}]\n\n- {language.sentence()}\n- {language.sentence()}\n")
    if number == TEXTS:
        parts.append("See [another page](/pages/a-page-that-is-not-there/).\n")
    sources = (f"[^{key}]: {language.sentence()} doi:10.1000/{number}.{key}" for key in range(3))
    return "\n".join([*parts, *sources]) + "\n"


def _add_pages(
    numbers: range, versions: int, topics: list[Topic], language: Language, bodies: list[str], writer: User
) -> int:
    """Add pages with their history and what belongs to them, and return how many versions that are."""
    today = timezone.localdate()
    names = [language.name().capitalize() for _ in numbers]
    pages = Page.objects.bulk_create(
        Page(
            slug=slugify(f"{name}-{number}"),
            review_due_on=today + timedelta(days=_due_in(number)),
        )
        for name, number in zip(names, numbers, strict=True)
    )
    through = Page.topics.through
    through.objects.bulk_create(
        through(page=page, topic=topics[place])
        for page, number in zip(pages, numbers, strict=True)
        for place in {number % len(topics), number * 7 % len(topics)}
    )
    Code.objects.bulk_create(Code(page=page, system=Code.System.SNOMED_CT, code=str(10**7 + page.pk)) for page in pages)
    Contributor.objects.bulk_create(Contributor(page=page, name="Dr A Writer", role="Author") for page in pages)
    made = [
        version
        for page, name, number in zip(pages, names, numbers, strict=True)
        for version in _history(page, f"{name} in practice", number, versions, bodies)
    ]
    Version.objects.bulk_create(made)
    Rendering.objects.bulk_create(Rendering(version=each, **_rendered(each)) for each in made)
    live = [*zip(numbers, made[versions - 1 :: versions], strict=True)]
    Review.objects.bulk_create(
        Review(version=each, reviewer_name="Dr B Reader", outcome="current", reviewed_at=each.published_at)
        for _, each in live
    )
    words = {"summary": "What it says.", "body": bodies[0], "change_note": "Because it changed."}
    drafts = Draft.objects.bulk_create(
        Draft(
            page=each.page,
            title=each.title,
            started_from=versions,
            state=Draft.State.IN_REVIEW if number < ASIDE else Draft.State.WRITING,
            saved_by=writer,
            **words,
        )
        for number, each in live
        if number < ASIDE or number % 20 < 12
    )
    Draft.writers.through.objects.bulk_create(Draft.writers.through(draft=each, user=writer) for each in drafts)
    ErrorReport.objects.bulk_create(
        ErrorReport(page=each.page, version_number=versions, text=language.sentence())
        for number, each in live
        if number % 20 < 12
    )
    HomeEntry.objects.bulk_create(
        HomeEntry(page=page, section="drug" if number % 2 else "problem", label=name, note="What it answers")
        for page, name, number in zip(pages, names, numbers, strict=True)
        if number < ON_HOME
    )
    return len(made)


def _due_in(number: int) -> int:
    """Return in how many days the review of a page is due: of the first pages it is overdue, of the next due soon."""
    return -5 if number < ASIDE else 30 if number < ASIDE + 40 else 61 + number % 300


def _history(page: Page, title: str, number: int, versions: int, bodies: list[str]) -> Iterator[Version]:
    """Yield the versions of a page. Each has another text than the one before it."""
    before = ""
    for place in range(1, versions + 1):
        version = Version(
            page=page,
            number=place,
            title=title,
            summary=f"What to know of {title.lower()}.",
            body=bodies[TEXTS if number < ASIDE and place == versions else (number + place) % TEXTS],
            change_note=f"Text {place}.",
            credits=[{"name": "Dr A Writer", "role": "Author", "credentials": "", "interests": ""}],
            author_name="Dr A Writer",
            author_id=1,
            approver_name="Dr B Reader",
            approver_id=2,
            published_at=SINCE + timedelta(days=30 * place, seconds=number),
        )
        version.sha256 = before = version.compute_sha256(before)
        yield version


_made: dict[str, dict[str, Any]] = {}  # what is stored beside a text, by its words


def _rendered(version: Version) -> dict[str, Any]:
    if version.body not in _made:
        _made[version.body] = publishing.rendered_fields(version)
    return _made[version.body]


def _add_readers(numbers: range) -> int:
    """Add readers, one in three with a registration to verify, and one in ten signed in."""
    people = User.objects.bulk_create(
        User(
            email=f"reader{number}@many.example",
            name=f"{('Ann', 'Bea', 'Cid', 'Dee')[number % 4]} Reader{number}",
            password=UNUSABLE,
            profession=Profession.NURSE,
            declared_at=SINCE,
            register="" if number % 3 else "gmc",
            registration_number="" if number % 3 else str(1_000_000 + number),
        )
        for number in numbers
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=each, email=each.email, verified=True, primary=True) for each in people
    )
    until = timezone.now() + timedelta(days=20)
    Session.objects.bulk_create(
        Session(session_key=f"s{each.pk:031d}", session_data="x" * 200, expire_date=until) for each in people[::10]
    )
    return len(people)


def _ids(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _add_notes(numbers: range, versions: int, people: list[int], pages: list[int]) -> int:
    """Add notes, each by another reader than the one before it and on another page."""
    Annotation.objects.bulk_create(
        Annotation(
            owner_id=people[number * 7919 % len(people)],
            page_id=pages[number * 31 % len(pages)],
            text=f"Ask the clinic first, 020 7946 0018: note {number}",
            label="phone" if number % 3 else "",
            position=number,
            written_at=SINCE,
            written_on_version=versions,
        )
        for number in numbers
    )
    return len(numbers)


def _add_people(versions: int) -> None:
    """Add the reader and the administrator who are measured, and the reader's notes, some on headings."""
    reader, administrator = (
        User.objects.create_user(
            f"{name}@measured.example",
            name=f"The {name}",
            profession=Profession.NURSE,
            declared_at=SINCE,
            is_staff=is_staff,
            is_superuser=is_staff,
        )
        for name, is_staff in (("reader", False), ("administrator", True))
    )
    for each in (reader, administrator):
        EmailAddress.objects.create(user=each, email=each.email, verified=True, primary=True)
    pages = list(Page.objects.order_by("pk")[:12])
    Annotation.objects.bulk_create(
        Annotation(
            owner=reader,
            page=pages[number % len(pages)],
            text=f"The clinic's own note {number}",
            heading="Dose" if number % 5 == 0 else "",
            position=number,
            written_on_version=versions,
        )
        for number in range(THEIRS)
    )
