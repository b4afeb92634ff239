import pytest
from django.db import connection

from content import changes, publishing
from content.models import Code, ContentChange, HomeEntry, Page, Review, Topic, Version


@pytest.fixture
def version(publish):
    return publish()


def is_noticed(act) -> bool:
    before = changes.stamp()
    act()
    return changes.stamp() != before


@pytest.mark.parametrize(
    "act",
    [
        lambda v: Page.objects.filter(pk=v.page_id).update(review_interval_months=6),
        lambda v: Page.objects.create(slug="another"),
        lambda v: Code.objects.create(page=v.page, system="ATC", code="L04AG03", term="Natalizumab"),
        lambda v: HomeEntry.objects.create(page=v.page, section="drug", label="Natalizumab"),
        lambda v: v.page.topics.add(Topic.objects.create(name="New", slug="new")),
        lambda v: Topic.objects.create(name="New", slug="new"),
        lambda v: type(v.rendering).objects.filter(version=v).update(html="<p>Other</p>"),
        lambda v: v.rendering.delete(),
        lambda v: Review.objects.create(version=v, reviewer_name="R", outcome="current"),
        lambda v: publishing.add_version(page=v.page, text=publishing.Text("T", "S", "B", "N")),
    ],
)
def test_the_database_notices_every_change_of_what_readers_see(version, act):
    assert is_noticed(lambda: act(version))


def test_it_notices_what_is_taken_away(version):
    code = Code.objects.create(page=version.page, system="ATC", code="L04AG03", term="Natalizumab")
    topic = Topic.objects.create(name="New", slug="new")
    version.page.topics.add(topic)

    assert is_noticed(code.delete)
    assert is_noticed(lambda: version.page.topics.clear())
    assert is_noticed(topic.delete)


def test_reading_and_drafts_change_nothing(version, people):
    assert not is_noticed(lambda: list(Version.objects.live()))
    text = publishing.Text("T", "S", "B", "N")
    assert not is_noticed(
        lambda: publishing.start_draft(page=version.page, text=text, by=people.editor, started_from=1)
    )


def test_the_number_rises_and_every_table_is_watched(version):
    before = ContentChange.objects.get().number
    Page.objects.create(slug="another")

    assert ContentChange.objects.get().number > before
    assert changes.missing(connection) == []


def test_without_a_trigger_the_site_is_not_ready(version, client):
    name = "content_code_changed_insert"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else " ON content_code"))

    assert changes.missing(connection) == [name]
    assert client.get("/readyz").status_code == 503
    changes.install(connection)
    assert client.get("/readyz").status_code == 200
