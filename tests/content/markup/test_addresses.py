import time

import pytest

from content.markup import addresses

DOI = "https://doi.org/"
PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"


def linked(text: str) -> str:
    """The text, with each address as ‹what is seen|where it leads›, or ‹what is seen› if they are the same."""
    shown, position = "", 0
    for start, end, address in addresses.find(text):
        seen = text[start:end]
        shown += text[position:start] + (f"‹{seen}›" if seen == address else f"‹{seen}|{address}›")
        position = end
    return shown + text[position:]


@pytest.mark.parametrize(
    "marked",
    [
        # Web addresses, and what at their end belongs to the sentence
        "See ‹https://a.example/x›.",
        "‹http://a.example›, ‹https://a.example/?q=1&r=2#f›; ‹https://a.example:8000/x›: yes",
        "(‹https://a.example/a_(b)›) [‹https://a.example/x›] (see ‹https://a.example/(a(b)c)›).",
        "“‹https://a.example/x›” «‹https://a.example/y›» ‘‹https://a.example/z›’",
        "‹https://a.example/x›… ‹https://a.example/y›?!",
        "‹https://a.example/›(and so on",
        "‹HTTPS://A.EXAMPLE/X› ‹https://trust-intranet/x› ‹http://10.0.0.1/x›",
        "‹www.nhs.uk|https://www.nhs.uk› ‹www.nhs.uk/a,b|https://www.nhs.uk/a,b›,",
        "https:// http://. www. www.x ftp://a.example/x",
        # What could pass for another address
        "https://nhs.uk@evil.example/ www.nhs.uk@evil.example https://münchen.example/x https://a.example\\@b",
        "https://a.example/\u202etxt.exe xhttps://a.example",
        # DOIs
        f"‹doi:10.1000/xyz|{DOI}10.1000/xyz›. ‹DOI 10.1000/182|{DOI}10.1000/182›;",
        f"(‹doi: 10.1016/S1474-4422(07)70078-9|{DOI}10.1016/S1474-4422(07)70078-9›)",
        f"‹10.1056/NEJMoa044397|{DOI}10.1056/NEJMoa044397›, ‹10.1000/xyz|{DOI}10.1000/xyz›",
        f"‹doi:10.1000/a<b|{DOI}10.1000/a›".replace("a<b|", "a|") + "<b",
        f"‹{DOI}10.1000/xyz›. ‹doi.org/10.1000/xyz|{DOI}10.1000/xyz›, doi:‹{DOI}10.1000/xyz›",
        "10.1000/5 10.5/2.5 10.2024/25 10.2024/2025 10.10/abc 5.10.1000/xyz 1/10.1000/xyz doi: see below",
        # PMIDs
        f"‹PMID: 12345678|{PUBMED}12345678/›. ‹PMID 123|{PUBMED}123/›, ‹pmid:1|{PUBMED}1/›",
        "PMID 123456789, PMID 12a, PMIDs 12, PMID 1.5, PMID: none",
        # Email addresses
        "‹ms.team@trust.nhs.uk|mailto:ms.team@trust.nhs.uk›. (‹2ww@nhs.net|mailto:2ww@nhs.net›)",
        "‹jo.b@nhs.net|mailto:jo.b@nhs.net›/‹al.c@nhs.net|mailto:al.c@nhs.net›",
        "‹o'neil@nhs.net|mailto:o%27neil@nhs.net›, mailto:‹a@nhs.uk|mailto:a@nhs.uk›",
        "r&d@trust.nhs.uk a@b.c 5mg@10ml.min a@b@nhs.uk x@nhs.notadomain",
    ],
)
def test_a_link_leads_to_exactly_what_is_seen(marked):
    text = "".join(part.split("|")[0] for part in marked.replace("›", "‹").split("‹"))

    assert linked(text) == marked


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("HTTPS://a.example", "HTTPS://a.example"),
        ("/pages/a/#h-b", "/pages/a/#h-b"),
        ("#h-a", "#h-a"),
        ("tel:+441214960123", "tel:+441214960123"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("ms.team@trust.nhs.uk", "mailto:ms.team@trust.nhs.uk"),
        ("www.nhs.uk/x", "https://www.nhs.uk/x"),
        *((typed, None) for typed in ("", "referrals.md", "../x", "ftp://a.example", "\\\\server\\x", "//evil.example",
          "/\\evil.example", "5 mg", "/pages/a b/", "#see doses", "javascript:alert(1)", "a@b", "www.x")),
    ],
)  # fmt: skip
def test_a_typed_address_leads_where_it_says_or_nowhere(typed, leads_to):
    assert addresses.leads_to(typed) == leads_to


@pytest.mark.parametrize(
    ("typed", "is_there"),
    [
        ("/static/icon.svg", True),
        *((typed, False) for typed in ("/static/no.svg", "/static/", "/static/css", "/static/../manage.py",
          "/static//etc/passwd", "/icon.svg", "icon.svg", "https://a.example/icon.svg", "//static/icon.svg")),
    ],
)  # fmt: skip
def test_a_picture_is_a_file_of_this_site(typed, is_there):
    assert addresses.is_picture_there(typed) is is_there


@pytest.mark.parametrize(
    "piece",
    [
        "a@", "a@a.", "a@a.uk ", "a.", "a-", "'a@a.uk", "www.", "www.a.", "((((", "[(", " ", "https://", "https://a@",
        "https://a.uk/(", "https://a.uk/)", "https://a.uk/().,", "https://a.uk/a ", "https://a.uk/.", "https://a.a",
        "doi:", "doi:10.1000/", "10.1000/", "10.1000/x ", "PMID ", "PMID: 1 ", f"{'a' * 70}@", "1.",
    ],
)  # fmt: skip
def test_the_time_is_in_proportion_to_the_length(piece):
    text = piece * (200_000 // len(piece))

    began = time.process_time()
    list(addresses.find(text))

    assert time.process_time() - began < 1
