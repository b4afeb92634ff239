import re
from html import unescape
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.markup.rendering import render

HOSTILE = [
    ("<script>alert(1)</script>", ""),
    ("<img src=x onerror=alert(1)>", "<p></p>"),
    ('<img src="/static/a.png" alt="A" onload=x>', '<p><img src="/static/a.png" alt="A"></p>'),
    ("![A](https://evil.example/x.png)", "<p>A</p>"),
    ("[x](javascript:alert(1))", "<p>x</p>"),
    ("[x](JaVaScRiPt:alert(1))", "<p>x</p>"),
    ("[x](java\tscript:alert(1))", "<p>x</p>"),
    ('<a href="&#106;avascript:alert(1)">x</a>', "<p>x</p>"),
    ("<a href=' javascript:alert(1)'>x</a>", "<p>x</p>"),
    ("[x][1]\n\n[1]: javascript:alert(1)", "<p>x</p>"),
    ("[x](data:text/html,hi)", "<p>x</p>"),
    ("[x](vbscript:x)", "<p>x</p>"),
    ("[x](ftp://a.example/)", "<p>x</p>"),
    ("[x](//evil.example/)", "<p>x</p>"),
    ("[x](/\\evil.example)", "<p>x</p>"),
    ('<a href="/&#9;/evil.example">x</a>', "<p>x</p>"),
    ('<a href="\\\\evil.example">x</a>', "<p>x</p>"),
    (
        '<a href="/pages/a/" onclick="x()" target="_blank" style="x" id="annotations" name="main">x</a>',
        '<p><a href="/pages/a/">x</a></p>',
    ),
    (
        '<http://a.example/"onmouseover=alert(1)>',
        '<p><a href="http://a.example/&quot;onmouseover=alert(1)">http://a.example/"onmouseover=alert(1)</a></p>',
    ),
    ('<h2 id="main">T</h2>', '<h2 id="h-t">T</h2>'),
    ('<div id="main" class="masthead">x</div>', "<div>x</div>"),
    ('<p style="position:fixed">x</p>', "<p>x</p>"),
    ('<form action="/sign-out"><button>x</button></form>', "x"),
    ('<iframe src="/"></iframe>x', "\n<p>x</p>"),
    ("<svg onload=alert(1)></svg>x", "<p>x</p>"),
    ("<math><mtext></mtext></math>x", "\n<p>x</p>"),
    ("<style>body{}</style>x", "\n<p>x</p>"),
    ('<base href="//evil.example">x', "<p>x</p>"),
    ('<meta http-equiv="refresh" content="0">x', "<p>x</p>"),
    ("<input autofocus onfocus=alert(1)>", "<p></p>"),
    ('<abbr title="x" onclick=y>MS</abbr>', '<p><abbr title="x" tabindex="0">MS</abbr></p>'),
    ("`<b>`", "<p><code>&lt;b&gt;</code></p>"),
    ("a\x00b", "<p>ab</p>"),
    ("## <b>x</b> & <i>y</i>", '<h2 id="h-x-y">x &amp; y</h2>'),
]


@pytest.mark.parametrize(("text", "html"), HOSTILE)
def test_hostile_text_is_harmless(text, html):
    assert render(text).html == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Platelets <50 and >20", "<p>Platelets &lt;50 and &gt;20</p>"),
        ("H<sub>2</sub>O", "<p>H<sub>2</sub>O</p>"),
        ("# Title", '<h2 id="h-title">Title</h2>'),
        ("## Same\n\n## Same", '<h2 id="h-same">Same</h2>\n<h2 id="h-same_1">Same</h2>'),
        ("[x](https://a.example/?a=1&b=2)", '<p><a href="https://a.example/?a=1&amp;b=2">x</a></p>'),
        ("[x](mailto:a@b.example)", '<p><a href="mailto:a@b.example">x</a></p>'),
        ("[x](tel:+441214960123)", '<p><a href="tel:+441214960123">x</a></p>'),
        ("[x](#h-a)", '<p><a href="#h-a">x</a></p>'),
        ("PML\n\n*[PML]: Long name", '<p><abbr title="Long name" tabindex="0">PML</abbr></p>'),
        (
            '!!! warning "Stop"\n    At once.',
            '<div class="admonition warning">\n<p class="admonition-title">Stop</p>\n<p>At once.</p>\n</div>',
        ),
        (
            "| a | b |\n| --- | --: |\n| x | 5 |",
            '<div class="table-scroll"><table>\n<thead>\n<tr>\n<th scope="col">a</th>'
            '\n<th align="right" scope="col">b</th>\n</tr>\n</thead>\n'
            '<tbody>\n<tr>\n<td>x</td>\n<td align="right">5</td>\n</tr>\n</tbody>\n</table></div>',
        ),
    ],
)
def test_what_editors_write(text, html):
    assert render(text).html == html


CITED = """!!! note "Box"
    In a box.[^b]

Then a[^a] and b again.[^b]

| In a table[^c] |
| --- |
| cell[^a] |

[^a]: Reference A
[^b]: Reference B
[^c]: Reference C
[^d]: Never cited
"""


def test_citations_are_numbered_in_the_order_they_are_read():
    body, references = render(CITED).html.split('<section class="references">')

    assert re.findall(r'href="#fn:(\w)">\((\d)\)', body) == [("b", "1"), ("a", "2"), ("b", "1"), ("c", "3"), ("a", "2")]
    assert re.findall(r"Reference (\w)", references) == ["B", "A", "C"]
    assert "Never cited" not in references


def test_each_reference_links_back_to_each_place_in_order():
    html = render(CITED).html
    body = html.split('<section class="references">')[0]

    assert re.findall(r'id="(fnref\d?:\w)"', body) == ["fnref:b", "fnref:a", "fnref2:b", "fnref:c", "fnref2:a"]
    assert re.findall(r'href="#(fnref\d?:\w)"', html) == ["fnref:b", "fnref2:b", "fnref:a", "fnref2:a", "fnref:c"]
    assert 'aria-label="Back to where reference 1 is cited, place b"' in html


def test_the_ways_back_from_a_reference_are_named_with_letters_if_there_are_several():
    html = render("Once.[^a] " + "Often.[^b] " * 28 + "\n\n[^a]: A\n[^b]: B").html

    assert re.findall(r'footnote-backref" href="#fnref:a">(.)</a></p>', html) == ["↩"]
    ways = re.findall(r'aria-label="([^"]*)" class="footnote-backref" href="#(fnref\d*:b)">(\w+)</a>(.)', html)
    assert [(way[2], way[3]) for way in ways] == [(letter, " ") for letter in [*ascii_lowercase, "aa"]] + [("ab", "<")]
    assert ways[1][:2] == ("Back to where reference 2 is cited, place b", "fnref2:b")
    assert ways[27][:2] == ("Back to where reference 2 is cited, place ab", "fnref28:b")


def test_a_long_page_lists_its_sections_and_a_short_one_does_not():
    four = "\n\n".join(f"## Part {number} & more\n\n### Detail" for number in range(4))

    assert [section["name"] for section in render(four).contents] == [f"Part {number} & more" for number in range(4)]
    assert render(four).contents[0]["id"] == "h-part-0-more"
    assert render("## One\n\n## Two").contents == []


def test_a_section_that_skips_levels_is_listed_as_it_is_shown():
    text = "#### Deep\n\n## Two\n\n#### Not listed\n\n## Three\n\n## Four"

    assert [section["name"] for section in render(text).contents] == ["Deep", "Two", "Three", "Four"]


def test_what_a_reference_cites_is_shown_only_with_it():
    shown = render("Text.[^c]\n\n[^a]: A.[^b]\n[^b]: B.\n[^c]: C.[^d]\n[^d]: D.").html

    assert re.findall(r'<li id="fn:(\w)">', shown) == ["c", "d"]


def test_html_that_is_thousands_of_elements_deep_is_shown_as_typed():
    assert render("<ul><li>" * 20_000 + "Dose").html.endswith("&lt;ul&gt;&lt;li&gt;Dose</p>")
    assert render("<p>" + "<b>a</b>" * 6000 + "</p>").html == "<p>" + "a" * 6000 + "</p>"


def test_references_that_nothing_cites_make_no_section():
    assert render("Text.\n\n[^a]: A").html == "<p>Text.</p>"


def test_the_pages_that_a_text_links_to_are_listed_once_each():
    text = (
        "[b](/pages/b/#h-x) [a](/pages/a/) [b](/pages/b/history/) [ref][]\n\n[ref]: /pages/c/\n\n"
        "`[d](/pages/d/)` [e](https://x.example/pages/e/) [f](/about/f/) ![g](/pages/g/)"
    )

    assert render(text).links == ["a", "b", "c"]


@given(st.text(alphabet=st.sampled_from("<>/\\\"'=()[]^:#*_`!| \n\tabhrefscriptjonimg/&;0"), max_size=200))
def test_no_text_makes_the_renderer_fail_or_emit_what_is_not_allowed(text):
    html = render(text).html

    assert not re.search(r"<(script|iframe|style|form|input|svg|object|base|meta|link)\b", html, re.IGNORECASE)
    assert not re.search(r"<[^>]*\s(on\w+|style)\s*=", html, re.IGNORECASE)
    assert all(
        re.match(r"(https?:|mailto:|tel:|#|/(?!/))", address) for address in re.findall(r'(?:href|src)="([^"]*)"', html)
    )


@pytest.mark.parametrize(
    "text",
    [
        "HLA-B*57:01 and HLA-B*58:01",
        "CYP2C9 *1/*3 or *2/*3: 1 mg daily; *3/*3: do not give.",
        "CYP2C19*2/*17",
        "CrCl = (140-age)*weight*1.23/creatinine",
        "5*2*3 mg",
        "#NOF: call the on-call registrar.",
        "5*10^9/L, ~50 mg, µg, 10_000_000",
        "Give 5 * 3 * 2 mg",
    ],
)
def test_the_signs_of_medicine_come_out_as_typed(text):
    assert unescape(re.sub(r"<[^>]+>", "", render(text).html)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Give **5 mg** now", "Give <strong>5 mg</strong> now"),
        ("*Note:* stop", "<em>Note:</em> stop"),
        ("Give **5** mg (*once*), then stop", "Give <strong>5</strong> mg (<em>once</em>), then stop"),
        ("**CYP2D6*4**", "<strong>CYP2D6*4</strong>"),
        ("***both***", "<em><strong>both</strong></em>"),
    ],
)
def test_emphasis_around_words_is_emphasis(text, shown):
    assert shown in render(text).html
