import nh3
from hypothesis import given
from hypothesis import strategies as st

from content.markup import tree
from content.markup.rendering import ATTRIBUTES, TAGS

PIECES = [
    "<", "</", ">", "a", "\n", "\n\n", "<p>", "</p>", "<table>", "<td>", "<pre>", "</pre>", "&", "&amp;", "&lt;", '"',
    "&nbsp;", "\xa0", "'", "<a href='/x/\"&<>'>", "<br>", "<br/>", "<img alt='<b>'>", "<!--", "-->", "<![CDATA[", "é",
    "\x0c", "\x85", "\u2028", "<ul><li>", "<svg>", "&#0;", "&notin", "<div class='note'>", "<h2>", "</h2>", "<hr>",
]  # fmt: skip


def clean(html: str) -> str:
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, link_rel=None)


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_clean_html_is_the_same_after_it_was_a_tree(typed):
    html = clean(typed)

    assert tree.write(tree.parse(html)) == html


def test_a_tree_may_be_deeper_than_python_can_call():
    html = "<ul><li>" * 5000 + "</li></ul>" * 5000

    assert tree.write(tree.parse(html)) == html
