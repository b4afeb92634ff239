import pytest
from django.core import signing
from django.test import Client

from accounts.middleware import COOKIE, SALT

SLUGS = ["one", "two", "three", "four", "five", "six"]


@pytest.fixture
def six_pages(publish):
    for slug in SLUGS:
        publish(slug, body=f"The body of {slug}.\n")


def line(response) -> str:
    html = response.content.decode()
    return html[html.index("<span>") + 6 : html.index("</span>")].strip()


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
    assert line(refused) == "Sign in to view more pages. The 5 you have opened stay open."


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
    ],
)
def test_a_page_fetched_ahead_of_a_click_is_neither_served_nor_counted(client, header, purpose):
    response = client.get("/pages/one/", headers={header: purpose})

    assert response.status_code == 503
    assert response.content == b""
    assert COOKIE not in client.cookies


@pytest.mark.usefixtures("six_pages")
@pytest.mark.parametrize("cookie", ["", "x", "e30:1abc:forged", "a" * 5000, "é", signing.dumps([1], salt=SALT)])
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
    assert "before signing in" not in pages[0].content.decode()


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
    assert line(client.get("/pages/two/")) == "Sign in to view more pages. The 1 you have opened stays open."
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
