"""A content file, Markdown under YAML front matter: reading and writing it.

`<slug>.md` is a page's live text with the page's facts, `<slug>.draft.md` its draft, `<slug>.withdrawal.draft.md` the
draft of its withdrawal, `<slug>/history/<n>.md` one version. Everything below the front matter is the text. Reasons:
docs/decisions/0017-facts-in-content-files.md.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import yaml
from frontmatter.default_handlers import SafeDumper, YAMLHandler

from content import publishing
from content.markup import problems
from content.markup.cleaning import remove_unseen
from content.models import Draft, Version

from . import front_matter
from .unseen import find_in_front_matter

YAML = YAMLHandler()
FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?P<head>.*?\n)??---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
HISTORY_NAME = re.compile(r"[1-9][0-9]{0,8}\.md")
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

    @property
    def is_draft(self) -> bool:
        """Whether the file is a draft, of a text or of a withdrawal."""
        return self in (Role.DRAFT, Role.WITHDRAWAL_DRAFT)


@dataclass(frozen=True)
class ContentFile:
    """A content file as it was read.

    `facts` is what the front matter states, `body` the text below it, byte for byte, and `body_line` the line where
    that starts. `key_lines` are the lines of the front matter's keys. Lines are counted from 1. `head` is the front
    matter as it is written, and `as_read` the file before it was cleaned, if it was.
    """

    path: Path
    slug: str
    role: Role
    facts: dict[str, Any]
    body: str
    body_line: int
    key_lines: dict[str, int]
    head: str = ""
    as_read: "ContentFile | None" = None

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

    @property
    def state(self) -> str:
        """The state of the draft that the file gives. An exported draft that was edited is not in review any more."""
        stated = not self.facts.get("sha256") and self.role.is_draft
        return str(self.facts.get("state", Draft.State.WRITING)) if stated else Draft.State.WRITING

    @property
    def author_named(self) -> str:
        """The author whom the writer of the file names. A name with a number is the record of another publication."""
        author = self.facts.get("author")
        return "" if isinstance(author, dict) else one_line(author)

    def person(self, key: str) -> tuple[str, int | None]:
        """Return the name and the account's id that `key` states."""
        return person_of(self.facts.get(key))

    def find_problems(self, live: Collection[str] | None = None) -> tuple[list[tuple[int, str]], list[str]]:
        """Return what stops the text from being published or becoming a draft, and what could be better in it.

        The first are lines and reasons, the second sentences that name their line. `live` is as in `problems.find`.
        """
        start = self.body_line + self.body[: len(self.body) - len(self.body.lstrip())].count("\n") - 1
        found = problems.find(remove_unseen(self.text.body)[0], live)  # an import removes it and says so
        errors = [(start + problem.line, problem.message) for problem in found if problem.is_error]
        warnings = [f"line {start + problem.line}: {problem.message}" for problem in found if not problem.is_error]
        return self._find_missing() + errors, warnings

    def _find_missing(self) -> list[tuple[int, str]]:
        """Return line and reason where words are missing, or there are too many of them."""
        text = self.text
        errors = find_in_front_matter(remove_unseen(self.head)[0], self.facts, self.line_of)
        for key, longest in LONGEST.items():
            value = getattr(text, key)
            if not value and key != "change_note":
                errors.append((self.line_of(key), f"has no {key}: write “{key}: …” in the front matter"))
            if len(value) > longest:
                errors.append((self.line_of(key), f"the {key} has {len(value)} characters; the maximum is {longest}"))
        if self.kind == Version.Kind.TEXT and not self.body.strip():
            errors.append((1, "has no text below the front matter"))
        if self.kind == Version.Kind.WITHDRAWAL and not self.words["reason"].strip():
            errors.append((self.line_of("reason"), "has no reason: say why the page is withdrawn, for readers"))
        return errors


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
        raise BadFile(1, "does not start with front matter between two lines of ---: title, summary and so on")
    try:
        facts = front_matter.load(front["head"] or "")
    except front_matter.BadYAML as error:
        if unseen := find_in_front_matter(front["head"] or "", {}, int):
            raise BadFile(*unseen[0], *unseen[1:]) from error
        raise BadFile(error.line, str(error)) from error
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
        head=front["head"] or "",
    )
    wrong = front_matter.check(facts, ("published_at",) if file.role is Role.HISTORY else ("saved_at",))
    if errors := list(dict.fromkeys((file.line_of(key), reason) for key, reason in wrong)):
        raise BadFile(*errors[0], *errors[1:], *(file.find_problems()[0] if file.role is not Role.HISTORY else ()))
    return file


def person_of(value: Any) -> tuple[str, int | None]:
    """Return the name and the account's id that a fact states; the id is None if it states only a name."""
    if isinstance(value, dict):
        return str(value["name"] or ""), value.get("id")
    return one_line(value), None
