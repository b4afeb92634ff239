"""Headings in order: a level that is skipped in the text is closed in what readers get. The words stay."""

import re
import xml.etree.ElementTree as etree

HEADING = re.compile(r"h([2-6])")


def close_gaps(root: etree.Element) -> None:
    """Change the levels of the headings in a page's tree in place, so that each is at most one below the one above.

    What is below what stays the same: the headings around a heading are those that were around it as typed.
    """
    around: list[tuple[int, int]] = []  # typed and shown level of the headings around the next one
    for element in root.iter():
        if heading := HEADING.fullmatch(element.tag):
            typed = int(heading[1])
            around = [(outer, shown) for outer, shown in around if outer < typed]
            around.append((typed, around[-1][1] + 1 if around else 2))
            element.tag = f"h{around[-1][1]}"
