"""Words as HTML. Only elements named here are written, and all text and every attribute is escaped."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from .blocks import BREAK, JOINER
from .stretches import Stretch, Stretches
from .words import Mark, Marks, Word

SHORT = 24  # characters, in bold at 320 px: a dose is not broken over two lines
_PLAIN = frozenset(("code", "em", "kbd", "mark", "q", "s", "small", "strong", "sub", "sup"))
_SAFE = re.compile(r"(?:https?://|mailto:|tel:|/(?![/\\])|#)[^\s\\]*", re.IGNORECASE)


def start_tag(tag: str, **facts: str) -> str:
    """Return a start tag with those attributes that have a value; `class_` is the class."""
    attributes = [f' {name.strip("_")}="{escape(value)}"' for name, value in facts.items() if value]
    return f"<{tag}{''.join(attributes)}>"


def change_tag(kind: str, text: str) -> str:
    """Return the tag that says what happened to a block, row or column."""
    return f'<span class="change-tag {kind}">{escape(text)}</span>'


def words_html(words: Iterable[Word], *, has_links: bool = True) -> str:
    """Return words as HTML, without the spacing before the first."""
    out: list[str] = []
    around: Marks = ()
    for text, marks in _runs(words):
        marks = marks if has_links else tuple(mark for mark in marks if mark.tag != "a")
        same = _length_of_same(around, marks)
        out += [_end(mark) for mark in reversed(around[same:])]
        out += [_start(mark) for mark in marks[same:]]
        out.append(escape(text).replace(BREAK, "<br>"))
        around = marks
    return "".join(out) + "".join(_end(mark) for mark in reversed(around))


def stretches_html(stretches: Stretches) -> str:
    """Return what stayed as it is, what was removed in `del` and what was added in `ins`, each also said in words."""
    out: list[str] = []
    for stretch in stretches:
        first = stretch.new[0] if stretch.new else stretch.old[0]
        out.append(first.space.replace(BREAK, "<br>") if out else "")
        out.append(words_html(stretch.new) if stretch.is_same else _replaced_html(stretch))
    return "".join(out)


def whole_html(words: Sequence[Word], *, is_added: bool) -> str:
    """Return words that were added or removed as a whole. A tag beside them has to say so."""
    mark = "ins" if is_added else "del"
    return f"<{mark}>{words_html(words, has_links=is_added)}</{mark}>" if words else ""


def _replaced_html(stretch: Stretch) -> str:
    removed = _marked("del", "removed", stretch.old) if stretch.old else ""
    added = _marked("ins", "added", stretch.new) if stretch.new else ""
    return f"{removed} {added}" if removed and added else removed + added


def _marked(tag: str, kind: str, words: Sequence[Word]) -> str:
    length = sum(len(word.space) + len(word.text) for word in words)
    short = ' class="short"' if length <= SHORT else ""
    html = words_html(words, has_links=tag == "ins")
    return f"<{tag}{short}>{_said(f'[{kind}: ')}{html}{_said(']')}</{tag}>"


def _said(text: str) -> str:
    """Return what only those who listen need."""
    return f'<span class="comparison-said">{text}</span>'


def _runs(words: Iterable[Word]) -> Iterator[tuple[str, Marks]]:
    """Yield text with the marks around it. Spacing has the marks that are around it on both sides."""
    before: Marks | None = None
    for word in words:
        runs = [(word.text, (Mark("sup"),))] if word.cites else word.runs
        if before is not None and word.space:
            yield word.space, before[: _length_of_same(before, runs[0][1])]
        elif word.cites:
            yield JOINER, ()
        yield from runs
        before = runs[-1][1]


def _length_of_same(one: Marks, other: Marks) -> int:
    length = 0
    while length < min(len(one), len(other)) and one[length] == other[length]:
        length += 1
    return length


def _start(mark: Mark) -> str:
    if mark.tag == "a" and _SAFE.fullmatch(mark.get("href")):
        return start_tag("a", href=mark.get("href"), title=mark.get("title"))
    if mark.tag == "abbr":
        return start_tag("abbr", title=mark.get("title"), tabindex="-1")
    if mark.tag == "img":
        return _picture(mark)
    return f"<{mark.tag}>" if mark.tag in _PLAIN else ""


def _end(mark: Mark) -> str:
    if mark.tag == "a":
        return "</a>" if _SAFE.fullmatch(mark.get("href")) else ""
    return f"</{mark.tag}>" if mark.tag == "abbr" or mark.tag in _PLAIN else ""


def _picture(mark: Mark) -> str:
    """Return a picture, whose alternative text can be empty, or that text if its address is none of ours."""
    if not _SAFE.fullmatch(mark.get("src")):
        return escape(mark.get("alt"))
    return f'<img src="{escape(mark.get("src"))}" alt="{escape(mark.get("alt"))}">'
