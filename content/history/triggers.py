"""Triggers by which the database itself refuses to change what was published, on SQLite and on PostgreSQL.

For versions, reviews and redactions they refuse every UPDATE; every DELETE, except of a scheduled version before its
time; every TRUNCATE; and an INSERT whose id exists, or whose number or time is not above those of the page's other
versions. They are created again after every `migrate`, because a rebuilt table loses them.
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
    """Return the statements that create the triggers of a table on SQLite."""
    update, delete, insert = NAMES[table]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    # SQLite would store a time of any type, and sorts a BLOB above every text.
    odd = " OR typeof(NEW.published_at) <> 'text'" if table == "content_version" else ""
    return [
        f"CREATE TRIGGER {update} BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} WHEN {_SQLITE_DELETABLE[table]} {refuse}",
        f"CREATE TRIGGER {insert} BEFORE INSERT ON {table} WHEN {_EXISTS[table]}{odd} {refuse}",
    ]


def _guard_body(table: str) -> str:
    """Return the body of the function that a table's triggers call on PostgreSQL."""
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
    """Return the statements that create the triggers of a table on PostgreSQL."""
    update, delete, insert = NAMES[table]
    guard = f"{table}_guard"
    statements = [
        f"CREATE OR REPLACE FUNCTION {guard}() RETURNS trigger LANGUAGE plpgsql AS $guard${_guard_body(table)}$guard$",
        f"CREATE TRIGGER {update} BEFORE UPDATE OR TRUNCATE ON {table} EXECUTE FUNCTION {guard}()",
        f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {guard}()",
        f"CREATE TRIGGER {insert} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {guard}()",
    ]
    # ALWAYS: the triggers also apply to replication roles.
    return statements + [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for name in NAMES[table]]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers, replacing any that have their names."""
    statements = _sqlite if connection.vendor == "sqlite" else _postgresql
    remove(connection)
    with connection.cursor() as cursor:
        for table in NAMES:
            for statement in statements(table):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Remove the triggers: for a redaction, inside its transaction, and for tests that empty the database."""
    with connection.cursor() as cursor:
        for table, names in NAMES.items():
            for name in names:
                place = "" if connection.vendor == "sqlite" else f" ON {table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that are missing, switched off, on another table or do something else."""
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
    """Return whether every trigger exists and does what it should."""
    return not missing(connection)


def after_migrate(using: str, **kwargs: Any) -> None:
    """Receive `post_migrate`: create the triggers once their tables exist."""
    connection = connections[using]
    if NAMES.keys() <= set(connection.introspection.table_names()):
        install(connection)
