"""Which tests can reach the database or the cache. With `--only-stores`, the others are left out, and counted.

A test that reaches neither finds the same whichever they are, so a second run on other ones need not repeat it. What
decides is what a test asks for, and the stores are closed to a test that asks for neither: none can be mistaken.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NoReturn

import pytest
from django.core.cache import cache

OPENS_DATABASE = {"db", "transactional_db", "live_server"}
LEFT_OUT: Counter[str] = Counter()


class ClosedCache:
    """What a test finds in place of the caches if it has not asked for them."""

    def __getitem__(self, alias: str) -> NoReturn:
        raise AssertionError("This test uses the cache without asking for it: add the fixture `cached`, or `db`.")


def reaches_stores(item: pytest.Item) -> bool:
    """Whether a test asks for the database or for the cache, itself or through its fixtures."""
    asked = set(getattr(item, "fixturenames", ()))
    return bool(asked & {*OPENS_DATABASE, "cached"}) or item.get_closest_marker("django_db") is not None


@pytest.fixture
def cached() -> None:
    """Open the cache to a test that does without the database."""


@pytest.fixture(autouse=True)
def stores(request) -> Iterator[None]:
    """Start each test without rate limits and codes from another, or without any way to them."""
    if reaches_stores(request.node):
        cache.clear()
        yield
        return
    opened, cache.__dict__["_connections"] = cache.__dict__["_connections"], ClosedCache()
    yield
    cache.__dict__["_connections"] = opened


def pytest_fixture_setup(fixturedef: pytest.FixtureDef, request: pytest.FixtureRequest) -> None:
    """Refuse the database to a test that asks for it only while it runs, where nobody can tell before."""
    if fixturedef.argname in ("db", "transactional_db", "cached") and not reaches_stores(request.node):
        raise AssertionError(f"This test asks for {fixturedef.argname} too late: name it among the test's fixtures.")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of the second run."""
    parser.addoption("--only-stores", action="store_true", help="leave out tests that reach neither database nor cache")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what reaches no store, if that is wanted."""
    if config.getoption("only_stores"):
        config.hook.pytest_deselected(items=[item for item in items if not reaches_stores(item)])
        items[:] = [item for item in items if reaches_stores(item)]


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count what is left out, here or by `-k`."""
    LEFT_OUT.update("/".join(item.nodeid.split("::")[0].split("/")[:-1]) for item in items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that prints: with xdist, the one that collects is another."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(LEFT_OUT)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Hear it. Every worker says the same."""
    LEFT_OUT.clear()
    LEFT_OUT.update(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter) -> None:
    """Say how many tests were left out, and where, so that none is in silence."""
    if LEFT_OUT:
        terminalreporter.section("tests left out")
        terminalreporter.line(f"{LEFT_OUT.total()} by --only-stores, -k or -m, which the run without them has:")
        for folder, number in sorted(LEFT_OUT.items()):
            terminalreporter.line(f"{number:6} {folder}")
