import sqlite3
import time
from contextlib import closing
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from content import publishing
from content.history import rerendering
from content.models import Code, Draft, Page, Synonym, Topic, Version
from content.search import index, query
from content.search.index import Index


def slugs(typed: str) -> list[str]:
    return [hit.slug for hit in query.search(typed).hits]


def test_a_version_is_found_on_the_very_next_search_and_the_one_before_is_not(publish):
    publish("dose", body="Give zirconium.\n")
    assert slugs("zirconium") == ["dose"]

    publish("dose", body="Give vanadium.\n")

    assert slugs("zirconium") == []
    assert slugs("vanadium") == ["dose"]


def test_what_is_written_or_waits_is_not_found(publish, people, time_machine):
    page = publish("dose", body="Give zirconium.\n").page
    text = publishing.Text("About dose", "S", "Give vanadium.\n", "Why.")
    draft = publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    assert slugs("vanadium") == []
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    at = timezone.now() + timedelta(hours=1)
    publishing.publish(draft=draft, by=people.reviewer, revision=2, sha256=draft.shown_sha256, at=at)
    assert slugs("vanadium") == []
    assert slugs("zirconium") == ["dose"]

    time_machine.move_to(at, tick=False)

    assert slugs("vanadium") == ["dose"]
    assert slugs("zirconium") == []


def test_a_withdrawn_page_is_gone(publish):
    page = publish("dose", body="Give zirconium.\n").page
    assert slugs("zirconium") == ["dose"]

    text = publishing.Text("About dose", "S", reason="Wrong.")
    publishing.add_version(page=page, text=text, kind=Version.Kind.WITHDRAWAL)

    assert slugs("zirconium") == slugs("wrong") == slugs("about dose") == []


@pytest.mark.django_db(transaction=True)
def test_a_redacted_text_is_gone(publish, people):
    from content.history import redaction

    version = publish("dose", body="Give zirconium.\n")
    assert slugs("zirconium") == ["dose"]

    redaction.redact(version=version, by=people.administrator, reason="A patient was named.")

    assert slugs("zirconium") == []


def test_codes_topics_and_html_that_is_made_anew_are_found(publish):
    version = publish("dose", body="Give zirconium.\n")
    assert slugs("praseodymium") == slugs("L04AG03") == slugs("neodymium") == []

    Code.objects.create(page=version.page, system="ATC", code="L04AG03", term="Praseodymium")
    assert slugs("praseodymium") == slugs("L04AG03") == slugs("l04ag03") == ["dose"]
    version.page.topics.add(Topic.objects.create(name="Neodymium", slug="neodymium"))
    assert slugs("neodymium") == ["dose"]
    version.page.search_terms.create(words="Promethium")
    assert slugs("promethium") == ["dose"]
    version.page.codes.all().delete()
    version.page.search_terms.all().delete()
    assert slugs("praseodymium") == slugs("L04AG03") == slugs("promethium") == []


def test_pages_about_the_site_are_not_found(publish):
    publish("privacy", kind=Page.Kind.ABOUT, body="Give zirconium.\n")

    assert slugs("zirconium") == []


@pytest.fixture
def read(monkeypatch):
    """Return the list of the pages that are read from now on."""
    pages: list[str] = []
    rows_of = index._rows_of_page

    def rows_of_page(document, numbers):
        pages.append(document.slug)
        return rows_of(document, numbers)

    monkeypatch.setattr(index, "_rows_of_page", rows_of_page)
    return pages


def test_only_pages_that_differ_are_read_again(publish, read):
    for number in range(3):
        publish(f"page-{number}", body="Give zirconium.\n")
    slugs("zirconium")
    read.clear()

    publish("page-1", body="Give vanadium.\n")
    slugs("zirconium")
    slugs("zirconium")

    assert read == ["page-1"]


@pytest.mark.parametrize("batch", [1, 2, 9])
def test_pages_are_put_in_by_their_ids(publish, read, monkeypatch, batch):
    for slug in ("zirconium", "vanadium", "neodymium", "actinium"):
        publish(slug)
    monkeypatch.setattr(index, "BATCH", batch)
    read.clear()

    Index().rebuild()

    assert read == ["zirconium", "vanadium", "neodymium", "actinium"]


def test_pages_that_are_named_alike_come_by_their_addresses_whichever_changed_last(publish):
    pages = [publish(slug, body="Text.\n").page for slug in ("vanadium", "actinium", "zirconium")]
    for page in pages:
        page.codes.create(system="ATC", code="L04AG03", term="Praseodymium")
        page.search_terms.create(words="Promethium")
    expected = ["actinium", "vanadium", "zirconium"]
    assert slugs("L04AG03") == slugs("promethium") == expected

    publish("actinium", body="Another text.\n")

    assert slugs("L04AG03") == slugs("promethium") == expected


def test_of_too_many_sections_those_are_suggested_whose_addresses_come_first(publish, monkeypatch):
    for slug in ("vanadium", "actinium"):
        publish(slug, title=slug.capitalize(), body="## Praseodymium\n\nText.\n")
    assert [each.slug for each in query.suggest("praseo")] == ["actinium", "vanadium"]
    monkeypatch.setattr(query, "MOST_NAMES", 1)

    assert [each.slug for each in query.suggest("praseo")] == ["actinium"]


def contents(base: sqlite3.Connection) -> dict[str, object]:
    """What the index has, whatever the ids of its own rows are."""
    rows = {
        table: sorted(base.execute(f"SELECT {columns} FROM {table}"))
        for table, columns in {
            "page": "*", "name_in_full": "*", "key_point": "*", "synonym": "*", "code": "*",
            "section": "page_id, anchor, heading", "section_text": "*", "page_text": "*", "beside_text": "*",
            "name": "page_id, anchor, heading", "name_text": "*", "word": "word, count",
        }.items()
    }  # fmt: skip
    return rows | {"near": base.execute("SELECT count(*) FROM near").fetchone()}


def test_what_is_brought_up_to_date_is_as_if_it_were_made_anew(publish, withdraw):
    body = "## In brief\n\n- **[Dose](#h-dose):** {0}.[^a]\n\n## Dose\n\nGive {0}.\n\n[^a]: A {0} source.\n"
    pages = [publish(name, title=name, body=body.format(name)).page for name in ("zirconium", "vanadium", "haematite")]
    pages[0].codes.create(system="ATC", code="Z01", term="Zirconium")
    pages[0].search_terms.create(words="Zirtab")
    for words, meaning in (("zircon", "zirconium"), ("vanady", "vanadium")):
        Synonym.objects.create(words=words, meaning=meaning)
    assert Index().read(contents)["synonym"]

    publish("zirconium", title="Iron", body=body.format("iron"))
    pages[0].codes.all().delete()
    pages[0].search_terms.all().delete()
    withdraw(pages[2])
    Synonym.objects.get(words="zircon").delete()
    found = Index().read(contents)
    Index().rebuild()

    assert found == Index().read(contents)


def test_the_key_point_of_an_earlier_version_answers_nothing(publish, withdraw):
    body = "## In brief\n\n- **[Dose](#h-dose):** {} mg.\n\n## Dose\n\nText.\n"
    for number in (5, 10):
        page = publish("zirconium", title="Zirconium", body=body.format(number)).page
        assert f"</strong> {number} mg." in query.search("zirconium dose").answer.html

    withdraw(page)
    assert query.search("zirconium dose").answer is None
    publish("zirconium", title="Zirconium", body="## Dose\n\nText.\n")
    assert query.search("zirconium dose").answer is None


def test_a_search_looks_up_no_word_twice(publish):
    publish("dose", body="Give zirconium to adults with a relapse.\n")
    slugs("zirconium")
    asked = []
    index._held.base.set_trace_callback(asked.append)

    slugs("zirconium in an adutl with relapses, zirconium again")

    index._held.base.set_trace_callback(None)
    words = [each for each in asked if each.startswith("SELECT count FROM word")]
    assert len(words) == len(set(words)) > 5


def test_while_nothing_changes_a_search_asks_the_database_once(publish, django_assert_num_queries):
    publish("dose", body="Give zirconium.\n")
    slugs("zirconium")

    with django_assert_num_queries(1):
        assert slugs("zirconium") == ["dose"]


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 1000, None])
def test_a_damaged_index_is_made_anew(publish, settings, content):
    publish("dose", body="Give zirconium.\n")
    slugs("zirconium")
    if content is None:  # damaged inside
        whole = bytearray(settings.SEARCH_INDEX.read_bytes())
        whole[4096:] = b"\x00" * len(whole[4096:])
        content = bytes(whole)
    Index().remove()
    settings.SEARCH_INDEX.write_bytes(content)

    assert slugs("zirconium") == ["dose"]


@pytest.mark.parametrize("differs", ["DROP TABLE code", "UPDATE page SET slug = 'older'"])
def test_the_index_of_another_release_is_made_anew(publish, settings, differs):
    publish("dose", body="Give zirconium.\n")
    slugs("zirconium")
    base = sqlite3.connect(settings.SEARCH_INDEX)
    base.execute("UPDATE meta SET value = 'older' WHERE name = 'form'")
    base.execute(differs)
    base.commit()
    base.close()

    assert slugs("zirconium") == ["dose"]


def test_two_processes_share_the_file_and_see_the_same(publish, settings):
    publish("dose", body="Give zirconium.\n")
    first, second = Index(), Index()
    assert query.search("zirconium", first).hits == query.search("zirconium", second).hits != ()

    publish("dose", body="Give vanadium.\n")

    assert query.search("vanadium", second).hits == query.search("vanadium", first).hits != ()


def test_the_command_makes_it_anew(publish, settings, capsys):
    publish("dose", body="Give zirconium.\n")
    settings.SEARCH_INDEX.parent.mkdir(exist_ok=True)
    settings.SEARCH_INDEX.write_bytes(b"damaged")

    call_command("build_search")

    assert capsys.readouterr().out == "1 page can be found.\n"
    assert slugs("zirconium") == ["dose"]


@pytest.mark.usefixtures("shipped_library")
def test_no_word_of_the_librarys_draft_is_found():
    draft = Draft.objects.get()
    assert "97%" in draft.body
    assert slugs("“stayed negative”") == slugs("stayed negative")
    assert not any(
        "stayed negative" in found.excerpt for hit in query.search("stayed negative").hits for found in hit.sections
    )


def test_html_that_is_rendered_later_is_found_then(publish):
    version = publish("dose", body="Give zirconium.\n")
    version.rendering.delete()
    assert slugs("zirconium") == []

    rerendering.render(version)

    assert slugs("zirconium") == ["dose"]


def test_a_file_that_another_process_is_at_is_not_thrown_away(publish, settings, monkeypatch):
    publish("dose", body="Give zirconium.\n")
    slugs("zirconium")
    publish("dose", body="Give vanadium.\n")
    monkeypatch.setattr(index, "WAIT", 0.1)
    index.let_go()  # the connection that is open waits longer
    other = sqlite3.connect(settings.SEARCH_INDEX, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(index.Unavailable, match="locked"):
        slugs("vanadium")

    assert settings.SEARCH_INDEX.exists()
    other.execute("ROLLBACK")
    other.close()
    assert slugs("vanadium") == ["dose"]


def test_a_folder_that_cannot_be_made_is_said_and_logged_once_a_minute(publish, client, settings, caplog):
    publish("dose", body="Give zirconium.\n")
    (settings.SEARCH_INDEX.parent / "taken").write_text("a file")
    settings.SEARCH_INDEX = settings.SEARCH_INDEX.parent / "taken" / "index.sqlite3"
    index._logged["at"] = time.monotonic() - 61

    for _ in range(3):
        response = client.get("/search/?q=zirconium")

    assert response.status_code == 503
    html = response.content.decode()
    assert "Search is not available at the moment" in html
    assert 'value="zirconium"' in html
    assert response["X-Robots-Tag"] == "noindex"
    assert client.get("/search/suggest/?q=zir").json() == {"suggestions": []}
    assert client.get("/pages/dose/").status_code == 200
    assert [record.name for record in caplog.records].count("content.search") == 1
    assert "zirconium" not in caplog.text


def test_a_file_that_cannot_be_opened_is_said(publish, client, settings):
    publish("dose", body="Give zirconium.\n")
    settings.SEARCH_INDEX.mkdir(parents=True)

    response = client.get(f"/search/?q={'z' * 301}")

    assert response.status_code == 503
    assert f'value="{"z" * 300}"' in response.content.decode()


def test_a_full_disk_is_said_and_the_index_is_not_thrown_away(publish, client, settings, monkeypatch):
    publish("dose", body="Give zirconium.\n")
    slugs("zirconium")
    publish("long", body="".join(f"Give vanadium number{number}.\n\n" for number in range(2000)))
    opened = Index._open

    def without_room(self):
        base = opened(self)
        base.execute("PRAGMA max_page_count = 1")  # no page more than there are: what a full disk is to SQLite
        return base

    with monkeypatch.context() as patched:
        patched.setattr(Index, "_open", without_room)
        assert client.get("/search/?q=vanadium").status_code == 503

    with closing(sqlite3.connect(settings.SEARCH_INDEX)) as base:
        assert base.execute("SELECT slug FROM page").fetchall() == [("dose",)]
    assert slugs("vanadium") == ["long"]
