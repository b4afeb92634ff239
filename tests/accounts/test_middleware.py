import re

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import registration_check
from accounts.middleware import COOKIE, SALT

SLUGS = ["one", "two", "three", "four", "five", "six"]


@pytest.fixture
def six_pages(publish):
    for slug in SLUGS:
        publish(slug, body=f"The body of {slug}.\n")


def line(response) -> str:
    html = response.content.decode()
    meter = html[html.index('<div class="meter"') :]
    return meter[meter.index("<span>") + 6 : meter.index("</span>")].strip()


@pytest.mark.usefixtures("six_pages")
def test_a_visitor_opens_five_pages_and_is_refused_the_sixth(client):
    lines = [line(client.get(f"/pages/{slug}/")) for slug in SLUGS[:5]]
    refused = client.get("/pages/six/")

    assert lines == [
        "You can view 5 more pages before signing in, including this one.",
        "You can view 4 more pages before signing in, including this one.",
        "You can view 3 more pages before signing in, including this one.",
        "You can view 2 more pages before signing in, including this one.",
        "After this page, sign in to view more pages.",
    ]
    assert refused.status_code == 403
    assert line(refused) == "Sign in to view more pages. You can still read the 5 you have opened on this computer."


@pytest.mark.usefixtures("six_pages")
def test_a_square_is_filled_for_each_page_that_is_left(client, settings):
    def squares() -> str:
        html = client.get("/").content.decode()
        return "".join("x" if left else "o" for left in re.findall(r"<i( class=\"left\")?></i>", html))

    assert squares() == "xxxxx"
    for slug in SLUGS[:3]:
        client.get(f"/pages/{slug}/")
    assert squares() == "xxooo"
    for slug in SLUGS[3:5]:
        client.get(f"/pages/{slug}/")
    assert squares() == "ooooo"
    settings.FREE_PAGES = 10
    assert squares() == "xxxxxooooo"
    settings.FREE_PAGES = 11  # too many to be seen at a glance
    assert squares() == ""


@pytest.mark.usefixtures("six_pages")
def test_reloading_changes_nothing_and_opened_pages_stay_open(client):
    for slug in SLUGS[:5]:
        assert line(client.get(f"/pages/{slug}/")) == line(client.get(f"/pages/{slug}/"))

    assert [client.get(f"/pages/{slug}/").status_code for slug in SLUGS] == [200] * 5 + [403]
    assert line(client.get("/pages/one/")) == "After this page, sign in to view more pages."


@pytest.mark.usefixtures("six_pages")
def test_a_refusal_shows_the_title_dates_and_summary_but_never_the_body(client):
    for slug in SLUGS[:5]:
        client.get(f"/pages/{slug}/")
    html = client.get("/pages/six/").content.decode()

    assert "<h1>About six</h1>" in html
    assert "What six says." in html
    assert "Last edited" in html
    assert "The body of six" not in html
    assert '/sign-in?next=/pages/six/"' in html
    assert '/sign-up?next=/pages/six/"' in html
    assert all(f'href="/pages/{slug}/"' in html for slug in SLUGS[:5])


@pytest.mark.usefixtures("six_pages")
@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/sign-up", "/pages/none/", "/pages/one", "/about/none/", "/pages/one/history/9/"]
)
def test_only_a_page_that_was_shown_counts(client, path):
    client.get(path)

    assert COOKIE not in client.cookies


@pytest.mark.usefixtures("six_pages")
def test_asking_only_for_headers_does_not_count(client):
    assert client.head("/pages/one/").status_code == 200
    assert COOKIE not in client.cookies


@pytest.mark.usefixtures("six_pages")
def test_the_history_counts_as_its_page(client):
    for path in ("/pages/one/history/", "/pages/one/history/1/", "/pages/one/"):
        assert "You can view 5 more pages" in client.get(path).content.decode()
    for slug in SLUGS[1:5]:
        client.get(f"/pages/{slug}/history/")

    assert client.get("/pages/six/history/").status_code == 403
    assert client.get("/pages/six/history/1/").status_code == 403


@pytest.mark.usefixtures("six_pages")
@pytest.mark.parametrize(
    ("header", "purpose"),
    [
        ("Sec-Purpose", "prefetch"),
        ("Sec-Purpose", "prefetch;prerender"),
        ("Sec-Purpose", "Prefetch"),
        ("Purpose", "prefetch"),
        ("X-Moz", "prefetch"),
        ("X-Purpose", "preview"),
    ],
)
def test_a_page_fetched_ahead_of_a_click_is_neither_served_nor_counted(client, header, purpose):
    response = client.get("/pages/one/", headers={header: purpose})

    assert response.status_code == 503
    assert response.content == b""
    assert COOKIE not in client.cookies


@pytest.mark.usefixtures("six_pages")
@pytest.mark.parametrize(
    "cookie",
    ["", "x", "e30:1abc:forged", "a" * 5000, "é", signing.dumps([1], salt=SALT)],
    ids=["empty", "short", "forged", "long", "not ASCII", "of another shape"],
)
def test_a_forged_or_cut_cookie_is_a_new_visitor(client, cookie):
    client.cookies[COOKIE] = cookie

    assert "You can view 5 more pages" in client.get("/pages/one/").content.decode()


@pytest.mark.usefixtures("six_pages")
def test_a_cut_cookie_is_a_new_visitor(client):
    client.get("/pages/one/")
    client.cookies[COOKIE] = client.cookies[COOKIE].value[:-3]

    assert "You can view 5 more pages" in client.get("/pages/two/").content.decode()


@pytest.mark.usefixtures("six_pages")
def test_the_cookie_is_signed_and_out_of_reach_of_scripts(client, settings):
    settings.SECURE = True
    cookie = client.get("/pages/one/").cookies[COOKIE]

    assert list(signing.loads(cookie.value, salt=SALT)) == ["one"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)


@pytest.mark.usefixtures("six_pages")
def test_readers_read_without_limit(people, signed_in):
    client = signed_in(people.reader)
    pages = [client.get(f"/pages/{slug}/") for slug in SLUGS]

    assert {page.status_code for page in pages} == {200}
    assert COOKIE not in client.cookies
    seen = re.sub(r'<script type="application/ld\+json">.*?</script>', "", pages[0].content.decode())  # for programs
    assert "before signing in" not in seen


@pytest.mark.usefixtures("six_pages")
def test_two_visitors_behind_one_address_do_not_share_a_meter(client):
    for slug in SLUGS[:5]:
        client.get(f"/pages/{slug}/")

    assert client.get("/pages/six/").status_code == 403
    assert Client().get("/pages/six/").status_code == 200


@pytest.mark.usefixtures("six_pages")
def test_the_number_of_free_pages_is_a_setting(client, settings):
    settings.FREE_PAGES = 1

    assert line(client.get("/pages/one/")) == "After this page, sign in to view more pages."
    assert line(client.get("/pages/two/")) == (
        "Sign in to view more pages. You can still read the 1 you have opened on this computer."
    )
    settings.FREE_PAGES = 0
    assert Client().get("/pages/one/").status_code == 403


@pytest.mark.usefixtures("six_pages")
def test_home_and_about_pages_show_the_number_without_counting(client, publish):
    publish("help", kind="about")
    for slug in SLUGS[:4]:
        client.get(f"/pages/{slug}/")

    assert line(client.get("/")) == "You can view 1 more page before signing in."
    assert line(client.get("/about/help/")) == "You can view 1 more page before signing in."
    assert line(client.get("/pages/five/")) == "After this page, sign in to view more pages."


def test_a_page_that_is_missing_is_missing_for_a_visitor_without_free_pages_too(client, settings, db):
    settings.FREE_PAGES = 0

    assert client.get("/pages/none/").status_code == 404


@pytest.mark.usefixtures("six_pages")
def test_no_shared_cache_keeps_a_visitors_number(client):
    assert "private" in client.get("/pages/one/").headers["Cache-Control"]


# Where only a verified registration lifts the limit


@pytest.fixture
def ladder(people, person, signed_in, client):
    """A browser for each kind of person, from the visitor up."""
    people.waiting, people.verified = (person("reader", email=f"{name}@clinic.example") for name in ("w", "v"))
    for reader in (people.waiting, people.verified):
        reader.change_registration("nmc", "12A3456E")
        reader.save()
    registration_check.verify(user=people.verified, seen=("nmc", "12A3456E"), by=people.administrator)
    return {"visitor": client} | {
        name: signed_in(getattr(people, name))
        for name in ("reader", "waiting", "verified", "editor", "reviewer", "administrator")
    }


@pytest.mark.usefixtures("six_pages")
@pytest.mark.parametrize(
    ("required", "name", "is_limited"),
    [
        (False, "visitor", True),
        (False, "reader", False),
        (False, "waiting", False),
        (False, "verified", False),
        (False, "editor", False),
        (False, "reviewer", False),
        (False, "administrator", False),
        (True, "visitor", True),
        (True, "reader", True),
        (True, "waiting", True),
        (True, "verified", False),
        (True, "editor", False),
        (True, "reviewer", False),
        (True, "administrator", False),
    ],
)
def test_who_has_five_pages_and_who_reads_without_limit(ladder, settings, required, name, is_limited):
    settings.REQUIRE_VERIFIED_REGISTRATION = required
    answers = [ladder[name].get(f"/pages/{slug}/") for slug in SLUGS]

    assert [answer.status_code for answer in answers] == [200] * 5 + [403 if is_limited else 200]
    assert [b'class="meter"' in answer.content for answer in answers] == [is_limited] * 6
    assert (COOKIE in ladder[name].cookies) == is_limited
    assert (b"The body of six" in answers[5].content) == (not is_limited)


@pytest.mark.usefixtures("six_pages")
def test_somebody_signed_in_is_told_what_lifts_the_limit(ladder, settings):
    settings.REQUIRE_VERIFIED_REGISTRATION = True
    lines = [line(ladder["reader"].get(f"/pages/{slug}/")) for slug in SLUGS]

    assert lines == [
        *(
            f"You can view {number} more pages before your registration is checked, including this one."
            for number in (5, 4, 3, 2)
        ),
        "After this page, you can view more once your registration is checked.",
        "You can view more pages once your registration is checked. You can still read the 5 you have opened on this "
        "computer.",
    ]


@pytest.mark.usefixtures("six_pages")
@pytest.mark.parametrize(
    ("name", "heading", "link"),
    [
        ("reader", "Add your registration to read this page", "Add your registration"),
        ("waiting", "Your registration has not been checked yet", "Your profile"),
    ],
)
def test_a_refusal_of_somebody_signed_in_leads_to_their_profile(ladder, settings, name, heading, link):
    settings.REQUIRE_VERIFIED_REGISTRATION = True
    settings.FREE_PAGES = 0
    html = ladder[name].get("/pages/six/").content.decode()

    assert f">{heading}</h2>" in html
    assert html.count(f'href="/account/profile/">{link}</a>') == 2
    assert "An administrator" in html
    assert "/sign-in" not in html
    assert "/sign-up" not in html
    assert "before signing in" not in html


@pytest.mark.usefixtures("six_pages")
@pytest.mark.parametrize("name", ["visitor", "reader", "waiting"])
@pytest.mark.parametrize(("free", "words"), [(0, ""), (1, "the 1 page you"), (2, "the 2 pages you")])
def test_a_refusal_says_how_many_pages_were_read_unless_there_were_none(ladder, settings, name, free, words):
    settings.REQUIRE_VERIFIED_REGISTRATION, settings.FREE_PAGES = True, free
    refusal = [ladder[name].get(f"/pages/{slug}/") for slug in SLUGS[: free + 1]][-1].content.decode()

    assert re.findall(r"You have read (the \d+ pages? you) can open on this computer", refusal) == [words][: bool(free)]


@pytest.mark.usefixtures("six_pages")
@pytest.mark.parametrize("path", ["/sign-up", "/pages/six/"])
def test_nobody_is_promised_that_an_account_alone_lifts_the_limit(client, settings, path):
    settings.FREE_PAGES = 0
    promise = "Once an administrator has checked your professional registration, you can read as many pages as you like"
    assert promise not in client.get(path).content.decode()

    settings.REQUIRE_VERIFIED_REGISTRATION = True

    assert promise in client.get(path).content.decode()


@pytest.mark.usefixtures("six_pages")
def test_the_limit_lifts_as_soon_as_the_registration_is_verified(ladder, people, settings):
    settings.REQUIRE_VERIFIED_REGISTRATION = True
    settings.FREE_PAGES = 0
    assert ladder["waiting"].get("/pages/one/").status_code == 403

    registration_check.verify(user=people.waiting, seen=("nmc", "12A3456E"), by=people.administrator)

    assert ladder["waiting"].get("/pages/one/").status_code == 200
    registration_check.take_back(user=people.waiting, by=people.administrator)
    assert ladder["waiting"].get("/pages/one/").status_code == 403


@pytest.mark.usefixtures("six_pages")
@pytest.mark.parametrize("name", ["visitor", "waiting", "verified", "editor"])
def test_asking_for_the_verification_costs_no_query(ladder, settings, name):
    counts = []
    for required in (False, True):
        settings.REQUIRE_VERIFIED_REGISTRATION = required
        with CaptureQueriesContext(connection) as queries:
            ladder[name].get("/pages/one/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
