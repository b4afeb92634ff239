import random
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from content.comparison.source import ADDED, REMOVED, SAME, Comparison, Fold, compare, compare_fields

WORDS = [f"word{number}" for number in range(500)]


def joined(comparison: Comparison, *kinds: str) -> str:
    """The text of all pieces of these kinds."""
    return "".join(piece.text for block in comparison.blocks for piece in block.pieces if piece.kind in kinds)


def marked(old: str, new: str) -> str:
    """Both texts as one: [-removed-], {+added+}, the rest as it stands."""
    signs = {SAME: "{}", REMOVED: "[-{}-]", ADDED: "{{+{}+}}"}
    blocks = compare(old, new).blocks
    return " / ".join("".join(signs[piece.kind].format(piece.text) for piece in block.shown) for block in blocks)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # doses
        ("5 mg", "50 mg", "[-5 mg-] / {+50 mg+}"),
        ("Give 5 mg daily.", "Give 50 mg daily.", "Give [-5 mg-]{+50 mg+} daily."),
        ("Give 5mg daily.", "Give 50mg daily.", "Give [-5mg-]{+50mg+} daily."),
        ("Give 5 mg now.", "Give 5 micrograms now.", "Give [-5 mg-]{+5 micrograms+} now."),
        ("Give 5 µg now.", "Give 5 mg now.", "Give [-5 µg-]{+5 mg+} now."),
        ("Give 0.5 ml now.", "Give .5 ml now.", "Give [-0.5 ml-]{+.5 ml+} now."),
        ("Give 1.0 g now.", "Give 10 g now.", "Give [-1.0 g-]{+10 g+} now."),
        ("Give 10,000 units now.", "Give 1,000 units now.", "Give [-10,000 units-]{+1,000 units+} now."),
        ("Give 10 000 IU now.", "Give 100 000 IU now.", "Give [-10 000 IU-]{+100 000 IU+} now."),
        ("Give 5 mg/kg/day now.", "Give 5 mg/kg now.", "Give [-5 mg/kg/day-]{+5 mg/kg+} now."),
        ("Give 2 mg per kg now.", "Give 3 mg per kg now.", "Give [-2 mg per kg-]{+3 mg per kg+} now."),
        ("Give **5 mg** now.", "Give **50 mg** now.", "Give **[-5 mg-]{+50 mg+}** now."),
        ("Give 2 × 500 mg now.", "Give 4 × 500 mg now.", "Give [-2 × 500 mg-]{+4 × 500 mg+} now."),
        # how often and how long
        ("Take it 3 times per day.", "Take it 4 times per day.", "Take it [-3 times per day-]{+4 times per day+}."),
        ("Take it 3 times a day.", "Take it 3 times a week.", "Take it [-3 times a day-]{+3 times a week+}."),
        ("Give it every 4 weeks.", "Give it every 6 weeks.", "Give it every [-4 weeks-]{+6 weeks+}."),
        ("Take it once daily.", "Take it twice daily.", "Take it [-once-]{+twice+} daily."),
        ("Take it for 3–5 days.", "Take it for 3–7 days.", "Take it for [-3–5 days-]{+3–7 days+}."),
        ("Take it for 3 to 5 days.", "Take it for 3 to 7 days.", "Take it for [-3 to 5 days-]{+3 to 7 days+}."),
        ("Give 10 mg–20 mg now.", "Give 10 mg–30 mg now.", "Give [-10 mg–20 mg-]{+10 mg–30 mg+} now."),
        # limits and comparators
        ("After ≥2 relapses.", "After ≥1 relapses.", "After [-≥2-]{+≥1+} relapses."),
        ("Stop at <50 of them.", "Stop at >50 of them.", "Stop at [-<50-]{+>50+} of them."),
        ("Stop at &lt;50 of them.", "Stop at &gt;50 of them.", "Stop at [-&lt;50-]{+&gt;50+} of them."),
        ("Keep it > 4.5 mmol/L.", "Keep it > 5.5 mmol/L.", "Keep it [-> 4.5 mmol/L-]{+> 5.5 mmol/L+}."),
        ("At 20% or more.", "At 25% or more.", "At [-20%-]{+25%+} or more."),
        ("eGFR <30 mL/min/1.73 m² is low.", "eGFR <60 mL/min/1.73 m² is low.",
         "eGFR [-<30 mL/min/1.73 m²-]{+<60 mL/min/1.73 m²+} is low."),
        ("Platelets <50 × 10⁹/L.", "Platelets <100 × 10⁹/L.", "Platelets [-<50 × 10⁹/L-]{+<100 × 10⁹/L+}."),
        ("Count of 2 × 10<sup>9</sup>/L.", "Count of 2 × 10<sup>6</sup>/L.",
         "Count of [-2 × 10<sup>9</sup>/L-]{+2 × 10<sup>6</sup>/L+}."),
        ("Risk of 1:1000 in all.", "Risk of 1:100 in all.", "Risk of [-1:1000-]{+1:100+} in all."),
        ("Score of −2 is low.", "Score of 2 is low.", "Score of [-−2-]{+2+} is low."),
        ("2 or more relapses.", "3 or more relapses.", "[-2-]{+3+} or more relapses."),
        # words
        ("Do not give it.", "Do give it.", "Do [-not-] give it."),
        ("Give it in pregnancy.", "Do not give it in pregnancy.", "[-Give-]{+Do not give+} it in pregnancy."),
        ("For non-pregnant adults only.", "For pregnant adults only.", "For [-non-pregnant-]{+pregnant+} adults only."),
        ("As in TA127 now.", "As in TA1126 now.", "As in [-TA127-]{+TA1126+} now."),
        ("It is so.[^ta127]", "It is so.[^ta1126]", "It is so.[-[^ta127]-]{+[^ta1126]+}"),
        ("See [this](/pages/a/) page.", "See [this](/pages/b/) page.",
         "See [this[-](/pages/a/)-]{+](/pages/b/)+} page."),
        # blocks
        ("- one\n- two\n", "- one\n- three\n- two\n", "- one / {+- three+} / - two"),
        ("- a\n    - deep words\n", "- a\n- deep words\n", "- a / [-    --]{+-+} deep words"),
        ("| A | 5 mg |\n| B | 6 mg |", "| A | 5 mg |\n| B | 60 mg |", "| A | 5 mg | / | B | [-6 mg-]{+60 mg+} |"),
        ("# Dose\nGive it.", "# Doses\nGive it.", "[-# Dose-] / {+# Doses+} / Give it."),
        ("One is here.\n\nTwo is there.", "Two is there.\n\nOne is here.",
         "[-One is here.-] / Two is there. / {+One is here.+}"),
        ("", "Give it.", "{+Give it.+}"),
        ("Give it.", "", "[-Give it.-]"),
        # an insertion does not hide what changed after it
        ("Give A 5 mg now.\n\nGive B 5 mg now.", "New.\n\nGive A 6 mg now.\n\nGive B 6 mg now.",
         "{+New.+} / Give A [-5 mg-]{+6 mg+} now. / Give B [-5 mg-]{+6 mg+} now."),
    ],
)  # fmt: skip
def test_what_clinicians_change(old, new, expected):
    assert marked(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Give 5 mg\nat once.\n", "Give 5\nmg at once."),
        ("Give 5 mg at once.", "Give 5\u00a0mg at once."),
        ("One.\n\nTwo.", "One.\n\n\n\nTwo.\n"),
        ("", "\n\n"),
    ],
)
def test_spacing_between_words_is_no_change(old, new):
    assert not compare(old, new).has_changes


@pytest.mark.parametrize(("old", "new"), [("Give 5mg.", "Give 5 mg."), ("co trimoxazole", "cotrimoxazole")])
def test_spacing_that_makes_another_word_is_a_change(old, new):
    assert compare(old, new).has_changes


prose = st.lists(
    st.sampled_from(
        ["not", "5 mg", "50 mg", "≥2", "3–5", "days", ".", "- ", "    ", "# H", "| a |", " ", "\n", "\n\n"]
    ),
    max_size=40,
).map("".join)


@given(st.text() | prose, st.text() | prose)
@example("\x1c", "\u2028\r\n")
def test_nothing_is_lost_and_nothing_is_made_up(old, new):
    comparison = compare(old, new)

    assert joined(comparison, SAME, REMOVED) == old
    assert joined(comparison, SAME, ADDED) == new
    assert all(piece.text for block in comparison.blocks for piece in block.pieces)


@given(st.text() | prose)
def test_a_text_has_not_changed_from_itself(text):
    comparison = compare(text, text)

    assert not comparison.has_changes
    assert joined(comparison, REMOVED, ADDED) == ""


@given(prose, prose)
def test_words_that_differ_are_always_a_change(old, new):
    assert compare(old, new).has_changes or "".join(old.split()) == "".join(new.split())


@given(st.text() | prose, st.text() | prose)
def test_every_changed_word_is_shown(old, new):
    comparison = compare(old, new)
    shown = [piece for part in comparison.parts if not isinstance(part, Fold) for piece in part.shown]

    for kind in (REMOVED, ADDED):
        assert "".join("".join(joined(comparison, kind).split())) == "".join(
            "".join(piece.text.split()) for piece in shown if piece.kind == kind
        )


def test_long_unchanged_stretches_are_folded():
    lines = [f"- item {number}\n" for number in range(30)]
    old, new = "".join(lines), "".join([*lines[:10], "- another\n", *lines[10:]])

    parts = compare(old, new).parts

    assert [part.count if isinstance(part, Fold) else part.pieces[0].text for part in parts] == [
        9, "- item 9\n", "- another\n", "- item 10\n", 19,
    ]  # fmt: skip


def test_short_unchanged_stretches_are_not_folded():
    parts = compare("- a\n- b\n- c\n", "- a\n- b\n- c\n- d\n").parts

    assert [part.kind for part in parts] == ["same", "same", "same", "added"]


def test_a_block_says_where_it_stands():
    old = "Lead.\n\n## Dose\n\nGive 5 mg now.\n"
    block = compare(old, "New.\n\n" + old.replace("5 mg", "50 mg")).blocks[-1]

    assert (block.kind, block.heading, block.old_line, block.new_line) == ("changed", "Dose", 5, 7)


def test_only_the_fields_that_differ_are_returned():
    old, new = [("Title", "A"), ("Summary", "S"), ("Reason", "")], [("Title", "A"), ("Summary", "T"), ("Reason", "R")]

    assert [field.name for field in compare_fields(old, new)] == ["Summary", "Reason"]


def page(seed: int, between: str = "\n\n") -> str:
    """A page of 20,000 words in 1,000 paragraphs, or in one."""
    choose = random.Random(seed).choice
    return between.join(" ".join(choose(WORDS) for _ in range(18)) + " 5 mg." for _ in range(1000))


def scattered(text: str, every: int = 50) -> str:
    """The text with a word in every so many changed."""
    words = text.split(" ")
    words[::every] = ["other"] * len(words[::every])
    return " ".join(words)


LONG = {
    "changes scattered": (page(1), scattered(page(1))),
    "every dose changed": (page(1), "New.\n\n" + page(1).replace("5 mg", "50 mg")),
    "everything changed": (page(1), page(2)),
    "one line, changes scattered": (page(1, " "), scattered(page(1, " "))),
    "one line, everything changed": (page(1, " "), page(2, " ")),
    "short lines joined to one": tuple(joint.join(f"a{n} b{n}" for n in range(10_000)) for joint in ("\n\n", " ")),
    "one line of two words": ("a b " * 10_000, "b a b " * 6_667),
    "the same line again and again": ("- x\n" * 20_000, "- y\n" * 20_000),
    "few words in any order": tuple(" ".join(random.Random(seed).choices("ab", k=20_000)) for seed in (1, 2)),
    "few lines in any order": tuple("\n\n".join(random.Random(seed).choices("abcd", k=20_000)) for seed in (1, 2)),
    "marks": ("[^<a](" * 10_000, "<[^](a" * 10_000),
    "numbers without end": ("1.1" * 20_000 + "a", "1 1" * 20_000 + "b"),
}


@pytest.mark.parametrize("case", LONG)
def test_a_long_page_takes_no_time(case):
    old, new = LONG[case]
    started = time.process_time()

    comparison = compare(old, new)

    assert time.process_time() - started < 3  # measured: 0.1 to 0.8 s; with difflib alone, from 26 s to minutes
    assert joined(comparison, SAME, REMOVED) == old
    assert joined(comparison, SAME, ADDED) == new


def test_on_a_long_page_every_changed_dose_is_told_from_the_rest():
    for between in ("\n\n", " "):
        old = page(1, between)
        comparison = compare(old, "New. " + old.replace("5 mg", "50 mg"))
        changed = [
            piece.text for block in comparison.blocks for piece in block.pieces
            if piece.kind != SAME and not piece.is_spacing
        ]  # fmt: skip

        assert changed == ["New."] + ["5 mg", "50 mg"] * 1000
