import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.models import Code, Page, Synonym
from content.search import query


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Natalizumab dose", ["natalizumab", "dose"]),
        ("what is the dose of natalizumab?", ["dose", "natalizumab"]),
        ("What is it?", ["what", "is", "it"]),
        ("HLA-B*57:01", ["hla", "b", "57", "01"]),
        ("dose DOSE Dose", ["dose"]),
        ("µg ½ ﬁbre", ["μg", "1", "2", "fibre"]),
        ("“NEAR(a OR b)” * ^ : - +", ["near", "b"]),
        ("x" * 500, ["x" * 60]),
        (" ".join(f"w{number}" for number in range(99)), [f"w{number}" for number in range(32)]),
        ("\x00\x02", []),
        ("", []),
    ],
)
def test_the_words_that_are_looked_for(typed, words):
    assert query.words_of(typed) == words


@pytest.fixture
def doses(publish):
    publish(
        "dose",
        title="Zirconium",
        body="## Dose\n\nGive zirconium 5 mg & <10 mg. Then wait.\n\n## Stopping\n\nStop it.\n",
    )
    publish("other", title="Vanadium", body="## Dose\n\nNot with zirconium.\n")


def test_the_page_whose_title_says_it_comes_first_with_the_section_that_answers(doses):
    first, second = query.search("zirconium dose").hits

    assert [first.slug, second.slug] == ["dose", "other"]
    assert [(each.anchor, each.heading) for each in first.sections] == [("h-dose", "Dose")]
    assert first.sections[0].excerpt == "Give zirconium 5 mg &amp; &lt;10 mg."


def test_the_sentence_that_contains_the_most_of_it_is_shown_with_the_words_in_bold(publish):
    publish("dose", title="T", body="## A\n\nWait 5 days. Give zirconium for 5 days.\n\n- Zirconium.\n")

    assert query.search("zirconium days").hits[0].sections[0].excerpt == "Give <b>zirconium</b> for 5 <b>days</b>."


def test_the_word_that_the_index_has_for_a_page_is_not_found(publish):
    version = publish("dose", title="Zirconium", body="Give it.\n")

    assert query.search(f"page{version.page_id}", as_typed=True).hits == ()
    assert query.search(f"zirconium page{version.page_id}", as_typed=True).hits[0].sections == ()


def test_a_section_is_not_chosen_by_a_word_of_the_title_with_an_accent(publish):
    publish("dose", title="Behçet", body="## A\n\nBehçet.\n\n## B\n\nGive zirconium in the morning.\n")

    assert [each.heading for each in query.search("behcet zirconium").hits[0].sections] == ["B"]


def test_words_of_the_same_stem_are_found(publish):
    publish("dose", title="T", body="Infections and infected people.\n")

    assert query.search("infection").hits
    assert query.search("INFECTING").hits


def test_a_long_sentence_is_cut_between_words_and_says_so(publish):
    publish("dose", title="T", body=f"## A\n\n{'before ' * 60}zirconium {'after ' * 60}\n")

    excerpt = query.search("zirconium").hits[0].sections[0].excerpt

    assert excerpt.startswith("… before")
    assert excerpt.endswith("after …")
    assert "<b>zirconium</b>" in excerpt
    assert len(re.sub("<.?b>", "", excerpt)) <= query.LONGEST_EXCERPT + 4


@pytest.mark.parametrize(
    "typed",
    [
        '"', "'", "*", "NEAR(a b)", "a NEAR b", "-a", "^a", "a:b", "title:a", "{a b}: c", "a OR", "AND", "(", ")", "\\",
        "%", "a" * 10_000, "a " * 10_000, "\x00", "\x02a\x03", "\ud83d\ude00", "नमस्ते", "العربية", "中文", "‮abc", "a\nb",
        ";--",
    ],
)  # fmt: skip
def test_nothing_typed_reaches_the_syntax_of_the_index(doses, typed):
    results = query.search(typed)

    assert len(results.asked) <= query.LONGEST_QUERY


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(typed=st.text(max_size=60))
def test_no_query_fails(doses, typed):
    query.search(typed)


def test_british_and_american_spellings_find_each_other(publish):
    publish("blood", title="Anaemia", body="Haemolytic anaemia with oedema.\n")

    for typed in ("anemia", "hemolytic", "edema", "anaemia"):
        assert [hit.slug for hit in query.search(typed).hits] == ["blood"], typed
        assert query.search(typed).shown_for == ""


def test_a_word_that_the_site_does_not_know_is_corrected_and_said(doses):
    results = query.search("Zirconuim dsoe")

    assert results.shown_for == "zirconium dose"
    assert results.hits[0].slug == "dose"


def test_where_several_words_are_as_near_all_are_looked_for_and_said(publish):
    publish("one", title="T", body="Skin lesions.\n")
    publish("two", title="U", body="The lessons of it.\n")

    results = query.search("Lesons of skin")

    assert results.shown_for == "lesions or lessons of skin"
    assert {hit.slug for hit in results.hits} == {"one", "two"}


def test_what_was_typed_can_be_searched_for_all_the_same(doses):
    results = query.search("Zirconuim", as_typed=True)

    assert (results.shown_for, results.hits) == ("", ())


def test_the_words_that_correct_are_those_that_are_live_now(publish):
    publish("dose", title="T", body="Zirconium.\n")
    assert query.search("zirconuim").shown_for == "zirconium"

    publish("dose", title="T", body="Vanadium.\n")

    assert query.search("zirconuim").shown_for == ""


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("zir", ["Zirconium", "Dose", "Stopping"]),
        ("ZIRCONIUM st", ["Stopping"]),
        ("dose", ["Dose", "Dose"]),
        ("prase", ["Zirconium"]),
        ("zirconium zz", []),
        ("zirconuim", []),
        ("5", []),
        ("", []),
        ('" OR *', []),
    ],
)
def test_names_that_go_on_as_somebody_writes_are_suggested_pages_first(doses, typed, suggested):
    Code.objects.create(page=Page.objects.get(slug="dose"), system="ATC", code="A1", term="Praseodymium")

    assert [each.heading or each.title for each in query.suggest(typed)] == suggested


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("hydro morphone", "morphine"),
        ("dose of ami sulpride?", "sulpiride"),
        ("lio-thyronine", "levothyroxine"),
        ("arteriol ar", "arterial"),
        ("hydroxy zine", "hydralazine"),
        ("hydroxyzinedose", "hydralazine"),
    ],
)
def test_a_space_in_a_look_alike_or_none_after_it_does_not_make_it_the_other(publish, typed, other):
    publish("drug", title="Drug", body=f"The dose of {other}.\n")

    assert query.search(typed).shown_for == ""


def test_a_name_that_was_written_as_two_or_run_together_is_found(publish):
    publish("drug", title="Drug", body="The dose of hydroxyzine.\n\n## Other words\n\nRelapse.\n")

    assert query.search("hydroxy zine").shown_for == "hydroxyzine"
    assert query.search("dose relap sewords").shown_for == ""
    assert query.search("Wordsrelapse, hydroxy-zine dose").shown_for == "words relapse, hydroxyzine dose"


def test_the_list_of_key_points_is_no_section_to_suggest(publish):
    publish("dose", title="Zirconium", body="## In brief\n\n- **Dose:** 5 mg.\n\n## Briefly\n\nText.\n")

    assert [each.heading for each in query.suggest("brief")] == ["Briefly"]


def test_the_words_that_editors_gave_a_meaning_are_words_of_the_site(doses):
    Synonym.objects.create(words="vanady", meaning="vanadium")
    results = query.search("vanady")

    assert (results.shown_for, results.unknown) == ("", ())
    assert [hit.slug for hit in results.hits] == ["other"]


def test_no_suggestion_and_no_correction_is_a_look_alike(publish):
    publish("drug", title="Chlorpromazine", body="Chlorpromazine.\n")

    for typed in ("chlorpropamide", "chlorprop", "clomipramine"):
        assert query.suggest(typed) == []
        assert query.search(typed).shown_for == ""


FOUR = ["vaccine-one", "vaccine-two", "vaccine-five", "vaccine-four"]  # of five, the shortest names


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("vaccinophobia", FOUR),
        ("vacczzz", FOUR),  # four letters alike are enough
        ("vaczzzz", []),
        ("vac", []),
        ("vaccimab", []),  # what is called like a drug is no beginning of another word
    ],
)
def test_whoever_finds_nothing_is_told_of_pages_that_begin_alike(publish, typed, named):
    for number in ("one", "two", "three", "four", "five"):
        publish(f"vaccine-{number}", title=f"Vaccine {number}", body="## How\n\nGive it.\n")

    found = query.search(typed, as_typed=True)

    assert not found.hits
    assert [each.slug for each in found.nearest] == named
