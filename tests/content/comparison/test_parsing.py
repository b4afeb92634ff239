"""Rendered HTML, read as blocks by the meaning of its elements."""

import pytest

from content.comparison.blocks import Block
from content.comparison.parsing import read
from tests.content.comparison.sides import letters


def seen(block: Block) -> str:
    """A block in one line: what it is in, what it is, and its words; cells are divided by |."""
    held = [f"{holder.tag}{holder.number or ''}" for holder in block.holders]
    rows = "; ".join("|".join(cell.text for cell in row.cells) for row in block.rows)
    words = " ".join("".join(word.space + word.text for word in block.words).split())
    return " ".join([*held, f"<{block.tag}>", rows or words])


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One <strong>5</strong> mg.</p><h2>Two</h2>", ["<p> One 5 mg.", "<h2> Two"]),
        ("<p>One\nline<br>two</p>", ["<p> One line two"]),
        ("<ul>\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n<li><p>c</p><p>d</p></li>\n</ul>",
         ["ul li <> a", "ul li ul li <> b", "ul li <p> c", "ul li <p> d"]),
        ('<ol start="3"><li>a</li><li value="7">b</li><li>c</li></ol>',
         ["ol8 li3 <> a", "ol8 li7 <> b", "ol8 li8 <> c"]),
        ('<div class="admonition warning"><p class="admonition-title">Stop</p><p>Never.</p></div>',
         ["box <title> Stop", "box <p> Never."]),
        ("<dl><dt>Term</dt><dd>Means it.</dd></dl>", ["dl <dt> Term", "dl dd <> Means it."]),
        ("<blockquote><p>Said.</p></blockquote><hr><pre><code>a  b\nc</code></pre>",
         ["blockquote <p> Said.", "<hr> ", "<pre> a b c"]),
        # tables, with and without row headings and what is around them
        ('<div class="table-scroll"><table><thead><tr><td></td><th scope="col">Dose</th></tr></thead><tbody><tr>'
         '<th scope="row">Child</th><td align="right">5 <strong>mg</strong></td></tr></tbody></table></div>',
         ["div <table> |Dose; Child|5 mg"]),
        ("<table><caption>Doses</caption><tr><td>a</td><td><p>b</p><ul><li>c</li></ul></td></tr></table>",
         ["<caption> Doses", "<table> a|b c"]),
        ("<table><tr><td>a<table><tr><td>b</td></tr></table></td><td>c</td></tr></table>", ["<table> a b|c"]),
        # citations and references, whose links back are of the site
        ('<p>So.\u2060<sup id="fnref:a"><a class="footnote-ref" href="#fn:a">(1)</a></sup> More.</p>',
         ["<p> So.(1) More."]),
        ('<section class="references"><h2>References</h2><ol><li id="fn:a"><p>Smith.</p><p>2019.&nbsp;'
         '<a class="footnote-backref" href="#fnref:a">a</a> <a class="footnote-backref" href="#fnref2:a">b</a></p></li>'
         "</ol></section><p>After.</p>",
         ["section <h2> References", "section ol1 li1 <reference> Smith. 2019.", "<p> After."]),
        # text is never lost, whatever is around it
        ("Bare <span>text</span><div>in a box<p>and</p>more</div>",
         ["<> Bare text", "div <> in a box", "div <p> and", "div <> more"]),
        ("<p>A &lt;b&gt; &amp; &#x3c;</p>", ["<p> A <b> & <"]),
    ],
)  # fmt: skip
def test_what_is_read(html, expected):
    assert [seen(block) for block in read(html, "Start")] == expected


def test_columns_are_counted_across_cells_that_reach_over_several():
    html = (
        '<table><tr><td rowspan="2">a</td><td colspan="2">b</td></tr><tr><td>c</td><td>d</td></tr>'
        "<tr><td>e</td><td>f</td><td>g</td></tr></table>"
    )

    rows = read(html, "Start")[0].rows

    assert [[cell.column for cell in row.cells] for row in rows] == [[0, 1], [1, 2], [0, 1, 2]]


def test_sections_and_headings_are_those_above():
    html = "<p>a</p><h2>B</h2><p>b</p><h3>C</h3><p>c</p>"

    assert [(block.section.name, block.heading) for block in read(html, "Start")] == [
        ("Start", "Start"), ("B", "B"), ("B", "B"), ("B", "C"), ("B", "C"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("</p></div>x", "x"),
        ("<p>a<p>b", "ab"),
        ("<table><tr><td>x", "x"),
        ("<li>a", "a"),
        ("<a href='#fn:a'>(1)", "(1)"),
    ],
)
def test_broken_html_is_read_without_losing_words(html, expected):
    assert letters("".join(word.text for block in read(html, "Start") for word in block.words)) == expected
