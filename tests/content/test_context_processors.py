"""What the publisher says of itself: at the foot of every page, whoever reads it."""

import pytest
from django.test import Client

from tests.reading import words

PATHS = [
    "/",
    "/pages/a-page/",
    "/pages/a-page/history/",
    "/pages/a-page/history/1/",
    "/pages/a-page/history/1..1/",
    "/about/help/",
    "/sign-in",
    "/sign-up",
    "/nowhere",
]
RIGHTS = "You may read, save, print and link to these pages for your own professional use."
ADDRESS = '<a href="mailto:contact@guidance.example">contact@guidance.example</a>'


def foot(client: Client, path: str) -> str:
    """The words and tags of the foot of a page."""
    return client.get(path).content.decode().partition('<footer class="footer">')[2].partition("</footer>")[0]


@pytest.fixture
def site(publish) -> None:
    """A page of guidance and a page about the site."""
    publish()
    publish("help", kind="about", body="Write to the publisher of this site.\n")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("path", PATHS)
def test_every_page_says_who_has_the_rights_what_readers_may_do_and_where_to_write(client, path):
    said = foot(client, path)

    assert "Copyright the publisher of this site" in said
    assert RIGHTS in said
    assert f"Write to the publisher: {ADDRESS}" in said


@pytest.mark.usefixtures("site")
def test_a_page_that_is_refused_says_so_too(client, settings):
    settings.FREE_PAGES = 0

    said = foot(client, "/pages/a-page/")

    assert RIGHTS in said
    assert ADDRESS in said


def test_the_publisher_sets_its_own_terms(client, db, settings):
    settings.COPYRIGHT = "© A trust <b>."
    settings.RIGHTS_STATEMENT = "Open Government Licence."

    assert "<p>© A trust &lt;b&gt;. Open Government Licence.</p>" in foot(client, "/")
    settings.RIGHTS_STATEMENT = ""
    assert "Licence" not in foot(client, "/")


def test_without_an_address_no_page_leads_to_one(client, db, settings):
    settings.CONTACT_EMAIL = ""

    said = foot(client, "/")

    assert "The publisher has not yet given an address to write to." in said
    assert "mailto:" not in said


@pytest.mark.usefixtures("shipped_library")
def test_pages_about_the_site_say_where_the_address_is_and_it_is_there(client):
    for slug in ("about", "privacy", "accessibility"):
        path = f"/about/{slug}/"
        said = words(client.get(path)).lower()
        assert "write to the publisher of this site: the address is at the foot of every page" in said
        assert ADDRESS in foot(client, path)


@pytest.mark.usefixtures("shipped_library")
def test_the_terms_lead_to_the_rights_and_say_what_the_disclaimer_says(client):
    said = words(client.get("/about/terms/"))

    assert "Who holds the rights in these pages, and what you may do with them, is at the foot of every page." in said
    assert "does not replace your own clinical judgement" in said
    assert "should consult a licensed practitioner" in said


@pytest.mark.usefixtures("shipped_library")
def test_the_about_page_claims_nothing_that_does_not_hold(client):
    """An administrator can redact a version, and nothing checks that each statement has a reference."""
    said = words(client.get("/about/about/"))

    assert "permanently remove the text of that version" in said
    assert "never deleted" not in said
    assert "never changes" not in said
    assert "each statement" not in said
    assert "every statement" not in said.lower()
