"""The database itself refuses to change what was published, on SQLite and on PostgreSQL.

For versions, reviews and redactions: every UPDATE; DELETE, except of a scheduled version before its time; TRUNCATE;
and an INSERT whose id exists, or whose number or time is not above the page's others. The triggers are made anew
after every `migrate`, because a rebuilt table loses them.
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

NAMES = {
    "content_version": ("version_update", "version_delete", "version_insert"),
    "content_review": ("review_update", "review_delete", "review_insert"),
    "content_redaction": ("redaction_update", "redaction_delete", "redaction_insert"),
}
REFUSAL = "What was published never changes: publish a new version instead."

_EXISTS = {
    "content_version": """
        EXISTS (SELECT 1 FROM content_version WHERE id = NEW.id)
        OR EXISTS (
            SELECT 1 FROM content_version
            WHERE page_id = NEW.page_id AND (number >= NEW.number OR published_at >= NEW.published_at)
        )""",
    "content_review": "EXISTS (SELECT 1 FROM content_review WHERE id = NEW.id)",
    "content_redaction": """
        EXISTS (SELECT 1 FROM content_redaction WHERE id = NEW.id OR version_id = NEW.version_id)""",
}

_SQLITE_DELETABLE = {
    "content_version": "OLD.published_at <= strftime('%Y-%m-%d %H:%M:%f', 'now')",
    "content_review": "1",
    "content_redaction": "1",
}


def _sqlite(table: str) -> list[str]:
    update, delete, insert = NAMES[table]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    # A time that is no text would sort above every other.
    odd = " OR typeof(NEW.published_at) <> 'text'" if table == "content_version" else ""
    return [
        f"CREATE TRIGGER {update} BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} WHEN {_SQLITE_DELETABLE[table]} {refuse}",
        f"CREATE TRIGGER {insert} BEFORE INSERT ON {table} WHEN {_EXISTS[table]}{odd} {refuse}",
    ]


def _guard_body(table: str) -> str:
    deletable = "OLD.published_at > clock_timestamp()" if table == "content_version" else "FALSE"
    return f"""
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NOT ({_EXISTS[table]}) THEN RETURN NEW; END IF;
            ELSIF TG_OP = 'DELETE' THEN
                IF {deletable} THEN RETURN OLD; END IF;
            END IF;
            RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
        END"""


def _postgresql(table: str) -> list[str]:
    update, delete, insert = NAMES[table]
    guard = f"{table}_guard"
    statements = [
        f"CREATE OR REPLACE FUNCTION {guard}() RETURNS trigger LANGUAGE plpgsql AS $guard${_guard_body(table)}$guard$",
        f"CREATE TRIGGER {update} BEFORE UPDATE OR TRUNCATE ON {table} EXECUTE FUNCTION {guard}()",
        f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {guard}()",
        f"CREATE TRIGGER {insert} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {guard}()",
    ]
    # ALWAYS: they hold for replication roles too.
    return statements + [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for name in NAMES[table]]


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers, replacing whatever stands under their names."""
    statements = _sqlite if connection.vendor == "sqlite" else _postgresql
    remove(connection)
    with connection.cursor() as cursor:
        for table in NAMES:
            for statement in statements(table):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for a redaction, in its own transaction, and for tests that empty the database."""
    with connection.cursor() as cursor:
        for table, names in NAMES.items():
            for name in names:
                place = "" if connection.vendor == "sqlite" else f" ON {table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers that do not stand on their table, do something else or are switched off."""
    if connection.vendor == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        expected = {statement.split()[2]: statement for table in NAMES for statement in _sqlite(table)}
    else:
        query = (
            "SELECT tgname, tgrelid::regclass || ' ' || btrim(prosrc, E' \n') FROM pg_trigger "
            "JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal AND tgenabled = 'A'"
        )
        expected = {name: f"{table} {_guard_body(table).strip()}" for table, names in NAMES.items() for name in names}
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = dict(cursor.fetchall())
    return [name for name, definition in expected.items() if found.get(name) != definition]


def is_in_place(connection: BaseDatabaseWrapper) -> bool:
    """Whether every trigger is there and does what it should."""
    return not missing(connection)


def after_migrate(using: str, **kwargs: Any) -> None:
    """The `post_migrate` receiver: make the triggers once their tables are there."""
    connection = connections[using]
    if NAMES.keys() <= set(connection.introspection.table_names()):
        install(connection)
