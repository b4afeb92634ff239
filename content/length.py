"""How long the text of a page may be."""

from django.core.exceptions import ValidationError

LONGEST = 200_000  # characters: a chapter of a long book


def describe_excess(text: str) -> str:
    """Return how long `text` is and what to do if it is longer than `LONGEST`, or an empty string if it is not.

    A line break counts as one character, whatever the browser sends, and space at the end does not count.
    """
    length = len(text.replace("\r\n", "\n").rstrip())
    if length <= LONGEST:
        return ""
    return f"The text is {length:,} characters long; a page may have {LONGEST:,}. Split it into two pages."


def refuse_longer(text: str) -> None:
    """Raise `ValidationError` if `text` is longer than a page may be. A validator of fields."""
    if excess := describe_excess(text):
        raise ValidationError(excess)
