import pytest

from content.markup import key_points
from content.markup.problems import WARNING, find
from content.markup.rendering import render

POINT = "- **[Dose](#h-dose):** 5 mg a day.[^a]\n"
REST = "\n## Dose\n\nGive 5 mg a day.[^a]\n\n[^a]: A.\n"
BRIEF = f"## In brief\n\n{POINT * 3}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BRIEF + REST, []),
        ("## in Brief ##\n\n" + POINT * 6 + REST, []),
        (BRIEF.replace("- ", "* ") + REST, []),
        (f"## In brief\n\n- **[Dose](#h-dose):** 5 mg\n  a day.[^a]\n\n{POINT}    - at night\n{POINT}" + REST, []),
        (REST, [(1, key_points.NONE)]),
        ("", [(1, key_points.NONE)]),
        ("> ## In brief\n>\n> - A\n" + REST, [(1, key_points.NONE)]),
        ("## In brief today\n" + REST, [(1, key_points.NONE)]),
        ("First.\n\n" + BRIEF + REST, [(3, key_points.NOT_FIRST)]),
        ("## In brief\n\nGive 5 mg.[^a]\n" + REST, [(1, key_points.NO_LIST)]),
        ("## In brief\n\n1. Give 5 mg.[^a]\n" + REST, [(1, key_points.NO_LIST)]),
        ("## In brief", [(1, key_points.NO_LIST)]),
        ("## In brief\n\n" + POINT + REST, [(1, key_points.NUMBER.format("1 key point"))]),
        ("## In brief\n\n" + POINT * 7 + REST, [(1, key_points.NUMBER.format("7 key points"))]),
        (BRIEF + "- **[Dose](#h-dose):** 6 mg.\n" + REST, [(6, key_points.NO_CITATION)]),
        (BRIEF + "- **Dose:** 6 mg.[^a]\n" + REST, [(6, key_points.NO_LINK)]),
        (BRIEF + "- **[Dose](/pages/dose/):** 6 mg.[^a]\n" + REST, [(6, key_points.NO_LINK)]),
    ],
)
def test_the_desk_says_what_is_wrong_with_the_key_points(text, expected):
    found = [(problem.line, problem.message) for problem in find(text, is_guidance=True) if problem not in find(text)]

    assert found == expected
    assert all(problem.level == WARNING for problem in find(text, is_guidance=True) if problem not in find(text))


def test_key_points_are_a_section_of_their_own_with_its_heading():
    points, rest = key_points.divide(render(BRIEF + REST).html)

    assert points.startswith('<section class="key-points" aria-labelledby="h-in-brief">\n<h2 id="h-in-brief">')
    assert points.count("<li>") == 3
    assert '<a href="#h-dose">Dose</a>' in points
    assert points.endswith("</ul>\n</section>")
    assert rest.lstrip().startswith('<h2 id="h-dose">')


@pytest.mark.parametrize(
    "text", ["## In brief\n\nText.\n\n- A", "First.\n\n" + BRIEF, "> " + BRIEF.replace("\n", "\n> "), "## Dose\n\n- A"]
)
def test_what_does_not_begin_with_key_points_is_not_divided(text):
    html = render(text).html

    assert key_points.divide(html) == ("", html)


def test_a_section_that_is_written_in_a_key_point_does_not_end_them():
    points, rest = key_points.divide(render(f"## In brief\n\n- A <section>b</section> c\n{POINT}\nRest.").html)

    assert "5 mg" in points
    assert rest.strip() == "<p>Rest.</p>"


def test_key_points_are_not_in_the_contents():
    text = BRIEF + "".join(f"\n## Part {number}\n\nText.\n" for number in range(4))

    assert [section["name"] for section in render(text).contents] == [f"Part {number}" for number in range(4)]
    assert render(text.replace("## Part 3", "### Part 3")).contents == []
