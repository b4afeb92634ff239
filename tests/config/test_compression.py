"""Answers are compressed, and no secret in them can be guessed from their length."""

import gzip
import re
from datetime import timedelta

import brotli
import pytest
from django.utils import timezone

from config.compression import compress

GZIP = {"accept-encoding": "gzip"}
EVERYTHING = {"accept-encoding": "gzip, deflate, br, zstd"}
READ = {"gzip": gzip.decompress, "br": brotli.decompress}


@pytest.mark.parametrize(("accepted", "encoding"), [(GZIP, "gzip"), (EVERYTHING, "br")], ids=["gzip", "br"])
@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/pages/a-page/", "text/html", 200),
        ("/pages/none/", "text/html", 404),
        ("/opensearch.xml", "application/opensearchdescription+xml", 200),
    ],
)
def test_what_is_written_is_compressed_for_those_who_can_read_it(
    client, publish, path, kind, status, accepted, encoding
):
    publish(body="Give 5 mg once a day. " * 20, title="About a page")

    plain, compressed = client.get(path), client.get(path, headers=accepted)

    assert (compressed.status_code, compressed["Content-Type"].split(";")[0]) == (status, kind)
    assert "Content-Encoding" not in plain
    assert compressed["Content-Encoding"] == encoding
    assert "Accept-Encoding" in compressed["Vary"]
    assert compressed["Content-Length"] == str(len(compressed.content))
    assert len(compressed.content) < len(plain.content)
    assert len(READ[encoding](compressed.content)) == len(plain.content)


def test_the_admin_is_compressed(people, signed_in):
    assert signed_in(people.editor).get("/admin/", headers=GZIP)["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("accepted", [GZIP, EVERYTHING], ids=["gzip", "br"])
def test_an_answer_of_a_few_bytes_stays_as_it_is(client, accepted):
    assert "Content-Encoding" not in client.get("/healthz", headers=accepted)


def test_a_browser_can_refuse_brotli(client, publish):
    path = publish().page.get_absolute_url()

    assert client.get(path, headers={"accept-encoding": "gzip, br;q=0"})["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("encoding", READ)
def test_the_length_of_a_compressed_answer_is_random(client, publish, encoding):
    path = publish().page.get_absolute_url()

    lengths = {len(client.get(path, headers={"accept-encoding": encoding}).content) for _ in range(20)}

    assert max(lengths) - min(lengths) > 20


def test_every_length_of_an_answer_can_be_read():
    content = b"Give 5 mg once a day. " * 20

    compressed = {len(each): each for each in (compress(content, 100) for _ in range(400))}

    assert len(compressed) > 50
    assert {brotli.decompress(each) for each in compressed.values()} == {content}


def test_no_secret_in_a_page_is_there_a_second_time(people, signed_in, publish, time_machine):
    """Whoever can make somebody's browser ask again learns nothing from the lengths of the answers."""
    address = publish().page.get_absolute_url()
    reader = signed_in(people.reader)
    secrets = r'(?:name="csrfmiddlewaretoken" value|name="seal" value|data-seal)="([^"]+)"'

    asked = []
    for second in range(2):
        time_machine.move_to(timezone.now() + timedelta(seconds=second), tick=False)
        asked.append(set(re.findall(secrets, reader.get(address).content.decode())))

    assert all(asked)
    assert asked[0] & asked[1] == set()
