"""Redis goes away and comes back; nobody who signs in notices."""

import logging
import os
import shutil
import socket
import subprocess
import time

import pytest
from django.core.cache import cache
from django.test import Client

from config import cache as fallback
from tests.conftest import PASSWORD


class Redis:
    """A Redis server of this test's own."""

    def __init__(self, directory) -> None:
        # One for each worker, below those that the system gives to whoever calls out meanwhile.
        self.port = 20_000 + os.getpid() % 10_000
        self.directory = directory
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Serve, with nothing in it."""
        options = f"--port {self.port} --bind 127.0.0.1 --dir {self.directory} --save".split()
        self.process = subprocess.Popen(["redis-server", *options, ""], stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("Redis did not start.")

    def stop(self) -> None:
        """Go away, as a server does that lost its power."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture
def redis(cached, tmp_path, settings):
    """A running Redis that is the site's cache."""
    assert shutil.which("redis-server"), "This test needs redis-server. On Debian and Ubuntu: apt install redis-server"
    server = Redis(tmp_path)
    server.start()
    where = f"redis://127.0.0.1:{server.port}/0"
    settings.CACHES = {"default": {"BACKEND": "config.cache.FallbackCache", "LOCATION": where}}
    yield server
    server.stop()
    fallback._away_until.clear()


def later() -> None:
    """Let the pause until Redis is tried again be over."""
    for where in fallback._away_until:
        fallback._away_until[where] = 0.0


def test_every_operation_goes_on_while_redis_is_away(redis):
    for present in (True, False, True):
        if present:
            redis.process or redis.start()
            later()
        else:
            redis.stop()
        cache.clear()
        cache.set("a", 1, 60)
        assert cache.add("a", 2, 60) is False
        assert cache.add("b", {"c": [2]}, 60) is True
        assert (cache.get("a"), cache.get("b"), cache.get("none", "x")) == (1, {"c": [2]}, "x")
        assert (cache.incr("a"), cache.decr("a")) == (2, 1)
        assert "a" in cache
        assert cache.touch("a", 60)
        assert cache.get_many(["a", "b", "none"]) == {"a": 1, "b": {"c": [2]}}
        assert cache.set_many({"d": 4}, 60) == []
        assert cache.get_or_set("e", lambda: 5) == 5
        assert cache.delete("a") is True
        cache.delete_many(["b", "d"])
        assert cache.get_many(["a", "b", "d", "e"]) == {"e": 5}
        assert bool(fallback._away_until) is not present
        with pytest.raises(ValueError, match="none"):
            cache.incr("none")


def test_it_is_said_once_that_redis_is_away_and_once_that_it_is_back(redis, caplog):
    caplog.set_level(logging.INFO, "config.cache")
    redis.stop()
    for _ in range(3):
        later()
        cache.set("a", 1)
    redis.start()
    later()
    for _ in range(3):
        cache.set("a", 1)

    assert [record.getMessage() for record in caplog.records] == [
        "Redis does not answer (ConnectionError). Each process counts for itself until it does.",
        "Redis answers again.",
    ]


def test_while_it_is_away_it_is_not_asked_at_every_step(redis):
    redis.stop()
    cache.get("a")
    redis.start()

    cache.set("a", 1)
    assert fallback._away_until
    later()
    assert cache.get("a") is None
    assert not fallback._away_until


def test_a_redis_that_takes_calls_and_never_answers_holds_nobody_up(settings, cached):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        where = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        settings.CACHES = {"default": {"BACKEND": "config.cache.FallbackCache", "LOCATION": where}}
        began = time.monotonic()
        for _ in range(20):
            cache.set("a", 1)
        took = time.monotonic() - began

        assert cache.get("a") == 1
        assert took < 3
        fallback._away_until.clear()


def test_an_idle_connection_that_was_closed_is_no_outage(redis, caplog):
    cache.set("a", 1)
    redis.stop()
    redis.start()

    cache.set("a", 2)

    assert cache.get("a") == 2
    assert not fallback._away_until
    assert caplog.records == []


def test_signing_in_goes_on_and_guessing_stays_limited_without_redis(redis, person):
    person("reader")
    form = {"login": "reader@clinic.example", "password": PASSWORD}
    redis.stop()

    began = time.monotonic()
    assert Client().post("/sign-in", form).status_code == 302
    assert time.monotonic() - began < 3
    for _ in range(10):
        assert "do not match" in Client().post("/sign-in", form | {"password": "guess"}).content.decode()
    assert "Too many attempts" in Client().post("/sign-in", form).content.decode()

    redis.start()
    later()
    assert Client().post("/sign-in", form).status_code == 302


def test_the_memory_holds_more_than_an_attacker_fills(redis):
    redis.stop()
    cache.set("counted", 1, 600)
    for number in range(2000):
        cache.set(f"filled-{number}", 1, 600)

    assert cache.get("counted") == 1
