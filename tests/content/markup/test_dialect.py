"""What people write means what it looks like: lists, tables, boxes, code and the signs of medicine."""

import re

import pytest

from content.markup import blocks
from content.markup.rendering import render
from tests.pace import check_pace


def html(text):
    return re.sub(r"\n+", "", render(text).html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Lists
        ("Stop if:\n- rash\n- fever", "<p>Stop if:</p><ul><li>rash</li><li>fever</li></ul>"),
        ("In order:\n1. Oxygen\n2. Call", "<p>In order:</p><ol><li>Oxygen</li><li>Call</li></ol>"),
        ("The dose is\n14. Next", "<p>The dose is14. Next</p>"),
        ("• One\n• Two", "<ul><li>One</li><li>Two</li></ul>"),
        ("1) One\n2) Two", "<ol><li>One</li><li>Two</li></ol>"),
        ("a) One\nb) Two", "<p>a) One<br>b) Two</p>"),
        ("- A\n  - b\n  - c\n- D", "<ul><li>A<ul><li>b</li><li>c</li></ul></li><li>D</li></ul>"),
        ("1. A\n   - b\n2. C", "<ol><li>A<ul><li>b</li></ul></li><li>C</li></ol>"),
        ("1. A\n  - b\n2. C", "<ol><li>A<ul><li>b</li></ul></li><li>C</li></ol>"),
        ("- A\n    - b\n        - c", "<ul><li>A<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>"),
        ("- A\n  - b\n    - c", "<ul><li>A<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>"),
        ("- A\n\n  More of A.", "<ul><li><p>A</p><p>More of A.</p></li></ul>"),
        ("1. A\n\n   - b\n2. C", "<ol><li><p>A</p><ul><li>b</li></ul></li><li><p>C</p></li></ol>"),
        ("- A\n1. B", "<ul><li>A</li></ul><ol><li>B</li></ol>"),
        ("1. A\n2. B\n\n4. D", '<ol><li>A</li><li><p>B</p></li><li value="4"><p>D</p></li></ol>'),
        ("3. C\n5. E", '<ol start="3"><li>C</li><li value="5">E</li></ol>'),
        ("1. A\n1. B\n1. C", "<ol><li>A</li><li>B</li><li>C</li></ol>"),
        ("1234567890. mg", "<p>1234567890. mg</p>"),
        ("Text\n2.\nmore", "<p>Text2.more</p>"),
        ("- - a", "<ul><li><ul><li>a</li></ul></li></ul>"),
        ("> - a\n>   - b", "<blockquote><ul><li>a<ul><li>b</li></ul></li></ul></blockquote>"),
        # Tables
        ("Doses:\n| A | B |\n|---|---|\n| 1 | 2 |", "<td>2</td>"),
        ("| A | B |\n\n|---|---|\n\n| 1 | 2 |\n\n| 3 | 4 |", "<td>3</td><td>4</td>"),
        ("| A | B |\n|---|---|\n| 1 | 2 |\nText after.", "</div><p>Text after.</p>"),
        ("- Give:\n\n    | A | B |\n    |---|---|\n    | 1 | 2 |", "<td>2</td>"),
        # Headings and rules
        ("Do not give.\n---\nNext.", "<p>Do not give.</p><hr><p>Next.</p>"),
        ("Doses\n---\nNext.", "Doses</h2><p>Next.</p>"),
        ("Text\n## Doses\nMore", '<p>Text</p><h2 id="h-doses">Doses</h2><p>More</p>'),
        ("## Grade C#", "Grade C#</h2>"),
        # Quotations and boxes
        ("eGFR\n> 90: full dose", "<p>eGFR&gt; 90: full dose</p>"),
        (">= 90 mL/min", "<p>&gt;= 90 mL/min</p>"),
        ("> Quoted\n> 90 times", "<blockquote><p>Quoted90 times</p></blockquote>"),
        (
            "> [!CAUTION]\n> Not under 18",
            '<div class="admonition caution"><p class="admonition-title">Caution</p><p>Not',
        ),
        ("> [!note] Doses\n> Text", '<p class="admonition-title">Doses</p><p>Text</p>'),
        ("!!! warning\nNot under 18", '<p class="admonition-title">Warning</p><p>Not under 18</p></div>'),
        ("!!! warning\n  Not under 18\n\nAfter.", "<p>Not under 18</p></div><p>After.</p>"),
        # Code
        ("```\nAdult: 500\n\nChild: 250\n```", "<pre><code>Adult: 500Child: 250</code></pre>"),
        ("- A:\n\n    ```\n    x *y*\n    ```\n- B", "<pre><code>x *y*</code></pre>"),
        ("```\nnot ended", "<p>```not ended</p>"),
        # Lists with nothing between them that is shown there
        ("1. A\n2. B\n\n*[XY]: b\n\n1. C\n2. D", '<li><p>B</p></li><li value="1"><p>C</p></li><li>D</li></ol>'),
        ("1. A\n2. B\n\n[^1]: b\n\n3. C[^1]", '</li><li value="3">'),
        ("1. A\n2. B\n\n1) C\n2) D", '<li>A</li><li><p>B</p></li><li value="1"><p>C</p></li><li>D</li></ol>'),
        ("1. A\n\nBetween.\n\n1. B", "<ol><li>A</li></ol><p>Between.</p><ol><li>B</li></ol>"),
        # Lines
        ("Shock\\\nLactate", "<p>Shock<br>Lactate</p>"),
        # Brackets
        ("[a [b] c](/pages/d/)", '<p><a href="/pages/d/">a [b] c</a></p>'),
        ("[one] [two]\n\n[two]: /a/", '<p>[one] <a href="/a/">two</a></p>'),
        ("[[1] and](", "<p>[[1] and](</p>"),
        ("**A**irway and Hypo**kal**emia", "<p><strong>A</strong>irway and Hypo<strong>kal</strong>emia</p>"),
    ],
)
def test_what_is_written_is_what_it_looks_like(text, expected):
    assert expected in html(text)


@pytest.mark.parametrize(
    "typed",
    [
        "HLA-B*57:01",
        "*1/*3 or *2/*3",
        "5*2*3 mg",
        "(140-age)*weight*1.23",
        "#NOF: call",
        "K<5 and Na>130",
        "\\\\trust-fs01\\neuro\\_forms",
        "C:\\_data\\#1",
        "~5 mg, 10^9/L, 5 µg",
        "2**3**4",
        "[3] of 10 [see]",
        "50 % & 5 °C",
        "5 ` 6",
        "a_b_c",
    ],
)
def test_the_signs_of_medicine_come_out_as_typed(typed):
    assert typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in html(f"Give {typed} today.")


def test_every_line_of_a_text_is_read():
    text = "a\n\n- b\n  - c\n\n```\nd\n```\n> e\n>\n> f\n\n| g | h |\n|---|---|\n| i | j |\n"

    assert [line.number for line in blocks.read(text)] == list(range(1, text.count("\n") + 2))


def test_containers_within_one_another_without_end_are_text():
    for mark in ("> ", "- ", "1. "):
        assert "word" in html(mark * 3000 + "word")


@pytest.mark.parametrize(
    "piece",
    [
        "[", "[a](", "![", "](", "[^", "`", "*", "**a ", "<", "<a ", "<!--", "<div>", "    a\n\n", "| a | b |\n",
        "```\n", "\\#", "*[a]: b\n", "[a]: b\n", "<ul>", "<i>a</b>",
    ],
)  # fmt: skip
def test_the_time_is_in_proportion_to_the_length(piece):
    """A hundred thousand characters of anything take a few seconds of the processor at most, on a slow machine."""
    check_pace(render_with_reference, piece, length=100_000, seconds=3)


@pytest.mark.parametrize(
    "piece",
    [
        "`` ` ", "_a", "&a;", "> a\n\n", "- a\n", "1. a\n", "# a\n", "|a|b|\n|-|-|\n|c|d|\n\n", "!!! note\n    a\n\n",
        "[^a]: b\n", "a[^1] ", "a\n: b\n\n", "a\\\n", "a\n---\n", "-\n",
    ],
)  # fmt: skip
def test_the_time_for_very_many_pieces_is_in_proportion_to_their_number(piece):
    """Each of these becomes an element, which takes its time: a quarter of the length says the same in a quarter."""
    check_pace(render_with_reference, piece, length=25_000, seconds=0.75)


def render_with_reference(text: str) -> None:
    render(f"{text}\n\n[^1]: c")
