import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.markup import references
from content.markup.problems import WARNING, find
from content.markup.references import Reference, Statement
from content.markup.rendering import render

DOI = "10.1056/nejmoa044397"


def of(typed: str) -> Reference:
    return references.read("a", 1, typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Polman CH. doi:10.1056/NEJMoa044397. PMID 16510744", {"dois": (DOI,), "pmids": ("16510744",)}),
        ("DOI: 10.1056/NEJMoa044397", {"dois": (DOI,)}),
        ("10.1056/NEJMOA044397.", {"dois": (DOI,)}),
        ("<https://doi.org/10.1056/NEJMoa044397>", {"dois": (DOI,)}),
        ("[The trial](https://dx.doi.org/10.1056/NEJMoa044397)", {"dois": (DOI,)}),
        ("https://www.doi.org/10.1056%2FNEJMoa044397", {"dois": (DOI,)}),
        ("https://www.nejm.org/doi/full/10.1056/NEJMoa044397?query=x", {"dois": (DOI,)}),
        ("(doi:10.1056/NEJMoa044397)", {"dois": (DOI,)}),
        ("doi:10.1016/S1474\\_4422(07)70078-9", {"dois": ("10.1016/s1474_4422(07)70078-9",)}),
        ("https://doi.org/10.1002/a:2%3C117::AID%3E3.0", {"dois": ("10.1002/a:2<117::aid>3.0",)}),
        ("doi:10.1002/a:2<117::AID>3.0", {"dois": ()}),  # cut off at the <: another's beginning
        ("https://example.org/10.1056/NEJMoa044397", {"dois": ()}),
        ("PMID: 16510744; PMID 1", {"pmids": ("16510744", "1")}),
        ("https://pubmed.ncbi.nlm.nih.gov/16510744/", {"pmids": ("16510744",)}),
        ("https://www.ncbi.nlm.nih.gov/pubmed/16510744", {"pmids": ("16510744",)}),
        ("Table 1 of PMC4027896", {"pmcids": ("PMC4027896",)}),
        ("<https://www.ncbi.nlm.nih.gov/pmc/articles/PMC4752634/>", {"pmcids": ("PMC4752634",)}),
        ("<https://pmc.ncbi.nlm.nih.gov/articles/PMC4752634/>", {"pmcids": ("PMC4752634",)}),
        ("NICE TA127. August 2007", {"nice": ("TA127",)}),
        ("National Institute for Health and Care Excellence. Guideline NG 220", {"nice": ("NG220",)}),
        ("<https://www.nice.org.uk/guidance/ta127/chapter/1-guidance>", {"nice": ("TA127",)}),
        ("The NHS TA127 ward; pH 7.4 and CG1.5", {"nice": ()}),
        ("NICE at pH 7.4", {"nice": ()}),
        ("PL 12345/0001 and PLGB 12345/0002", {"licences": ("PL 12345/0001", "PLGB 12345/0002")}),
        ("EMA/137488/2016, EMA/CHMP/123456/2020", {"ema": ("EMA/137488/2016", "EMA/CHMP/123456/2020")}),
        ("Read it: www.gov.uk/drug-safety-update.", {"urls": ("https://www.gov.uk/drug-safety-update",)}),
        ("X, accessed 26 November 2026", {"accessed": "2026-11-26"}),
        ("X (accessed Feb 2025)", {"accessed": "2025-02"}),
        ("X. Accessed: 2026-11-26.", {"accessed": "2026-11-26"}),
        ("X, accessed 2024", {"accessed": "2024"}),
        ("Care as accessed by 20 nurses", {"accessed": ""}),
    ],
)  # fmt: skip
def test_a_reference_is_what_its_words_say(typed, expected):
    reference = of(typed)

    assert {name: getattr(reference, name) for name in expected} == expected


@pytest.mark.parametrize(
    "typed",
    [
        "doi:10.1056/NEJMoa044397. PMID 16510744. <https://www.nice.org.uk/guidance/ta127>, accessed 26 November 2026",
        "10.1016/S1474-4422(07)70078-9 and PL 12345/0001, EMA/137488/2016, PMC4027896, www.gov.uk",
        "Coyle PK. Am J Manag Care 2010;16(6 Suppl):S164–70.",
        "The doi is not known. mailto:a@b.example, http and https, at medthority.com",
        "DOI not available; PL is a plasma ligand; PMIDs",
        "https://[2001:db8::1]/ and https://user@a.example",
    ],
)
def test_a_reference_in_the_right_shape_has_no_fault(typed):
    assert [fault for fault in references.find_faults(of(typed)) if "2001" not in fault and "user@" not in fault] == []


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("doi: 10/abc", "doi: 10/abc"),
        ("doi:10.1056", "doi:10.1056"),
        ("DOI 10.1056/.", "DOI 10.1056/."),
        ("https://doi.org/10.1056", "https://doi.org/10.1056"),
        ("doi:10.1002/a<117::AID>3", "doi:10.1002/a<"),
        ("doi:10.1136/jnnp–2015–311100", "10.1136/jnnp–2015–311100"),
        ("PMID 123456789", "PMID 123456789"),
        ("PMID 0", "PMID 0"),
        ("PMID: 12345x", "PMID: 12345x"),
        ("PMC123456789", "PMC123456789"),
        ("PL 1234/001", "PL 1234/001"),
        ("http:/www.nice.org.uk", "http:/www.nice.org.uk"),
        ("https//www.nice.org.uk/x.", "https//www.nice.org.uk/x"),
        ("http//nice.org.uk", "http//nice.org.uk"),
        ("See www,nice.org.uk", "www,nice.org.uk"),
        ("https://nice/guidance", "https://nice/guidance"),
        ("https://www.nice.org.ukk/guidance", "https://www.nice.org.ukk/guidance"),
        ("X, accessed 31 February 2026", "does not exist"),
    ],
)
def test_an_identifier_or_address_of_the_wrong_shape_is_a_warning_on_its_line(typed, named):
    [problem] = find(f"Give 5 mg.[^a]\n\n[^a]: {typed}")

    assert (problem.line, problem.level) == (3, WARNING)
    assert problem.message.startswith("In [^a], ")
    assert named in problem.message


def test_a_reference_without_identifier_or_address_is_no_problem_of_the_text():
    assert find("Give 5 mg.[^a]\n\n[^a]: A book of 1998") == []
    assert not of("A book of 1998").is_identified


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("A. doi:10.1056/NEJMoa044397", "B. <https://doi.org/10.1056/nejmoa044397>", True),
        ("A. doi:10.1056/NEJMoa044397. PMID 1", "B. PMID: 1", True),
        ("A. doi:10.1056/NEJMoa044397", "A. doi:10.1056/NEJMoa044398", False),
        ("Table 1 of PMC4027896", "A. <https://pmc.ncbi.nlm.nih.gov/articles/PMC4027896/>", True),
        ("A. PMID 1. Also in Table 2 of PMC4027896", "PMC4027896", False),
        ("NICE TA127. August 2007", "NICE technology appraisal TA127", True),
        ("NICE TA127", "NICE TA128", False),
        ("NICE advice TA127, as quoted by GPnotebook", "NICE TA127", False),
        ("A <https://www.gov.uk/x/>", "B http://gov.uk/x", True),
        ("A <https://www.gov.uk/x>", "A <https://www.gov.uk/y>", False),
        ("*A*  book, 1998.", "A book, 1998", True),
        ("A book, 1998", "A book, 1999", False),
        ("A. doi:10.1056/NEJMoa044397. NICE TA127", "B. doi:10.1056/x1 NICE TA127", False),
    ],
)
def test_references_are_one_thing_if_they_share_an_identifier_or_failing_that_their_words(one, other, is_same):
    assert bool({*of(one).identities} & {*of(other).identities}) == is_same


@pytest.mark.parametrize(
    ("words", "is_second_hand"),
    [
        ("MHRA. Drug Safety Update, October 2014, as quoted by MIMS (article 1319054).", True),
        ("Committee for Medicinal Products, 2016, as reported by medthority.com, June 2016.", True),
        ("NICE guideline CG186, as summarised by the Royal College of Physicians.", True),
        ("PRAC findings, as summarized in MIMS.", True),
        ("The summary of product characteristics as given by MIMS.", True),
        ("Advice on PML, as reposted at viglya.com.", True),
        ("UK beta interferon products, as listed by MIMS.", True),
        ("Page on relapse at iatrox.com, citing NICE.", True),
        ("Figures quoted in Smith 2012.", True),
        ("Cited by Jones, second-hand.", True),
        ("Revision of the PML diagnostic criteria, reported at asnr.org.", True),
        ("NICE TA127. August 2007. Licence as recorded: <https://www.nice.org.uk/guidance/ta127>", False),
        ("Side effects reported by patients. BMJ 2012.", False),
        ("Care as given to adults. BMJ 2012.", False),
        ("Polman CH et al. N Engl J Med 2006;354:899–910. doi:10.1056/NEJMoa044397", False),
        ("Exciting results in MS. BMJ 2012.", False),
    ],
)
def test_a_reference_is_second_hand_if_its_words_say_that_another_source_is_quoted(words, is_second_hand):
    assert of(words).is_second_hand == is_second_hand


def test_numbers_of_nice_guidance_are_links_in_references_only():
    html = render("TA127 of NICE says.[^a]\n\n[^a]: NICE *guidance* TA127, with NG 220").html
    body, listed = html.split('<section class="references">')

    assert "nice.org.uk" not in body
    assert '<a href="https://www.nice.org.uk/guidance/ta127">TA127</a>' in listed
    assert '<a href="https://www.nice.org.uk/guidance/ng220">NG 220</a>' in listed


@pytest.mark.parametrize(
    "typed",
    ["NICE TA127. <https://www.nice.org.uk/guidance/ta127/chapter/1-guidance>", "The NHS and TA127", "`NICE TA127`"],
)
def test_a_reference_that_has_its_own_address_at_nice_or_does_not_name_nice_gets_no_link(typed):
    assert '/guidance/ta127"' not in render(f"Says.[^a]\n\n[^a]: {typed}").html


def test_a_pmcid_is_a_link_unless_the_reference_has_its_address():
    text = "A.[^a][^b]\n\n[^a]: Table 1 of PMC4027896\n[^b]: PMC1 <https://pmc.ncbi.nlm.nih.gov/articles/PMC1/>"
    html = render(text).html

    assert '<a href="https://pmc.ncbi.nlm.nih.gov/articles/PMC4027896/">PMC4027896</a>' in html
    assert "PMC1 <a href" in html


def test_an_evidence_summary_is_at_its_own_kind_of_address():
    assert references.nice_address("ES29") == "https://www.nice.org.uk/advice/es29"


TEXT = """First.[^a] Second, e.g. this,[^b] goes
on here.[^a][^b] A third without.

| Drug | Dose |
| --- | --- |
| A[^a] | **5 mg**[^b] |

- *One* [link](/pages/x/) costs 1.5 p.[^a]

`[^a]` is code.

[^a]: As quoted by.[^b]
[^b]: B
"""


def test_statements_are_the_sentences_that_cite_with_their_lines():
    assert references.find_statements(TEXT) == [
        Statement(1, "a", "First."),
        Statement(1, "b", "Second, e.g. this, goes on here."),
        Statement(2, "a", "Second, e.g. this, goes on here."),
        Statement(2, "b", "Second, e.g. this, goes on here."),
        Statement(6, "a", "A · 5 mg"),
        Statement(6, "b", "A · 5 mg"),
        Statement(8, "a", "One link costs 1.5 p."),
    ]


def test_sentences_of_second_hand_references_come_once_with_their_reference():
    found = references.find_second_hand(TEXT.replace("[^b]: B", "[^b]: B, as quoted by C"))

    assert [(statement.line, statement.sentence, reference.key) for statement, reference in found] == [
        (1, "First.", "a"),
        (1, "Second, e.g. this, goes on here.", "b"),
        (2, "Second, e.g. this, goes on here.", "a"),
        (6, "A · 5 mg", "a"),
        (8, "One link costs 1.5 p.", "a"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A.[^a]\n\n[^a]: Old\n[^b]: B\n", "A.[^a]\n\n[^a]: New *words*\n[^b]: B\n"),
        ("A.[^a]\n\n[^a]: Old\n    goes on\n\n    and on\n\n[^b]: B", "A.[^a]\n\n[^a]: New *words*\n\n[^b]: B"),
        ("> A.[^a]\n>\n> [^a]: Old\n>\n> More.", "> A.[^a]\n>\n> [^a]: New *words*\n>\n> More."),
        ("`[^a]: code`\n\n[^a]:Old", "`[^a]: code`\n\n[^a]: New *words*"),
        ("A.[^a]\n\n- Item\n\n    [^a]: Old", "A.[^a]\n\n- Item\n\n    [^a]: New *words*"),
    ],
)
def test_a_correction_replaces_the_words_of_one_reference_and_nothing_else(before, after):
    assert references.replace(before, "a", "New\n *words*  ") == after
    assert references.find(after)[0].typed == "New *words*"


def test_a_correction_of_a_reference_that_is_not_there_fails():
    with pytest.raises(KeyError):
        references.replace("A.", "a", "New")


def test_only_references_that_readers_see_are_shown_in_the_order_of_their_numbers():
    text = "B.[^b] A.[^a]\n\n[^a]: A\n[^b]: B\n[^c]: Not cited"

    assert [each.key for each in references.find_shown(text, render(text).html)] == ["b", "a"]


def test_a_stored_reference_comes_back_as_it_was():
    reference = of("Polman. doi:10.1056/NEJMoa044397. NICE TA127 <https://a.example/x>, accessed 2024")

    assert Reference.from_record(reference.to_record()) == reference


@given(st.text("[^a]: \n.1/05doiPMIDNCE TA<>()\\`*_-|>#[]!&;", max_size=80))
def test_any_text_can_be_read(text):
    for reference in references.find(f"[^a]: {text}"):
        list(references.find_faults(reference))
        assert Reference.from_record(reference.to_record()) == reference
    references.find_statements(text)
    references.find_second_hand(text)


@pytest.mark.parametrize(
    "piece", ["[a](", "doi:10.1000/(", "PMID ", "<https:", "`[^a]", "as quoted ", "NICE TA1 ", "a.[^a] B "]
)
def test_the_time_is_in_proportion_to_the_length(piece):
    import time

    text = "[^a]: " + piece * (60_000 // len(piece))
    began = time.monotonic()
    for reference in references.find(text):
        list(references.find_faults(reference))
        reference.identities  # noqa: B018
    references.find_statements(text[6:])

    assert time.monotonic() - began < 5
