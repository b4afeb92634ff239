"""What search engines may find, as they read it."""

from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser

import pytest
from django.utils import timezone
from lxml import etree

from content import publishing
from content.models import Page

SITE = "http://localhost:8000"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# The protocol of sitemaps.org, in its own order: an address, then what may follow it.
SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}"
 xmlns="{NAMESPACE}" elementFormDefault="qualified">
 <xs:simpleType name="loc"><xs:restriction base="xs:anyURI"><xs:minLength value="12"/><xs:maxLength value="2048"/>
 </xs:restriction></xs:simpleType>
 <xs:simpleType name="time"><xs:union memberTypes="xs:date xs:dateTime"/></xs:simpleType>
 <xs:element name="urlset"><xs:complexType><xs:sequence>
  <xs:element name="url" maxOccurs="50000"><xs:complexType><xs:sequence>
   <xs:element name="loc" type="loc"/><xs:element name="lastmod" type="time" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
 </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


def listed(client) -> dict[str, str | None]:
    """Each address of the sitemap with its time, read by the schema."""
    tree = etree.fromstring(client.get("/sitemap.xml").content)
    etree.XMLSchema(etree.fromstring(SCHEMA)).assertValid(tree)
    urls = tree.findall(f"{{{NAMESPACE}}}url")
    return {each[0].text: each[1].text if len(each) > 1 else None for each in urls}


def test_what_is_live_is_in_the_sitemap_with_its_day(client, publish, withdraw, people, time_machine):
    time_machine.move_to(datetime(2026, 5, 3, 12, tzinfo=UTC))
    page = publish().page
    publish("about-us", kind="about")
    withdraw(publish("withdrawn").page)
    time_machine.move_to(datetime(2026, 11, 22, 12, tzinfo=UTC))
    publish(body="Give 10 mg.\n")
    later = publishing.Text("Later", "S", "Give 20 mg.\n")
    publishing.add_version(page=page, text=later, published_at=timezone.now() + timedelta(hours=1))
    publishing.start_draft(
        page=Page.objects.create(slug="unpublished"), text=publishing.Text("T", "S", "B\n"), by=people.editor,
        started_from=0,
    )  # fmt: skip

    assert listed(client) == {
        f"{SITE}/about/about-us/": "2026-05-03",
        f"{SITE}/pages/a-page/": "2026-11-22",
        f"{SITE}/": None,
        f"{SITE}/pages/": None,
        f"{SITE}/changes/": None,
    }


def test_the_sitemap_has_the_address_of_the_site_whatever_it_was_asked_by(client, publish, settings):
    settings.SITE_URL = "https://guidance.example"
    publish()

    assert set(listed(client)) == {
        f"https://guidance.example{path}" for path in ("/", "/pages/", "/changes/", "/pages/a-page/")
    }  # fmt: skip


def test_the_sitemap_is_sent_again_only_when_it_changes(client, publish, withdraw):
    page = publish().page
    publish("b-page")
    response = client.get("/sitemap.xml")
    assert "Last-Modified" not in response

    assert client.get("/sitemap.xml", headers={"If-None-Match": response["ETag"]}).status_code == 304
    withdraw(page)
    assert client.get("/sitemap.xml", headers={"If-None-Match": response["ETag"]}).status_code == 200


@pytest.mark.parametrize("many", [1, 8])
def test_many_pages_cost_the_sitemap_no_query_more(client, publish, django_assert_num_queries, many):
    for number in range(many):
        publish(f"page-{number}")

    with django_assert_num_queries(2):
        client.get("/sitemap.xml")


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/", True),
        ("/pages/a-page/", True),
        ("/pages/a-page/history/1/", True),
        ("/about/privacy/", True),
        ("/changes/", True),
        ("/search/?q=dose", False),
        ("/search/suggest/", False),
        ("/account/email/", False),
        ("/admin/", False),
        ("/annotations/", False),
        ("/sign-in?next=/pages/a-page/", False),
        ("/sign-up", False),
        ("/sign-out", False),
    ],
)
def test_robots_are_kept_from_search_accounts_and_editing(client, path, may):
    response = client.get("/robots.txt")
    robots = RobotFileParser()
    robots.parse(response.content.decode().splitlines())

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert robots.can_fetch("a-robot", f"{SITE}{path}") is may
    assert robots.site_maps() == [f"{SITE}/sitemap.xml"]
