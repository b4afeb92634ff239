import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from content.models import Review, Version

COLUMNS = (
    "page_id, number, kind, title, summary, body, change_note, credits, reason, replacement, author_name, "
    "writers, approver_name, published_at, sha256"
)


def run(sql: str, *params) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def copy_of(version: Version, *, number: str = "number", time: str = "published_at", key: str = "") -> str:
    columns = COLUMNS.replace("number,", f"{number},", 1).replace("published_at,", f"{time},")
    return (
        f"INTO content_version ({'id, ' if key else ''}{COLUMNS}) "
        f"SELECT {f'{key}, ' if key else ''}{columns} FROM content_version WHERE id = {version.pk}"
    )


def assert_refused(sql: str, *params) -> None:
    before = list(Version.objects.order_by("pk").values())
    with pytest.raises((IntegrityError, DatabaseError), match="never changes"):
        run(sql, *params)
    assert list(Version.objects.order_by("pk").values()) == before


def attack(version: Version) -> None:
    """Every way that raw SQL has to change what was published."""
    assert_refused("UPDATE content_version SET body = 'Give 50 mg' WHERE id = %s", version.pk)
    assert_refused("UPDATE content_version SET sha256 = ''")
    assert_refused("DELETE FROM content_version WHERE id = %s", version.pk)
    assert_refused(f"INSERT {copy_of(version, key=str(version.pk), number='number + 1')}")
    assert_refused(f"INSERT {copy_of(version, number='number', key='9999')}")
    later = "'2999-01-01 00:00:00+00'" if connection.vendor == "postgresql" else "'2999-01-01 00:00:00'"
    assert_refused(f"INSERT {copy_of(version, time=later)}")
    assert_refused(f"INSERT {copy_of(version, number='number + 1')}")
    if connection.vendor == "sqlite":
        assert_refused(f"INSERT OR REPLACE {copy_of(version, key=str(version.pk), number='number + 1', time=later)}")
        assert_refused(f"INSERT OR REPLACE {copy_of(version, time=later)}")
        assert_refused(f"REPLACE {copy_of(version, key=str(version.pk))}")
        assert_refused("UPDATE OR REPLACE content_version SET id = id + 1")
        not_text = "x'ff'"
        assert_refused(f"INSERT {copy_of(version, number='number + 1', time=not_text)}")
    else:
        run("SET CONSTRAINTS ALL IMMEDIATE")  # or PostgreSQL refuses to truncate for another reason
        assert_refused("TRUNCATE content_version CASCADE")
        assert_refused(f"INSERT {copy_of(version, key=str(version.pk))} ON CONFLICT (id) DO UPDATE SET body = 'x'")


def test_raw_sql_cannot_change_what_was_published(publish):
    attack(publish())


@pytest.mark.django_db(transaction=True)
def test_a_later_migration_of_the_table_does_not_open_it(publish):
    version = publish()
    old = Version._meta.get_field("change_note")
    new = models.TextField(blank=True)
    new.set_attributes_from_name("change_note")
    new.model = Version
    with connection.schema_editor() as editor:
        editor.alter_field(Version, old, new)
    call_command("migrate", verbosity=0)

    attack(version)

    with connection.schema_editor() as editor:
        editor.alter_field(Version, new, old)
    call_command("migrate", verbosity=0)


def test_a_clinical_review_is_only_added(publish, people):
    review = Review.objects.create(version=publish(), reviewer_name="R", outcome=Review.Outcome.CURRENT)

    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")
    for sql in (
        "UPDATE content_review SET outcome = 'unsafe'",
        "DELETE FROM content_review",
        "INSERT INTO content_review SELECT * FROM content_review",
        "INSERT OR REPLACE INTO content_review SELECT * FROM content_review"
        if connection.vendor == "sqlite"
        else "TRUNCATE content_review CASCADE",
    ):
        with pytest.raises(DatabaseError, match="never changes"):
            run(sql)
    assert Review.objects.get() == review


def test_the_orm_is_refused_too(publish):
    version = publish()
    version.body = "Give 50 mg."

    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        version.save()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        version.delete()
    assert Version.objects.get().body == "Give 5 mg.\n"


def test_a_scheduled_version_may_go_before_its_time_and_not_after(publish):
    version = publish()
    soon = "now() + interval '1 day'" if connection.vendor == "postgresql" else "datetime('now', '+1 day')"
    run(f"INSERT {copy_of(version, number='number + 1', time=soon)}")

    run("DELETE FROM content_version WHERE number = 2")

    assert [v.number for v in Version.objects.all()] == [1]
