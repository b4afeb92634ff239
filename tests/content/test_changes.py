from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import DatabaseError, connection, connections, transaction

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
    before = sum(ContentChange.objects.values_list("number", flat=True))
    Page.objects.create(slug="another")

    assert sum(ContentChange.objects.values_list("number", flat=True)) > before
    assert changes.missing(connection) == []


def test_without_a_trigger_the_site_is_not_ready(version, client):
    name = "content_code_changed_insert"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else " ON content_code"))

    assert changes.missing(connection) == [name]
    assert client.get("/readyz").status_code == 503
    changes.install(connection)
    assert client.get("/readyz").status_code == 200


TRIGGER = "content_code_changed_update"
OTHERS = {
    "sqlite": [
        f"CREATE TRIGGER {TRIGGER} AFTER UPDATE ON content_code BEGIN SELECT 1; END",
        f"CREATE TRIGGER {TRIGGER} AFTER UPDATE ON content_topic BEGIN SELECT 1; END",
    ],
    "postgresql": [
        f"CREATE TRIGGER {TRIGGER} AFTER UPDATE ON content_topic EXECUTE FUNCTION content_change_note()",
        f"CREATE TRIGGER {TRIGGER} AFTER INSERT ON content_code EXECUTE FUNCTION content_change_note()",
    ],
}


@pytest.mark.parametrize("which", [0, 1])
def test_a_trigger_that_says_something_else_is_missing(version, which):
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {TRIGGER}" + ("" if connection.vendor == "sqlite" else " ON content_code"))
        cursor.execute(OTHERS[connection.vendor][which])

        assert changes.missing(connection) == [TRIGGER]


def test_a_function_that_does_nothing_is_noticed(version):
    if connection.vendor != "postgresql":
        return  # SQLite's triggers say it themselves
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION content_change_note() RETURNS trigger LANGUAGE plpgsql AS "
            "$note$BEGIN RETURN NULL; END$note$"
        )

    assert len(changes.missing(connection)) == len(changes.TABLES) * len(changes.OPERATIONS)


@pytest.mark.django_db(transaction=True)
def test_transactions_that_change_other_pages_neither_wait_nor_stop_each_other(publish):
    if connection.vendor != "postgresql":
        return  # SQLite takes one writer at a time, from its first statement
    pages = [publish(slug).page for slug in ("one", "two", "three")]
    before = changes.stamp()
    first_has_changed, second_is_done = Event(), Event()

    def change(page):
        Page.objects.filter(pk=page.pk).update(review_interval_months=6)

    def first():
        with transaction.atomic():
            change(pages[0])
            first_has_changed.set()
            assert second_is_done.wait(10)
            change(pages[1])  # if the other had to wait with this page in its hands, each would wait for the other
        connections.close_all()

    def second():
        assert first_has_changed.wait(10)
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '2s'")
                change(pages[1])
                change(pages[2])
            return changes.stamp()
        finally:
            second_is_done.set()
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.submit(first), threads.submit(second)
        between = other.result(20)
        one.result(20)

    assert len({before, between, changes.stamp()}) == 3
    assert Page.objects.filter(review_interval_months=6).count() == 3


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_is_read_again_only_after_a_commit(version):
    stamp = changes.committed_stamp()
    assert stamp == changes.stamp()
    if connection.vendor == "sqlite":
        said: list[str] = []
        changes._held.base.set_trace_callback(said.append)
        assert changes.committed_stamp() == stamp
        changes._held.base.set_trace_callback(None)
        assert said == ["PRAGMA data_version"]

    Page.objects.create(slug="another")
    assert changes.committed_stamp() == changes.stamp() != stamp


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_failed_is_opened_again(version):
    if connection.vendor != "sqlite":
        pytest.skip("Django keeps the connection.")
    changes.committed_stamp()
    changes._held.base.close()

    with pytest.raises(DatabaseError):
        changes.committed_stamp()
    assert changes.committed_stamp() == changes.stamp()
