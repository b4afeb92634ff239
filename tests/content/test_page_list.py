"""The list of all guidance: 50 a page, in the order of its titles, of one topic if asked."""

import re

import pytest

from content import home, page_list
from content.models import Topic


def titles(response) -> list[str]:
    return re.findall(r'<a href="/pages/[^"?]+">([^<]*)</a><p>', response.content.decode())


@pytest.fixture
def pages(publish, withdraw):
    """Three live pages, one that was withdrawn and one about the site."""
    made = {title: publish(title.lower(), title=title).page for title in ("Bravo", "Alpha", "Charlie", "Gone")}
    withdraw(made.pop("Gone"))
    publish("us", title="About us", kind="about")
    return made


def test_live_guidance_is_listed_in_the_order_of_its_titles(client, pages):
    response = client.get("/pages/")

    assert titles(response) == ["Alpha", "Bravo", "Charlie"]
    assert "3 guidance pages" in response.content.decode()
    assert "What alpha says." in response.content.decode()
    assert "More pages" not in response.content.decode()


def test_a_long_list_has_pages_with_links(client, pages, monkeypatch):
    monkeypatch.setattr("content.views.A_PAGE", 2)
    first, second = client.get("/pages/"), client.get("/pages/?page=2")

    assert (titles(first), titles(second)) == (["Alpha", "Bravo"], ["Charlie"])
    assert '<a href="?page=2" rel="next">' in first.content.decode()
    assert '<a href="?page=1" rel="prev">' in second.content.decode()


def test_a_topic_lists_its_own(client, pages):
    topic = Topic.objects.create(name="Multiple sclerosis", slug="ms")
    Topic.objects.create(name="Nothing yet", slug="nothing")
    pages["Bravo"].topics.add(topic)
    whole = client.get("/pages/").content.decode()

    assert '<a href="/pages/?topic=ms">Multiple sclerosis</a>' in whole
    assert "Nothing yet" not in whole
    assert titles(client.get("/pages/?topic=ms")) == ["Bravo"]
    assert client.get("/pages/?topic=none").status_code == 404


def test_it_is_never_metered(client, pages, settings):
    settings.FREE_PAGES = 0

    assert client.get("/pages/").status_code == 200


def test_home_leads_to_what_it_leaves_out(client, pages, monkeypatch):
    assert "All 3 pages" not in client.get("/").content.decode()
    monkeypatch.setattr(home, "MOST_OTHERS", 2)
    pages["Bravo"].save()  # what home shows is found again
    html = client.get("/").content.decode()

    assert '<a href="/pages/">All 3 pages</a>' in html
    assert "Charlie" not in html.split("Changed lately")[0]


def test_the_rows_of_a_page_are_read_together(pages, django_assert_num_queries):
    listed = page_list.Listed(page_list.in_title_order())
    with django_assert_num_queries(1):
        assert [page.live_title for page in listed[0:3]] == ["Alpha", "Bravo", "Charlie"]
