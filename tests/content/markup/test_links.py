import re
import time
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.markup.rendering import render

A = '<a href="https://a.example/x">https://a.example/x</a>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # What is typed as it is
        ("See https://a.example/x.", f"See {A}."),
        ("**https://a.example/x**", f"<strong>{A}</strong>"),
        ("https://a.example/x*, *y*", f"{A}*, <em>y</em>"),
        (
            "https://a.example/_b_/**c**/d_e and _f_",
            '<a href="https://a.example/_b_/**c**/d_e">https://a.example/_b_/**c**/d_e</a> and <em>f</em>',
        ),
        ("PMID: 1", '<a href="https://pubmed.ncbi.nlm.nih.gov/1/">PMID: 1</a>'),
        ("a@b.example", '<a href="mailto:a@b.example">a@b.example</a>'),
        # Where an address is text
        ("`https://a.example/_b_`", "<code>https://a.example/_b_</code>"),
        ("[https://b.example/_x_](https://a.example/_y_)", '<a href="https://a.example/_y_">https://b.example/_x_</a>'),
        ('<a href="https://a.example/_y_">www.nhs.uk</a>', '<a href="https://a.example/_y_">www.nhs.uk</a>'),
        ("<https://a.example/x>", A),
        ("https://a.example/x<sub>b</sub>", "https://a.example/x<sub>b</sub>"),
        # What leads nowhere is its words, and what has no words shows where it leads
        ("[the **referral** page](referrals.md)", "the <strong>referral</strong> page"),
        ("![Algorithm](image-1.png) ![Site](/static/icon.svg)", 'Algorithm <img alt="Site" src="/static/icon.svg">'),
        ("[![Algorithm](a.png)](b.md)", "Algorithm"),
        ("[write](a@b.example)", '<a href="mailto:a@b.example">write</a>'),
        ("[](/pages/a/)", '<a href="/pages/a/">/pages/a/</a>'),
        ("[ ](a@b.example)", '<a href="mailto:a@b.example">a@b.example</a>'),
        ('[![Site](/static/icon.svg)](/a/)', '<a href="/a/"><img alt="Site" src="/static/icon.svg"></a>'),
    ],
)  # fmt: skip
def test_readers_get_links_that_lead_somewhere_and_words_otherwise(text, shown):
    assert render(text).html == f"<p>{shown}</p>"


def test_an_address_before_a_citation_is_linked_without_it():
    html = render("https://a.example/x[^a]\n\n[^a]: doi:10.1000/xyz.").html

    assert html.startswith(f'<p>{A}\u2060<sup id="fnref:a">')
    assert '<p><a href="https://doi.org/10.1000/xyz">doi:10.1000/xyz</a>.&nbsp;<a aria-label="Back' in html


ADDRESSES = ["https://a.example/x", "www.nhs.uk", "a@b.example", "10.1000/xyz", "doi:10.1000/a_b", "PMID: 1", "/a_b_c"]


@given(st.lists(st.sampled_from([*ADDRESSES, " ", ".", ",", "(", ")", "“", "”", "5 mg", "and "])).map("".join))
def test_linking_changes_no_sign_that_is_seen(text):
    html = render(f"Text {text}").html

    assert " ".join(unescape(re.sub("<[^>]*>", "", html)).split()) == " ".join(f"Text {text}".split())


@pytest.mark.parametrize("piece", ["a@a.", "a@a.uk ", "www.", "((((", "https://a.uk/(", "https://a.uk/a ", "PMID: 1 "])
def test_linking_a_long_text_is_quick(piece):
    text = piece * (200_000 // len(piece))

    began = time.process_time()
    render(text)

    assert time.process_time() - began < 2
