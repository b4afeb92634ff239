import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from content import publishing
from content.models import Contributor, Page, Review, Version
from tests.reading import words

ORDER = [
    "This site is intended for healthcare professionals",
    ">Sign in<",
    "You can view 5 more pages before signing in, including this one.",
    "<h1>About a-page</h1>",
    "Version 1</a>",
    "Last edited",
    "Authoring team",
    "Not yet clinically reviewed",
    "Give 5 mg.",
    "References",
    'Report an error<span class="unseen"> on this page',
    "Create an account to add page annotations",
    "does not replace clinical judgement",
    "should consult a licensed practitioner",
    "Copyright",
    "All rights reserved",
    "how this site is funded",
    "Write to the publisher",
]


def test_a_page_shows_everything_in_its_order(client, publish):
    publish(body="Give 5 mg.[^a]\n\n[^a]: Source\n")
    html = client.get("/pages/a-page/").content.decode()

    places = [html.index(part) for part in ORDER]

    assert places == sorted(places)


def test_the_dates_say_what_is_known(client, publish, people, time_machine):
    time_machine.move_to(datetime(2026, 5, 3, 12, tzinfo=UTC))
    first = publish()
    said = "Version 1 Last edited 3 May 2026 Authoring team Not yet clinically reviewed"
    assert said in words(client.get("/pages/a-page/"))

    Review.objects.create(version=first, reviewer_name="R", outcome=Review.Outcome.CURRENT)
    said = "Last edited 3 May 2026 Authoring team Last reviewed 3 May 2026 Next due May 2027"
    assert said in words(client.get("/pages/a-page/"))

    time_machine.move_to(datetime(2026, 11, 22, 12, tzinfo=UTC))
    publish(body="Give 10 mg.\n")
    said = "Version 2 Last edited 22 Nov 2026 Authoring team Last reviewed 3 May 2026 (version 1; edited since)"
    assert said in words(client.get("/pages/a-page/"))
    assert "What changed" in words(client.get("/pages/a-page/"))
    copied = 'data-reviewed="Last reviewed 3 May 2026 (version 1; edited since)'
    assert copied in client.get("/pages/a-page/").content.decode()


def test_approval_is_not_a_clinical_review(client, publish):
    publish()

    assert "Not yet clinically reviewed" in words(client.get("/pages/a-page/"))


def test_the_authors_are_shown_as_they_stood(client, publish):
    page = Page.objects.create(slug="a-page")
    Contributor.objects.create(page=page, name="Ann", role="Author", credentials="RN", interests="None declared")
    publish()
    page.contributors.update(name="Somebody else")

    assert "Ann, RN (Author). Declared interests: None declared" in words(client.get("/pages/a-page/"))


def test_an_old_version_stays_readable_beside_the_live_one(client, publish):
    publish(body="Give 5 mg.\n")
    publish(body="Give 10 mg.\n")

    assert "Give 10 mg." in words(client.get("/pages/a-page/"))
    assert "Give 5 mg." not in words(client.get("/pages/a-page/"))
    old = words(client.get("/pages/a-page/history/1/"))
    assert "Give 5 mg." in old
    assert "This is version 1, which is no longer live." in old
    assert "This is version 2, the live version of " in words(client.get("/pages/a-page/history/2/"))
    assert client.get("/pages/a-page/history/3/").status_code == 404


def test_the_history_says_who_when_what_and_why(client, publish):
    publish()
    said = words(client.get("/pages/a-page/history/"))

    assert "Version 1" in said
    assert "Because it changed." in said
    assert "Written by The editor" in said
    assert "Approved by The reviewer" in said
    assert "If the text of a version had to be removed, that version says so." in said


@pytest.mark.usefixtures("shipped_library")
def test_an_imported_version_says_so(client):
    assert "Approved by Nobody: imported from a file" in words(
        client.get("/pages/natalizumab-highly-active-rrms/history/")
    )


def test_a_scheduled_version_is_live_from_its_time_on(client, publish, time_machine):
    now = timezone.now()
    page = publish(body="Give 5 mg.\n").page
    text = publishing.Text("Later", "What later says.", "Give 10 mg.\n")
    publishing.add_version(page=page, text=text, published_at=now + timezone.timedelta(hours=1))

    assert "Give 5 mg." in words(client.get("/pages/a-page/"))
    assert client.get("/pages/a-page/history/2/").status_code == 404
    assert "Version 2" not in words(client.get("/pages/a-page/history/"))
    time_machine.move_to(now + timezone.timedelta(hours=2))
    assert "Give 10 mg." in words(client.get("/pages/a-page/"))


def test_a_withdrawn_page_is_gone_with_its_reason_and_replacement(client, publish):
    publish("new-page")
    page = publish().page
    Version.objects.create(
        page=page, number=2, kind="withdrawal", title="About a-page", summary="S", reason="It was out of date.",
        replacement="new-page", published_at=timezone.now(), sha256="x",
    )  # fmt: skip
    response = client.get("/pages/a-page/")

    assert response.status_code == 410
    assert "It was out of date." in words(response)
    assert 'href="/pages/new-page/"' in response.content.decode()
    assert "a-page" not in client.get("/").content.decode()
    assert "meter" not in client.cookies


@pytest.mark.parametrize("path", ["/pages/about-us/", "/about/a-page/", "/pages/None/", "/nowhere"])
def test_a_wrong_address_is_not_found(client, publish, path):
    publish()
    publish("about-us", kind="about")

    response = client.get(path)

    assert response.status_code == 404
    assert "Page not found" in words(response)


@pytest.mark.usefixtures("shipped_library")
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/", 4),
        ("/pages/natalizumab-highly-active-rrms/", 2),
        ("/pages/natalizumab-highly-active-rrms/history/", 3),
        ("/pages/natalizumab-highly-active-rrms/history/1/", 3),
        ("/about/privacy/", 2),
        ("/sign-in", 0),
        ("/healthz", 0),
    ],
)
def test_a_visitor_costs_few_queries(client, django_assert_num_queries, path, queries):
    with django_assert_num_queries(queries):
        assert client.get(path).status_code == 200


@pytest.mark.usefixtures("shipped_library")
def test_a_refusal_costs_few_queries(client, settings, django_assert_num_queries):
    settings.FREE_PAGES = 0
    with django_assert_num_queries(2):
        client.get("/pages/natalizumab-highly-active-rrms/")


@pytest.mark.usefixtures("shipped_library")
def test_a_reader_costs_three_queries_more_however_many_annotations(people, signed_in, django_assert_num_queries):
    client = signed_in(people.reader)
    path = "/pages/natalizumab-highly-active-rrms/"
    for number in range(20):
        client.post(f"{path}annotations/", {"text": f"Bleep {number}"})

    with django_assert_num_queries(5):  # session, account, annotations, and the page's own two
        assert "Bleep 19" in client.get(path).content.decode()


@pytest.mark.parametrize("path", ["", "history/1/", "history/1..2/"])
def test_wherever_guidance_is_read_the_whole_disclaimer_is(client, publish, path):
    publish()
    publish(body="Give 10 mg.\n")
    said = words(client.get(f"/pages/a-page/{path}"))

    assert "It does not replace clinical judgement when diagnosing or treating a patient." in said
    assert (
        "Anyone who needs a diagnosis or treatment, for any condition, should consult a licensed practitioner." in said
    )


def test_the_invitation_says_what_an_annotation_is_for(client, people, signed_in, publish):
    publish()
    invitation = "something to have at hand during a consultation, such as a website, a phone or bleep number"

    assert invitation in words(client.get("/pages/a-page/"))
    assert invitation not in words(signed_in(people.reader).get("/pages/a-page/"))


def test_no_html_is_made_while_reading(client, publish, monkeypatch):
    publish()
    monkeypatch.setattr("markdown.Markdown.convert", None)

    assert client.get("/pages/a-page/").status_code == 200


def test_the_content_policy_allows_nothing_inline(client, publish):
    publish()
    response = client.get("/pages/a-page/")
    policy = response.headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    html = response.content.decode().replace('<script type="application/ld+json">', "")  # data, which never runs
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", html)


def test_a_page_begins_with_its_key_points_and_then_its_contents(publish, client):
    sections = "".join(f"## Part {number}\n\nText.[^a]\n\n" for number in range(4))
    publish(body=f"## In brief\n\n- **[Part](#h-part-0):** 5 mg.[^a]\n\n{sections}[^a]: A.\n")

    html = client.get("/pages/a-page/").content.decode()

    parts = ["5 mg.", "On this page", '<h2 id="h-part-0">', "Authoring team</h2>", '<section class="references">']
    places = [html.index(part) for part in ('<h2 id="h-in-brief">', *parts)]
    assert places == sorted(places)
    assert html.count("5 mg.") == 1


@pytest.mark.parametrize(("days", "said"), [(0, True), (89, True), (90, False)])
def test_a_page_says_what_its_version_changed_for_90_days_of_the_uk(publish, client, time_machine, days, said):
    publish()
    time_machine.move_to(datetime(2027, 5, 1, 23, 30, tzinfo=UTC), tick=False)  # 2 May in the UK
    publish(body="Give 6 mg.\n")

    time_machine.move_to(datetime(2027, 5, 2, 12, tzinfo=UTC) + timedelta(days=days), tick=False)
    assert ("Changed in version 2" in client.get("/pages/a-page/").content.decode()) == said
