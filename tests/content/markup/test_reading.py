import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.markup import reading, tree
from content.markup.rendering import render

LIBRARY = sorted(Path("content/library").rglob("*.md"))
MARKS = st.sampled_from(
    ["# ", "## ", "\n", "\n\n", "[^a]", "[^a]: ", "- ", "1. ", "|", "|-|\n", "**", "`", "<b>", "</", ">", "&lt;", " "]
)
TEXT = st.lists(st.one_of(MARKS, st.text("ab 5é<&\"'", min_size=1, max_size=6)), max_size=40).map("".join)
BODY = """## In brief

- **[Dose](#h-dose-of-a-b):** 5 mg.[^a]

!!! warning "Stop"
    Ask.[^b]

## Dose of *A* & B[^a]

| Form | Dose |
|---|---|
| Tablet | 5 mg[^b] |
| Drops | 2 mg |

### Children

Ask first.[^a]

[^a]: Author A. <https://a.example/>. As in B.[^b]
[^b]: Author B
"""


def words(html: str) -> list[str]:
    return unescape(re.sub("<[^>]+>", " ", html)).split()


def dressed(text: str) -> tree.etree.Element:
    """Return the tree of a text as it is read on its page, without icons."""
    return tree.parse(re.sub("<svg.*?</svg>", "", reading.dress(render(text).html)))


def without_what_was_added(html: str) -> str:
    return re.sub(r'<p class="section-tools">.*?</p>|<div class="card".*\Z', "", html, flags=re.DOTALL)


@given(TEXT)
def test_no_word_of_a_text_changes_or_moves(text):
    html = render(text).html

    assert words(without_what_was_added(reading.dress(html))) == words(html)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.name)
def test_no_word_of_the_library_changes_or_moves(path):
    html = render(path.read_text().split("\n---\n", 1)[1]).html

    assert words(without_what_was_added(reading.dress(html))) == words(html)


def test_each_citation_opens_the_card_of_its_reference():
    page = dressed(BODY)
    cards = {card.get("id"): card for card in page.iter("div") if card.get("class") == "card"}
    cited = [(button.get("popovertarget"), button.text) for button in page.iter("button") if button.text]

    assert cited[:5] == [
        ("reference-1", "(1)"), ("reference-2", "(2)"), ("reference-1", "(1)"), ("reference-2", "(2)"),
        ("reference-1", "(1)"),
    ]  # fmt: skip
    assert "Author A. https://a.example/. As in B." in " ".join(tree.text(cards["reference-1"]).split())
    assert "Author B" in tree.text(cards["reference-2"])
    assert all(card.get("popover") == "auto" for card in cards.values())
    assert not [link for link in page.iter("a") if link.get("class") == "footnote-ref"]
    assert [link.get("href") for link in cards["reference-2"].iter("a")] == ["#fn:b"]


def test_every_id_is_there_once_and_every_address_within_the_page_leads_to_one():
    page = dressed(BODY)
    ids = [element.get("id") for element in page.iter() if element.get("id")]

    assert len(ids) == len(set(ids))
    links = {link.get("href", "")[1:] for link in page.iter("a") if link.get("href", "").startswith("#")}
    assert links <= set(ids)
    assert {button.get("popovertarget") for button in page.iter("button")} <= set(ids)


def test_a_section_says_how_to_link_to_it():
    html = reading.dress(render(BODY).html)

    assert html.count('<div class="section-head">') == 1  # neither the key points nor the references
    assert 'class="here-link" href="#h-dose-of-a-b"><span class="unseen">Link to “Dose of A &amp; B”</span>' in html


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("| A | B |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n", ["1", "3"]),
        ("| A |\n|---|\n| 1 |\n", []),
        ("<table><thead><tr><th>A</th><th>B</th></tr></thead><tr><td colspan='2'>1</td></tr></table>", []),
    ],
)
def test_the_first_cell_of_a_row_names_it_unless_cells_are_joined(table, names):
    page = dressed(table)

    assert [tree.text(cell) for cell in page.iter("th") if cell.get("scope") == "row"] == names


def test_a_page_is_divided_where_it_is_read_in_parts():
    html = reading.dress(render(BODY).html)
    parts = reading.divide(html)

    assert parts.brief + parts.text + parts.references == html
    assert parts.brief.startswith('<section class="key-points"')
    assert "Ask." in parts.brief  # a box before the first heading
    assert parts.text.startswith('<div class="section-head"><h2 id="h-dose')
    assert parts.references.startswith('<section class="references">')


@pytest.mark.parametrize(
    ("text", "brief", "references"),
    [("Text.", "", ""), ("## Dose\n\nText.", "", ""), ("## In brief\n\n- A\n", "A", ""), ("A[^a]\n\n[^a]: B", "", "B")],
)
def test_a_part_that_a_page_has_not_is_empty(text, brief, references):
    parts = reading.divide(reading.dress(render(text).html))

    assert (brief in parts.brief, bool(parts.brief)) == (True, bool(brief))
    assert (references in parts.references, bool(parts.references)) == (True, bool(references))


@pytest.mark.parametrize(("kind", "is_harm"), [("warning", True), ("caution", True), ("note", False), ("tip", False)])
def test_a_box_that_warns_of_harm_is_a_group_with_a_sign(kind, is_harm):
    html = reading.dress(render(f'!!! {kind} "Stop *at* once[^a]"\n    Ask.\n\n[^a]: A\n').html)

    assert ('role="group" aria-label="Stop at once"' in html) is is_harm
    assert (f'<p class="admonition-title">{reading.HARM}Stop' in html) is is_harm


def test_a_dose_in_a_cell_is_kept_together():
    page = dressed(
        "| Form | Dose | Note |\n|---|---|---|\n| 5 mg | 2 × **150 mg** | 150 mg after an hour |\n| B | None | 1 |\n"
    )

    assert [tree.text(cell) for cell in page.iter("td") if cell.get("class") == "short"] == ["2 × 150 mg", "1"]
