import json

from content.markup import references
from content.references import csl


def of(typed: str) -> dict:
    return csl.to_item(references.read("a", 1, typed))


def test_only_what_is_known_is_exported():
    typed = "Polman CH. *N Engl J Med*. doi:10.1056/NEJMoa044397. PMID 16510744. PMC1, accessed 26 November 2026"

    assert of(typed) == {
        "id": "a", "type": "document",
        "title": "Polman CH. N Engl J Med. doi:10.1056/NEJMoa044397. PMID 16510744. PMC1, accessed 26 November 2026",
        "DOI": "10.1056/nejmoa044397", "PMID": "16510744", "PMCID": "PMC1",
        "accessed": {"date-parts": [[2026, 11, 26]]},
    }  # fmt: skip


def test_guidance_and_licences_have_a_number():
    assert of("NICE TA127, accessed February 2025") == {
        "id": "a", "type": "document", "title": "NICE TA127, accessed February 2025", "number": "TA127",
        "URL": "https://www.nice.org.uk/guidance/ta127", "accessed": {"date-parts": [[2025, 2]]},
    }  # fmt: skip
    assert of("PL 12345/0001 <https://a.example/x>")["number"] == "PL 12345/0001"
    assert of("PL 12345/0001 <https://a.example/x>")["URL"] == "https://a.example/x"
    assert of("A book") == {"id": "a", "type": "document", "title": "A book"}


def test_a_version_answers_with_its_references_in_their_order(publish, client):
    publish(body="B.[^b] A.[^a]\n\n[^a]: Ménière\n[^b]: B\n")
    answer = client.get("/pages/a-page/history/1/references.json")

    assert answer["Content-Type"] == "application/vnd.citationstyles.csl+json"
    assert [each["id"] for each in json.loads(answer.content)] == ["b", "a"]
    assert "Ménière" in answer.content.decode()
    assert client.get("/pages/a-page/history/2/references.json").status_code == 404


def test_the_references_count_as_the_page_does(publish, client, settings):
    settings.FREE_PAGES = 1
    publish("one")
    publish("two", "B.[^b]\n\n[^b]: Secret\n")

    assert client.get("/pages/one/").status_code == 200
    refused = client.get("/pages/two/history/1/references.json")
    assert refused.status_code == 403
    assert "Secret" not in refused.content.decode()
