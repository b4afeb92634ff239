"""Which words of a text change, for people who read it in a terminal: `Give [-5-] {+50+} mg once daily.`

It compares words and line breaks, or only the words that readers of HTML see. What a terminal would not show, such as
a character that reverses the direction of writing, is shown as its code.
"""

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from content.comparison.alignment import align, gaps

CONTEXT = 4  # words shown on each side of a change
LONGEST = 40  # words of a change: of more, the middle is counted
MOST = 12  # places
INLINE = {"a", "abbr", "code", "em", "s", "strong", "sub", "sup"}  # the other tags stand between words
UNSEEN = "\u2060"  # keeps a citation on the line of its statement

Change = tuple[int, int, int, int]  # start and end in the old words, start and end in the new ones


def words_of(text: str) -> list[str]:
    """Return the words of a text as it is typed, with its line breaks and what they are followed by."""
    return [word for word in re.findall(r"\s+|\S+", text) if not word.isspace() or "\n" in word]


def visible_words(html: str) -> list[str]:
    """Return the words that readers of the HTML see or hear, in their order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.said).replace(UNSEEN, "").split()


def differences(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return what goes and what comes, a line for each of the first `MOST` places, with a little context."""
    changes = [each for each in gaps(align(old, new), len(old), len(new)) if each[0] < each[1] or each[2] < each[3]]
    places = list(_join(changes))
    shown = [_line(old, new, place) for place in places[:MOST]]
    return [*shown, f"and {len(places) - MOST} more places"] if len(places) > MOST else shown


class _Reader(HTMLParser):
    """Collects the text of HTML, the descriptions of its images, and spaces where blocks and cells end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the end of a word, and what an image shows."""
        self.said += [] if tag in INLINE else [" "]
        self.said += [f"{value} " for name, value in attrs if tag == "img" and name == "alt" and value]

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a word."""
        self.said += [] if tag in INLINE else [" "]

    def handle_data(self, data: str) -> None:
        """Note what is shown."""
        self.said.append(data)


def _join(changes: list[Change]) -> Iterator[list[Change]]:
    """Yield the changes in groups that are so near each other that they share a line."""
    group: list[Change] = []
    for change in changes:
        if group and change[0] - group[-1][1] > 2 * CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _line(old: Sequence[str], new: Sequence[str], place: list[Change]) -> str:
    """Return one place as a line: `[-` and `-]` around what goes, `{+` and `+}` around what comes."""
    start, end = place[0][0], place[-1][1]
    parts = ["…"] if start > CONTEXT else []
    parts += old[max(0, start - CONTEXT) : start]
    for number, (i, k, j, m) in enumerate(place):
        parts += [f"[-{_shorten(old[i:k])}-]"] if i < k else []
        parts += [f"{{+{_shorten(new[j:m])}+}}"] if j < m else []
        parts += old[k : place[number + 1][0]] if number + 1 < len(place) else old[k : k + CONTEXT]
    parts += ["…"] if end + CONTEXT < len(old) else []
    return _show(" ".join(parts))


def _shorten(words: Sequence[str]) -> str:
    if len(words) <= LONGEST:
        return " ".join(words)
    half = LONGEST // 4
    return " ".join([*words[: LONGEST - half], f"… {len(words) - LONGEST} words …", *words[-half:]])


def _show(line: str) -> str:
    """Return the line with a sign for each line break, and codes for what would not be seen."""
    return "".join(
        "⏎" if sign == "\n" else sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line
    )
