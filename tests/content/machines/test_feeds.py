"""What was published lately: the feeds as a feed reader reads them, and the page that shows the same."""

from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from django.utils import timezone
from lxml import html

from content import publishing
from content.history import redaction
from content.models import LATELY, Draft, Page, Topic
from tests.content.machines.heads import head_of
from tests.reading import words

SITE = "http://localhost:8000"
BOTH = ["/feed/", "/topics/pain/feed/"]
HOSTILE = '5 < 10 & <b>more</b> &amp; "so" ]]> it\'s'


def read(client, path: str = "/feed/"):
    feed = feedparser.parse(client.get(path).content)
    assert not feed.bozo
    return feed


def titles(client, path: str = "/feed/") -> list[str]:
    return [entry.title for entry in read(client, path).entries]


@pytest.fixture
def pain(db) -> Topic:
    """A topic of the page a-page, which is not published yet."""
    topic = Topic.objects.create(name="Pain & relief", slug="pain")
    Page.objects.create(slug="a-page").topics.add(topic)
    return topic


@pytest.mark.usefixtures("pain")
@pytest.mark.parametrize("path", BOTH)
def test_a_feed_says_what_was_published_and_when(client, publish, time_machine, path):
    time_machine.move_to(datetime(2026, 5, 3, 12, tzinfo=UTC))
    publish()
    time_machine.move_to(datetime(2026, 11, 22, 12, tzinfo=UTC))
    publish(title="About it again")

    feed = read(client, path)

    assert feed.version == "atom10"
    assert feed.feed.id == SITE + path
    assert {link.rel: link.href for link in feed.feed.links} == {"self": SITE + path, "alternate": f"{SITE}/changes/"}
    assert [(entry.title, entry.link, entry.id, entry.summary) for entry in feed.entries] == [
        (title, address, address, "Because it changed.")
        for title, number in (("About it again", 2), ("About a-page", 1))
        for address in [f"{SITE}/pages/a-page/history/{number}/"]
    ]
    assert feed.entries[0].published == feed.entries[0].updated == feed.feed.updated
    assert feed.feed.updated.startswith("2026-11-22T12:00:0")


@pytest.mark.usefixtures("pain")
def test_a_topic_has_its_own_pages_and_its_name(client, publish):
    publish()
    publish("b-page")

    assert titles(client) == ["About b-page", "About a-page"]
    assert titles(client, "/topics/pain/feed/") == ["About a-page"]
    assert read(client, "/topics/pain/feed/").feed.title == "Clinical reference: latest changes in Pain & relief"


@pytest.mark.usefixtures("pain")
def test_a_topic_without_a_published_page_has_no_feed(client):
    for path in ("/topics/pain/feed/", "/topics/none/feed/"):
        assert client.get(path).status_code == 404
    assert "Pain" not in client.get("/changes/").content.decode()


def test_every_sign_of_a_change_note_arrives(client, publish, people):
    page = publish().page
    text = publishing.Text(HOSTILE, "S", "Give 10 mg.\n", HOSTILE)
    publishing.add_version(page=page, text=text)

    entry = read(client).entries[0]

    assert entry.title_detail.value == HOSTILE
    assert "<" not in client.get("/feed/").content.decode().split("<summary")[1].split(">", 1)[1].split("</summary")[0]
    assert words_of_summary(entry) == HOSTILE


def words_of_summary(entry) -> str:
    """The summary as it is read: a feed reader takes it for HTML."""
    return html.fromstring(f"<p>{entry.summary}</p>").text_content()


def test_a_character_that_xml_has_not_breaks_no_feed(client, publish):
    page = publish().page
    text = publishing.Text("Form\x01feed", "S", "Give 10 mg.\n", "A\x02note")
    publishing.add_version(page=page, text=text)

    newest = read(client).entries[0]
    assert (newest.title, newest.summary) == ("Form feed", "A note")


def test_a_withdrawal_is_told_with_its_reason(client, publish, withdraw):
    withdraw(publish().page)

    first = read(client).entries[0]

    assert first.title == "Withdrawn: About a-page"
    assert first.summary.startswith("It was out of date.")
    assert "Withdrawn: It was out of date." in words(client.get("/changes/"))


@pytest.mark.parametrize("path", [*BOTH, "/changes/"])
@pytest.mark.usefixtures("pain")
def test_nothing_is_told_that_is_not_published_or_was_redacted(client, publish, people, path):
    page = publish(title="Mr Jones of Leeds").page
    redaction.redact(version=page.live_version, by=people.administrator, reason="The name of Mr Jones.")
    publish(title="To be read")
    publish("about-us", kind="about")
    draft = publishing.Text("Draft title", "S", "Draft.\n", "Draft note.")
    for slug in ("a-page", "unpublished"):
        of, _ = Page.objects.get_or_create(slug=slug)
        publishing.start_draft(page=of, text=draft, by=people.editor, started_from=2 if slug == "a-page" else 0)
    later = publishing.Text("Scheduled title", "S", "Scheduled.\n", "Scheduled note.")
    publishing.add_version(page=page, text=later, published_at=timezone.now() + timedelta(hours=1))
    assert Draft.objects.count() == 2

    said = client.get(path).content.decode()

    assert "To be read" in said
    for word in ("Jones", "Redacted", "Scheduled", "Draft", "unpublished", "about-us", "Give 5 mg"):
        assert word not in said, word


@pytest.mark.parametrize("path", [*BOTH, "/changes/"])
@pytest.mark.usefixtures("pain")
def test_what_is_told_counts_for_no_page(client, publish, settings, path):
    settings.FREE_PAGES = 0
    publish()

    assert client.get(path).status_code == 200
    assert "meter" not in client.cookies


@pytest.mark.usefixtures("pain")
@pytest.mark.parametrize("path", BOTH)
def test_a_feed_is_sent_again_when_its_words_change_and_only_then(client, publish, people, path):
    first = publish()
    second = publish(title="Mr Jones of Leeds")
    response = client.get(path)
    assert "Last-Modified" not in response
    has_it = {"If-None-Match": response["ETag"]}
    assert client.get(path, headers=has_it).status_code == 304

    redaction.redact(version=second, by=people.administrator, reason="A name.")

    since = {"If-Modified-Since": "Tue, 01 Jan 2999 00:00:00 GMT"}
    assert client.get(path, headers=has_it).status_code == client.get(path, headers=since).status_code == 200
    assert titles(client, path) == [first.title]


@pytest.mark.usefixtures("pain")
@pytest.mark.parametrize(("path", "queries"), [("/feed/", 1), ("/topics/pain/feed/", 2), ("/changes/", 2)])
def test_many_changes_cost_no_query_more(client, publish, django_assert_num_queries, path, queries):
    page = publish().page
    for number in range(2, LATELY + 2):
        publishing.add_version(page=page, text=publishing.Text(f"Title {number}.", "S", "Give 5 mg.\n", "Why."))

    with django_assert_num_queries(queries):
        said = client.get(path).content.decode()

    assert f"Title {LATELY + 1}." in said
    assert f"Title {2}." in said
    assert "About a-page" not in said


# The page


@pytest.mark.usefixtures("pain")
def test_the_page_leads_to_page_version_and_feeds_and_home_leads_to_it(client, publish):
    publish()
    said = client.get("/changes/").content.decode()

    for address in ("/pages/a-page/", "/pages/a-page/history/1/", "/feed/", "/topics/pain/feed/"):
        assert f'href="{address}"' in said
    assert "Because it changed." in said
    assert '<a href="/changes/">Latest changes</a>' in client.get("/").content.decode()
    for path in ("/", "/changes/"):
        head = head_of(client.get(path))
        assert head.links["alternate"] == "/feed/"
        assert head.links["canonical"] == f"{SITE}{path}"


def test_a_site_without_pages_says_so(client, db):
    assert "No pages have been published yet." in words(client.get("/changes/"))
    assert read(client).entries == []
