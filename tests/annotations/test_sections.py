"""When the section that a note is on has changed: one rule, for home, the page and the list of annotations."""

from types import SimpleNamespace

import pytest

from annotations import sections
from content.markup.rendering import render

PAGE = """## Dose

Give 5 mg.[^a]

### Children

Give 2 mg.

| Age | Dose |
| --- | --- |
| 2 | 1 mg |
| 3 | |

## Stopping

Stop slowly.

## Related pages

- [Other](/pages/other/)

[^a]: Source
"""
DOSE, CHILDREN, STOPPING, RELATED = ("Dose",), ("Dose", "Children"), ("Stopping",), ("Related pages",)
REFERENCES = ("References",)
EVERY = (DOSE, CHILDREN, STOPPING, RELATED, REFERENCES)


def read(text: str) -> dict[tuple[str, ...], str]:
    return sections.find(render(text).html)


def changed(before: str, after: str, written_on: int = 1, live: int = 2) -> set[tuple[str, ...]]:
    """The sections of `PAGE` that have changed between two texts."""
    texts = {"before": read(before), "after": read(after)}
    return {path for path in EVERY if sections.has_changed(path, written_on=written_on, live=live, **texts)}


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("", "", set()),
        ("Give 5 mg.", "Give 10 mg.", {DOSE}),
        ("Stop slowly.", "Stop at once.", {STOPPING}),
        ("Give 2 mg.", "Give 3 mg.", {DOSE, CHILDREN}),
        ("| 2 | 1 mg |", "| 2 | 2 mg |", {DOSE, CHILDREN}),
        ("| Age | Dose |", "| Weight | Dose |", {DOSE, CHILDREN}),
        ("| 2 | 1 mg |", "| 1 mg | 2 |", {DOSE, CHILDREN}),
        ("| 3 | |", "| | 3 |", {DOSE, CHILDREN}),
        ("Stop slowly.", "Stop <s>slowly</s>.", {STOPPING}),
        ("Stop slowly.", "Stop sl<sup>o</sup>wly.", {STOPPING}),
        ("Stop slowly.", "Stop slowly.\n\n![Graph](/static/icon.svg)", {STOPPING}),
        ("Stop slowly.", "3. Stop slowly.", {STOPPING}),
        ("### Children", "### Under 12", {DOSE, CHILDREN}),
        ("### Children", "## Children", {DOSE, CHILDREN}),
        ("## Stopping\n", "## Ending\n", {STOPPING}),
        ("## Stopping\n\nStop slowly.\n", "", {STOPPING}),
        ("## Stopping\n", "## Stopping\n\nStop.\n\n## Stopping\n", {STOPPING}),
        ("[Other]", "[Another]", {RELATED}),
        ("/pages/other/", "/pages/another/", set()),
        ("Give 5 mg.[^a]", "Give 5 mg.", {REFERENCES}),
        ("Stop slowly.", "Stop slowly.[^a]", set()),
        ("Give 5 mg.[^a]", "*Give*\n`5`  **mg**.[^a]", set()),
        ("[^a]: Source", "[^a]: Source\n\n*[mg]: milligrams", set()),
        ("Stop slowly.", "> Stop  \n> slowly.\n\n---", set()),
        ("Stop slowly.", "Stop\n\n:   slowly.", set()),
        ("## Dose", "## Use\n\n### Children\n\nNo.\n\n## Dose", set()),
        ("[^a]: Source", "[^a]: Another source", {REFERENCES}),
        ("## Dose", "## In brief\n\n- First\n\n## Dose", set()),
        ("## Stopping", "New words of the section before.\n\n## Stopping", {DOSE, CHILDREN}),
    ],
    ids=[
        "nothing", "a number", "another section", "below it", "a cell", "a head", "cells in another order",
        "an empty cell moved", "struck through", "raised", "a picture", "a number before it",
        "a heading below renamed", "a heading below raised", "renamed", "gone", "there twice", "related pages",
        "where a link leads", "a citation", "cited twice", "how it is set", "an abbreviation", "quoted",
        "a list of definitions", "a heading of one name before", "a reference", "moved", "words at its end",
    ],
)  # fmt: skip
def test_a_section_has_changed_if_its_words_have_or_its_heading_is_gone(old, new, marked):
    assert old in PAGE

    assert changed(PAGE, PAGE.replace(old, new)) == marked


@pytest.mark.parametrize(
    ("path", "written_on", "live", "is_marked"),
    [
        (STOPPING, 1, 2, True),
        ((), 1, 2, False),  # on the page as a whole
        (STOPPING, 2, 2, False),  # its reader has the live text before them, though the heading may be gone
        (STOPPING, 3, 2, False),  # of a version that is not live yet
        (STOPPING, 0, 2, False),  # of no version
    ],
)
def test_only_a_note_on_a_section_of_an_earlier_version_can_be_marked(path, written_on, live, is_marked):
    texts = {"before": read(PAGE), "after": read(PAGE.replace("## Stopping", "## Ending"))}

    assert sections.has_changed(path, written_on=written_on, live=live, **texts) is is_marked


def test_nothing_is_read_for_notes_on_no_section_or_on_the_live_version():
    notes = [SimpleNamespace(heading="", written_on_version=1), SimpleNamespace(heading="Dose", written_on_version=2)]

    assert sections.of_versions({(1, 2): notes}).found == {}  # without the database


def test_if_nobody_can_say_what_the_section_was_it_counts_as_changed():
    redacted = read("The text of this version was removed.")

    assert sections.has_changed(STOPPING, written_on=1, live=2, before=redacted, after=read(PAGE))
