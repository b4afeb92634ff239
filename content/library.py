"""Pages ↔ Markdown files with YAML front matter. A file is published only when it says something new.

`<slug>.md` is a page's live text and `<slug>.draft.md` its draft. A file that repeats an earlier version is
superseded; one that began from another version than the live one is refused, naming both.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frontmatter
import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from . import problems, publishing
from .models import Code, Contributor, Draft, Page, Topic, Version

DRAFT_ENDING = ".draft.md"
FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)??---[ \t]*$", re.DOTALL | re.MULTILINE)
KEYS = {
    "title", "summary", "kind", "slug", "version", "topics", "codes", "contributors", "review_interval_months",
    "change_note", "state", "author", "approver", "published_at", "sha256",
}  # fmt: skip


class BadFile(Exception):
    """A content file that cannot be imported: which line, counted from 1, and why."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        self.reason = reason
        super().__init__(f"line {line}: {reason}")


@dataclass(frozen=True)
class Outcome:
    """What the import did with one file: `result` is new, changed, unchanged, superseded or refused."""

    path: Path
    result: str
    detail: str = ""


@dataclass(frozen=True)
class ContentFile:
    """A content file as read: the text it holds and the facts its front matter states of the page."""

    path: Path
    slug: str
    is_draft: bool
    facts: dict[str, Any]
    text: publishing.Text
    key_lines: dict[str, int]

    def line_of(self, key: str) -> int:
        """The line on which the front matter states `key`; 1 where it does not."""
        return self.key_lines.get(key, 1)


def files_in(directory: Path) -> list[Path]:
    """The content files in `directory`, live texts before drafts, by name."""
    return sorted(directory.glob("*.md"), key=lambda path: (path.name.endswith(DRAFT_ENDING), path.name))


def import_files(paths: list[Path]) -> Iterator[Outcome]:
    """Import each file and say what became of it. A file that is refused changes nothing; the rest goes on."""
    seen: dict[tuple[str, bool], Path] = {}
    for path in paths:
        try:
            file = read(path)
            first = seen.setdefault((file.slug, file.is_draft), path)
            if first != path:
                raise BadFile(file.line_of("slug"), f"the slug {file.slug} is already that of {first.name}")
            with transaction.atomic():
                yield _import(file)
        except BadFile as problem:
            yield Outcome(path, "refused", str(problem))


def read(path: Path) -> ContentFile:
    """Read one content file. Raises `BadFile` for anything that a page cannot be made of."""
    try:
        raw = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadFile(1, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadFile(line, "is not UTF-8 text") from error
    raw = raw.replace("\r\n", "\n").removeprefix("\ufeff").rstrip()
    if "\x00" in raw:
        raise BadFile(raw[: raw.index("\x00")].count("\n") + 1, "holds a NUL character")
    head = FRONT_MATTER.match(raw)
    if head is None:
        raise BadFile(1, "does not begin with front matter between two lines of ---")
    try:
        post = frontmatter.loads(raw)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadFile(line, f"bad YAML: {error.problem}") from error
    is_draft = path.name.endswith(DRAFT_ENDING)
    facts = dict(post.metadata)
    file = ContentFile(
        path=path,
        slug=str(facts.get("slug") or path.name.removesuffix(DRAFT_ENDING if is_draft else ".md")),
        is_draft=is_draft,
        facts=facts,
        text=publishing.Text(
            title=_line(facts.get("title")),
            summary=_line(facts.get("summary")),
            body=post.content + "\n",
            change_note=_line(facts.get("change_note")),
        ),
        key_lines={
            match[1]: number
            for number, line in enumerate(head[0].splitlines(), start=1)
            if (match := re.match(r"(\w+):", line))
        },
    )
    _check(file)
    lines_above = raw[: len(raw) - len(post.content)].count("\n")
    for problem in problems.find(post.content):
        if problem.is_error:
            raise BadFile(lines_above + problem.line, problem.message)
    return file


def _line(value: Any) -> str:
    """A fact as one line of text, whatever its YAML line breaks; empty where it is absent."""
    return " ".join(str(value or "").split())


def _check(file: ContentFile) -> None:
    """Raise `BadFile` for the first fact that is missing, unknown or of the wrong shape."""
    facts, line_of = file.facts, file.line_of
    for key in facts:
        if key not in KEYS:
            raise BadFile(line_of(str(key)), f"{key} is not a key of a content file")
    for key, longest in (("title", 200), ("summary", 300), ("change_note", 500)):
        value = getattr(file.text, key)
        if not value and key != "change_note":
            raise BadFile(line_of(key), f"has no {key}")
        if len(value) > longest:
            raise BadFile(line_of(key), f"the {key} has {len(value)} characters; {longest} at the most")
    if not file.text.body.strip():
        raise BadFile(1, "has no text below the front matter")
    if facts.get("kind", Page.Kind.GUIDANCE) not in Page.Kind.values:
        raise BadFile(line_of("kind"), f"kind is one of {', '.join(Page.Kind.values)}")
    if facts.get("state", Draft.State.WRITING) not in Draft.State.values:
        raise BadFile(line_of("state"), f"state is one of {', '.join(Draft.State.values)}")
    for key in ("version", "review_interval_months"):
        if key in facts and (not isinstance(facts[key], int) or facts[key] < 0):
            raise BadFile(line_of(key), f"{key} is a whole number")
    if not _is_list_of(facts.get("topics"), str):
        raise BadFile(line_of("topics"), "topics is a list of names")
    for key, needed in (("codes", {"system", "code", "term"}), ("contributors", {"name", "role"})):
        if not _is_list_of(facts.get(key), dict) or any(needed - entry.keys() for entry in facts.get(key) or []):
            raise BadFile(line_of(key), f"{key} is a list whose entries state {', '.join(sorted(needed))}")
    if any(entry["system"] not in Code.System.values for entry in facts.get("codes") or []):
        raise BadFile(line_of("codes"), f"the system of a code is one of {', '.join(Code.System.values)}")


def _is_list_of(value: Any, kind: type) -> bool:
    """Whether `value` is absent or a list of `kind`."""
    return value is None or (isinstance(value, list) and all(isinstance(entry, kind) for entry in value))


def _import(file: ContentFile) -> Outcome:
    """Bring the site to what the file says, in the caller's transaction."""
    page = Page.objects.filter(slug=file.slug).first()
    if page is None:
        page = Page(slug=file.slug, kind=file.facts.get("kind", Page.Kind.GUIDANCE))
        try:
            page.full_clean()
        except ValidationError as error:
            raise BadFile(file.line_of("slug"), f"{file.slug}: {' '.join(error.messages)}") from error
        page.save()
    publishing.lock(page)
    return _import_draft(page, file) if file.is_draft else _import_version(page, file)


def _import_version(page: Page, file: ContentFile) -> Outcome:
    facts_changed = _set_facts(page, file)
    credit = [contributor.to_credit() for contributor in page.contributors.all()]
    same = [v for v in page.versions.all() if _says(v, file.text) and v.credits == credit]
    live = page.live_version
    if same and live in same:
        return Outcome(file.path, "changed" if facts_changed else "unchanged", "facts of the page" * facts_changed)
    if same:
        return Outcome(file.path, "superseded", f"says what version {same[0].number} said")
    if live:
        _require_start(file, live)
    publishing.add_version(page=page, text=file.text, author_name=_line(file.facts.get("author")))
    return Outcome(file.path, "changed" if live else "new", f"version {live.number + 1}" if live else "")


def _import_draft(page: Page, file: ContentFile) -> Outcome:
    if any(_says(version, file.text) for version in page.versions.all()):
        return Outcome(file.path, "superseded", "this draft was published")
    draft = Draft.objects.filter(page=page, kind=Version.Kind.TEXT).first()
    if draft:
        if _says(draft, file.text):
            return Outcome(file.path, "unchanged")
        raise BadFile(1, "the page has another draft; nothing was written over it")
    live = page.live_version
    if live:
        _require_start(file, live)
    draft = publishing.start_draft(page=page, text=file.text, by=None, started_from=live.number if live else 0)
    Draft.objects.filter(pk=draft.pk).update(state=file.facts.get("state", Draft.State.WRITING))
    return Outcome(file.path, "new", "draft")


def _require_start(file: ContentFile, live: Version) -> None:
    """Raise `BadFile` unless the file says that it began from the live version."""
    started_from = file.facts.get("version")
    if started_from != live.number:
        said = f"started from version {started_from}" if started_from else "does not say which version it started from"
        raise BadFile(
            file.line_of("version"),
            f"{said}, and version {live.number} is live: compare the two, then set “version: {live.number}”",
        )


def _says(holder: Version | Draft, text: publishing.Text) -> bool:
    """Whether a version or draft reads as `text` does."""
    return (holder.title, holder.summary, holder.body) == (text.title, text.summary, text.body)


def _set_facts(page: Page, file: ContentFile) -> bool:
    """Give the page the facts that the file states; whether any differed."""
    before = _facts_of(page)
    facts = file.facts
    page.review_interval_months = facts.get("review_interval_months", page.review_interval_months)
    page.save()
    if "topics" in facts:
        page.topics.set(
            Topic.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0]
            for name in facts["topics"] or []
        )
    _replace(page.codes, facts.get("codes"), lambda entry, position: Code(page=page, **_strings(entry)))
    _replace(
        page.contributors,
        facts.get("contributors"),
        lambda entry, position: Contributor(page=page, position=position, **_strings(entry)),
    )
    return bool(page.versions.exists()) and _facts_of(page) != before


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
    """Replace the related rows by what `entries` state; None states nothing and leaves them."""
    if entries is not None:
        related.all().delete()
        related.bulk_create([make(entry, position) for position, entry in enumerate(entries)])
