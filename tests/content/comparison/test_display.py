"""What a page shows of a comparison: well-formed HTML, in which everything that changed is marked."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given

from content.comparison.comparison import Reading, compare
from content.comparison.display import show
from content.markup.rendering import render
from tests.content.comparison.sides import compared, letters, visible
from tests.content.comparison.test_comparison import TABLE, edits

VOID = {"br", "img", "hr"}
NOT_OF_THE_TEXT = {"comparison-said", "change-tag", "moved-away", "behind"}


class _Shown(HTMLParser):
    """Reads the HTML of a comparison, checks that its tags match, and collects the new text and every id."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []
        self.ids: list[str] = []
        self.facts: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.ids += [facts["id"]] if "id" in facts else []
        self.facts += [(tag, name, value) for name, value in attrs]
        is_hidden = tag in ("del", "summary") or bool(NOT_OF_THE_TEXT & set(facts.get("class", "").split()))
        if tag not in VOID:
            self.open.append((tag, is_hidden))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if not any(is_hidden for _, is_hidden in self.open):
            self.texts.append(data)


def shown(html: str) -> _Shown:
    reader = _Shown()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader


def page(old: str, new: str) -> str:
    """The HTML of every section, in the order of the texts."""
    comparison = compared(old, new)
    html = {section.anchor: section.html for section in _sections(comparison)}
    return "\n".join(html[section.anchor] for section in comparison.sections)


def _sections(comparison):
    found = show(comparison)
    return [*found.changed, *found.unchanged, *([found.references] if found.references else [])]


@given(edits())
def test_a_page_shows_exactly_the_new_text_around_what_was_removed(pair):
    old, new = (render(text).html for text in pair)
    comparison = compare(Reading((), old), Reading((), new))
    html = {section.anchor: section.html for section in _sections(comparison)}
    read = [shown(html[section.anchor]) for section in comparison.sections]

    said = letters("".join("".join(each.texts) for each in read)).replace("Startofthetext", "")

    assert said == visible(new)
    ids = [each for section in read for each in section.ids]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # words: marked for those who see and for those who listen
        ("Give 5 mg now.", "Give 50 mg now.",
         'Give <del class="short"><span class="comparison-said">[removed: </span>5 mg<span class="comparison-said">]'
         '</span></del> <ins class="short"><span class="comparison-said">[added: </span>50 mg'
         '<span class="comparison-said">]</span></ins> now.'),
        # blocks
        ("One text.", "One text.\n\nAnother of them.",
         '<div class="whole added"><span class="change-tag added">Added</span>'
         '<p id="new-1"><ins>Another of them.</ins></p></div>'),
        ("One text.\n\nAnother of them.", "One text.", '<span class="change-tag removed">Removed</span>'
         '<p id="old-1"><del>Another of them.</del></p>'),
        ("- one a\n- two b\n- three c", "- one a\n- three c", '<li><div class="whole removed">'
         '<span class="change-tag removed">Removed</span><div id="old-1"><del>two b</del></div></div></li>'),
        ("1. one a\n2. two b", "1. one a\n2. new of it\n3. two b", '<li value="3"><div id="new-2">two b</div></li>'),
        # what moved
        ("First of the two is here.\n\n## B\n\nIt is over there.",
         "## B\n\nIt is over there.\n\nFirst of the two is here.",
         '<p class="moved-away"><a href="#new-2">“First of the two is here.” moved to “B”</a></p>'),
        ("First of the two is here.\n\n## B\n\nIt is over there.",
         "## B\n\nIt is over there.\n\nFirst of the two is here.",
         '<div class="whole moved"><span class="change-tag moved">Moved from “Start of the text”</span>'
         '<p id="new-2">First of the two is here.</p></div>'),
        # tables
        (TABLE, TABLE.replace("0.5 mg", "5 mg"), '<tr><td>Child</td><td class="changed"><del class="short">'),
        (TABLE, TABLE + "| Old | 3 mg | iv |\n",
         '<tr class="added"><td><span class="change-tag added">Row added</span> '),
        (TABLE, TABLE.replace("| Adult | 5 mg | oral |\n", ""),
         '<tr class="removed"><td><span class="change-tag removed">Row removed</span> '),
        (TABLE, "| Who | Route |\n|---|---|\n| Child | oral |\n| Adult | oral |\n| Frail | iv |\n",
         '<span class="change-tag removed">Column removed</span></th>'),
        # what is folded, and what changed behind the words
        ("\n\n".join(f"Text {n} of it." for n in range(9)), "\n\n".join(f"Text {n or 99} of it." for n in range(9)),
         '<details class="comparison-fold"><summary>7 unchanged paragraphs</summary>'),
        ("See [it](https://a.example/).", "See [it](https://b.example/).",
         '<p class="behind">Link on “it”: https://a.example/ → https://b.example/</p>'),
        ("## A\n\nText.", "## A\n\nText.\n\n## B\n\nNew.",
         '<span class="change-tag added">Section added</span></h2><div class="whole added"><p id="new-3">'),
        ('!!! warning "Stop at 5"\n    Never.', '!!! warning "Stop at 6"\n    Never.',
         '<div class="admonition warning"><p id="new-0" class="admonition-title">Stop at '),
    ],
)  # fmt: skip
def test_what_the_page_shows(old, new, expected):
    assert expected in page(old, new)


def test_what_was_removed_from_a_list_is_in_that_list():
    html = page("- one of it\n- two of it\n    - three under it\n- four of it", "- one of it\n- four of it")

    assert html.count("<ul>") == 2
    assert html.count("<li") == 4


def test_a_list_item_that_is_interrupted_continues_without_another_mark():
    old = "1. First words of it\n\nA paragraph that goes away.\n\n2. Second words of it"

    html = page(old, "1. First words of it\n\n    Second words of it")

    assert re.search(r'<li value="1"><(p|div) id="new-0">First.*away.*<li value="1" class="continued"><p', html)


def test_a_heading_that_was_removed_is_no_name_of_what_was_under_it():
    html = page("## A\n\nText that stays here.", "Text that stays here.")

    assert '<h2 id="section-1">Start of the text</h2><div class="whole removed">' in html
    assert '<h2 id="old-0"><del>A</del></h2></div><p id="new-0">Text that stays here.</p>' in html


def test_sections_that_stayed_and_references_are_apart_from_those_that_changed():
    old = "Lead in.[^a]\n\n## A\n\nGive 5 mg.\n\n## B\n\nStays.\n\n[^a]: Smith 2019.\n"

    found = show(compared(old, old.replace("5 mg", "6 mg").replace("2019", "2020")))

    assert [(section.name, section.count) for section in found.changed] == [("A", 1)]
    assert [section.name for section in found.unchanged] == ["Start of the text", "B"]
    assert found.references_lead == "1 reference changed: 1 reworded"
    assert found.references.count == 1


def test_references_that_stayed_are_among_what_stayed():
    found = show(compared("So.[^a]\n\n[^a]: Smith.", "So it is.[^a]\n\n[^a]: Smith."))

    assert found.references is None
    assert [section.name for section in found.unchanged] == ["References"]


@pytest.mark.parametrize(
    "html",
    [
        '<p><a href="javascript:alert(1)">x</a> 1</p>',
        '<p onclick="alert(1)">x<script>alert(1)</script> 1</p>',
        '<p><img src="https://elsewhere.example/&quot;onerror=&quot;x" alt="&lt;b&gt;"> 1</p>',
        "<p>&lt;script&gt;alert(1)&lt;/script&gt; 1</p>",
        '<p><abbr title="&quot;&gt;&lt;script&gt;">x</abbr> 1</p>',
        '<div class="admonition &quot;&gt;&lt;script&gt;"><p>x 1</p></div>',
        "<table><tr><td align='&quot;&gt;&lt;script&gt;'>x 1</td></tr></table>",
    ],
)
def test_no_html_is_written_but_our_own(html):
    facts = [("Title", "<script>alert(1)</script>")]
    comparison = compare(Reading((), html), Reading(facts, html.replace(" 1", " 2 <b>")))

    written = "".join(section.html for section in _sections(comparison))

    facts = shown(written).facts
    assert "<script" not in written
    assert {name for _, name, _ in facts} <= {
        "id",
        "class",
        "href",
        "src",
        "alt",
        "title",
        "tabindex",
        "role",
        "aria-label",
    }
    assert all(re.match(r"https://|#", value) for _, name, value in facts if name in ("href", "src"))
