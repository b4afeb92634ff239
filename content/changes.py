"""Whether anything that readers see has changed: what is kept beside the database asks here, with one small query.

Triggers renew a row of `ContentChange` in the same transaction as the change, on SQLite and on PostgreSQL, so that no
process and no tool can change a page unnoticed. On PostgreSQL they take a row that no other transaction is at, and make
one if there is none, so that nobody waits for anybody here. They are created again after every `migrate`, because a
rebuilt table loses them. What the passing of time changes (a scheduled version) is not in it: see `clock.py`. Reasons:
docs/decisions/0069-the-search-index.md.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, connection, connections
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
    "content_searchterm",
    "content_synonym",
    "content_homeentry",
    "content_retraction",
    "content_citedretraction",
)
OPERATIONS = ("INSERT", "UPDATE", "DELETE")
FUNCTION = "content_change_note"
TYPES = {"INSERT": 4, "DELETE": 8, "UPDATE": 16}  # PostgreSQL's `tgtype` of a trigger that acts after a statement
STAMPS = "SELECT stamp FROM content_contentchange ORDER BY id"
_SET = "UPDATE content_contentchange SET number = number + 1, stamp ="
_NEW = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "replace(gen_random_uuid()::text, '-', '')"}
_RENEW = {vendor: f"{_SET} {new};" for vendor, new in _NEW.items()}
_BODY = f"""
    BEGIN
        {_SET} {_NEW["postgresql"]}
        WHERE id = (SELECT id FROM content_contentchange ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
        IF NOT FOUND THEN
            INSERT INTO content_contentchange (number, stamp) VALUES (1, {_NEW["postgresql"]});
        END IF;
        RETURN NULL;
    END"""  # noqa: S608  # of constants


class _Held(threading.local):
    """What a thread knows of a database in SQLite: a connection of its own, for others' commits are seen there."""

    base: sqlite3.Connection | None = None
    version = -1
    stamp = ""


_held = _Held()


def stamp() -> str:
    """Return a text that is another one after every change of what readers see."""
    with connection.cursor() as cursor:
        cursor.execute(STAMPS)
        return _one(cursor.fetchall())


def committed_stamp() -> str:
    """Return the same as of what is committed, in the few microseconds that a request may cost."""
    if connection.vendor != "sqlite":
        return stamp()
    try:
        if _held.base is None:
            _held.base = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
            _held.version = -1
        version = _held.base.execute("PRAGMA data_version").fetchone()[0]  # another one after each commit
        if version != _held.version:
            _held.stamp = _one(_held.base.execute(STAMPS).fetchall())
            _held.version = version
    except sqlite3.Error as error:
        _held.base = None
        raise DatabaseError(str(error)) from error
    return _held.stamp


def _one(stamps: Sequence[tuple[str]]) -> str:
    """Return one text for the stamps of all rows."""
    if not stamps:
        raise ContentChange.DoesNotExist("Nothing notices changes of the content. Run manage.py migrate.")
    return (
        stamps[0][0] if len(stamps) == 1 else hashlib.sha256("\n".join(each for (each,) in stamps).encode()).hexdigest()
    )


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the row and the triggers, replacing any that have their names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM content_contentchange")
        if cursor.fetchone()[0] == 0:
            cursor.execute("INSERT INTO content_contentchange (number, stamp) VALUES (0, '')")
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $note${_BODY}$note$"
            )
        for name, definition in _definitions(connection.vendor).items():
            place = "" if connection.vendor == "sqlite" else f" ON {_table_of(name)}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")
            cursor.execute(definition)
        cursor.execute(_RENEW[connection.vendor])


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that are missing, switched off, on another table or do something else."""
    if connection.vendor == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        expected = _definitions("sqlite")
    else:
        query = (
            "SELECT tgname, tgrelid::regclass || ' ' || tgtype || ' ' || btrim(prosrc, E' \n') FROM pg_trigger "
            "JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
        expected = {
            f"{table}_changed_{operation.lower()}": f"{table} {TYPES[operation]} {_BODY.strip()}"
            for table in TABLES
            for operation in OPERATIONS
        }
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = dict(cursor.fetchall())
    return [name for name, definition in expected.items() if found.get(name) != definition]


def are_noticed() -> bool:
    """Return whether every trigger exists and does what it should, and the row that they renew."""
    return ContentChange.objects.exists() and not missing(connection)


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
