"""Files → pages, one page at a time: its history, its live text, then its drafts.

A file that is refused leaves nothing behind, and the others are imported. A dry run is the same import, page by page,
with each page put back as it was. Reasons: docs/decisions/0018-imports-believe-what-fits.md and
0060-an-edited-file-becomes-a-draft.md.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts.models import User
from content import publishing
from content.models import Draft, HomeEntry, Page, SearchTerm, Version

from . import exporting, importing_history, page_facts, planning, restoring, synonyms
from . import format as content_file
from .cleaning import clean_file, list_published
from .format import BadFile, ContentFile, Role
from .planning import Asked, Plan, Step

ORDER = (Role.HISTORY, Role.LIVE, Role.DRAFT, Role.WITHDRAWAL_DRAFT)
REFUSALS = (BadFile, publishing.NotAllowed, ValidationError, DatabaseError, TypeError, ValueError, OverflowError)


@dataclass(frozen=True)
class Outcome(Plan):
    """What the import did, or would do, with the file at `path` of the page `slug`."""

    path: Path = Path()
    slug: str = ""

    @property
    def is_draft(self) -> bool:
        """Whether the file became a draft."""
        return self.step in (Step.DRAFT, Step.RESTORE)


def files_in(directory: Path) -> list[Path]:
    """Return the content files in `directory`: histories by page and number, then live texts and drafts by name."""
    histories = [path for path in directory.glob("*/history/*.md") if content_file.role_of(path) is Role.HISTORY]
    histories.sort(key=lambda path: (content_file.slug_of(path), int(path.stem)))
    return histories + sorted(
        directory.glob("*.md"), key=lambda path: (content_file.role_of(path) is not Role.LIVE, path.name)
    )


def skipped_in(directory: Path) -> list[Path]:
    """Return the files in `directory` that an import does not read, by name: not those whose names begin with a dot."""
    read = {*files_in(directory), directory / synonyms.FILE}
    found = (path for path in directory.rglob("*") if path.is_file() and path not in read)
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(directory).parts))


def require_publisher(person: User) -> None:
    """Raise `NotAllowed` unless `person` may publish, so that texts can go live in their name."""
    if not person.has_perm("content.publish_version"):
        raise publishing.NotAllowed(
            f"{person.email} may not publish. Name the account of a reviewer or an administrator."
        )


def import_files(paths: Iterable[Path], *, publisher: User | None = None, dry_run: bool = False) -> Iterator[Outcome]:
    """Import the files of page after page, and yield what was done with each. With `dry_run`, nothing is kept.

    `publisher` puts edited texts of live pages live; without one they become drafts. Raises `NotAllowed` before
    anything is done if that person may not publish.
    """
    if publisher:
        require_publisher(publisher)
    seen = {path: _glance(path) for path in paths}
    here = Page.objects.live().guidance().values_list("slug", flat=True)
    asked = Asked(
        publisher,
        {*here, *(slug for slug, can_be_read in seen.values() if can_be_read)},
        arranges_home=not HomeEntry.objects.exists(),
        brings_search_terms=not SearchTerm.objects.exists(),
    )
    ordered = sorted(seen, key=lambda path: (seen[path][0], ORDER.index(content_file.role_of(path))))
    groups = [(slug, list(of)) for slug, of in groupby(ordered, key=lambda path: seen[path][0])]
    for start in range(0, len(groups), exporting.AT_ONCE):
        batch = groups[start : start + exporting.AT_ONCE]
        pages = Page.objects.filter(slug__in=[slug for slug, _ in batch])
        written = {page.slug: files for page, files in exporting.read_pages(pages)}
        for slug, of_page in batch:
            same = _find_unchanged(slug, of_page, written.get(slug, {}))
            yield from _import_page(slug, of_page, asked, dry_run, same)


def import_synonyms(directory: Path, *, dry_run: bool = False) -> list[Outcome]:
    """Import the directory's file of synonyms, if it has one, and return what was done with it."""
    path = directory / synonyms.FILE
    if not path.exists():
        return []
    try:
        with transaction.atomic():
            result, detail = synonyms.bring_in(path)
            transaction.set_rollback(dry_run)
    except REFUSALS as error:
        return [_refuse(path, "", _reason(error))]
    return [Outcome(result, detail, path=path)]


def _find_unchanged(slug: str, paths: list[Path], written: Mapping[str, bytes]) -> dict[Path, Outcome]:
    """Return an outcome for each file of a page that is, byte for byte, what an export would write.

    Such a file has nothing to bring in, and need not be compared word by word, which takes several times as long.
    """
    found = {}
    for path in paths:
        role = content_file.role_of(path)
        name = f"{slug}/history/{path.name}" if role is Role.HISTORY else path.name
        if name in written and _holds(path, written[name]):
            detail = "already a draft" if role.is_draft else ""
            found[path] = Outcome("unchanged", detail, path=path, slug=slug)
    return found


def _holds(path: Path, content: bytes) -> bool:
    """Return whether a file has this content. One that cannot be read has not: reading it again says why."""
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _glance(path: Path) -> tuple[str, bool]:
    """Return the slug of the file's page, and whether the file gives it a text that other pages can link to."""
    if content_file.role_of(path) is not Role.HISTORY:
        try:
            file = content_file.read(path)
            return file.slug, file.role is Role.LIVE and file.facts.get("kind") != Page.Kind.ABOUT
        except BadFile:
            pass
    return content_file.slug_of(path), False


def _import_page(
    slug: str, paths: list[Path], asked: Asked, dry_run: bool, same: Mapping[Path, Outcome]
) -> Iterator[Outcome]:
    """Import the files of one page in one transaction, and yield the outcome of each. `same` are those unchanged."""
    changed = [path for path in paths if path not in same]
    outcomes: list[Outcome] = []
    try:
        if changed:
            with transaction.atomic():
                outcomes = _import_all(slug, changed, asked, same)
                transaction.set_rollback(dry_run)
    except DatabaseError as error:
        outcomes = [_refuse(path, slug, _reason(error)) for path in changed]
    of = {outcome.path: outcome for outcome in outcomes}
    yield from (same[path] if path in same else of[path] for path in paths)


def _import_all(slug: str, paths: list[Path], asked: Asked, same: Iterable[Path]) -> list[Outcome]:
    is_new = not Version.objects.filter(page__slug=slug).exists()
    histories = [path for path in paths if content_file.role_of(path) is Role.HISTORY]
    if is_new:
        outcomes = _import_history(slug, histories)
    else:
        outcomes = [_attempt(path, slug, _compare_history) for path in histories]
    is_broken = is_new and any(outcome.result == "refused" for outcome in outcomes)
    first = {content_file.role_of(path): path for path in same}

    def bring_in(file: ContentFile) -> Plan:
        if (other := first.setdefault(file.role, file.path)) != file.path:
            raise BadFile(file.line_of("slug"), f"the slug {slug} is already that of {other.name}")
        if is_broken:
            raise BadFile(1, "the history of this page was refused, so nothing of the page was imported")
        return _import_text(file, asked, is_new=is_new)

    return outcomes + [_attempt(path, slug, bring_in) for path in paths[len(histories) :]]


def _attempt(path: Path, slug: str, bring_in: Callable[[ContentFile], Plan]) -> Outcome:
    """Read one file and bring it in. If that is refused, nothing of it stays."""
    try:
        with transaction.atomic():
            return Outcome(**vars(bring_in(content_file.read(path))), path=path, slug=slug)
    except REFUSALS as error:
        return _refuse(path, slug, _reason(error))


def _refuse(path: Path, slug: str, reason: str) -> Outcome:
    return Outcome("refused", reason, path=path, slug=slug)


def _reason(error: Exception) -> str:
    """Return why a file was refused, in lines that each name a line of the file."""
    if isinstance(error, BadFile):
        return str(error)
    if isinstance(error, publishing.NotAllowed):
        return f"line 1: {error}"
    if isinstance(error, ValidationError):
        return f"line 1: {' '.join(error.messages)}"
    return f"line 1: cannot be stored: {' '.join(str(error).split())}"


# Histories


def _import_history(slug: str, paths: list[Path]) -> list[Outcome]:
    """Import the history of a page without versions, completely or not at all, and return an outcome for each file."""
    reasons: dict[Path, str] = {}
    files = []
    for path in paths:
        try:
            files.append(content_file.read(path))
            importing_history.read_version(Page(slug=slug), files[-1])
        except BadFile as problem:
            reasons[path] = str(problem)
    if not reasons:
        try:
            with transaction.atomic():
                for file in files:
                    path = file.path
                    importing_history.bring_in(_lock_page(file), file)
        except REFUSALS as error:
            reasons[path] = _reason(error)
    if not reasons:
        return [Outcome("new", warnings=list_published(file), path=file.path, slug=slug) for file in files]
    rest = f"line 1: not imported, because {next(iter(reasons)).name} was refused"
    return [_refuse(path, slug, reasons.get(path, rest)) for path in paths]


def _compare_history(file: ContentFile) -> Plan:
    page = Page.objects.get(slug=content_file.slug_of(file.path))
    return importing_history.compare(page, file)


# Texts


def _import_text(file: ContentFile, asked: Asked, *, is_new: bool) -> Plan:
    """Do what the plan for a live text or a draft says, and return the plan."""
    page = _lock_page(file)
    taken: list[str] = []
    file, notices = clean_file(page, file)
    if file.role is not Role.LIVE:
        plan = planning.plan_draft(page, file, asked)
    else:
        if not page_facts.are_there(page):
            page_facts.set_facts(page, file)
        else:
            taken = list(_take_later_facts(page, file, asked))
        plan = planning.plan_live(page, file, asked, is_new=is_new)
        plan = replace(plan, detail="; ".join(filter(None, (plan.detail, *taken))))
    if plan.step is Step.PUBLISH:
        _publish(page, file, None if is_new else asked.publisher)
    elif plan.step is Step.DRAFT:
        _start_draft(page, file)
    elif plan.step is Step.RESTORE:
        restoring.restore(page, file)
    return replace(plan, warnings=(*notices, *plan.warnings)) if plan.step is not Step.NOTHING else plan


def _take_later_facts(page: Page, file: ContentFile, asked: Asked) -> Iterator[str]:
    """Take facts that files state since a later release, while nobody has entered any; yield which ones, in words."""
    if asked.arranges_home and file.facts.get("home"):
        page_facts.set_home(page, file)
        yield "its places on home come from the file"
    if asked.brings_search_terms and file.facts.get("search_terms"):
        page_facts.set_search_terms(page, file)
        yield "its search terms come from the file"


def _lock_page(file: ContentFile) -> Page:
    """Return the file's page, created if necessary, and locked until the transaction ends."""
    page = Page.objects.filter(slug=file.slug).first()
    if page is None:
        page = Page(slug=file.slug, kind=file.facts.get("kind", Page.Kind.GUIDANCE))
        try:
            page.full_clean()
        except ValidationError as error:
            raise BadFile(file.line_of("slug"), f"{file.slug}: {' '.join(error.messages)}") from error
        page.save()
    publishing.lock(page)
    page.refresh_from_db()
    return page


def _publish(page: Page, file: ContentFile, by: User | None) -> None:
    """Publish the text without an approver: in the name of `by`, or of the author whom the file names."""
    page_facts.set_facts(page, file)
    Draft.objects.filter(page=page, kind=file.kind).delete()  # it came from a file, and says the same
    named = file.author_named
    if by is None:
        publishing.add_version(page=page, text=file.text, author_name=named)
        return
    writers = [{"id": None, "name": named}] if named else []
    publishing.add_version(page=page, text=file.text, author_name=by.name or by.email, author_id=by.pk, writers=writers)


def _start_draft(page: Page, file: ContentFile) -> None:
    """Start the draft that the file gives, with nobody as its writer."""
    live = page.live_version
    draft = publishing.start_draft(
        page=page, text=file.text, by=None, started_from=live.number if live else 0, kind=file.kind
    )
    words = {} if file.kind == Version.Kind.TEXT else {**file.words, "body": ""}
    Draft.objects.filter(pk=draft.pk).update(state=file.state, imported_from=file.path.name, **words)
    page.imported_texts = [*page.imported_texts, planning.fingerprint(file)]
    page.save(update_fields=["imported_texts"])
