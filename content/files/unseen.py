"""Characters in the front matter of a content file that nobody can see, by the lines of the file."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from accounts import characters


def find_in_front_matter(head: str, facts: Mapping[str, Any], line_of: Callable[[str], int]) -> list[tuple[int, str]]:
    """Return the line and a sentence for each such character.

    `head` is the front matter as it is written, from the second line of the file, and `facts` what it states: a fact
    can contain a character that is written as an escape, such as "\\u202e". `line_of` gives the line of a fact.
    """
    written = characters.find_unseen(head)
    named = {each.character for each in written}
    escaped = [
        (line_of(str(key)), f"{key}: {each.what}")
        for key, value in facts.items()
        for each in characters.find_unseen("\n".join(_texts_in(value)))
        if each.character not in named
    ]
    return [*((each.line + 1, each.sentence) for each in written), *dict.fromkeys(escaped)]


def _texts_in(fact: Any) -> Iterator[str]:
    if isinstance(fact, str):
        yield fact
    elif isinstance(fact, list | dict):
        for each in fact.values() if isinstance(fact, dict) else fact:
            yield from _texts_in(each)
