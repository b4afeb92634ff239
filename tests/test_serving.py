"""The site as `make run` serves it: the steps of the Makefile, the real server, a database of its own."""

import gzip
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a served site."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    environment = {"PATH": os.environ["PATH"], "VAR": str(tmp_path_factory.mktemp("var")), "SITE_URL": url}
    for step in ("migrate", "import_pages content/library", "collectstatic --noinput"):
        command = [sys.executable, "manage.py", *step.split()]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
         "--workers", "1", "--blocking-threads", "2", "config.wsgi:application"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while server.poll() is None:  # however long it takes: a busy machine is not a failure
        try:
            urlopen(f"{url}/healthz")
            break
        except OSError:
            time.sleep(0.1)
    yield url
    server.terminate()
    server.wait(10)


def test_it_is_ready_and_serves_the_page(site):
    assert urlopen(f"{site}/readyz").read() == b"ok\n"
    html = urlopen(f"{site}/pages/natalizumab-highly-active-rrms/").read().decode()
    assert "You can view 5 more pages before signing in, including this one." in html


def test_static_files_are_named_by_content_compressed_and_kept(site):
    html = urlopen(f"{site}/").read().decode()
    css = re.search(r'href="(/static/css/site\.[0-9a-f]{12}\.css)"', html)[1]

    response = urlopen(Request(f"{site}{css}", headers={"Accept-Encoding": "gzip"}))

    assert "immutable" in response.headers["Cache-Control"]
    assert b"--ink" in gzip.decompress(response.read())


def test_a_missing_page_is_a_page_of_the_site(site):
    with pytest.raises(HTTPError) as missing:
        urlopen(f"{site}/pages/none/")

    assert missing.value.code == 404
    assert "Go to the home page" in missing.value.read().decode()
