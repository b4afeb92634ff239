from django.db import connection

from content.history import triggers


def test_health_says_that_the_process_is_up(client):
    assert client.get("/healthz").content == b"ok\n"


def test_without_its_triggers_the_site_is_not_ready(client, db):
    assert client.get("/readyz").status_code == 200

    triggers.remove(connection)

    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"triggers missing\n")


def test_a_trigger_that_does_nothing_is_no_trigger(client, db):
    harmless = (
        [
            "DROP TRIGGER version_update",
            "CREATE TRIGGER version_update BEFORE UPDATE ON content_page BEGIN SELECT 1; END",
        ]
        if connection.vendor == "sqlite"
        else [
            "CREATE OR REPLACE FUNCTION content_version_guard() RETURNS trigger LANGUAGE plpgsql AS "
            "$guard$ BEGIN RETURN NEW; END $guard$"
        ]
    )
    for sql in harmless:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    assert client.get("/readyz").status_code == 503
