from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone

from content import publishing
from content.models import Contributor, Version
from tests.reading import words

HUGE = "9" * 30


@pytest.fixture
def three(publish, time_machine):
    """A page whose dose changed on 1 March, and again in the hour before midnight of 15 June 2026, both UK time."""
    for moment, dose in (
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "5 mg"),
        (datetime(2026, 6, 15, 22, 30, tzinfo=UTC), "50 mg"),
        (datetime(2026, 6, 15, 23, 30, tzinfo=UTC), "10 mg"),
    ):
        time_machine.move_to(moment, tick=False)
        version = publish(body=f"Give {dose} daily.\n")
    time_machine.move_to(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False)
    return version.page


@pytest.fixture
def withdrawn(publish):
    """A page whose second version withdrew it."""
    page = publish().page
    return Version.objects.create(
        page=page, number=2, kind="withdrawal", title="About a-page", summary="What a-page says.",
        reason="It was out of date.", replacement="new-page", published_at=timezone.now(), sha256="x",
    )  # fmt: skip


@pytest.mark.usefixtures("three")
def test_a_changed_dose_is_shown_whole_both_as_it_was_and_as_it_is(client):
    html = client.get("/pages/a-page/history/1..2/").content.decode()

    assert '<del class="short"><span class="comparison-said">[removed: </span>5 mg<' in html
    assert '<ins class="short"><span class="comparison-said">[added: </span>50 mg<' in html


@pytest.mark.usefixtures("three")
def test_the_numbers_that_changed_are_said_first(client):
    said = unescape(words(client.get("/pages/a-page/history/1..2/")))

    assert "In ten seconds Numbers 1 changed 5 → 50 mg, in Start of the text: Give 50 mg daily" in said
    assert "Why “Because it changed.” Approved by The reviewer, 15 Jun 2026" in said
    assert said.index("In ten seconds") < said.index("Give [removed: 5 mg] [added: 50 mg] daily.")


@pytest.mark.usefixtures("three")
def test_both_versions_say_who_when_and_why(client):
    said = words(client.get("/pages/a-page/history/1..2/"))

    assert "What changed in version 2" in said
    assert "Version 1, 1 Mar 2026 → version 2, 15 Jun 2026" in said
    assert "Version 2 · 15 Jun 2026 Because it changed. Written by The editor. Approved by The reviewer." in said
    assert "Version 1 · 1 Mar 2026 Because it changed. Written by The editor. Approved by The reviewer." in said


@pytest.mark.usefixtures("three")
def test_versions_are_compared_in_the_order_asked_for(client):
    said = words(client.get("/pages/a-page/history/2..1/"))

    assert "Give [removed: 50 mg] [added: 5 mg] daily." in said
    assert "Version 2 is the newer one: words that it added are shown here as removed." in said


@pytest.mark.usefixtures("three")
def test_a_version_beside_itself_is_the_same(client):
    said = words(client.get("/pages/a-page/history/2..2/"))

    assert "You are comparing version 2 with itself." in said
    assert "Give" not in said


def test_versions_that_say_the_same_say_so(client, publish):
    publish()
    publish()

    assert "These two versions say the same thing." in words(client.get("/pages/a-page/history/1..2/"))


def test_a_text_typed_in_another_way_says_the_same(client, publish):
    publish(body="Give *5 mg*.\n")
    publish(body="Give\n_5 mg_.\n\n")

    said = words(client.get("/pages/a-page/history/1..2/"))

    assert "These two versions say the same thing. Only the way the text is typed is different." in said


def test_what_no_reader_sees_is_said_to_be_unseen(client, publish):
    publish(body="See [the chart](https://a.example/).\n")
    publish(body="See [the chart](https://b.example/).\n")

    said = unescape(words(client.get("/pages/a-page/history/1..2/")))

    assert "No word or number that readers see has changed." in said
    assert "Link on “the chart”: https://a.example/ → https://b.example/, in Start of the text" in said


def test_title_summary_and_credits_are_compared_where_they_differ(client, publish):
    page = publish(title="About it all").page
    Contributor.objects.create(page=page, name="Ann", role="Author", credentials="RN", interests="None declared")
    publish(title="About all")

    said = unescape(words(client.get("/pages/a-page/history/1..2/")))

    assert "Title About [removed: it] all" in said
    assert "Authoring team Added Ann, RN (Author). Declared interests: None declared" in said
    assert "Summary" not in said
    assert "Reason for withdrawal" not in said


@pytest.mark.usefixtures("withdrawn")
def test_a_withdrawal_is_compared_with_its_reason_and_replacement(client):
    said = words(client.get("/pages/a-page/history/1..2/"))

    assert "Status [removed: Guidance to read] [added: Withdrawn]" in said
    assert "Reason for withdrawal Added It was out of date." in said
    assert "Page to read instead Added new-page" in said


def test_what_was_typed_is_never_run(publish, signed_in, people):
    page = publish().page
    for number in (1, 2):  # by a file: nobody could submit it
        text = publishing.Text(
            f"<script>{number}", "S", f"Give `<script>{number}` and <script>{number}</script> now.\n"
        )
        publishing.add_version(page=page, text=text)
    html = signed_in(people.editor).get("/pages/a-page/history/2..3/").content.decode()

    assert "<script>" not in html
    assert html.count("&lt;script") > 4


@pytest.mark.parametrize(("who", "is_shown"), [("reader", False), ("editor", True), ("reviewer", True)])
def test_only_editors_can_compare_the_markdown(publish, signed_in, people, who, is_shown):
    publish(body="See [the chart](https://a.example/).\n")
    publish(body="See [the chart](https://b.example/).\n")

    said = words(signed_in(getattr(people, who)).get("/pages/a-page/history/1..2/"))

    assert ("Compare the Markdown" in said) is is_shown
    assert ("](https://a.example/)" in said) is is_shown


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "path",
    [
        "history/1..4/", "history/4..1/", "history/0..1/", f"history/1..{HUGE}/", f"history/{HUGE}..1/",
        f"history/1..{'9' * 5000}/", "history/-1..1/", "history/1..x/", "history/1...2/", "on/2026-02-28/",
        "on/2026-02-30/", "on/0000-01-01/", "on/0001-01-01/", "on/9999-12-31/", "on/2026-3-1/", "on/20260301/",
        "on/yesterday/", "history/compare/", "history/compare/?old=1&new=x", "history/compare/?old=1&new=2/../../..",
    ],
)  # fmt: skip
def test_what_was_never_published_is_not_found(client, path):
    assert client.get(f"/pages/a-page/{path}").status_code == 404


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "path", ["/pages/none/history/1..2/", "/pages/none/on/2026-06-01/", "/pages/none/on/2020-01-01/"]
)
def test_a_page_that_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_pages_about_the_site_are_not_compared_here(client, publish):
    publish("about-us", kind="about")

    assert client.get("/pages/about-us/history/1..1/").status_code == 404
    assert client.get(f"/pages/about-us/on/{timezone.localdate()}/").status_code == 404


def test_a_scheduled_version_is_not_seen_before_its_time(client, three, time_machine):
    text = publishing.Text("Later", "What later says.", "Give 99 mg daily.\n")
    publishing.add_version(page=three, text=text, published_at=timezone.now() + timedelta(hours=1))

    assert client.get("/pages/a-page/history/3..4/").status_code == 404
    assert "..4/" not in client.get("/pages/a-page/history/").content.decode()
    assert client.get("/pages/a-page/on/2026-11-22/").url == "/pages/a-page/history/3/"
    time_machine.shift(timedelta(hours=2))
    assert client.get("/pages/a-page/history/3..4/").status_code == 200
    assert client.get("/pages/a-page/on/2026-11-22/").url == "/pages/a-page/history/4/"


@pytest.mark.usefixtures("three")
def test_a_page_that_only_waits_for_its_time_is_not_known(client, time_machine):
    time_machine.move_to(datetime(2026, 2, 1, tzinfo=UTC))

    for day in ("2026-01-31", "2026-03-02"):
        response = client.get(f"/pages/a-page/on/{day}/")
        assert response.status_code == 404
        assert "About a-page" not in response.content.decode()


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("day", "number"),
    [
        ("2026-03-01", 1),
        ("2026-03-02", 1),
        ("2026-06-14", 1),
        ("2026-06-15", 2),  # 23:30 in London; the next came at 00:30 there, while it was still the 15th in UTC
        ("2026-06-16", 3),
        ("2026-11-21", 3),
        ("2026-11-22", 3),  # today
    ],
)
def test_a_day_leads_to_the_version_live_when_it_ended_in_the_uk(client, day, number):
    response = client.get(f"/pages/a-page/on/{day}/")

    assert (response.status_code, response.url) == (302, f"/pages/a-page/history/{number}/")


@pytest.mark.usefixtures("three")
def test_a_day_without_a_version_says_why(client):
    before = words(client.get("/pages/a-page/on/2026-02-28/"))
    to_come = words(client.get("/pages/a-page/on/2026-11-23/"))

    assert "This page was not published on 28 February 2026" in before
    assert "Its first version was published on 1 March 2026: About a-page, version 1" in before
    assert "Nothing to show for 23 November 2026 This date is in the future." in to_come


@pytest.mark.usefixtures("three")
def test_comparing_is_metered_as_the_page(client, settings):
    settings.FREE_PAGES = 1
    for path in ("on/2026-06-01/", "on/2020-01-01/", "history/1..9/", "history/compare/?old=1&new=2"):
        client.get(f"/pages/a-page/{path}")
        assert "meter" not in client.cookies

    assert client.get("/pages/a-page/history/1..2/").status_code == 200
    assert "meter" in client.cookies
    assert client.get("/pages/a-page/").status_code == 200
    settings.FREE_PAGES = 0
    for path in ("history/1..2/", "on/2026-06-01/"):
        refused = client.get(f"/pages/a-page/{path}")
        assert refused.status_code == 403
        assert "Give" not in words(refused)


@pytest.mark.usefixtures("three")
def test_the_history_leads_from_each_version_but_the_first_to_what_changed(client):
    html = client.get("/pages/a-page/history/").content.decode()

    links = [part.split('"')[0] for part in html.split('href="/pages/a-page/history/')[1:]]
    assert [link for link in links if "/cite." not in link] == ["3/", "2..3/", "2/", "1..2/", "1/"]


@pytest.mark.usefixtures("three")
def test_the_form_on_the_history_compares_the_two_newest_unless_others_are_chosen(client):
    html = client.get("/pages/a-page/history/").content.decode()

    assert '<form class="choose" action="/pages/a-page/history/compare/">' in html
    assert '<option value="2" selected>' in html
    assert client.get("/pages/a-page/history/compare/?old=3&new=1").url == "/pages/a-page/history/3..1/"


def test_one_version_offers_nothing_to_compare(client, publish):
    publish()
    html = client.get("/pages/a-page/history/").content.decode()

    assert "compare/" not in html
    assert "What changed" not in html


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("path", "queries"), [("history/1..2/", 2), ("history/2..2/", 2), ("on/2026-06-01/", 1)])
def test_comparing_costs_few_queries(client, django_assert_num_queries, path, queries):
    with django_assert_num_queries(queries):
        client.get(f"/pages/a-page/{path}")
