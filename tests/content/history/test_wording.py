import time

import pytest

from content.history.wording import differences, visible_words, words_of


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("Give 5 mg.", "Give 5 mg.", []),
        ("Give 5 mg.", "Give 50 mg.", ["Give [-5-] {+50+} mg."]),
        ("Give 5 mg.", "Give 5 mg daily.", ["Give 5 [-mg.-] {+mg daily.+}"]),
        ("", "New.", ["{+New.+}"]),
        ("a b c d e f 5 g h i j k", "a b c d e f 6 g h i j k", ["… c d e f [-5-] {+6+} g h i j …"]),
        ("- a\n- b\n", "- a\n    - b\n", ["- a [-⏎-] {+⏎    +} - b ⏎"]),
        ("A\nB\n", "A\n\nB\n", ["A [-⏎-] {+⏎⏎+} B ⏎"]),
        ("Give  5 mg.", "Give 5   mg.", []),
        ("Give 05 mg.", "Give \u202e05 mg.", ["Give [-05-] {+\\u202e05+} mg."]),
        ("Stop.", "\x1b[2JStop.", ["[-Stop.-] {+\\x1b[2JStop.+}"]),
    ],
)
def test_each_place_is_a_line_with_what_goes_and_what_comes(old, new, lines):
    assert differences(words_of(old), words_of(new)) == lines


def test_places_that_are_far_apart_are_lines_of_their_own_and_many_are_counted():
    old = [f"word{number}" for number in range(400)]
    new = [f"{word}!" if number % 20 == 10 else word for number, word in enumerate(old)]

    lines = differences(old, new)

    assert lines[0] == "… word6 word7 word8 word9 [-word10-] {+word10!+} word11 word12 word13 word14 …"
    assert (len(lines), lines[-1]) == (13, "and 8 more places")


def test_of_a_long_change_the_middle_is_counted():
    [line] = differences([], [f"w{number}" for number in range(100)])

    assert line.startswith("{+w0 w1 ")
    assert line.endswith(" … 60 words … w90 w91 w92 w93 w94 w95 w96 w97 w98 w99+}")


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Stop if K<em>1</em>30 &amp; Na&gt;5.</p>", ["Stop", "if", "K130", "&", "Na>5."]),
        ("<tr><td>5</td><td>mg</td></tr>", ["5", "mg"]),
        ("<p>a<br>b</p><p>c</p>", ["a", "b", "c"]),
        ('Dose.\u2060<sup id="fnref:x"><a href="#fn:x">(1)</a></sup>', ["Dose.(1)"]),
        ('<img src="/a.png" alt="A scan">', ["A", "scan"]),
        ('<abbr title="multiple sclerosis">MS</abbr>', ["MS"]),
        ("", []),
    ],
)
def test_visible_words_are_those_that_readers_see_or_hear(html, words):
    assert visible_words(html) == words


def test_a_long_page_that_changes_everywhere_is_compared_quickly():
    old = [f"w{number * 7919 % 1000}" for number in range(20_000)]
    new = [f"w{number * 104729 % 1000}" for number in range(20_000)]
    begun = time.process_time()
    differences(old, new)

    assert time.process_time() - begun < 5
