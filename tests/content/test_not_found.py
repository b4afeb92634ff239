import pytest
from django.core import signing
from django.utils import timezone

from accounts.meter import Meter
from content.not_found import words_in
from tests.reading import words


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/pages/natalizumab-hihgly-active/", "natalizumab hihgly active"),
        ("/natalizumab", "natalizumab"),
        ("/Natalizumab.html", "Natalizumab"),
        ("/ms/drugs/ocrelizumab", "ms drugs ocrelizumab"),
        ("/pages/fingolimod/history/7/", "fingolimod"),
        ("/pages/fingolimod/history/1..9/", "fingolimod"),
        ("/pages/fingolimod/on/2026-01-31/", "fingolimod"),
        ("/about/cookies-policy/", "cookies policy"),
        ("/pages/Sjögren_syndrome", "Sjögren syndrome"),
        ("/Pages/fingolimod", "fingolimod"),
        ("/about/reporting-online/", "reporting online"),
        ("/pages/fingolimod/history/compare/", "fingolimod"),
        ("/pages/fingolimod/history/3/report/", "fingolimod"),
        ("/pages/fingolimod/history/3/cite.json", "fingolimod"),
        ("/pages/fingolimod/source.md", "fingolimod"),
        ("/topics/relapse/feed.xml", "relapse"),
        ("/changes/fingolimod.txt", "fingolimod"),
        ("/wp/index.php/fingolimod.htm", "fingolimod"),
        ("/fingolimod.asp", "fingolimod"),
        ("/fingolimod.aspx", "fingolimod"),
        ("/fingolimod.jsp", "fingolimod"),
        ("/icons/fingolimod.ico", "icons fingolimod"),
        ("/pages/fingolimod.png", "fingolimod"),
        ("/fingolimod.js", "fingolimod"),
        ("/fingolimod.css", "fingolimod"),
        ("/pages/", ""),
        # what is private, or no page's address, is not looked for
        ("/annotations/12/", ""),
        ("/account/bleep-2214/", ""),
        ("/admin/content/page/999/", ""),
        ("/Accounts/x", ""),
        ("/code/icd-10/smith/", ""),
        ("/search/telling/", ""),
        ("/sign-in/x", ""),
        ("/sign-out/x", ""),
        ("/sign-up/x", ""),
        ("/static/css/site.css", ""),
        ("/.env", ""),
        ("/favicon.ico", "favicon"),
        ("/" + "a-" * 5000, " ".join(["a"] * 50)),
        ("/pages/<b>1</b>/", "b b"),
        ("", ""),
    ],
)
def test_the_words_of_an_address_are_looked_for(path, expected):
    assert words_in(path) == expected


def test_the_nearest_titles_and_a_search_are_offered(client, publish):
    publish("zirconium", title="Zirconium", body="Give 5 mg.\n")
    publish("other", title="Vanadium")

    response = client.get("/pages/zirconuim-dose/")
    html = response.content.decode()

    assert response.status_code == 404
    assert "Page not found" in words(response)
    assert 'id="search-missing" name="q"' in html
    assert 'value="zirconuim dose"' in html
    assert "Did you mean" in html
    assert '<a href="/pages/zirconium/">Zirconium</a>' in html
    assert "Vanadium" not in html
    assert "Give 5 mg" not in html
    assert "What zirconium says" not in html
    assert '<a class="alone" href="/">Go to the home page</a>' in html


def test_no_more_than_five_titles_are_offered(client, publish):
    for number in range(7):
        publish(f"zirconium-{number}", title=f"Zirconium {number}")

    assert client.get("/pages/zirconium/").content.decode().count('href="/pages/zirconium-') == 5


def test_an_address_that_is_no_page_s_is_not_looked_for(publish, people, signed_in):
    publish("annotations", title="Annotations", body="Account 4711.\n")

    for address in ("/annotations/4711/", "/account/4711/", "/admin/4711/"):
        html = signed_in(people.administrator if "admin" in address else people.other).get(address).content.decode()
        assert "Page not found" in html, address
        assert "Did you mean" not in html, address
        assert "4711" not in html, address


def test_a_missing_page_counts_as_none_of_the_free_pages(client, publish):
    publish("zirconium")

    response = client.get("/pages/zirconuim/")

    assert "You can view 5 more pages before signing in." in words(response)
    assert "meter" not in response.cookies


def test_a_visitor_without_pages_left_finds_the_titles_too(client, publish, settings):
    publish("zirconium", title="Zirconium")
    full = Meter(timezone.localdate(), {f"page-{n}": timezone.localdate() for n in range(settings.FREE_PAGES)})
    client.cookies["meter"] = signing.dumps(full.to_record(), salt="accounts.meter", compress=True)

    response = client.get("/pages/zirconuim/")

    assert response.status_code == 404
    assert '<a href="/pages/zirconium/">Zirconium</a>' in response.content.decode()


def test_it_is_said_without_the_search_index(client, publish, settings, tmp_path):
    publish("zirconium")
    (tmp_path / "file").write_text("not a folder")
    settings.SEARCH_INDEX = tmp_path / "file" / "index.sqlite3"

    response = client.get("/pages/zirconuim/")

    assert response.status_code == 404
    assert "There is no page at this address." in words(response)
    assert "Did you mean" not in words(response)
