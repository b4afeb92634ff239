"""Code spans: what stands between backticks, where no sign is a mark."""

import re
from bisect import bisect_right

IN_CODE = "\x1a"  # replaces a character of a code span: not blank, and without meaning in Markdown


def mask_code(text: str) -> str:
    """Return `text` with each character of its code spans replaced by `IN_CODE`, line breaks kept."""
    if "`" not in text:
        return text
    return mask(text, code_spans(text)[0])


def mask(text: str, spans: list[tuple[int, int]]) -> str:
    """Return `text` with each character between the positions of `spans` replaced by `IN_CODE`, line breaks kept."""
    kept, position = [], 0
    for start, end in spans:
        kept += [text[position:start], re.sub(r"[^\n]", IN_CODE, text[start:end])]
        position = end
    return "".join([*kept, text[position:]])


def code_spans(block: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return where the code spans of a block begin and end, and where the backticks stand that begin and end none."""
    runs = [match.span() for match in re.finditer("`+", block)]
    of_length: dict[int, list[int]] = {}
    for index, (start, end) in enumerate(runs):
        of_length.setdefault(end - start, []).append(index)
    spans, loose, index = [], [], 0
    while index < len(runs):
        start, end = runs[index]
        start += _is_escaped(block, start)
        alike = of_length.get(end - start, [])
        after = bisect_right(alike, index)
        if start < end and after < len(alike):
            index = alike[after]
            spans.append((start, runs[index][1]))
        elif start < end:
            loose.append((start, end))
        index += 1
    return spans, loose


def _is_escaped(text: str, position: int) -> bool:
    """Return whether an odd number of backslashes precedes `position`, looking at no more than 50 characters."""
    before = text[max(0, position - 50) : position]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
