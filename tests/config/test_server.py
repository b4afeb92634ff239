"""What the server does before the site sees a request, with a protocol that behaves as the test wants."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from granian.rsgi import ProtocolClosed

from config import server


class Protocol:
    """One request as the server hands it over. Its body comes in parts; None in it never comes."""

    def __init__(self, *parts: bytes | None) -> None:
        self.parts, self.answer = parts, None

    async def __aiter__(self):
        for part in self.parts:
            if part is None:
                await asyncio.Event().wait()
            yield part

    def response_bytes(self, *answer) -> None:
        self.answer = answer


def scope(method="GET", path="/", query="", **headers):
    """The facts of a request; `_` in a name stands for `-`."""
    items = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return SimpleNamespace(
        method=method, path=path, query_string=query, http_version="1.1", scheme="http",
        server="127.0.0.1:8000", client="192.0.2.7:4711", headers=Headers(items),
    )  # fmt: skip


class Headers(list):
    """Names and values as they came."""

    def __contains__(self, name) -> bool:
        return name in dict(self)

    def get(self, name, default=None):
        return dict(self).get(name, default)

    def items(self):
        return self


def run(work: Coroutine) -> None:
    """Do it in an event loop, in a thread: that of the test has one already if a browser was opened in it before."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def ask(scope, *parts) -> tuple | None:
    """Return what the server answers."""
    protocol = Protocol(*parts)

    async def answer() -> None:
        await server.Site().__rsgi__(scope, protocol)

    run(answer())
    return protocol.answer


@pytest.fixture
def application(monkeypatch) -> list[dict]:
    """A site that answers with what it was sent, and the requests that it has seen."""
    seen: list[dict] = []

    def echo(environ, start):
        seen.append(environ)
        start("200 OK", [("X-Seen", "yes")])
        return [environ["wsgi.input"].read()]

    monkeypatch.setattr(server, "application", echo)
    return seen


def test_a_form_comes_to_the_site_when_all_of_it_is_there(application):
    status, headers, body = ask(scope("POST", content_length="6"), b"abc", b"def")

    assert (status, headers, body) == (200, [("X-Seen", "yes")], b"abcdef")
    assert application[0]["CONTENT_LENGTH"] == "6"


@pytest.mark.parametrize(
    ("request_", "parts", "status"),
    [
        (scope("POST", content_length="6"), [b"abc", None], 408),
        (scope("POST", transfer_encoding="chunked"), [b"abc"], 411),
        (scope("POST", content_length=str(server.LARGEST_BODY + 1)), [None], 413),
    ],
)
def test_a_form_that_does_not_come_is_refused(application, monkeypatch, request_, parts, status):
    monkeypatch.setattr(server, "BODY_TIME", 0.01)

    answer = ask(request_, *parts)

    assert answer[0] == status
    assert ("Connection", "close") in answer[1]
    assert not application


def test_a_form_that_was_cut_off_is_not_done(application):
    assert ask(scope("POST", content_length="6"), b"abc") is None
    assert not application


def test_unfinished_forms_take_no_more_memory_than_is_there(application, monkeypatch):
    monkeypatch.setattr(server, "BODIES", 10)
    slow, late = Protocol(b"abc", None), Protocol(b"abcdef")

    async def two() -> None:
        site = server.Site()
        first = asyncio.create_task(site.__rsgi__(scope("POST", content_length="6"), slow))
        await asyncio.sleep(0)
        await site.__rsgi__(scope("POST", content_length="6"), late)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert site.unfinished == 0

    run(two())

    assert late.answer[0] == 503


def test_nobody_is_answered_who_has_gone(application):
    class Gone(Protocol):
        def response_bytes(self, *answer):
            raise ProtocolClosed

    run(server.Site().__rsgi__(scope(), Gone()))

    assert len(application) == 1


def test_a_request_is_told_to_the_site_as_any_server_does(application):
    ask(scope("GET", "/é;x", "q=%C3%A9", host="localhost", accept="text/html", content_type="text/plain"))

    said = {name: value for name, value in application[0].items() if not name.startswith("wsgi.")}
    assert said == {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/Ã©;x",
        "QUERY_STRING": "q=%C3%A9",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "CONTENT_LENGTH": "0",
        "CONTENT_TYPE": "text/plain",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "text/html",
    }


def test_headers_that_come_twice_are_joined_and_none_passes_for_another(application):
    request = scope()
    request.headers = Headers(
        [
            ("x-forwarded-for", "1"),
            ("x-forwarded-for", "2"),
            ("x_forwarded_for", "3"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
        ]
    )

    ask(request)

    assert application[0]["HTTP_X_FORWARDED_FOR"] == "1,2"
    assert application[0]["HTTP_COOKIE"] == "a=1;b=2"


def test_what_the_site_raises_is_logged_and_answered(monkeypatch, caplog):
    monkeypatch.setattr(server, "application", lambda environ, start: 1 / 0)

    assert ask(scope())[0] == 500
    assert "ZeroDivisionError" in caplog.text


class Held:
    """A site whose answers wait until they are let go."""

    def __init__(self) -> None:
        self.go, self.begun = threading.Event(), threading.Semaphore(0)

    def __call__(self, environ, start):
        self.begun.release()
        self.go.wait()
        start("200 OK", [])
        return [b""]


async def begin(site, held, number, request) -> list:
    """Begin so many requests, and return when each has its thread."""
    tasks = [asyncio.create_task(site.__rsgi__(request, Protocol())) for _ in range(number)]
    for _ in range(number):
        await asyncio.to_thread(held.begun.acquire)
    return tasks


def test_forms_do_not_stop_pages_nor_either_stop_health(monkeypatch):
    held = Held()
    monkeypatch.setattr(server, "application", held)
    health = Protocol()

    async def all_threads() -> None:
        site = server.Site()
        busy = await begin(site, held, server.OTHER_THREADS - 2, scope("POST", "/sign-in"))
        busy += await begin(site, held, 1, scope("GET", "/account/email/"))
        busy += await begin(site, held, 1, scope("GET", "/admin/"))
        busy += await begin(site, held, server.READING_THREADS, scope("GET", "/pages/x/"))
        await site.__rsgi__(scope("GET", "/healthz"), health)
        held.go.set()
        await asyncio.gather(*busy)

    run(all_threads())

    assert health.answer[0] == 200
    assert health.answer[2] == b"ok\n"


@pytest.mark.parametrize(("seconds", "in_line"), [(0.01, 1), (3600, 0)])
def test_who_would_wait_too_long_is_told(monkeypatch, seconds, in_line):
    held, late = Held(), Protocol()
    monkeypatch.setattr(server, "application", held)
    monkeypatch.setattr(server, "WAIT", seconds)
    monkeypatch.setattr(server, "IN_LINE", in_line)

    async def one_too_many() -> None:
        site = server.Site()
        busy = await begin(site, held, server.READING_THREADS, scope())
        try:
            await asyncio.wait_for(site.__rsgi__(scope(), late), 60)  # so that a failure ends, too
        finally:
            held.go.set()
        await asyncio.gather(*busy)

    run(one_too_many())

    status, headers, words = late.answer
    assert status == 503
    assert ("Retry-After", "60") in headers
    assert words == server.BUSY.encode()


def test_a_statement_has_an_end(db, monkeypatch):
    if connection.vendor == "postgresql":
        server.limit_statements(connection)
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == (f"{server.STATEMENT_TIME}s",)
            cursor.execute("SET statement_timeout = 0")
        return
    monkeypatch.setattr(server, "STATEMENT_TIME", 0)
    server._statement.end = None
    server.limit_statements(connection)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(OperationalError, match="interrupted"), connection.cursor() as cursor:
        cursor.execute(endless)
    connection.connection.set_progress_handler(None, 0)
