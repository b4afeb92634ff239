"""What a test asks for decides whether it is run on each database, and whether it may use the stores."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SUITE = """
import pytest
from django.core.cache import cache
from django.contrib.auth.models import Group

@pytest.fixture
def group(db):
    return Group.objects.create(name="A group")

def test_plain():
    assert 1 + 1 == 2

def test_by_fixture(db):
    assert not Group.objects.filter(name="A group")

def test_by_a_fixture_of_a_fixture(group):
    assert group.pk

@pytest.mark.django_db
def test_by_mark():
    assert not Group.objects.filter(name="A group")

def test_cached(cached):
    assert cache.get("nothing") is None

def test_server(live_server):
    assert live_server.url

def test_bad_cache():
    cache.get("nothing")

def test_bad_late(request):
    request.getfixturevalue("db")
"""
REACH_THEM = {"by_fixture", "by_a_fixture_of_a_fixture", "by_mark", "cached", "server"}


def run(folder: Path, *options: str) -> str:
    (folder / "test_them.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-p", "tests.stores", "-p", "no:cacheprovider", "-c", "pyproject.toml"]
    environment = os.environ | {"VAR": str(folder / "var")}
    for name in ("DATABASE_URL", "CACHE_URL", "PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
        environment.pop(name, None)
    done = subprocess.run(
        [*command, "--ds", "config.settings", "-rA", *options, str(folder)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout


def test_what_a_test_asks_for_decides_whether_it_is_run_again(tmp_path):
    said = run(tmp_path, "--only-stores", "--collect-only", "-q")

    assert {line.split("::test_")[1] for line in said.splitlines() if "::test_" in line} == REACH_THEM
    assert "3 by --only-stores, -k or -m" in said


def test_the_process_that_prints_hears_from_the_others_how_many_are_left_out(tmp_path):
    said = run(tmp_path, "--only-stores", "-k", "cached or plain", "-n", "2")

    assert "1 passed" in said
    assert "7 by --only-stores, -k or -m" in said


def test_a_test_that_asks_for_no_store_can_use_none(tmp_path):
    said = run(tmp_path, "-k", "bad or plain or cached")

    assert {line.split("::test_")[1] for line in said.splitlines() if line.startswith("PASSED")} == {"cached", "plain"}
    assert "add the fixture `cached`" in said
    assert "too late: name it among" in said
