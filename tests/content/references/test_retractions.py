import random
import string
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from django.utils import timezone

from content import publishing
from content.history import redaction, rerendering
from content.markup import references
from content.models import CitedRetraction, Retraction
from content.references import retraction_watch, retractions
from content.references.retraction_watch import Record
from tests.reading import words

FILE = Path(__file__).parent / "retractions.csv"
CITES_A = "Drug A helps.[^a]\n\n[^a]: Author A. Made-up Trials 2019. doi:10.9999/trial.A\n"


def read_file(path: Path = FILE) -> retractions.Read:
    read = retractions.store(record for record in retraction_watch.read(path) if isinstance(record, Record))
    list(retractions.renew_all())
    return read


def known(**facts) -> retractions.Known:
    facts = {"record": 1, "nature": "retraction", "doi": "10.9999/trial.a", "pmid": "30000001"} | facts
    return retractions.Known([Retraction(pk=facts["record"], **facts)])


def of(typed: str) -> references.Reference:
    return references.read("a", 1, typed)


@pytest.mark.parametrize(
    "typed",
    [
        "doi:10.9999/trial.a", "DOI 10.9999/TRIAL.A.", "(10.9999/trial.A)", "<https://doi.org/10.9999/trial.a>",
        "[x](http://dx.doi.org/10.9999/Trial.a)", "https://doi.org/10.9999%2Ftrial.a;", "**doi:10.9999/trial.a**",
        "https://publisher.example/doi/abs/10.9999/trial.a", "doi:10.9999/trial.a, PMID 1", "“doi:10.9999/trial.a”",
        "PMID 30000001", "PMID: 30000001.", "<https://pubmed.ncbi.nlm.nih.gov/30000001/>", "doi:10.9999/tri\\al.a",
    ],
)  # fmt: skip
def test_a_paper_is_found_however_its_identifier_is_written(typed):
    assert bool(known().find(of(typed))) == ("\\" not in typed)


@cache
def near_misses(doi: str, count: int) -> list[str]:
    """DOIs and addresses that nearly are `doi`: another character, more or less before or behind it, a version."""
    chance = random.Random(67)
    signs = string.ascii_lowercase + string.digits + "-._;()/:<>%&+éа"  # what # begins is no part of an address
    made: set[str] = set()
    while len(made) < count:
        place, sign = chance.randrange(len(doi)), chance.choice(signs)
        miss = chance.choice([
            f"{doi[:place]}{sign}{doi[place:]}",
            f"{doi[:place]}{sign}{doi[place + 1 :]}",
            f"{doi[:place]}{doi[place + 1 :]}",
            f"{doi[:place]}{doi[place : place + 2][::-1]}{doi[place + 2 :]}",
            f"{doi}.v{chance.randrange(1, 99)}", f"{doi}{sign}{chance.choice(signs)}", f"{doi}/{sign}",
            f"{doi}({chance.randrange(99)})", f"{doi}%2F{sign}", f"{doi}%20{sign}{sign}", f"{doi}-{sign}",
            f"10.{chance.randrange(1000, 99999)}/{doi.split('/')[1]}", f"{sign}{doi}", f"1{doi}",
            f"https://doi.org/{doi}{sign}{sign}", f"https://doi.org.example/{doi}", f"https://a.example/{doi}",
            doi.replace("a", "а"), doi.replace("k", "\u212a"), doi.replace(".", "-"), doi[:-1], doi[: -1 - place % 5],
        ])  # fmt: skip
        if miss.rpartition("doi.org/")[2].strip(string.punctuation.replace("-", "") + "…") != doi:
            made.add(miss)
    return sorted(made)


DOI = "10.9999/jmade2019.ak4-397"


FORMS = [
    "doi:{}",
    "{}",
    "https://doi.org/{}",
    "A. <https://doi.org/{}>",
    "[A trial](https://doi.org/{})",
    "({}).",
]


@pytest.mark.parametrize("form", FORMS)
def test_of_10_000_near_misses_none_is_an_alarm(form):
    one = known(doi=DOI, pmid="30000001")
    misses = near_misses(DOI, 10_000)

    assert len(misses) == 10_000
    assert one.find(of(form.format(DOI)))
    assert one.find(of(form.format(DOI.upper())))
    assert [miss for miss in misses if one.find(of(form.format(miss.partition("://")[2] or miss)))] == []


@pytest.mark.parametrize(
    "typed", ["PMID 3000001", "PMID 30000002", "PMID 300000010", "30000001", "PMID 0", "PL 30000/0001"]
)
def test_another_pmid_is_no_alarm(typed):
    assert known().find(of(typed)) is None


def test_papers_are_never_matched_by_their_title(publish):
    publish(body="Helps.[^a]\n\n[^a]: A made-up trial of drug A. Journal of Made-up Trials. Retraction 90001.\n")
    read_file()

    assert not CitedRetraction.objects.exists()


def test_the_notice_itself_can_be_cited_without_an_alarm(publish):
    publish(body="Retracted.[^a]\n\n[^a]: Notice. doi:10.9999/notice.1\n")
    read_file()

    assert not CitedRetraction.objects.exists()


DAY = date(2021, 1, 2)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([("retraction", DAY)], 0),
        ([("concern", DAY)], 0),
        ([("reinstatement", DAY)], None),
        ([("retraction", DAY), ("reinstatement", DAY + timedelta(9))], None),
        ([("reinstatement", DAY), ("retraction", DAY + timedelta(9))], 1),
        ([("concern", DAY), ("retraction", DAY + timedelta(9))], 1),
        ([("retraction", DAY), ("concern", DAY + timedelta(9))], 0),
        ([("retraction", None), ("reinstatement", DAY)], None),
        ([("retraction", DAY), ("reinstatement", None)], 0),
    ],
)
def test_the_gravest_notice_counts_until_the_paper_is_reinstated(records, expected):
    made = [
        Retraction(pk=number, record=number, nature=nature, doi="10.9999/trial.a", notice_on=on)
        for number, (nature, on) in enumerate(records)
    ]

    assert getattr(retractions.Known(made).find(of("doi:10.9999/trial.a")), "pk", None) == expected


def test_the_reinstatement_of_one_paper_leaves_the_notice_on_another():
    made = [
        Retraction(pk=1, record=1, nature="retraction", doi="10.9999/one", notice_on=DAY),
        Retraction(pk=2, record=2, nature="reinstatement", doi="10.9999/two", notice_on=DAY),
    ]

    assert retractions.Known(made).find(of("doi:10.9999/one, doi:10.9999/two")) == made[0]


def test_reading_the_same_file_again_changes_nothing(publish, django_assert_num_queries):
    publish(body=CITES_A)
    assert read_file() == retractions.Read(kept=6, new=6)
    before = [*Retraction.objects.order_by("pk").values(), *CitedRetraction.objects.values()]

    assert read_file() == retractions.Read(kept=6)
    assert [*Retraction.objects.order_by("pk").values(), *CitedRetraction.objects.values()] == before


def test_a_record_that_says_something_else_is_changed(db, tmp_path):
    read_file()
    (tmp_path / "r.csv").write_text(FILE.read_text().replace("2/21/2023", "2/22/2023"))

    assert read_file(tmp_path / "r.csv").changed == 1
    assert Retraction.objects.get(record=90001).notice_on == date(2023, 2, 22)


def test_of_two_rows_with_one_record_id_the_last_counts(db, tmp_path):
    row = FILE.read_text().split("\n")[1]
    (tmp_path / "r.csv").write_text(f"{FILE.read_text()}{row.replace('2/21/2023', '2/23/2023')}\n")
    read_file(tmp_path / "r.csv")

    assert Retraction.objects.get(record=90001).notice_on == date(2023, 2, 23)


def test_what_the_file_says_is_shown_as_words(publish, client, tmp_path):
    publish(body=CITES_A)
    text = FILE.read_text().replace("+Concerns/Issues About Data", "+<script>x</script> & more")
    (tmp_path / "r.csv").write_text(text.replace("10.9999/notice.1", '10.9999/"><i>'))
    read_file(tmp_path / "r.csv")
    html = client.get("/pages/a-page/").content.decode()

    assert "Reason: &lt;script&gt;x&lt;/script&gt; &amp; more; Investigation" in html
    assert "<script>x" not in html
    assert '"><i>' not in html


def test_a_file_that_was_cut_short_takes_no_notice_away(publish, client, tmp_path):
    publish(body=CITES_A)
    read_file()
    (tmp_path / "r.csv").write_text(FILE.read_text().split("90001")[0])

    assert read_file(tmp_path / "r.csv").missing == 6
    assert "Retracted 21 Feb 2023" in words(client.get("/pages/a-page/"))


def test_readers_see_the_notice_at_each_citation_and_in_the_reference(publish, client):
    publish(body="Drug A helps.[^b][^a] It is cheap.[^a]\n\n[^a]: Author A. doi:10.9999/trial.A\n[^b]: B\n")
    stored = publish(body="Other.\n", slug="other").rendering.page_html
    read_file()
    html = client.get("/pages/a-page/").content.decode()

    assert html.count('<a class="retracted" href="#fn:a">Retracted 21 Feb 2023</a></sup>') == 2
    assert "(1)</button></sup>" in html  # the other reference's citation is as it was
    said = words(client.get("/pages/a-page/"))
    assert "This paper was retracted on 21 Feb 2023. Reason: Concerns/Issues About Data; Investigation" in said
    assert '<a href="https://doi.org/10.9999/notice.1">Read the notice</a>' in html
    assert stored in client.get("/pages/other/").content.decode()


def test_the_stored_html_its_hash_and_the_history_stay_as_they_are(publish, client):
    version = publish(body=CITES_A)
    before = (version.sha256, version.body, version.rendering.html)
    read_file()
    client.get("/pages/a-page/")
    version.refresh_from_db()

    assert (version.sha256, version.body, version.rendering.html) == before
    assert rerendering.outdated() == []


def test_an_expression_of_concern_and_a_notice_without_a_date_are_shown_as_what_they_are(publish, client):
    publish(body="B.[^b] F.[^f]\n\n[^b]: PMID 30000002\n[^f]: doi:10.9999/trial.f\n")
    read_file()
    html = client.get("/pages/a-page/").content.decode()

    assert ">Expression of concern 1 Dec 2024</a>" in html
    assert '<a class="retracted" href="#fn:f">Retracted</a>' in html
    assert "expression of concern about this paper on 1 Dec 2024." in html
    assert "<strong>This paper was retracted.</strong> Source" in html


def test_a_reinstated_or_corrected_paper_has_no_notice(publish):
    publish(body="D.[^d] E.[^e]\n\n[^d]: doi:10.9999/trial.d\n[^e]: PMID 30000006\n")
    read_file()

    assert not CitedRetraction.objects.exists()


def test_a_new_version_that_no_longer_cites_the_paper_has_no_notice_and_the_old_one_keeps_its_own(publish, client):
    publish(body=CITES_A)
    read_file()
    publish(body="Drug A does not help.\n")

    assert "Retracted" not in words(client.get("/pages/a-page/"))
    assert "Retracted 21 Feb 2023" in words(client.get("/pages/a-page/history/1/"))


def test_a_new_version_that_still_cites_the_paper_has_the_notice_at_once(publish, client):
    publish(body=CITES_A)
    read_file()
    publish(body=f"More. {CITES_A}")

    assert "Retracted 21 Feb 2023" in words(client.get("/pages/a-page/"))


def test_a_page_that_cites_a_known_retracted_paper_for_the_first_time_has_the_notice(publish, client):
    read_file()
    publish(body=CITES_A)

    assert "Retracted 21 Feb 2023" in words(client.get("/pages/a-page/"))


def test_a_page_about_the_site_has_the_notice_too(publish, client):
    publish(body=CITES_A, slug="evidence", kind="about")
    read_file()

    assert "Retracted 21 Feb 2023" in words(client.get("/about/evidence/"))


def test_a_scheduled_version_has_the_notice_when_it_goes_live(publish, client, time_machine):
    page = publish().page
    later = timezone.now() + timedelta(hours=1)
    publishing.add_version(page=page, text=publishing.Text("T", "S", CITES_A), published_at=later)
    read_file()
    time_machine.move_to(later + timedelta(minutes=1))

    assert "Retracted 21 Feb 2023" in words(client.get("/pages/a-page/"))


def test_a_reader_with_annotations_sees_the_notice_and_headings_keep_their_names(publish, people, signed_in):
    page = publish(body=f"## Benefit[^a]\n\n{CITES_A}").page
    people.reader.annotations.create(page=page, text="Ask Ann", heading="Benefit", written_on_version=1)
    read_file()
    html = signed_in(people.reader).get("/pages/a-page/").content.decode()

    assert html.count("Retracted 21 Feb 2023") == 2
    assert 'data-path="Benefit"' in html


def test_a_page_without_notices_costs_no_query_more(publish, client, django_assert_num_queries):
    publish(body=CITES_A)
    with django_assert_num_queries(2):
        client.get("/pages/a-page/")
    read_file()
    with django_assert_num_queries(3):
        client.get("/pages/a-page/")


def test_a_writer_and_a_reviewer_are_warned_on_the_line(publish, people, signed_in):
    read_file()
    page = publish().page
    text = publishing.Text("T", "S", CITES_A, "Because.")
    draft = publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    draft = publishing.submit(draft=draft, by=people.editor, revision=draft.revision)
    warning = "Line 3: The paper in [^a] (doi:10.9999/trial.a) was retracted on 21 Feb 2023."

    assert warning in words(signed_in(people.editor).get(f"/admin/content/draft/{draft.pk}/change/"))
    assert warning in words(signed_in(people.reviewer).get(f"/admin/content/draft/{draft.pk}/review/"))


def test_the_desk_lists_pages_and_sentences_until_a_reviewer_who_was_told_approves_a_new_version(
    publish, people, signed_in
):
    publish(body=CITES_A)
    client = signed_in(people.editor)
    assert "Retracted papers on live pages" not in words(client.get("/admin/"))
    read_file()

    said = words(client.get("/admin/"))
    assert "Retracted papers on live pages 1" in said
    assert "Line 1: Drug A helps." in said
    publish(body=f"A trial since retracted said so. {CITES_A}")
    list(retractions.renew_all())
    assert "Retracted papers on live pages" not in words(client.get("/admin/"))


def test_a_redacted_version_has_no_notice(publish, people):
    version = publish(body=CITES_A)
    read_file()
    redaction.redact(version=version, by=people.administrator, reason="It named a patient.")

    assert not CitedRetraction.objects.exists()


def test_forgetting_takes_the_notices_of_what_is_forgotten(publish):
    publish(body=CITES_A)
    read_file()

    assert retractions.forget([90002]) == 5
    assert not CitedRetraction.objects.exists()
