"""A page's title in two parts: what it is on, and the rest."""

import re


def head_of(title: str) -> str:
    """Return the part of a title before its first “ for ”, “: ” or “ in ”, or the whole title."""
    return re.split(r" for |: | in ", title, maxsplit=1)[0]
