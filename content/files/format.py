"""A content file, Markdown under YAML front matter: reading and writing it.

`<slug>.md` is a page's live text with the page's facts, `<slug>.draft.md` its draft, `<slug>.withdrawal.draft.md` the
draft of its withdrawal, `<slug>/history/<n>.md` one version. Everything below the front matter is the text. Reasons:
docs/decisions/0017-facts-in-content-files.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import yaml
from django.utils.text import slugify
from frontmatter.default_handlers import SafeDumper, YAMLHandler

from content import publishing
from content.markup import problems
from content.models import Code, Draft, Page, Review, Version

YAML = YAMLHandler()  # the safe loader and dumper
FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?P<head>.*?\n)??---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
HISTORY_NAME = re.compile(r"[1-9][0-9]{0,8}\.md")
KEYS = {
    "title", "summary", "kind", "slug", "version", "topics", "codes", "contributors", "review_interval_months",
    "change_note", "state", "author", "approver", "published_at", "sha256",
    # An export also writes these:
    "live", "credits", "version_kind", "reason", "replacement", "previous_sha256", "redaction", "reviews",
    "latest_version", "revision", "comment", "saved_at", "saved_by", "submitted_by", "returned_by", "writers",
}  # fmt: skip
# What an entry may state. Another key, such as an id, would reach the database as a column.
ENTRIES = {
    "topics": {"name", "slug"},
    "codes": {"system", "code", "term"},
    "contributors": {"name", "role", "credentials", "interests"},
}
WORDS = {"title", "summary", "change_note", "reason", "replacement", "slug", "comment"}
LONGEST = {"title": 200, "summary": 300, "change_note": 500}


class _Dumper(SafeDumper):  # type: ignore[misc,valid-type]  # written in C if libyaml is installed
    """Quotes a string, with escapes, if it could lose a space or a line break without quotes."""

    def represent_words(self, words: str) -> yaml.Node:
        """Return the string without quotes if it is one printable line, and quoted otherwise."""
        is_bare = words.isprintable() and words == words.strip()
        return self.represent_scalar("tag:yaml.org,2002:str", words, style=None if is_bare else '"')


_Dumper.add_representer(str, _Dumper.represent_words)


class BadFile(Exception):
    """A content file that cannot be imported: each reason and its line, counted from 1, on a line of the message."""

    def __init__(self, line: int, reason: str, *others: tuple[int, str]) -> None:
        super().__init__("\n".join(f"line {line}: {reason}" for line, reason in [(line, reason), *others]))


class Role(Enum):
    """What a content file is to its page. The value is the end of the file's name."""

    LIVE = ".md"
    DRAFT = ".draft.md"
    WITHDRAWAL_DRAFT = ".withdrawal.draft.md"
    HISTORY = "/history/"


@dataclass(frozen=True)
class ContentFile:
    """A content file as it was read.

    `facts` is what the front matter states, `body` the text below it, byte for byte, and `body_line` the line where
    that starts. `key_lines` are the lines of the front matter's keys. Lines are counted from 1.
    """

    path: Path
    slug: str
    role: Role
    facts: dict[str, Any]
    body: str
    body_line: int
    key_lines: dict[str, int]

    def line_of(self, key: str) -> int:
        """Return the line on which the front matter states `key`, or 1 if it does not."""
        return self.key_lines.get(key, 1)

    @property
    def kind(self) -> str:
        """The `Version.Kind` of the file: a text, or the words of a withdrawal."""
        default = Version.Kind.WITHDRAWAL if self.role is Role.WITHDRAWAL_DRAFT else Version.Kind.TEXT
        return str(self.facts.get("version_kind", default))

    @property
    def text(self) -> publishing.Text:
        """The words as the author of a hand-written file means them: a fact on one line, one line break at the end."""
        facts = {name: one_line(self.facts.get(name)) for name in LONGEST}
        return publishing.Text(body=tidy(self.body), **facts)

    @property
    def words(self) -> dict[str, str]:
        """The words exactly as an export wrote them, by the name of their field."""
        names = ("title", "summary", "change_note", "reason", "replacement")
        return {name: str(self.facts.get(name) or "") for name in names} | {"body": self.body}

    @property
    def is_untouched(self) -> bool:
        """Whether the words of an exported draft still match its sha256. Then it is imported byte for byte."""
        return bool(self.facts.get("sha256")) and Draft(**self.words).sha256 == self.facts["sha256"]

    def person(self, key: str) -> tuple[str, int | None]:
        """Return the name and the account's id that `key` states."""
        return person_of(self.facts.get(key))

    def check_text(self) -> list[str]:
        """Return what could be better in the text, each with its line.

        Raises `BadFile` with every error, if the text could not be published or become a draft.
        """
        text = self.text
        errors: list[tuple[int, str]] = []
        for key, longest in LONGEST.items():
            value = getattr(text, key)
            if not value and key != "change_note":
                errors.append((self.line_of(key), f"has no {key}"))
            if len(value) > longest:
                errors.append((self.line_of(key), f"the {key} has {len(value)} characters; the maximum is {longest}"))
        if self.kind == Version.Kind.TEXT and not self.body.strip():
            errors.append((1, "has no text below the front matter"))
        start = self.body_line + self.body[: len(self.body) - len(self.body.lstrip())].count("\n") - 1
        found = problems.find(text.body)
        errors += [(start + problem.line, problem.message) for problem in found if problem.is_error]
        if errors:
            raise BadFile(*errors[0], *errors[1:])
        return [f"line {start + problem.line}: {problem.message}" for problem in found]


def one_line(value: Any) -> str:
    """Return a fact as one line of text, or an empty string if there is none."""
    return " ".join(str(value or "").split())


def tidy(body: str) -> str:
    """Return a text with plain line breaks, no space around it and one line break at the end."""
    return body.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n"


def role_of(path: Path) -> Role:
    """Return what the file at `path` is to its page, judging by its name."""
    if path.parent.name == "history" and HISTORY_NAME.fullmatch(path.name):
        return Role.HISTORY
    return next((role for role in (Role.WITHDRAWAL_DRAFT, Role.DRAFT) if path.name.endswith(role.value)), Role.LIVE)


def slug_of(path: Path) -> str:
    """Return the slug of the page that the file at `path` belongs to, judging by its name."""
    role = role_of(path)
    return path.parent.parent.name if role is Role.HISTORY else path.name.removesuffix(role.value)


def to_bytes(facts: Mapping[str, Any], body: str) -> bytes:
    """Return a content file that states `facts`, in their order, above the unchanged `body`."""
    head = YAML.export(dict(facts), Dumper=_Dumper, sort_keys=False, width=1 << 30)
    return f"---\n{head}\n---\n{body}".encode()


def read(path: Path) -> ContentFile:
    """Read one content file. Raises `BadFile` if it is not one, or states something unknown or of the wrong shape."""
    try:
        raw = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise BadFile(1, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadFile(line, "is not UTF-8 text") from error
    raw = raw.removeprefix("\ufeff")
    if "\x00" in raw:
        raise BadFile(raw[: raw.index("\x00")].count("\n") + 1, "contains a NUL character")
    front = FRONT_MATTER.match(raw)
    if front is None:
        raise BadFile(1, "does not start with front matter between two lines of ---")
    facts = _facts(front["head"] or "")
    file = ContentFile(
        path=path,
        slug=str(facts.get("slug") or slug_of(path)),
        role=role_of(path),
        facts=facts,
        body=raw[front.end() :],
        body_line=front[0].count("\n") + 1,
        key_lines={
            match[1]: number
            for number, line in enumerate(front[0].split("\n"), start=1)
            if (match := re.match(r"(\w+):", line))
        },
    )
    _check(file)
    return file


def _facts(head: str) -> dict[str, Any]:
    """Return what the front matter states. Raises `BadFile` if it is not YAML."""
    try:
        facts = YAML.load("\n" + head)  # so that the line of --- counts too
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        remedy = ". Put a value that contains a colon between quotes" if "mapping values" in str(error.problem) else ""
        raise BadFile(line, f"bad YAML: {error.problem}{remedy}") from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise BadFile(1, f"bad YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise BadFile(1, "bad YAML: it is nested too deeply") from error
    return facts if isinstance(facts, dict) else {}


def _check(file: ContentFile) -> None:
    """Raise `BadFile` for the first fact that is unknown or of the wrong shape, and convert times."""
    facts, line_of = file.facts, file.line_of
    for key, value in facts.items():
        if key not in KEYS:
            raise BadFile(line_of(str(key)), f"{key} is not a key of a content file")
        if key in WORDS and isinstance(value, list | dict):
            raise BadFile(line_of(key), f"{key} must be text, not a list")
    for key, values in (("kind", Page.Kind), ("state", Draft.State), ("version_kind", Version.Kind)):
        if key in facts and facts[key] not in values.values:
            raise BadFile(line_of(key), f"{key} must be one of {', '.join(values.values)}")
    for key in ("version", "review_interval_months", "latest_version", "revision"):
        if key in facts and (type(facts[key]) is not int or not 0 <= facts[key] < 1 << 31):
            raise BadFile(line_of(key), f"{key} must be a whole number")
    if facts.get("review_interval_months", 12) > 600:
        raise BadFile(line_of("review_interval_months"), "review_interval_months must be at most 600")
    for key in ("published_at",) if file.role is Role.HISTORY else ("saved_at",):
        if key in facts:
            facts[key] = _time(file, key, facts[key])
    for key in ("author", "approver", "saved_by", "submitted_by", "returned_by"):
        if not _is_person(facts.get(key)):
            raise BadFile(line_of(key), f"{key} must be a name, or a name and an id")
    topics = facts.get("topics") or []
    if not isinstance(topics, list) or not all(_is_topic(topic) for topic in topics):
        raise BadFile(line_of("topics"), "topics must be a list of names")
    for key, needed in (
        ("codes", {"system", "code", "term"}),
        ("contributors", {"name", "role"}),
        ("credits", set()),
        ("reviews", {"reviewer", "outcome", "reviewed_at"}),
        ("writers", {"name", "id"}),
    ):
        if not _is_list_of_entries(facts.get(key), needed):
            raise BadFile(line_of(key), f"{key} must be a list whose entries have {', '.join(sorted(needed))}")
    for key, known in ENTRIES.items():
        for entry in facts.get(key) or []:
            if isinstance(entry, dict) and (unknown := [str(name) for name in entry if name not in known]):
                said = f"{', '.join(unknown)} is not a key of one of the {key}; the keys are {', '.join(sorted(known))}"
                raise BadFile(line_of(key), said)
    if any(entry["system"] not in Code.System.values for entry in facts.get("codes") or []):
        raise BadFile(line_of("codes"), f"the system of a code must be one of {', '.join(Code.System.values)}")
    for review in facts.get("reviews") or []:
        review["reviewed_at"] = _time(file, "reviews", review["reviewed_at"])
        if review["outcome"] not in Review.Outcome.values or not _is_person(review["reviewer"]):
            raise BadFile(line_of("reviews"), f"an outcome must be one of {', '.join(Review.Outcome.values)}")
    if redaction := facts.get("redaction"):
        if not isinstance(redaction, dict) or not {"by", "at", "reason", "sha256"} <= redaction.keys():
            raise BadFile(line_of("redaction"), "redaction must have at, by, reason, sha256")
        redaction["at"] = _time(file, "redaction", redaction["at"])


def _is_list_of_entries(value: Any, needed: set[str]) -> bool:
    """Return whether `value` is absent, or a list of mappings that each have the `needed` keys."""
    return value is None or (
        isinstance(value, list)
        and all(isinstance(entry, dict) and needed <= entry.keys() and _is_flat(entry) for entry in value)
    )


def _is_flat(entry: dict[Any, Any]) -> bool:
    """Return whether an entry has strings as keys and plain values; a person may be a name and an id."""
    return all(
        isinstance(key, str) and not isinstance(value, list) and (not isinstance(value, dict) or _is_person(value))
        for key, value in entry.items()
    )


def _is_topic(value: Any) -> bool:
    """Return whether `value` is a topic: a name that gives a slug, or a name and a slug."""
    if isinstance(value, dict):
        return all(isinstance(value.get(key), str) and value[key] for key in ("name", "slug"))
    return isinstance(value, str) and bool(slugify(value))


def _is_person(value: Any) -> bool:
    """Return whether `value` is absent, a name, or a name and an id."""
    return value is None or not isinstance(value, list | dict) or (isinstance(value, dict) and "name" in value)


def person_of(value: Any) -> tuple[str, int | None]:
    """Return the name and the account's id that a fact states; the id is None if it states only a name."""
    if isinstance(value, dict):
        return str(value["name"] or ""), value.get("id")
    return one_line(value), None


def _time(file: ContentFile, key: str, value: Any) -> datetime:
    """Return the time that `value` states. Raises `BadFile` if it is not a time with an offset from UTC."""
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        time = datetime.min
    if time.tzinfo is None:
        raise BadFile(file.line_of(key), f"{key} must be a time like 2026-11-22T17:02:00.000000+00:00")
    return time
