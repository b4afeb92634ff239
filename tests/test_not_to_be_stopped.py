"""One stranger with a slow line, many passwords or a signal cannot stop the site, as `make run` serves it.

Every test waits for what it needs, for as long as that takes; `PATIENCE` only ends a run that would last for ever.
"""

import http.client
import os
import re
import signal
import socket
import statistics
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.served import Served, free_port, start

PATIENCE = 60
PAGE = "/about/privacy/"
HALF = {
    "the head of a request": "GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ",
    "a form": "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 500\r\n\r\nlogin=",
    "a form without its length": "POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"
    "Transfer-Encoding: chunked\r\n\r\n5\r\nlo",
    "requests whose answers nobody reads": f"GET {PAGE} HTTP/1.1\r\nHost: localhost\r\n\r\n" * 5,
}


def get(site: Served, path: str) -> tuple[int, str]:
    """Ask on a new connection, as a new visitor does; return the status and the text."""
    visitor = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    visitor.request("GET", path, headers={"Host": f"localhost:{site.port}"})
    answer = visitor.getresponse()
    text = answer.read().decode()
    visitor.close()
    return answer.status, text


def processes(site: Served) -> list[int]:
    """Return the processes of the server, without the one that made them."""
    children = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


@pytest.mark.parametrize("what", HALF)
def test_who_sends_half_stops_nobody(site, what):
    with ExitStack() as connections:
        for _ in range(200):
            stranger = connections.enter_context(socket.create_connection(("127.0.0.1", site.port), PATIENCE))
            stranger.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            stranger.sendall(HALF[what].encode())

        assert get(site, "/healthz") == (200, "ok\n")
        for _ in range(10):
            assert get(site, PAGE)[0] == 200


class Guesser(threading.Thread):
    """Someone who tries one wrong password after another."""

    def __init__(self, site: Served, email: str, seen: Counter[int]) -> None:
        super().__init__(daemon=True)
        self.site, self.email, self.seen, self.refused, self.ended = site, email, seen, "", False

    def run(self) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=PATIENCE)
        own = {"Host": f"localhost:{self.site.port}"}
        line.request("GET", "/sign-in", headers=own)
        answer = line.getresponse()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
        cookies = "; ".join(cookie.split(";")[0] for cookie in answer.headers.get_all("Set-Cookie"))
        form = urlencode({"csrfmiddlewaretoken": token[1], "login": self.email, "password": "a wrong password"})
        own |= {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        while not self.ended:
            line.request("POST", "/sign-in", form, own)
            answer = line.getresponse()
            text = answer.read().decode()
            self.seen[answer.status] += 1
            if answer.status == 503:
                self.refused = text
                assert answer.headers["Retry-After"] == "60"
                time.sleep(0.05)
        line.close()


def test_pages_do_not_wait_for_passwords(site):
    seen: Counter[int] = Counter()
    guessers = [Guesser(site, f"{n}@clinic.example", seen) for n in range(24)]
    for guesser in guessers:
        guesser.start()
    while not seen[200]:
        time.sleep(0.01)

    hashed = []
    for _ in range(15):
        before = seen[200]
        assert get(site, PAGE)[0] == 200
        hashed.append(seen[200] - before)
    while not seen[503]:
        time.sleep(0.01)
    for guesser in guessers:
        guesser.ended = True
    for guesser in guessers:
        guesser.join(PATIENCE)

    assert statistics.median(hashed) <= 1  # with all threads alike, some 16 passwords were before each page
    refused = next(guesser for guesser in guessers if guesser.refused)
    assert "Too many people are signing in. Try again in a minute." in refused.refused
    assert f'value="{refused.email}"' in refused.refused


def test_a_process_that_dies_is_replaced(site):
    there = processes(site)
    assert len(there) == 2

    os.kill(there[0], signal.SIGKILL)
    while there[0] in processes(site) or len(processes(site)) < 2:
        time.sleep(0.05)

    for _ in range(10):
        assert get(site, PAGE)[0] == 200


@pytest.mark.parametrize("moment", ["at once", "while it prepares", "while its processes begin", "while it serves"])
def test_it_ends_at_a_signal_at_any_moment(tmp_path, moment):
    served, begun = start(tmp_path, free_port()), []
    if moment == "while it prepares":
        while not (tmp_path / "db.sqlite3").exists():
            time.sleep(0.01)
    elif moment != "at once":
        while "Serving " not in (tmp_path / "said").read_text():
            assert served.process.poll() is None
        while len(begun) < 2:
            begun = processes(served)
    if moment == "while it serves":
        assert get_when_ready(served) == 200

    served.process.send_signal(signal.SIGTERM)

    assert served.process.wait(PATIENCE) in (0, -signal.SIGTERM)
    assert "Killing" not in (tmp_path / "log").read_text()
    assert not any(Path(f"/proc/{pid}").exists() for pid in begun)


def get_when_ready(served: Served) -> int:
    """Return the status of a page once there is one."""
    while True:
        try:
            return get(served, PAGE)[0]
        except OSError:
            time.sleep(0.05)


@pytest.mark.parametrize("by", ["another program", "the site itself"])
def test_a_port_in_use_is_refused_in_one_sentence(site, tmp_path, by):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1] if by == "another program" else site.port
        second = start(tmp_path, port)
        assert second.process.wait(PATIENCE) == 1

    [line] = (tmp_path / "log").read_text().splitlines()
    assert line.startswith(f"The site cannot be served at port {port} of 127.0.0.1: Address already in use.")
    assert f"make run PORT={port + 1}" in line
