"""Every address of the site, for tests that walk them."""

import re
import uuid
from collections.abc import Iterator

from django.urls import URLPattern, get_resolver
from django.urls.converters import get_converters

VALUES = {"int": 1, "slug": "a-page", "str": "x", "path": "x", "uuid": uuid.UUID(int=1), "day": "2026-11-22"}


def addresses() -> Iterator[str]:
    """Every address that the site answers, with something in each place where it takes an argument."""
    yield from sorted(set(_under(get_resolver(), "/")))


def _under(resolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        path = prefix + _filled(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path
        else:
            yield from _under(pattern, path)


def _filled(pattern) -> str:
    kinds = {type(converter): name for name, converter in get_converters().items()}
    path = str(pattern).lstrip("^").replace(r"\Z", "").rstrip("$")
    for name, converter in pattern.converters.items():
        path = re.sub(rf"<(\w+:)?{name}>", str(VALUES[kinds[type(converter)]]), path)
    return re.sub(r"\(\?P<\w+>([^)]*)\)", lambda group: group[1].split("|")[0] if "|" in group[1] else "x", path)
