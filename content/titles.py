"""A title in two sizes: its first words are what one looks for, and the rest says for whom or in what."""

LONGEST = 48  # characters of a title that is one piece
ENDS = (" for ", ": ", " in ")  # the first of them in a long title ends its first part; a colon stays with it


def divide(title: str) -> tuple[str, str]:
    """Return the part of a title that is shown large, and the rest, which is empty if the title is short or one piece.

    With a space between them, the two are the title to the letter.
    """
    places = [title.index(end) + end.index(" ") for end in ENDS if end in title] if len(title) > LONGEST else []
    first, rest = (title[: min(places)], title[min(places) + 1 :]) if places else (title, "")
    return (first, rest) if first.strip() and rest.strip() else (title, "")
