"""Editors add and delete search terms and synonyms, and what they did stays on record."""

import re

import pytest
from django.contrib.admin.models import LogEntry

from content.models import SearchTerm, Synonym
from content.search import query


def said(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def page_fields(page, **terms) -> dict[str, str]:
    """What the form of a page sends, with search terms to add."""
    return {
        "topics": [], "review_interval_months": "12", "shown_revision": str(page.revision),
        "contributors-TOTAL_FORMS": "0", "contributors-INITIAL_FORMS": "0",
        "codes-TOTAL_FORMS": "0", "codes-INITIAL_FORMS": "0",
        "search_terms-TOTAL_FORMS": "1", "search_terms-INITIAL_FORMS": "0", "search_terms-0-words": "",
    } | terms  # fmt: skip


def test_a_search_term_finds_its_page_and_its_history_says_who_added_and_deleted_it(publish, people, signed_in):
    page = publish("dose", body="Give zirconium.\n").page
    editor, address = signed_in(people.editor), f"/admin/content/page/{page.pk}/change/"
    assert not query.search("Zirmab").hits

    editor.post(address, page_fields(page, **{"search_terms-0-words": "  Zirmab\u200b"}))

    assert [hit.slug for hit in query.search("zirmab").hits] == ["dose"]
    term = SearchTerm.objects.get()
    assert term.words == "Zirmab"
    page.refresh_from_db()
    assert 'value="Zirmab"' not in said(editor.get(address))  # it is added and deleted, never changed
    gone = {"search_terms-TOTAL_FORMS": "1", "search_terms-INITIAL_FORMS": "1", "search_terms-0-id": str(term.pk),
            "search_terms-0-page": str(page.pk), "search_terms-0-DELETE": "on"}  # fmt: skip
    editor.post(address, page_fields(page, **gone))

    assert not query.search("zirmab").hits
    history = said(editor.get(f"/admin/content/page/{page.pk}/history/"))
    assert "Added search term “Zirmab”." in history
    assert "Deleted search term “Zirmab”." in history


def test_a_synonym_is_found_at_once_and_its_history_stays_when_it_is_gone(publish, people, signed_in):
    publish("dose", body="Give zirconium.\n")
    editor = signed_in(people.editor)

    editor.post("/admin/content/synonym/add/", {"words": "zmab", "meaning": "zirconium"})
    assert [hit.slug for hit in query.search("zmab").hits] == ["dose"]
    synonym = Synonym.objects.get()
    assert (
        editor.post(f"/admin/content/synonym/{synonym.pk}/change/", {"words": "a", "meaning": "b"}).status_code == 403
    )
    editor.post(f"/admin/content/synonym/{synonym.pk}/delete/", {"post": "yes"})

    assert not query.search("zmab").hits
    history = said(editor.get("/admin/content/synonym/history/"))
    assert re.search(r"The editor</td><td>Deleted: zmab means zirconium.*Added: zmab means zirconium", history)
    people.editor.delete()
    assert LogEntry.objects.count() in (0, 2)  # how an account is closed is the accounts' own matter


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"words": "…", "meaning": "zirconium"}, "Write at least one word."),
        ({"words": "MS", "meaning": ""}, "This field is required."),
        ({"words": "zmab", "meaning": "Zirconium"}, "These words have that meaning already."),
        ({"words": "Z", "meaning": "x" * 101}, "at most 100 characters"),
    ],
)
def test_what_says_nothing_is_refused_and_stays_in_the_form(people, signed_in, typed, reason):
    Synonym.objects.create(words="ZMAB", meaning="zirconium")

    shown = said(signed_in(people.editor).post("/admin/content/synonym/add/", typed))

    assert reason in shown
    assert f'value="{typed["words"]}"' in shown
    assert Synonym.objects.count() == 1


def test_readers_see_none_of_it(people, signed_in):
    for address in ("/admin/content/synonym/", "/admin/content/synonym/history/"):
        assert signed_in(people.reader).get(address).status_code in (302, 403)
