import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.linking import REL, link


def a(address: str, text: str) -> str:
    return f'<a href="{address}" rel="{REL}">{text}</a>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "MS nurse 020 7946 0018, bleep 4417, https://example.org/ms-referral",
            f"MS nurse {a('tel:+442079460018', '020 7946 0018')}, bleep 4417, "
            + a("https://example.org/ms-referral", "https://example.org/ms-referral"),
        ),
        ("www.nhs.uk/ms, or", f"{a('https://www.nhs.uk/ms', 'www.nhs.uk/ms')}, or"),
        ("WWW.NHS.UK", a("https://WWW.NHS.UK", "WWW.NHS.UK")),
        ("http://a.example/?q=1&r=2.", a("http://a.example/?q=1&amp;r=2", "http://a.example/?q=1&amp;r=2") + "."),
        ("clinic@trust.nhs.uk", a("mailto:clinic@trust.nhs.uk", "clinic@trust.nhs.uk")),
        ("(0131 536 1000)", f"({a('tel:+441315361000', '0131 536 1000')})"),
        ("+44 20 7946 0018", a("tel:+442079460018", "+44 20 7946 0018")),
        ("0121 496 0123 ext 45", a("tel:+441214960123", "0121 496 0123 ext 45")),
        ("999, 111, bleep 4417", "999, 111, bleep 4417"),
        ("0.5mg.in 2.5.to 10ml.de", "0.5mg.in 2.5.to 10ml.de"),
        ("NHS number 943 476 5919", "NHS number 943 476 5919"),
        ("ftp://a.example //b.example javascript:alert(1)", "ftp://a.example //b.example javascript:alert(1)"),
        ("<b>bold</b> & [x](https://a.example)", f"&lt;b&gt;bold&lt;/b&gt; &amp; [x]({a('https://a.example', 'https://a.example')})"),
        ('https://a.example/"onclick=x', a("https://a.example/", "https://a.example/") + "&quot;onclick=x"),
        ("one\ntwo", "one\ntwo"),
    ],
)  # fmt: skip
def test_what_becomes_a_link(text, expected):
    assert link(text) == expected


@given(st.text(max_size=200) | st.text(alphabet="htps:/w.@exampl+04 7946-()<>&\"'\n", max_size=120))
def test_the_visible_text_is_never_changed_and_no_other_scheme_is_emitted(text):
    linked = link(text)

    assert html.unescape(re.sub(r"<a href=\"[^\"]*\" rel=\"[^\"]*\">|</a>", "", linked)) == text
    assert all(
        re.match(r"(https?|mailto|tel):", address, re.IGNORECASE) for address in re.findall('href="([^"]*)"', linked)
    )


def test_a_long_hostile_text_is_quick():
    for text in ("[" * 4000, "www." * 1000, "0" * 4000, "a@" * 2000, "https://" * 500):
        link(text)
