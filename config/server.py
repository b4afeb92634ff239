"""What a process of the server runs: it reads each request as a whole, and only then takes a thread for it.

Whoever sends half a request, or reads no answer, keeps a connection busy and nothing else. Pages have threads of their
own: neither forms, whose mails and passwords take long, nor a slow OpenID provider stop reading. `/healthz` needs none
(docs/decisions/0085-not-to-be-stopped.md).
"""

import asyncio
import logging
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created
from granian.rsgi import ProtocolClosed, ProtocolError

from .wsgi import application

READING_THREADS = 4  # for pages
OTHER_THREADS = 6  # for forms, accounts and editing
IN_LINE = 200  # requests that may wait for a thread
WAIT = 10  # seconds that a request waits for a thread
BODY_TIME = 30  # seconds to send what a form contains
LARGEST_BODY = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1024 * 1024
BODIES = 4 * LARGEST_BODY  # bytes that the unfinished forms of one process may announce together
UNREAD_TIME = 30  # seconds until a connection is cut whose other end takes nothing
STATEMENT_TIME = 10  # seconds that the database works at one statement

BUSY = "The site is very busy. Go back and try again in a minute."
SLOW = "What you sent did not arrive in time, so nothing was done. Go back and try again."
LENGTH = "This request does not say how long it is, so nothing was done."
LARGE = "What you sent is too long, so nothing was saved. Go back and shorten it."

Answer = tuple[int, list[tuple[str, str]], bytes]

log = logging.getLogger(__name__)
_statement = threading.local()


class Refused(Exception):
    """A request that gets a short answer without the site: its status and words."""


class Lane:
    """Some threads, and the line of requests that wait for one."""

    def __init__(self, name: str, threads: int) -> None:
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self.free = asyncio.Semaphore(threads)
        self.waiting = 0

    async def run(self, work: Callable[..., Answer], *args: Any) -> Answer:
        """Return what `work` returns, in a thread. Raises `Refused` if too many wait, or after too long a wait."""
        await self._take_turn()
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, work, *args)
        finally:
            self.free.release()

    async def _take_turn(self) -> None:
        if not self.free.locked():
            await self.free.acquire()  # at once
            return
        if self.waiting >= IN_LINE:
            raise Refused(503, BUSY)
        self.waiting += 1
        try:
            async with asyncio.timeout(WAIT):
                await self.free.acquire()
        except TimeoutError:
            raise Refused(503, BUSY) from None
        finally:
            self.waiting -= 1


class Site:
    """The WSGI application for a server that hands over requests in an event loop (RSGI)."""

    def __init__(self) -> None:
        self.reading, self.other = Lane("reading", READING_THREADS), Lane("other", OTHER_THREADS)
        self.unfinished = 0  # bytes that the forms announced which are still arriving

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Prepare the process: deadlines for statements and, once it listens, for readers who read nothing."""
        connection_created.connect(limit_statements, dispatch_uid="limit_statements")
        loop.call_soon(cut_who_reads_nothing)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        try:
            if scope.path == "/healthz":
                answer = text(200, "ok\n") if scope.method in ("GET", "HEAD") else text(405, "")
            else:
                sent = scope.headers
                has_body = "content-length" in sent or "transfer-encoding" in sent
                body = await self._body(sent, protocol) if has_body else b""
                answer = await self._lane(scope).run(answer_of, scope, body)
        except Refused as refusal:
            answer = text(*refusal.args, ("Connection", "close"), ("Retry-After", "60"))
        except (ProtocolClosed, ProtocolError):  # whoever sent it has gone
            return
        with suppress(ProtocolClosed, ProtocolError):
            protocol.response_bytes(*answer)

    def _lane(self, scope: Any) -> Lane:
        is_page = scope.method in ("GET", "HEAD") and not scope.path.startswith(("/account/", "/admin/"))
        return self.reading if is_page else self.other

    async def _body(self, headers: Any, protocol: Any) -> bytes:
        """Return all that the request contains. Raises `Refused` if that is too much or takes too long.

        A body without a length is refused: one that was cut off could not be told from a whole one.
        """
        if "transfer-encoding" in headers:
            raise Refused(411, LENGTH)
        length = int(headers.get("content-length"))
        if length > LARGEST_BODY:
            raise Refused(413, LARGE)
        if self.unfinished + length > BODIES:
            raise Refused(503, BUSY)
        self.unfinished += length
        parts: list[bytes] = []
        try:
            async with asyncio.timeout(BODY_TIME):
                async for part in protocol:
                    parts.append(part)
        except TimeoutError:
            raise Refused(408, SLOW) from None
        finally:
            self.unfinished -= length
        body = b"".join(parts)
        if len(body) < length:
            raise ProtocolClosed
        return body


def text(status: int, words: str, *headers: tuple[str, str]) -> Answer:
    """Return an answer that is a line of text."""
    kept = ("Cache-Control", "no-store"), ("Content-Type", "text/plain; charset=utf-8")
    return status, [*kept, *headers], words.encode()


def answer_of(scope: Any, body: bytes) -> Answer:
    """Return the site's answer to a request. What it raises is logged, and answered with 500."""
    began: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], error: Any = None, /) -> Callable[[bytes], object]:
        began[:] = int(status[:3]), headers
        return began.append  # nothing here writes in this way

    _statement.end = None
    try:
        result = application(environ_of(scope, body), start)
        try:
            return began[0], began[1], b"".join(result)
        finally:
            getattr(result, "close", lambda: None)()
    except Exception:
        log.exception("A request could not be answered.")
        return text(500, "Something went wrong. This is our fault.\n")


def environ_of(scope: Any, body: bytes) -> dict[str, Any]:
    """Return the request as WSGI has it. A header with an underscore, which could pass for another, is left out."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if key := environ_key(name):
            before = environ.get(key)
            environ[key] = value if before is None else f"{before}{';' if name == 'cookie' else ','}{value}"
    return environ


@lru_cache(1000)
def environ_key(name: str) -> str | None:
    """Return what WSGI calls a header, or None if the site does not get it."""
    if "_" in name or name in ("content-length", "transfer-encoding"):
        return None
    key = name.upper().replace("-", "_")
    return key if name == "content-type" else f"HTTP_{key}"


def limit_statements(connection: Any, **signal: Any) -> None:
    """Give each statement of a new connection at most `STATEMENT_TIME` seconds. Commands have no such limit."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{STATEMENT_TIME}s"])
    else:
        limit_sqlite(connection.connection)


def limit_sqlite(connection: sqlite3.Connection) -> None:
    """Stop what SQLite does at one request after `STATEMENT_TIME` seconds of work since it was first asked."""

    def is_late() -> bool:
        now = time.monotonic()
        _statement.end = getattr(_statement, "end", None) or now + STATEMENT_TIME
        return bool(now > _statement.end)

    connection.set_progress_handler(is_late, 1_000_000)  # steps, of which a fast request has fewer


def cut_who_reads_nothing() -> None:
    """Let the kernel close a connection, of those that come from now on, whose other end has long taken nothing."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is None or not (open_files := Path("/proc/self/fd")).exists():
        return
    for number in [int(file.name) for file in open_files.iterdir()]:
        with suppress(OSError):
            listening = socket.socket(fileno=number)
            try:
                if listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    listening.setsockopt(socket.IPPROTO_TCP, option, UNREAD_TIME * 1000)
            finally:
                listening.detach()
