"""The front matter of a content file: reading it as it is written, and checking what it states.

Nothing in it is left out or converted unseen: `1.10`, `yes` and `007` stay what they are, a key that is stated twice
and words after a # are errors. Reasons: docs/decisions/0017-facts-in-content-files.md.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import yaml
from django.utils.text import slugify
from frontmatter.default_handlers import SafeLoader

from content.models import Code, Draft, HomeEntry, Page, Review, Version

KEYS = {
    "title", "summary", "kind", "slug", "version", "topics", "search_terms", "codes", "contributors", "home",
    "review_interval_months", "change_note", "state", "author", "approver", "published_at", "sha256",
    # An export also writes these:
    "live", "credits", "version_kind", "reason", "replacement", "previous_sha256", "redaction", "reviews",
    "latest_version", "revision", "comment", "saved_at", "saved_by", "submitted_by", "returned_by", "writers",
    "imported_from",
}  # fmt: skip
WORDS = ("title", "summary", "change_note", "reason", "replacement", "slug", "comment", "imported_from")
NUMBERS = ("version", "review_interval_months", "latest_version", "revision")
PEOPLE = ("author", "approver", "saved_by", "submitted_by", "returned_by")
CHOICES = {"kind": Page.Kind.values, "state": Draft.State.values, "version_kind": Version.Kind.values}
# What an entry of a list must state, and what else it may. None: a record of an export, whose hash covers every key.
ENTRIES: dict[str, tuple[set[str], set[str] | None]] = {
    "codes": ({"system", "code", "term"}, set()),
    "contributors": ({"name", "role"}, {"credentials", "interests"}),
    "home": ({"section", "label"}, {"note", "position", "below"}),
    "credits": (set(), None),
    "reviews": ({"reviewer", "outcome", "reviewed_at"}, None),
    "writers": ({"name", "id"}, None),
}
ENTRY_OF = {"home": "entries of home"}  # what an entry is called, if the key alone does not say it
TOPIC = {"name", "slug"}
MOST_MONTHS = 600
LAST_POSITION = 32767
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
REDACTION = {"by", "at", "reason", "sha256"}
A_TIME = "must be a time like 2026-11-22T17:02:00.000000+00:00"

BREAKS = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")  # where YAML sees the end of a line
COMMENT = re.compile(r"[ \t]+#")
PLAIN = (str, int, type(None))

Error = tuple[str, str]  # a key, and what is wrong with it


class BadYAML(Exception):
    """Front matter that cannot be read. `line` is counted from 1, from the line of --- above it."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class _Loader(SafeLoader):  # type: ignore[misc,valid-type]  # written in C if libyaml is installed
    """The safe loader, which leaves every word as it is written and makes numbers only of plain whole ones."""

    def as_written(self, node: yaml.ScalarNode) -> str | int:
        """Return what YAML would take for a number, a day, or a yes or no: the words, or a whole number."""
        return int(node.value) if re.fullmatch(r"0|[1-9][0-9]{0,18}", node.value) else str(node.value)

    def mapping(self, node: yaml.MappingNode) -> dict[Any, Any]:
        """Return a mapping. Raises `ConstructorError` if a key is stated twice: YAML would keep only the last."""
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} is stated twice", key.start_mark)
            seen.add(str(key.value))
        return self.construct_mapping(node, deep=True)


for _tag in ("int", "float", "bool", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _Loader.as_written)
_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.mapping)


def load(head: str) -> dict[str, Any]:
    """Return what front matter states. Raises `BadYAML` if it is not YAML, or if YAML would leave out some of it."""
    text = "\n" + head  # so that the line of --- counts too
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        _refuse_comments(node, text)
        facts = loader.construct_document(node) if node else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        remedy = ". Put a value that contains a colon between quotes" if "mapping values" in str(error.problem) else ""
        raise BadYAML(line, f"bad YAML: {error.problem}{remedy}") from error
    except yaml.reader.ReaderError as error:
        raise BadYAML(text.count("\n", 0, error.position) + 1, f"bad YAML: {error.reason}") from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise BadYAML(1, f"bad YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise BadYAML(1, "bad YAML: it is nested too deeply") from error
    if not isinstance(facts, dict):
        raise BadYAML(2, "front matter must state facts, each on a line like “title: Dose”")
    return facts


def _refuse_comments(root: yaml.Node | None, text: str) -> None:
    """Raise `BadYAML` for a # after a value: YAML would leave out the words after it."""
    lines = BREAKS.split(text)
    waiting: list[Any] = [root] if root else []
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        ends, has_words = node.end_mark, node.start_mark.index < node.end_mark.index
        if isinstance(node, yaml.ScalarNode) or node.flow_style:
            if has_words and COMMENT.match(lines[ends.line] if ends.line < len(lines) else "", ends.column):
                said = "what follows # would be left out. Put the value between quotes, or remove it"
                raise BadYAML(ends.line + 1, said)
        elif isinstance(node, yaml.MappingNode):
            waiting += [each for pair in node.value for each in pair]
        else:
            waiting += node.value


def check(facts: dict[str, Any], times: tuple[str, ...]) -> Iterator[Error]:
    """Yield everything that is wrong with the facts of a file.

    It replaces the `times` that the file must state correctly, and those of reviews and redactions, by datetimes.
    """
    yield from _check_keys(facts)
    yield from _check_values(facts)
    yield from _check_topics(facts.get("topics") or [])
    yield from _check_search_terms(facts.get("search_terms") or [])
    for key in ENTRIES:
        yield from _check_entries(key, facts.get(key))
    for key in times:
        yield from _check_time(facts, key, key)
    yield from _check_redaction(facts.get("redaction"))


def is_person(value: Any) -> bool:
    """Return whether `value` is absent, a name, or a name and the number of an account."""
    if not isinstance(value, dict):
        return isinstance(value, PLAIN)
    return (
        "name" in value
        and isinstance(value["name"], PLAIN)
        and (value.get("id") is None or (type(value["id"]) is int and value["id"] < 1 << 63))
    )


def _check_keys(facts: dict[str, Any]) -> Iterator[Error]:
    for key in facts:
        if key not in KEYS:
            meant = get_close_matches(str(key), KEYS, n=1)
            yield str(key), f"{key} is not a key of a content file{f'. Did you mean {meant[0]}?' if meant else ''}"


def _check_values(facts: dict[str, Any]) -> Iterator[Error]:
    for key in WORDS:
        if not isinstance(facts.get(key), PLAIN):
            yield key, f"{key} must be text, not a list. Put it between quotes"
    for key, values in CHOICES.items():
        if key in facts and facts[key] not in values:
            yield key, f"{key} must be one of {', '.join(values)}"
    for key in NUMBERS:
        if key in facts and (type(facts[key]) is not int or not 0 <= facts[key] < 1 << 31):
            yield key, f"{key} must be a whole number"
        elif key == "review_interval_months" and facts.get(key, 0) > MOST_MONTHS:
            yield key, f"{key} must be at most {MOST_MONTHS}"
    if "published_at" in facts and not _is_day(facts["published_at"]):
        yield "published_at", f"published_at {A_TIME}"
    for key in PEOPLE:
        if not is_person(facts.get(key)):
            yield key, f"{key} must be a name, or a name and an id"


def _is_day(value: Any) -> bool:
    """Return whether `value` is a day, or a time."""
    try:
        return bool(datetime.fromisoformat(str(value)))
    except ValueError:
        return False


def _check_topics(topics: Any) -> Iterator[Error]:
    if not isinstance(topics, list) or not all(_is_topic(topic) for topic in topics):
        yield "topics", "topics must be a list of names, like [Neurology, Multiple sclerosis]"
        return
    for topic in topics:
        if isinstance(topic, dict):
            yield from _check_unknown("topics", topic, TOPIC)


def _check_search_terms(terms: Any) -> Iterator[Error]:
    """Yield what is wrong with the list of search terms: each has a word, and none is stated twice."""
    if not isinstance(terms, list) or not all(_is_search_term(term) for term in terms):
        yield "search_terms", "search_terms must be a list of words that people type, like [Tysabri, Tyruko]"
        return
    folded = [str(term).casefold() for term in terms]
    for place, term in enumerate(terms):
        if folded[place] in folded[:place]:
            yield "search_terms", f"the search term {term} is stated twice"


def _is_search_term(value: Any) -> bool:
    """Return whether `value` is a word or a whole number: 5-ASA is one, and so is 100."""
    return type(value) in (str, int) and any(sign.isalnum() for sign in str(value))


def _is_topic(value: Any) -> bool:
    """Return whether `value` is a topic: a name that gives a slug, or a name and a slug."""
    if isinstance(value, dict):
        return all(isinstance(value.get(key), str) and value[key] for key in TOPIC)
    return isinstance(value, str) and bool(slugify(value))


def _check_entries(key: str, entries: Any) -> Iterator[Error]:
    """Yield what is wrong with a list of entries: of codes, contributors, reviews and so on."""
    needed, others = ENTRIES[key]
    if entries is None:
        return
    if not isinstance(entries, list) or not all(_is_entry(entry, needed) for entry in entries):
        yield key, f"{key} must be a list whose entries have {', '.join(sorted(needed))}"
        return
    codes = [(entry.get("system"), str(entry.get("code"))) for entry in entries]
    for position, entry in enumerate(entries):
        if others is not None:
            yield from _check_unknown(key, entry, needed | others)
            called = ENTRY_OF.get(key, key)
            yield from ((key, f"the {name} of one of the {called} is empty") for name in needed if entry[name] is None)
        if key == "codes" and entry["system"] not in Code.System.values:
            yield key, f"the system of a code must be one of {', '.join(Code.System.values)}"
        if key == "codes" and codes[position] in codes[:position]:
            yield key, f"the code {entry['code']} is stated twice"
        if key == "home":
            yield from _check_place(entry, entries[:position])
        if key == "reviews":
            yield from _check_time(entry, "reviewed_at", key)
            if entry["outcome"] not in Review.Outcome.values or not is_person(entry["reviewer"]):
                yield key, f"an outcome must be one of {', '.join(Review.Outcome.values)}"


def _check_place(entry: dict[str, Any], before: list[dict[str, Any]]) -> Iterator[Error]:
    """Yield what is wrong with a page's place on home; `before` are the places stated above it."""
    if not all(isinstance(value, PLAIN) for value in entry.values()):
        yield "home", "an entry of home has words and numbers only"
        return
    if entry["section"] not in HomeEntry.Section.values:
        yield "home", f"the section of home must be one of {', '.join(HomeEntry.Section.values)}"
    elif entry["section"] in [other["section"] for other in before]:
        yield "home", f"home has two entries in the section {entry['section']}: a page has one at most"
    if str(entry["label"]) == "":
        yield "home", "the label of one of the entries of home is empty"
    if type(place := entry.get("position", 0)) is not int or not 0 <= place <= LAST_POSITION:
        yield "home", f"the position of an entry of home must be a whole number up to {LAST_POSITION}"
    if not SLUG.fullmatch(str(entry.get("below") or "none")):
        yield "home", "below must be the slug of a page, like dose-of-aspirin"


def _is_entry(entry: Any, needed: set[str]) -> bool:
    """Return whether an entry states what is `needed`, with strings as keys; a value may be a person."""
    return (
        isinstance(entry, dict)
        and needed <= entry.keys()
        and all(isinstance(key, str) and is_person(value) for key, value in entry.items())
    )


def _check_unknown(key: str, entry: dict[str, Any], known: set[str]) -> Iterator[Error]:
    """Yield the keys of an entry that are not `known`: another key, such as an id, would reach the database."""
    if unknown := [str(name) for name in entry if name not in known]:
        verb = "is not a key" if len(unknown) == 1 else "are not keys"
        called = ENTRY_OF.get(key, key)
        yield key, f"{', '.join(unknown)} {verb} of one of the {called}; the keys are {', '.join(sorted(known))}"


def _check_redaction(redaction: Any) -> Iterator[Error]:
    if not redaction:
        return
    if isinstance(redaction, dict) and redaction.keys() >= REDACTION:
        yield from _check_time(redaction, "at", "redaction")
    else:
        yield "redaction", f"redaction must have {', '.join(sorted(REDACTION))}"


def _check_time(facts: dict[str, Any], name: str, key: str) -> Iterator[Error]:
    """Replace the time that `facts` states by a datetime, or yield that it is none with an offset from UTC."""
    if name not in facts:
        return
    if (time := to_time(facts[name])) is None:
        yield key, f"{key} {A_TIME}"
    else:
        facts[name] = time


def to_time(value: Any) -> datetime | None:
    """Return the time that a fact states, or None if it is not a time with an offset from UTC."""
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return time if time.tzinfo else None
