import pytest

from content.templatetags.guidance import title_at


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/pages/a-page/", "About a-page"),
        ("/pages/a-page/?q=1#h-dose", "About a-page"),
        ("/pages/a-page/history/", ""),
        ("/pages/another/", ""),
        ("/none", ""),
        ("", ""),
        ("https://elsewhere.example/pages/a-page/", ""),
        ("//elsewhere.example/pages/a-page/", ""),
    ],
)
def test_an_address_of_a_page_has_its_title(publish, address, title):
    publish()
    assert title_at(address) == title


def test_sign_in_names_the_page_that_was_wanted(publish, client):
    publish()
    assert "To read <strong>About a-page</strong>" in client.get("/sign-in?next=/pages/a-page/").content.decode()
    assert "To read" not in client.get("/sign-in").content.decode()
