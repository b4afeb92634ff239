"""The site as `make run` serves it answers, and its files are named, compressed and kept."""

import gzip
import re
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import brotli
import pytest


def test_it_is_ready_and_serves_the_page(site):
    assert urlopen(f"{site.url}/readyz").read() == b"ok\n"
    html = urlopen(f"{site.url}/pages/natalizumab-highly-active-rrms/").read().decode()
    assert "You can view 5 more pages before signing in, including this one." in html


@pytest.mark.parametrize(("encoding", "read"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_static_files_are_named_by_content_compressed_and_kept(site, encoding, read):
    html = urlopen(f"{site.url}/").read().decode()
    css = re.search(r'href="(/static/css/site\.[0-9a-f]{12}\.css)"', html)[1]

    response = urlopen(Request(f"{site.url}{css}", headers={"Accept-Encoding": encoding}))

    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["Content-Encoding"] == encoding
    assert b"--ink" in read(response.read())


def test_a_missing_page_is_a_page_of_the_site(site):
    with pytest.raises(HTTPError) as missing:
        urlopen(f"{site.url}/pages/none/")

    assert missing.value.code == 404
    assert "Go to the home page" in missing.value.read().decode()
