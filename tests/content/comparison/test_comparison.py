"""What readers see of two versions, compared: exactly both texts, and what changed in its place."""

import re
from itertools import combinations_with_replacement

import frontmatter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.comparison.changes import Change, MovedAway
from content.comparison.comparison import Reading, compare
from content.markup.rendering import render
from tests.conftest import LIBRARY
from tests.content.comparison.sides import changes, compared, new_text, old_text, visible

PAGES = {path.name: render(frontmatter.load(str(path)).content).html for path in sorted(LIBRARY.glob("*.md"))}


def marked(old: str, new: str) -> str:
    """Both texts as one: [-removed-], {+added+}, <moved>, the rest as it stands; cells are divided by |."""
    blocks = []
    for section in compared(old, new).sections:
        for part in section.parts:
            if isinstance(part, MovedAway):
                blocks.append("(moved away)")
            else:
                text = " ".join(filter(None, _rows(part))) if part.table else _line(part.stretches)
                blocks.append(f"<{text}>" if part.is_moved else text)
    return " / ".join(blocks)


def _rows(change: Change) -> list[str]:
    rows = []
    for row in change.table.rows:
        text = "|".join(_line(cell.stretches) if cell else "" for cell in row.cells)
        rows.append(f"<{text}>;" if row.is_moved else f"{text};")
    return rows


def _line(stretches) -> str:
    words = []
    for stretch in stretches:
        old, new = (" ".join(word.text for word in side) for side in (stretch.old, stretch.new))
        words.append(new if stretch.is_same else (f"[-{old}-]" if old else "") + (f"{{+{new}+}}" if new else ""))
    return " ".join(words)


TABLE = (
    "| Who | Dose | Route |\n|---|---|---|\n| Child | 0.5 mg | oral |\n| Adult | 5 mg | oral |\n| Frail | 2 mg | iv |\n"
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # words
        ("Give 5 mg daily.", "Give 50 mg daily.", "Give [-5 mg-]{+50 mg+} daily ."),
        ("Give **5** mg daily.", "Give **50** mg daily.", "Give [-5 mg-]{+50 mg+} daily ."),
        ("Keep it <130 now.", "Keep it >130 now.", "Keep it [-<130-]{+>130+} now ."),
        ("Count 10<sup>9</sup> now.", "Count 109 now.", "Count [-109-]{+109+} now ."),
        ("HLA-B*57:01 is tested.", "HLA-B*58:01 is tested.", "HLA-B * [-57:01-]{+58:01+} is tested ."),
        ("Do not give it.", "Do give it.", "Do [-not-] give it ."),
        ("5 mg", "50 mg", "[-5 mg-]{+50 mg+}"),
        # what is typed otherwise reads the same
        ("Give *it*\nnow.", "Give _it_ now.", "Give it now ."),
        ("- a b\n- c d", "* a b\n* c d", "a b / c d"),
        # blocks
        ("- one a\n- two b", "- one a\n- three c d e\n- two b", "one a / {+three c d e+} / two b"),
        ("# Dose\n\nGive it now.", "# Doses\n\nGive it now.", "[-Dose-]{+Doses+} / Give it now ."),
        ("Aspirin is given at night.", "Someone else has to watch it.",
         "[-Aspirin is given at night .-] / {+Someone else has to watch it .+}"),
        ('!!! warning "Stop at 5"\n    Never give 5 mg.', '!!! warning "Stop at 6"\n    Never give 6 mg.',
         "Stop at [-5-]{+6+} / Never give [-5 mg-]{+6 mg+} ."),
        # what moved
        ("First of the two is here.\n\nAnother one is there, 5 mg.",
         "Another one is there, 5 mg.\n\nFirst of the two is here.",
         "(moved away) / Another one is there , 5 mg . / <First of the two is here .>"),
        ("A long text that is kept here.\n\n## B\n\nGive 5 mg to each of the three people.\n\n## C\n\nEnd of it.",
         "A long text that is kept here.\n\n## B\n\n## C\n\nEnd of it.\n\nGive 6 mg to each of the three people.",
         "A long text that is kept here . / B / (moved away) / C / End of it . / "
         "<Give [-5 mg-]{+6 mg+} to each of the three people .>"),
        ("- Aspirin\n- Ibuprofen\n- Paracetamol", "- Ibuprofen\n- Paracetamol\n- Aspirin",
         "(moved away) / Ibuprofen / Paracetamol / <Aspirin>"),
        ("- 5 mg\n- 50 mg\n- 6 mg", "- 50 mg\n- 6 mg\n- 5 mg", "[-5 mg-] / 50 mg / 6 mg / {+5 mg+}"),
        # tables: a cell, a row, a column
        (TABLE, TABLE.replace("0.5 mg", "5 mg"),
         "Who|Dose|Route; Child|[-0.5 mg-]{+5 mg+}|oral; Adult|5 mg|oral; Frail|2 mg|iv;"),
        (TABLE, TABLE.replace("| Adult | 5 mg | oral |\n", ""),
         "Who|Dose|Route; Child|0.5 mg|oral; [-Adult-]|[-5 mg-]|[-oral-]; Frail|2 mg|iv;"),
        (TABLE, TABLE.replace("| Child | 0.5 mg | oral |\n", "") + "| Child | 5 mg | oral |\n",
         "Who|Dose|Route; Adult|5 mg|oral; Frail|2 mg|iv; <Child|[-0.5 mg-]{+5 mg+}|oral>;"),
        (TABLE, "| Who | Route |\n|---|---|\n| Child | oral |\n| Adult | oral |\n| Frail | iv |\n",
         "Who|[-Dose-]|Route; Child|[-0.5 mg-]|oral; Adult|[-5 mg-]|oral; Frail|[-2 mg-]|iv;"),
        (TABLE, TABLE.replace("| Frail | 2 mg | iv |", "| Pregnant | 3 mg | oral |"),
         "Who|Dose|Route; Child|0.5 mg|oral; Adult|5 mg|oral; [-Frail-]|[-2 mg-]|[-iv-]; "
         "{+Pregnant+}|{+3 mg+}|{+oral+};"),
        (TABLE, TABLE.replace("0.5 mg", "").replace("| 5 mg", "| 0.5 mg"),
         "Who|Dose|Route; Child|[-0.5 mg-]|oral; Adult|[-5 mg-]{+0.5 mg+}|oral; Frail|2 mg|iv;"),
        ("| Who | A | B | C |\n|---|---|---|---|\n| Frail | 15 mg | 25 mg | 100 mg |",
         "| Who | A | B | C |\n|---|---|---|---|\n| Pregnant | 16 mg | 26 mg | 200 mg |",
         "Who|A|B|C; [-Frail-]|[-15 mg-]|[-25 mg-]|[-100 mg-]; {+Pregnant+}|{+16 mg+}|{+26 mg+}|{+200 mg+};"),
        ("| Who | A |\n|---|---|\n| Frail | 15 mg |", "| Who | A |\n|---|---|\n| Elderly | 15 mg |",
         "Who|A; [-Frail-]{+Elderly+}|15 mg;"),
        # doses exchanged between rows are not rows exchanged
        ("| Who | Dose |\n|---|---|\n| Child | 0.5 mg daily |\n| Adult | 5 mg daily |",
         "| Who | Dose |\n|---|---|\n| Child | 5 mg daily |\n| Adult | 0.5 mg daily |",
         "Who|Dose; Child|[-0.5 mg-]{+5 mg+} daily; Adult|[-5 mg-]{+0.5 mg+} daily;"),
        # citations are the same if their reference is
        ("It is so.[^a]\n\n[^a]: Smith 2019.", "New.[^b] It is so.[^a]\n\n[^a]: Smith 2019.\n[^b]: Other one.",
         "{+New . (1)+} It is so . (2) / References / {+Other one .+} / Smith 2019 ."),
        ("It is so.[^a]\n\n[^a]: Smith 2019.", "It is so.[^b]\n\n[^b]: Smith 2019.",
         "It is so . (1) / References / Smith 2019 ."),
        ("A[^a] and B.[^b]\n\n[^a]: Smith.\n[^b]: Jones.", "B[^b] and A.[^a]\n\n[^a]: Smith.\n[^b]: Jones.",
         "[-A (1) and-] B [-.-] (1) {+and A . (2)+} / References / Jones . / Smith ."),
        ("It is so.[^a]\n\n[^a]: Smith 2019.", "It is so.[^a]\n\n[^a]: Quite another text.",
         "It is so . [-(1)-]{+(1)+} / References / [-Smith 2019 .-] / {+Quite another text .+}"),
    ],
)  # fmt: skip
def test_what_clinicians_see(old, new, expected):
    assert marked(old, new) == expected


def test_every_pair_of_pages_of_the_library_gives_exactly_both_texts():
    for old, new in combinations_with_replacement(PAGES, 2):
        comparison = compare(Reading((), PAGES[old]), Reading((), PAGES[new]))

        assert (old_text(comparison), new_text(comparison)) == (visible(PAGES[old]), visible(PAGES[new]))
        assert comparison.has_changes == (old != new)


# Texts of every construct, and edits as editors make them

WORDS = st.sampled_from(
    ["not", "Give", "5 mg", "0.5 mg", "<130", "5–10 mg/kg", "1,000", "−2", "HLA-B*57:01", "**bold 5**", "daily", "it",
     "[link](https://a.example/)", "DMT", "10<sup>9</sup>", "and", "never,", "`code`", "2 × 10⁹/L"]
)  # fmt: skip
LINES = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)
CITED = st.tuples(LINES, st.sampled_from(["", "[^a]", "[^b]"])).map("".join)
CELLS = st.one_of(st.just(""), st.sampled_from(["5 mg", "Child", "Adult", "oral", "twice daily", "10–20 kg"]))


@st.composite
def tables(draw):
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=2, max_size=6))
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" * width + "|", *lines[1:]])


BLOCKS = st.one_of(
    CITED,
    LINES.map("## {}".format),
    LINES.map("### {}".format),
    st.lists(LINES, min_size=1, max_size=4).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(LINES, min_size=1, max_size=4).map(lambda items: "\n".join(f"1. {item}" for item in items)),
    st.tuples(LINES, LINES).map('!!! warning "{0[0]}"\n    {0[1]}'.format),
    st.tuples(LINES, LINES).map("- {0[0]}\n    - {0[1]}".format),
    LINES.map("> {}".format),
    tables(),
)
ENDS = "\n\n*[DMT]: Disease-modifying therapy\n\n[^a]: Smith 2019, 5–10.\n[^b]: Jones 2020. <https://b.example/1>.\n"
TEXTS = st.lists(BLOCKS, max_size=7)


def whole(blocks: list[str]) -> str:
    return "\n\n".join(blocks) + ENDS


@st.composite
def edits(draw):
    """A text and an edited copy: numbers changed, blocks moved, removed or added, rows exchanged, references edited."""
    old = draw(TEXTS)
    new = list(old)
    for _ in range(draw(st.integers(1, 3))):
        what = draw(st.sampled_from(["number", "move", "remove", "add", "row", "cell"]))
        at = draw(st.integers(0, max(0, len(new) - 1)))
        if what == "add":
            new.insert(at, draw(BLOCKS))
        elif new and what == "move":
            new.insert(draw(st.integers(0, len(new) - 1)), new.pop(at))
        elif new and what == "remove":
            del new[at]
        elif new and what == "number":
            new[at] = re.sub(r"\d", "7", new[at], count=1)
        elif new and what == "row":
            lines = new[at].split("\n")
            new[at] = "\n".join([*lines[:2], *reversed(lines[2:])])
        elif new:
            new[at] = re.sub(r"\| [^|\n-]+ \|", "|  |", new[at], count=1)
    ends = draw(st.sampled_from([ENDS, ENDS.replace("2019", "2029"), ENDS.replace("Jones", "Janes"), ""]))
    return whole(old), "\n\n".join(new) + ends


@given(edits())
def test_what_stayed_and_was_removed_is_the_old_text_and_with_what_was_added_the_new_one(pair):
    old, new = (render(text).html for text in pair)

    comparison = compare(Reading((), old), Reading((), new))

    assert old_text(comparison) == visible(old)
    assert new_text(comparison) == visible(new)


@given(TEXTS)
def test_a_text_has_not_changed_from_itself(blocks):
    comparison = compared(whole(blocks), whole(blocks))

    assert not comparison.has_changes
    assert not comparison.is_seen


@given(edits())
def test_texts_that_read_otherwise_are_never_called_the_same(pair):
    old, new = pair
    if visible(render(old).html) != visible(render(new).html):
        comparison = compared(old, new)

        assert comparison.is_seen or comparison.renumbered


def test_facts_beside_the_text_are_compared_where_they_differ():
    old = (("Title", "About it"), ("Summary", "Give 5 mg."), ("Reason for withdrawal", ""))
    new = (("Title", "About it"), ("Summary", "Give 50 mg."), ("Reason for withdrawal", ""))

    sections = compared("Text.", "Text.", facts=(old, new)).changed

    assert [section.name for section in sections] == ["Summary"]


def test_the_sections_are_in_the_order_of_the_new_text_and_removed_ones_where_they_were():
    old = "Lead in here.\n\n## A\n\nOne of these.\n\n## B\n\nTwo of those are in here.\n\n## C\n\nThree more there."
    new = "Lead in here.\n\n## A\n\nOne of these.\n\n## D\n\nIt says something quite else.\n\n## C\n\nThree more there."

    sections = compared(old, new).sections

    assert [(section.name, section.whole) for section in sections] == [
        ("Start of the text", ""), ("A", ""), ("B", "removed"), ("D", "added"), ("C", ""),
    ]  # fmt: skip


def test_a_change_is_found_once_on_a_page_that_shows_it():
    facts = [(("Title", title), ("Summary", f"About {title}.")) for title in ("A", "B")]
    comparison = compared("Give 5 mg.\n\n## A\n\nGive 6 mg.", "Give 50 mg.\n\n## A\n\nGive 60 mg.", facts)

    anchors = [change.anchor for change in changes(comparison)]

    assert len(set(anchors)) == len(anchors) == 5
