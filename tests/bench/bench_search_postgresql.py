"""PostgreSQL's full text search, measured on the texts of the site's own index: any word, by rank, ten excerpts."""

import math
import os
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from tests.bench import timing

SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
TABLE = """
    CREATE TABLE text (
        id integer PRIMARY KEY, title text NOT NULL, body text NOT NULL,
        words tsvector GENERATED ALWAYS AS (
            setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'B')
        ) STORED,
        name tsvector GENERATED ALWAYS AS (to_tsvector('simple', title)) STORED
    )
"""
SEARCH = """
    SELECT id, title, ts_headline('english', body, asked) FROM (
        SELECT text.*, asked FROM text, websearch_to_tsquery('english', %s) AS asked
        WHERE words @@ asked ORDER BY ts_rank(words, asked) DESC LIMIT %s
    ) AS found
"""
SUGGEST = """
    SELECT id, title FROM text WHERE name @@ to_tsquery('simple', %s) ORDER BY length(title), title LIMIT %s
"""
# One process answers, so that its CPU time is known; compiling each question would only take longer.
SETTINGS = ("max_parallel_workers_per_gather = 0", "max_parallel_maintenance_workers = 0", "jit = off")


def measure(_folder: Path, index: Path, questions: Sequence[str], begun: Sequence[str]) -> tuple[str, dict[str, float]]:
    """Return PostgreSQL's release and its figures, from a database that is dropped again. Raises `timing.Missing`."""
    url = os.environ.get("BENCH_DATABASE_URL", "")
    url = url if url.startswith("postgres") else SERVER
    name = f"bench_search_{os.getpid()}"
    try:
        with closing(psycopg.connect(url, autocommit=True, connect_timeout=5)) as server:
            server.execute(f"CREATE DATABASE {name}")
            try:
                own = make_conninfo(url, dbname=name)
                with closing(psycopg.connect(own, autocommit=True, prepare_threshold=None)) as base:
                    release = f"PostgreSQL {base.info.server_version // 10_000}"
                    return release, _figures(base, index, questions, begun)
            finally:
                server.execute(f"DROP DATABASE {name}")
    except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as error:
        said = str(error).strip().splitlines()[0]
        start = "Start a server here, or name one: make bench DATABASE_URL=postgres://user@host:5432/name"
        raise timing.Missing(f"PostgreSQL is left out: {said}\n{start}") from error


def _figures(base: psycopg.Connection, index: Path, questions: Sequence[str], begun: Sequence[str]) -> dict[str, float]:
    for setting in SETTINGS:
        base.execute(f"SET {setting}")
    server = Path(f"/proc/{base.execute('SELECT pg_backend_pid()').fetchone()[0]}")
    is_here = server.joinpath("comm").exists() and server.joinpath("comm").read_text().startswith("postgres")

    def cpu() -> float:
        """Return the CPU time of this process and of the server's, where that is on this machine."""
        other = int(server.joinpath("schedstat").read_text().split()[0]) / 1e9 if is_here else math.nan
        return time.process_time() + other

    def build() -> None:
        base.execute(TABLE)
        with base.cursor().copy("COPY text (id, title, body) FROM STDIN") as copy:
            for row in timing.texts(index):
                copy.write_row(row)
        for column in ("words", "name"):
            base.execute(f"CREATE INDEX ON text USING gin ({column})")
        base.execute("VACUUM ANALYZE text")

    def search(question: str) -> list[Any]:
        return base.execute(SEARCH, (" or ".join(question.split()), timing.MOST)).fetchall()

    def suggest(typed: str) -> list[Any]:
        return base.execute(SUGGEST, (f"{' & '.join(typed.split())}:*", timing.MOST_SUGGESTIONS)).fetchall()

    return (
        timing.built(build, cpu)
        | timing.asked("search", search, questions, cpu)
        | timing.asked("suggestion", suggest, begun, cpu)
    )
