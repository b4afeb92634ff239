"""Whether anything that readers see has changed: what is kept beside the database asks here, with one small query.

Triggers renew the one row of `ContentChange` in the same transaction as the change, on SQLite and on PostgreSQL, so
that no process and no tool can change a page unnoticed. They are created again after every `migrate`, because a rebuilt
table loses them. What the passing of time changes (a scheduled version) is not in it: see `clock.py`. Reasons:
docs/decisions/0069-the-search-index.md.
"""

from typing import Any

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from .models import ContentChange

TABLES = (
    "content_version",
    "content_rendering",
    "content_redaction",
    "content_review",
    "content_page",
    "content_page_topics",
    "content_topic",
    "content_code",
    "content_homeentry",
)
OPERATIONS = ("INSERT", "UPDATE", "DELETE")
FUNCTION = "content_change_note"
_SET = "UPDATE content_contentchange SET number = number + 1, stamp ="
_RENEW = {
    "sqlite": f"{_SET} lower(hex(randomblob(16)));",
    "postgresql": f"{_SET} replace(gen_random_uuid()::text, '-', '');",
}


def stamp() -> str:
    """Return a text that is another one after every change of what readers see."""
    return ContentChange.objects.values_list("stamp", flat=True).get()


def names() -> list[str]:
    """Return the names of the triggers."""
    return [f"{table}_changed_{operation.lower()}" for table in TABLES for operation in OPERATIONS]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the row and the triggers, replacing any that have their names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM content_contentchange")
        if cursor.fetchone()[0] == 0:
            cursor.execute("INSERT INTO content_contentchange (number, stamp) VALUES (0, '')")
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$note$BEGIN {_RENEW['postgresql']} RETURN NULL; END$note$"
            )
        for name, definition in _definitions(connection.vendor).items():
            place = "" if connection.vendor == "sqlite" else f" ON {_table_of(name)}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")
            cursor.execute(definition)
        cursor.execute(_RENEW[connection.vendor])


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that are missing."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = {name for (name,) in cursor.fetchall()}
    return [name for name in names() if name not in found]


def are_noticed() -> bool:
    """Return whether every trigger is in place."""
    return not missing(connection)


def after_migrate(using: str, **kwargs: Any) -> None:
    """Receive `post_migrate`: create the triggers once their tables exist."""
    connection = connections[using]
    if {*TABLES, "content_contentchange"} <= set(connection.introspection.table_names()):
        install(connection)


def _definitions(vendor: str) -> dict[str, str]:
    """Return the statements that create the triggers, by name."""
    then = f"BEGIN {_RENEW['sqlite']} END" if vendor == "sqlite" else f"EXECUTE FUNCTION {FUNCTION}()"
    each = "ROW" if vendor == "sqlite" else "STATEMENT"
    return {
        f"{table}_changed_{operation.lower()}": (
            f"CREATE TRIGGER {table}_changed_{operation.lower()} AFTER {operation} ON {table} FOR EACH {each} {then}"
        )
        for table in TABLES
        for operation in OPERATIONS
    }


def _table_of(name: str) -> str:
    return name.rsplit("_changed_", 1)[0]
