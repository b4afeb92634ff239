"""What a clinician reads in ten seconds: every changed number, and what came, went and moved."""

import re
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from content.comparison.changes import Line, Place
from content.comparison.numbers import number_changes
from content.comparison.stretches import Stretch
from content.comparison.summary import summarise
from content.comparison.words import is_number, split_text
from tests.content.comparison.sides import compared

TABLE = "## Dose\n\n| Who | Start | Then |\n|---|---|---|\n| Child | 0.5 mg | 1 mg |\n| Adult | 5 mg | 10 mg |\n"


def summary(old: str, new: str, facts=((), ())) -> list[str]:
    """Every line of the summary, as it is read."""
    lines = []
    for topic in summarise(compared(old, new, facts)):
        lines += [f"{topic.name}: {topic.lead}"] if topic.lead else []
        lines += [f"{topic.name}: {said(item)}" for item in topic.items]
    return lines


def said(item) -> str:
    place = item.place
    text = item.text + (f", from {item.came_from}" if item.came_from else "")
    if place:
        text += f", in {place.heading}"
        text += f", row {place.row}" if place.row else ""
        text += f", column {place.column}" if place.column else ""
    return text + (f": {item.around}" if item.around else "") + (f", {item.times} times" if item.times > 1 else "")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # numbers, by row and column, or with the words around them
        (TABLE, TABLE.replace("0.5 mg", "5 mg"),
         ["Numbers: 1 changed", "Numbers: 0.5 → 5 mg, in Dose, row Child, column Start"]),
        (TABLE, TABLE.replace("Start", "Start (g)"),
         ["Numbers: 1 added", "Numbers: Added: g, in Dose, column Start (g)",
          "Reworded: Added: “(g)”, in Dose, column Start (g)"]),
        ("## Dose\n\nGive 5 mg daily.", "## Dose\n\nGive 5 micrograms daily.",
         ["Numbers: 1 changed", "Numbers: 5 mg → 5 micrograms, in Dose: Give 5 micrograms daily"]),
        ("Take it once daily.", "Take it once weekly.",
         ["Numbers: 1 changed", "Numbers: daily → weekly, in Start of the text: Take it once weekly"]),
        ("Stop if K < 130.", "Stop if K > 130.",
         ["Numbers: 1 changed", "Numbers: < 130 → > 130, in Start of the text: Stop if K > 130"]),
        ("At least 9 new lesions seen.", "At least some new lesions seen.",
         ["Numbers: 1 removed", "Numbers: Removed: 9 new lesions, in Start of the text",
          "Reworded: “9” → “some”, in Start of the text"]),
        # words
        ("Do not give it to them.", "Do give it to them.",
         ["Numbers: None changed", "Reworded: Removed: “not”, in Start of the text"]),
        ("A is good. It is not given.", "B is good. It is given.",
         ["Numbers: None changed",
          "Reworded: Removed: “not”, in Start of the text", "Reworded: “A” → “B”, in Start of the text"]),
        # blocks, sections, rows and columns
        ("One text that stays.", "One text that stays.\n\n## New\n\nGive 5 mg.\n\nGive 6 mg.",
         ["Numbers: 2 added", "Numbers: Added: 5 mg, 6 mg, in New", "Added: Whole section, in New"]),
        ("One text that stays.\n\nTwo is another one.\n\nThree as well here.", "One text that stays.",
         ["Numbers: None changed", "Removed: “Two is another one.” and 1 more, in Start of the text"]),
        (TABLE, TABLE + "| Frail | 2 mg | 3 mg |",
         ["Numbers: 2 added", "Numbers: Added: 2 mg, 3 mg, in Dose, row Frail", "Added: Row “Frail”, in Dose"]),
        (TABLE, "## Dose\n\n| Who | Then |\n|---|---|\n| Child | 1 mg |\n| Adult | 10 mg |\n",
         ["Numbers: 2 removed", "Numbers: Removed: 0.5 mg, in Dose, row Child, column Start",
          "Numbers: Removed: 5 mg, in Dose, row Adult, column Start", "Removed: Column “Start”, in Dose"]),
        ("First of the two is here.\n\n## B\n\nIt is over there now.",
         "## B\n\nIt is over there now.\n\nFirst of the two is here.",
         ["Numbers: None changed", "Moved: “First of the two is here.”, from Start of the text, in B"]),
        # references
        ("So.[^a]\n\n[^a]: Smith 2019.", "So.[^a]\n\n[^a]: Smith 2020.",
         ["Numbers: None changed",
          "References: 1 reference changed: 1 reworded", "References: 2019 → 2020, in reference 1"]),
        ("So.[^a]\n\n[^a]: Smith 2019.", "So.[^a][^b]\n\n[^a]: Smith 2019.\n[^b]: Jones.",
         ["Numbers: None changed", "References: 1 reference changed: 1 added",
          "References: Citation (2) “Jones.” added, in Start of the text"]),
        # what nobody sees
        ("See [it](https://a.example/).", "See [it](https://b.example/).",
         ["Numbers: None changed",
          "Also changed: Link on “it”: https://a.example/ → https://b.example/, in Start of the text"]),
        ("Never do **not** do it.", "Never do not do it.",
         ["Numbers: None changed", "Also changed: Emphasis of “not”: bold → not bold, in Start of the text"]),
        ("DMT or DMT.\n\n*[DMT]: Therapy", "DMT or DMT.\n\n*[DMT]: Treatment",
         ["Numbers: None changed",
          "Also changed: Explanation of “DMT”: “Therapy” → “Treatment”, in Start of the text, 2 times"]),
        ("![A map](/static/a.png)", "![A plan](/static/a.png)",
         ["Numbers: None changed",
          "Also changed: Description of the picture “A plan”: “A map” → “A plan”, in Start of the text"]),
        ("![A map](/static/a.png)", "![A map](/static/b.png)",
         ["Numbers: None changed",
          "Also changed: Address of the picture “A map”: /static/a.png → /static/b.png, in Start of the text"]),
        ("## A\n\n### B\n\n#### C\n\nText.", "## A\n\n### B\n\n### C\n\nText.",
         ["Numbers: None changed", "Also changed: Level of the heading “C”: 4 → 3, in C"]),
        ("- Give it now", "1. Give it now",
         ["Numbers: None changed",
          "Also changed: Form of “Give it now”: list item → numbered item, in Start of the text"]),
        ('!!! warning "Stop"\n    Not again now.', "**Stop**\n\nNot again now.",
         ["Numbers: None changed", "Also changed: Emphasis of “Stop”: not bold → bold, in Start of the text",
          "Also changed: Form of “Stop”: paragraph in a warning box → paragraph, in Start of the text",
          "Also changed: Form of “Not again now.”: paragraph in a warning box → paragraph, in Start of the text"]),
        ("1. Give it", "3. Give it",
         ["Numbers: None changed", "Also changed: Number before “Give it”: 1 → 3, in Start of the text"]),
    ],
)  # fmt: skip
def test_what_is_said_first(old, new, expected):
    assert sorted(summary(old, new)) == sorted(expected)


def test_what_says_not_comes_first_and_signs_last():
    lines = summary("A, it is so. Give it.", "B it is so. Do not give it.")

    assert [line.partition(", in")[0] for line in lines[1:]] == [
        "Reworded: “Give” → “Do not give”", "Reworded: “A,” → “B”",
    ]  # fmt: skip
    assert "Reworded: Removed: “,”" in summary("Give it, now, and b c.", "Give it now, and b d.")[-1]


def test_a_number_that_stayed_in_what_was_replaced_did_not_change():
    stretch = Stretch(*(tuple(split_text(text)) for text in ("at least 5 mg of it", "no more than 5 mg each")))

    assert list(number_changes(Line((stretch,), Place("Dose"), is_whole=False))) == []


def test_numbers_in_title_and_summary_are_named_with_them():
    facts = ((("Title", "Give 5 mg"), ("Summary", "At <130.")), (("Title", "Give 6 mg"), ("Summary", "At <140.")))

    lines = summary("Text.", "Text.", facts)

    assert lines == [
        "Numbers: 2 changed",
        "Numbers: 5 → 6 mg, in Title: Give 6 mg",
        "Numbers: <130 → <140, in Summary: At <140",
    ]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("5 mg", True), ("−2", True), ("½", True), ("10⁹", True), ("TA127", True), ("twice", True), ("daily", True),
        ("BD", True), ("mg", True), ("≥", True), ("three-weekly", True), ("MI", False), ("I", False), ("not", False),
        ("on", False), ("a", False), (",", False),
    ],
)  # fmt: skip
def test_what_counts_as_a_number_or_dose(word, expected):
    assert is_number(word) is expected


# Every changed number is in the summary

NUMBERS = st.sampled_from(
    ["5 mg", "50 mg", "0.5 mg", "<130", ">130", "5–10 mg/kg", "10–5 mg/kg", "1,000", "10,000", "−2", "2",
     "3 times a day",
     "½", "1:100", "20%", "10⁹/L", "7.4", "5 micrograms"]
)  # fmt: skip
PLACES = [
    "Give {} of it to the person at once.",
    "- first item of three\n- give {} of it\n- last item",
    "1. {}\n2. other",
    '!!! warning "Never more than {}"\n    Text of the box.',
    '!!! warning "Stop"\n    Never give {} again.',
    "## Give {} at most\n\nText below it.",
    "| Who | Dose |\n|---|---|\n| Child | {} |\n| Adult | 77 mg |",
    "| Who | Dose {} |\n|---|---|\n| Child | 66 mg |\n| Adult | 77 mg |",
    "| Who | Dose |\n|---|---|\n| {} | 66 mg |\n| Adult | 77 mg |",
    "> Quoted: {} is right.",
    "So it is.[^a]\n\n[^a]: Smith, {}, in a journal.",
    "Term\n:   Means {} here.",
    "**{}** is *bold*.",
]


@given(st.sampled_from(PLACES), NUMBERS, NUMBERS, st.sampled_from(["", "Text before.\n\n", "Give 88 mg.\n\n## A\n\n"]))
def test_a_changed_number_is_never_left_out(place, old, new, before):
    assume(old != new)
    lines = summary(before + place.format(old), before + place.format(new) + "")

    assert any(f"{old} → {new}" in line or short(old, new) in line for line in lines), lines


def short(old: str, new: str) -> str:
    """The unit said once: 0.5 → 5 mg."""
    figures = re.match(r".*[\d⁹½]", old)
    return f"{figures[0]} → {new}"


@given(st.lists(NUMBERS, min_size=1, max_size=5), st.lists(NUMBERS, min_size=1, max_size=5))
def test_numbers_exchanged_in_any_way_are_all_accounted_for(olds, news):
    comparison = compared(f"Give {' and '.join(olds)} now.", f"Give {' and '.join(news)} now.")
    found = [each for _, change in comparison.changes for line in change.lines for each in number_changes(line)]

    named = [Counter(filter(None, side)) for side in ([each.old for each in found], [each.new for each in found])]

    assert Counter(olds) - named[0] == Counter(news) - named[1]  # what is not named stayed
    assert named[0] <= Counter(olds)
    assert named[1] <= Counter(news)


@pytest.mark.parametrize(
    ("sections", "shown"),
    [
        (2, {"Numbers": (2, 0), "Reworded": (3, 0)}),
        (8, {"Numbers": (6, 2), "Reworded": (1, 8)}),  # much: of the words, only what says "not"
    ],
)
def test_if_much_changed_the_numbers_are_still_read_at_once(sections, shown):
    old = "".join(f"## Part {name}\n\nGive 5 mg of it slowly.\n\n" for name in "abcdefgh"[:sections]) + "Do not stop.\n"
    new = old.replace("5 mg", "6 mg").replace("slowly", "quickly").replace("not ", "")

    topics = summarise(compared(old, new))

    assert {topic.name: (len(topic.shown), len(topic.folded)) for topic in topics} == shown
