"""Files → pages. Only a file that says something new is published; a history is imported as it was.

A file that repeats an earlier version is superseded. A file that started from a version that is not live is refused,
and the reason names both. If a page's history is refused, so are its other files. Reasons:
docs/decisions/0017-facts-in-content-files.md and 0018-imports-believe-what-fits.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import User
from content import publishing
from content.models import Code, Contributor, Draft, Page, Topic, Version

from . import format as content_file
from . import importing_history
from .format import BadFile, ContentFile, Role, one_line, tidy


@dataclass(frozen=True)
class Outcome:
    """What the import did with one file: `result` is new, changed, unchanged, superseded or refused.

    `detail` says why, with a line for each reason; `warnings` are what could be better in a text that was taken.
    """

    path: Path
    result: str
    detail: str = ""
    warnings: tuple[str, ...] = ()


def files_in(directory: Path) -> list[Path]:
    """Return the content files in `directory`: histories by page and number, then live texts and drafts by name."""
    histories = [path for path in directory.glob("*/history/*.md") if content_file.role_of(path) is Role.HISTORY]
    histories.sort(key=lambda path: (content_file.slug_of(path), int(path.stem)))
    return histories + sorted(
        directory.glob("*.md"), key=lambda path: (content_file.role_of(path) is not Role.LIVE, path.name)
    )


def skipped_in(directory: Path) -> list[Path]:
    """Return the files in `directory` that an import does not read, by name: not those whose names begin with a dot."""
    read = set(files_in(directory))
    found = (path for path in directory.rglob("*") if path.is_file() and path not in read)
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(directory).parts))


def import_files(paths: list[Path]) -> Iterator[Outcome]:
    """Import each file and yield its outcome. A refused file changes nothing, and the import continues."""
    seen: dict[tuple[str, Role], Path] = {}
    broken: set[str] = set()
    for is_history, group in groupby(paths, key=lambda path: content_file.role_of(path) is Role.HISTORY):
        if is_history:
            for slug, files in groupby(group, key=content_file.slug_of):
                outcomes = _import_history(slug, list(files))
                if outcomes[0].result == "refused":
                    broken.add(slug)
                yield from outcomes
            continue
        for path in group:
            try:
                file = content_file.read(path)
                first = seen.setdefault((file.slug, file.role), path)
                if first != path:
                    raise BadFile(file.line_of("slug"), f"the slug {file.slug} is already that of {first.name}")
                if file.slug in broken:
                    raise BadFile(1, "the history of this page was refused, so nothing of the page was imported")
                yield _import(file)
            except BadFile as problem:
                yield Outcome(path, "refused", str(problem))


def _import_history(slug: str, paths: list[Path]) -> list[Outcome]:
    """Import the history of one page, completely or not at all, and return an outcome for each file."""
    outcomes, path = [], paths[0]
    try:
        with transaction.atomic():
            for path in paths:
                file = content_file.read(path)
                if file.slug != slug:
                    raise BadFile(file.line_of("slug"), f"the slug {file.slug} is not that of its folder, {slug}")
                outcomes.append(Outcome(path, *importing_history.bring_in(_lock_page(file), file)))
    except (BadFile, DatabaseError) as problem:
        said = str(problem) if isinstance(problem, BadFile) else f"line 1: the database refuses it: {problem}"
        return [
            Outcome(
                other, "refused", said if other == path else f"line 1: not imported, because {path.name} was refused"
            )
            for other in paths
        ]
    return outcomes


def _import(file: ContentFile) -> Outcome:
    """Import a live text or a draft in one transaction. Raises `BadFile` with the reason if that is impossible."""
    try:
        with transaction.atomic():
            page = _lock_page(file)
            return _import_live(page, file) if file.role is Role.LIVE else _import_draft(page, file)
    except publishing.NotAllowed as refusal:
        raise BadFile(1, str(refusal)) from refusal
    except ValidationError as error:
        raise BadFile(1, " ".join(error.messages)) from error
    except (DatabaseError, TypeError, ValueError) as error:
        raise BadFile(1, f"cannot be stored: {error}") from error


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


# The live text


def _import_live(page: Page, file: ContentFile) -> Outcome:
    if not _has_facts(page):
        _set_facts(page, file)
    if file.facts.get("live") is False:
        return Outcome(file.path, "unchanged", _difference(page, file))
    credit = _credits_stated(file)
    same = [v for v in page.versions.all() if _says(v, file) and credit in (None, v.credits)]
    live = page.live_version
    if same and live in same:
        return Outcome(file.path, "unchanged", _difference(page, file))
    if same:
        return Outcome(file.path, "superseded", f"has the same text as version {same[0].number}")
    warnings = _require_publishable(page, file, live)
    _set_facts(page, file)
    publishing.add_version(page=page, text=file.text, author_name=file.person("author")[0])
    detail = f"version {live.number + 1}" if live else ""
    return Outcome(file.path, "changed" if live else "new", detail, tuple(warnings))


def _require_publishable(page: Page, file: ContentFile, live: Version | None) -> list[str]:
    """Return what could be better in the text. Raises `BadFile` if it may not become the page's next version."""
    if file.kind == Version.Kind.WITHDRAWAL:
        raise BadFile(file.line_of("version_kind"), "a page is withdrawn on the site, or by the file in its history")
    if redacted := page.versions.filter(sha256=file.facts.get("sha256", ""), redaction__isnull=False).first():
        raise BadFile(
            file.line_of("sha256"),
            f"version {redacted.number}, which this file was exported from, has since been redacted: "
            "remove from the text what must not be published, and remove the line sha256",
        )
    publishing.refuse_while_scheduled(page)
    if live:
        _require_start(file, live)
    return file.check_text()


def _require_start(file: ContentFile, live: Version) -> None:
    """Raise `BadFile` unless the file states that it started from the live version."""
    started_from = file.facts.get("version")
    if started_from != live.number:
        said = f"started from version {started_from}" if started_from else "does not say which version it started from"
        raise BadFile(
            file.line_of("version"),
            f"{said}, but version {live.number} is live: compare the two, then set “version: {live.number}”",
        )


def _says(holder: Version | Draft, file: ContentFile) -> bool:
    """Return whether a version or draft has the file's words, ignoring line breaks and the space around the text."""
    words = (file.kind, file.text.title, file.text.summary, file.text.body.strip())
    if (holder.kind, one_line(holder.title), one_line(holder.summary), tidy(holder.body).strip()) != words:
        return False
    return file.kind == Version.Kind.TEXT or (holder.reason, holder.replacement) == (
        file.words["reason"],
        file.words["replacement"],
    )


# Drafts


def _import_draft(page: Page, file: ContentFile) -> Outcome:
    existing = Draft.objects.filter(page=page, kind=file.kind).first()
    if existing and file.is_untouched and existing.sha256 == file.facts["sha256"]:
        return Outcome(file.path, "unchanged")
    last = page.versions.order_by("-number").first()
    belongs = file.is_untouched and file.facts.get("latest_version") == (last.number if last else 0)
    if not belongs and any(_says(version, file) for version in page.versions.all()):
        return Outcome(file.path, "superseded", "this draft was published")
    if existing:
        if _says(existing, file):
            return Outcome(file.path, "unchanged")
        raise BadFile(1, "the page already has a different draft, which was not overwritten")
    if belongs:
        return _restore_draft(page, file)
    live = page.live_version
    if live:
        _require_start(file, live)
    warnings = file.check_text()
    draft = publishing.start_draft(
        page=page, text=file.text, by=None, started_from=live.number if live else 0, kind=file.kind
    )
    state = file.facts.get("state", Draft.State.WRITING)
    words = {} if file.kind == Version.Kind.TEXT else {**file.words, "body": ""}
    Draft.objects.filter(pk=draft.pk).update(state=state, **words)
    return Outcome(file.path, "new", "draft", tuple(warnings))


def _restore_draft(page: Page, file: ContentFile) -> Outcome:
    """Create the draft as it was exported, with those of its people who have an account here."""
    facts = file.facts
    people = {key: _account(facts.get(key)) for key in ("saved_by", "submitted_by", "returned_by")}
    draft = Draft.objects.create(
        page=page,
        kind=file.kind,
        **file.words,
        state=facts.get("state", Draft.State.WRITING),
        started_from=facts.get("version", 0),
        revision=facts.get("revision", 1),
        comment=str(facts.get("comment") or ""),
        saved_at=facts.get("saved_at", timezone.now()),
        **people,
    )
    writers = {entry["name"]: _account(entry) for entry in facts.get("writers") or []}
    draft.writers.set(writer for writer in writers.values() if writer)
    unknown = [name for name, writer in writers.items() if writer is None]
    if not unknown:
        return Outcome(file.path, "new", "draft")
    # We cannot tell whether a reviewer here is one of its writers, so the draft does not stay in review.
    former = [
        {"id": entry["id"], "name": entry["name"]} for entry in facts.get("writers") or [] if entry["name"] in unknown
    ]
    Draft.objects.filter(pk=draft.pk).update(state=Draft.State.WRITING, former_writers=former)
    return Outcome(file.path, "new", f"draft, to be submitted again: no account here for {', '.join(unknown)}")


def _account(value: Any) -> User | None:
    """Return the account of an exported person, or None: the account must have both this id and this name."""
    return User.objects.filter(pk=value["id"], name=value["name"]).first() if isinstance(value, dict) else None


# The facts of a page


def _has_facts(page: Page) -> bool:
    """Return whether the page has facts yet. Facts that editors entered are only replaced with a new version."""
    return page.topics.exists() or page.codes.exists() or page.contributors.exists()


def _credits_stated(file: ContentFile) -> list[dict[str, str]] | None:
    """Return the credits that the file states, as a version stores them, or None if it states none."""
    if "credits" in file.facts:
        return list(file.facts["credits"])
    if "contributors" in file.facts:
        return [Contributor(**_strings(entry)).to_credit() for entry in file.facts["contributors"] or []]
    return None


def _difference(page: Page, file: ContentFile) -> str:
    """Return in words which of the file's facts differ from the page's, or an empty string."""
    said = {
        "topics": lambda: sorted(_topic_slug(entry) for entry in file.facts["topics"] or []) != _facts_of(page)[1],
        "codes": lambda: (
            sorted(
                tuple(_strings(entry)[key] for key in ("system", "code", "term")) for entry in file.facts["codes"] or []
            )
            != _facts_of(page)[2]
        ),
        "review_interval_months": lambda: file.facts["review_interval_months"] != page.review_interval_months,
    }
    differing = [name for name, differs in said.items() if name in file.facts and differs()]
    return f"the site keeps its own {' and '.join(differing)}" if differing else ""


def _topic_slug(entry: str | dict[str, str]) -> str:
    return slugify(entry) if isinstance(entry, str) else entry["slug"]


def _set_facts(page: Page, file: ContentFile) -> None:
    """Give the page the facts that the file states."""
    facts = file.facts
    page.review_interval_months = facts.get("review_interval_months", page.review_interval_months)
    page.save()
    if "topics" in facts:
        page.topics.set([_topic(entry) for entry in facts["topics"] or []])
    _replace(page.codes, facts.get("codes"), lambda entry, position: Code(page=page, **_strings(entry)))
    _replace(
        page.contributors,
        facts.get("contributors"),
        lambda entry, position: Contributor(page=page, position=position, **_strings(entry)),
    )


def _topic(entry: str | dict[str, str]) -> Topic:
    """Return the topic with this name or, failing that, this slug; create it if there is neither."""
    name, slug = (entry, slugify(entry)) if isinstance(entry, str) else (entry["name"], entry["slug"])
    found = sorted(Topic.objects.filter(Q(name=name) | Q(slug=slug)), key=lambda topic: topic.name != name)
    return found[0] if found else Topic.objects.create(name=name, slug=slug)


def _facts_of(page: Page) -> tuple[Any, ...]:
    return (
        page.review_interval_months,
        sorted(page.topics.values_list("slug", flat=True)),
        sorted(page.codes.values_list("system", "code", "term")),
        [contributor.to_credit() for contributor in page.contributors.all()],
    )


def _strings(entry: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in entry.items()}


def _replace(related: Any, entries: list[dict[str, Any]] | None, make: Callable[[dict[str, Any], int], Any]) -> None:
    """Replace the related rows with those that `entries` state. None leaves them as they are."""
    if entries is not None:
        related.all().delete()
        for position, entry in enumerate(entries):
            row = make(entry, position)
            _check_lengths(row)
            row.save()


def _check_lengths(row: Code | Contributor) -> None:
    """Raise `BadFile` for a value longer than its column: PostgreSQL refuses it, but SQLite does not."""
    for field in row._meta.concrete_fields:
        longest = getattr(field, "max_length", None)
        if longest and len(getattr(row, field.attname)) > longest:
            raise BadFile(1, f"the {field.name} of a {row._meta.verbose_name} has at most {longest} characters")
