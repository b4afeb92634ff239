"""How to cite a version, as the programs that read citations read it."""

import json
import warnings
from datetime import UTC, date, datetime, timedelta

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware, MonthIntMiddleware, SeparateCoAuthors
from citeproc import Citation as Cited
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from content import publishing
from content.history import redaction
from content.machines import citation
from content.machines.citation import Citation
from content.models import Contributor, Page
from content.references import csl

URL = "https://guidance.example/pages/a-page/history/2/"
LIKE = Citation(
    "a-page-v2", "Dose in adults", ("Ann Smith", "MS team"), 2, date(2026, 11, 5), "Guidance", "A Trust", URL
)
PATH = "/pages/a-page/history/1/cite."
# What a title may say: signs of each format, lines that look like one of its tags, and other alphabets.
HOSTILE = [
    "5 < 10 & 50% {of} A_B #1 $5 \\x ~y ^z “q” \"d\" 'e' ''f'' `g` β–c h--i j---k",
    "}, title = {Another",
    "Unbalanced } and { and \\",
    "TY - BOOK",
    "Ménière’s disease, HLA-B*57:01 and 5*2*3 mg",
    "Knowles and Smith and others",
    "@book{x, year = 1}",
    "</script>",
]
TITLES = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=40).map(
    lambda text: " ".join(text.split()) or "x"
)


def like(**facts) -> Citation:
    return Citation(**(vars(LIKE) | facts))


def read_bibtex(text: str) -> dict:
    """The one entry, as bibtexparser reads it, with the signs that LaTeX would print."""
    signs = LatexDecodingMiddleware(keep_math_mode=False)
    library = bibtexparser.parse_string(text, append_middleware=[MonthIntMiddleware(), signs])
    assert library.failed_blocks == []
    (entry,) = library.entries
    return {"key": entry.key, "type": entry.entry_type} | {field.key: field.value for field in entry.fields}


def authors_of(text: str) -> list[str]:
    (entry,) = bibtexparser.parse_string(text, append_middleware=[SeparateCoAuthors()]).entries
    return [name.strip("{}") for name in entry["author"]]


def read_ris(text: str) -> dict:
    (entry,) = rispy.loads(text)
    return entry


def read_csl(text: str) -> str:
    """The entry of a bibliography that citeproc makes of it."""
    items = json.loads(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the style that the reader ships uses more than the reader knows
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
        bibliography.register(Cited([CitationItem(items[0]["id"])]))
        return " ".join(str(entry) for entry in bibliography.bibliography())


# The formats


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, f"Ann Smith, MS team. Dose in adults. Version 2, 5 Nov 2026. Guidance, A Trust. {URL}\n"),
        ({"authors": ()}, f"Dose in adults. Version 2, 5 Nov 2026. Guidance, A Trust. {URL}\n"),
        ({"publisher": ""}, f"Ann Smith, MS team. Dose in adults. Version 2, 5 Nov 2026. Guidance. {URL}\n"),
        (
            {"title": "Which dose?"},
            f"Ann Smith, MS team. Which dose? Version 2, 5 Nov 2026. Guidance, A Trust. {URL}\n",
        ),
    ],
)
def test_the_line_says_who_what_which_version_when_and_where(facts, text):
    assert citation.to_text(like(**facts)) == text


def test_ris_says_it_too():
    assert read_ris(citation.to_ris(LIKE)) == {
        "type_of_reference": "ELEC", "id": "a-page-v2", "authors": ["Ann Smith", "MS team"], "title": "Dose in adults",
        "edition": "Version 2", "year": "2026", "date": "2026/11/05/", "secondary_title": "Guidance",
        "publisher": "A Trust", "language": "en-GB", "urls": [URL],
    }  # fmt: skip
    assert citation.to_ris(LIKE).endswith("\r\nER  - \r\n")


def test_bibtex_says_it_too():
    assert read_bibtex(citation.to_bibtex(LIKE)) == {
        "key": "a-page-v2", "type": "misc", "author": "Ann Smith and MS team", "title": "Dose in adults",
        "year": "2026", "month": 11, "howpublished": "Guidance", "publisher": "A Trust",
        "note": "Version 2, 5 Nov 2026", "language": "en-GB", "url": URL,
    }  # fmt: skip


def test_csl_json_says_it_too():
    said = read_csl(citation.to_csl(LIKE))

    for part in ("Ann Smith", "MS team", "2026", "Dose in adults", URL):
        assert part in said
    assert json.loads(citation.to_csl(LIKE))[0] | {"author": []} == {
        "id": "a-page-v2", "type": "webpage", "title": "Dose in adults", "author": [], "version": "2",
        "issued": {"date-parts": [[2026, 11, 5]]}, "container-title": "Guidance", "publisher": "A Trust",
        "language": "en-GB", "URL": URL,
    }  # fmt: skip


@pytest.mark.parametrize("write", [citation.to_ris, citation.to_bibtex, citation.to_csl])
def test_what_is_not_known_is_left_out(write):
    nameless = write(like(authors=(), publisher=""))

    for name in ("AU  -", "PB  -", "author", "publisher"):
        assert name not in nameless


def _as_read(text: str) -> str:
    """What the reader of BibTeX makes of a text: one reader's own sign for ^, and none of its own spaces."""
    return " ".join(text.replace("ˆ", "^").split())


def check(title: str) -> None:
    cited = like(title=title, authors=(title, "MS team"))

    assert read_ris(citation.to_ris(cited))["title"] == title
    assert read_ris(citation.to_ris(cited))["authors"] == [title, "MS team"]
    assert json.loads(citation.to_csl(cited))[0]["title"] == title
    bibtex = citation.to_bibtex(cited)
    assert _as_read(read_bibtex(bibtex)["title"]) == _as_read(title)
    assert len(authors_of(bibtex)) == 2
    assert read_bibtex(bibtex)["url"] == URL


@pytest.mark.parametrize("title", HOSTILE)
def test_no_sign_is_lost_and_none_ends_its_field(title):
    check(title)


@given(TITLES)
@example("''")
def test_no_title_is_lost(title):
    check(title)


def test_a_name_that_has_lines_stays_in_its_field():
    assert read_ris(citation.to_ris(like(authors=("Ann\nER  - \nTI  - Other",))))["title"] == "Dose in adults"


# The addresses


def test_a_version_is_cited_in_four_formats(client, publish, settings, time_machine):
    time_machine.move_to(datetime(2026, 7, 4, 23, 30, tzinfo=UTC))  # in the UK, the next day has begun
    settings.PUBLISHER = "A Trust"
    page = Page.objects.create(slug="a-page")
    Contributor.objects.create(page=page, name="Ann Smith", role="Author")
    publish()
    page.contributors.update(name="Somebody else")
    url = "http://localhost:8000/pages/a-page/history/1/"

    text, ris, bib, listed = (client.get(f"{PATH}{form}") for form in ("txt", "ris", "bib", "json"))

    assert text.content.decode() == (
        f"Ann Smith. About a-page. Version 1, 5 Jul 2026. Clinical reference, A Trust. {url}\n"
    )
    assert read_ris(ris.content.decode())["authors"] == ["Ann Smith"]
    assert read_bibtex(bib.content.decode())["url"] == url
    assert json.loads(listed.content)[0]["issued"] == {"date-parts": [[2026, 7, 5]]}
    assert [each["Content-Type"] for each in (text, ris, bib, listed)] == [
        "text/plain; charset=utf-8", "application/x-research-info-systems; charset=utf-8",
        "application/x-bibtex; charset=utf-8", csl.MEDIA_TYPE,
    ]  # fmt: skip
    assert ris["Content-Disposition"] == 'inline; filename="a-page-v1.ris"'


@pytest.mark.parametrize(
    ("team", "authors"),
    [("The MS team, Leeds", [{"literal": "The MS team, Leeds"}]), ("", None)],
)
def test_without_credits_the_authoring_team_is_the_author_if_it_has_a_name(client, publish, settings, team, authors):
    settings.AUTHORING_TEAM = team or settings.NO_AUTHORING_TEAM
    settings.PUBLISHER = settings.NO_PUBLISHER
    publish()

    item = json.loads(client.get(f"{PATH}json").content)[0]

    assert item.get("author") == authors
    assert "publisher" not in item


def test_only_what_is_published_is_cited_in_a_format_that_there_is(client, publish):
    page = publish().page
    publish("about-us", kind="about")
    later = timezone.now() + timedelta(hours=1)
    publishing.add_version(page=page, text=publishing.Text("Later", "S", "Give 5 mg.\n"), published_at=later)

    for path in (f"{PATH}pdf", "/pages/a-page/history/2/cite.txt", "/pages/about-us/history/1/cite.txt"):
        assert client.get(path).status_code == 404


def test_a_citation_counts_for_no_page_and_is_never_refused(client, publish, settings):
    settings.FREE_PAGES = 0
    publish(body="Give 5 mg.\n")

    answers = [client.get(f"{PATH}{form}") for form in citation.FORMATS]

    assert [each.status_code for each in answers] == [200] * 4
    assert "meter" not in client.cookies
    assert not any(b"5 mg" in each.content or b"What a-page says" in each.content for each in answers)


def test_a_withdrawal_is_cited_as_one(client, publish, withdraw):
    withdraw(publish().page)

    assert "Withdrawn: About a-page. Version 2" in client.get("/pages/a-page/history/2/cite.txt").content.decode()
    assert "Withdrawn" not in client.get(f"{PATH}txt").content.decode()


def test_a_redacted_title_is_in_no_citation(client, publish, people):
    version = publish(title="Mr Jones of Leeds")
    redaction.redact(version=version, by=people.administrator, reason="A name.")

    for form in citation.FORMATS:
        assert "Jones" not in client.get(f"{PATH}{form}").content.decode()


def test_the_same_citation_is_not_sent_twice(client, publish):
    publish()
    first = client.get(f"{PATH}ris")

    assert client.get(f"{PATH}ris", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_the_history_leads_to_the_citations_of_each_version(client, publish):
    publish()
    publish(body="Give 10 mg.\n")

    history = client.get("/pages/a-page/history/").content.decode()

    for number in (1, 2):
        for form in citation.FORMATS:
            assert f'href="/pages/a-page/history/{number}/cite.{form}"' in history


def test_a_citation_costs_one_query(client, publish, django_assert_num_queries):
    publish()
    with django_assert_num_queries(1):
        client.get(f"{PATH}txt")
