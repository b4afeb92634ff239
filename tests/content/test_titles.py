import pytest

from content.templatetags.guidance import in_two_sizes
from content.titles import LONGEST, divide, head_of

NATALIZUMAB = "Natalizumab for the treatment of adults with highly active relapsing–remitting multiple sclerosis"


@pytest.mark.parametrize(
    ("title", "divided"),
    [
        (NATALIZUMAB, ("Natalizumab", NATALIZUMAB[12:])),
        ("Other disease-modifying therapies: their doses and their checks",
         ("Other disease-modifying therapies:", "their doses and their checks")),
        ("Pregnancy and breast-feeding in women who have multiple sclerosis",
         ("Pregnancy and breast-feeding", "in women who have multiple sclerosis")),
        # the first of them, whichever it is
        ("Vaccination in adults: what is safe for people with weak immunity",
         ("Vaccination", "in adults: what is safe for people with weak immunity")),
        ("Fingolimod: first dose in hospital and what to watch for later",
         ("Fingolimod:", "first dose in hospital and what to watch for later")),
        # 48 characters are one piece, 49 are not
        ("x" * 20 + " in " + "y" * 24, ("x" * 20 + " in " + "y" * 24, "")),
        ("x" * 20 + " in " + "y" * 25, ("x" * 20, "in " + "y" * 25)),
        ("Natalizumab: doses, trials and harms", ("Natalizumab: doses, trials and harms", "")),
        # inside a word or without its space nothing ends
        ("Formulations and infusions:infliximab before interferon beta", None),
        ("Ratio 1:2 of something that has a long name but no other part", None),
        (": " + "x" * 60, (":", "x" * 60)),
        (" in " + "x" * 60, None),
        ("x" * 60 + ": ", None),
        ("", ("", "")),
    ],
)  # fmt: skip
def test_a_title_is_divided(title, divided):
    assert divide(title) == (divided or (title, ""))


def test_the_two_parts_are_the_title_to_the_letter():
    for end in (" for ", ": ", " in "):
        title = f"Natalizumab{end}{'x' * LONGEST}"
        assert " ".join(divide(title)) == title


@pytest.mark.parametrize(
    ("title", "head"),
    [
        (NATALIZUMAB, "Natalizumab"),
        ("Fingolimod: first dose", "Fingolimod"),
        ("Vaccination in adults", "Vaccination"),
        ("Switching", "Switching"),
    ],
)
def test_a_title_of_any_length_is_on_its_first_part(title, head):
    assert head_of(title) == head


def test_a_title_is_never_html():
    assert in_two_sizes("<b> & co") == "&lt;b&gt; &amp; co"
    long = in_two_sizes(f"<b> in <i>{'x' * LONGEST}")
    assert long == f'&lt;b&gt; <span class="rest">in &lt;i&gt;{"x" * LONGEST}</span>'
