import pytest
from allauth.usersessions.models import UserSession
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from accounts.client import client_ip, device_name
from tests.conftest import PASSWORD

PROXY = "10.0.0.1"


def seen(header: str | None, remote: str = PROXY) -> str:
    headers = {} if header is None else {"X-Forwarded-For": header}
    return client_ip(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, None, PROXY),
        (0, "203.0.113.5", PROXY),  # nobody is trusted to say so
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "198.51.100.9, 203.0.113.5", "203.0.113.5"),  # the first was typed by the visitor
        (1, "a,b,c,,198.51.100.9 ,203.0.113.5", "203.0.113.5"),
        (2, "203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "198.51.100.9, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "203.0.113.5", PROXY),  # fewer than there are proxies
        (3, "", PROXY),
        (1, None, PROXY),
        (1, "203.0.113.5:54321", "203.0.113.5"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "unknown", PROXY),
        (1, "203.0.113.5, _hidden", PROXY),
        (1, "203.0.113.5,", PROXY),
        (1, "999.1.1.1", PROXY),
        (1, "' OR 1=1 --", PROXY),
        (1, "\x00\r\n", PROXY),
        (1, "1" * 5000, PROXY),
    ],
)
def test_the_address_is_what_the_outermost_of_our_proxies_saw(settings, proxies, header, address):
    settings.TRUSTED_PROXIES = proxies

    assert seen(header) == address


@pytest.mark.parametrize("remote", ["", "unix:", "/run/site.sock"])
def test_a_server_on_a_socket_has_no_address_and_is_no_error(settings, remote):
    settings.TRUSTED_PROXIES = 1

    assert seen(None, remote) == "0.0.0.0"
    assert seen("203.0.113.5", remote) == "203.0.113.5"


@given(st.text(max_size=60))
def test_no_header_whatsoever_fails(header):
    from django.conf import settings

    before, settings.TRUSTED_PROXIES = settings.TRUSTED_PROXIES, 1
    try:
        assert seen(header)
    finally:
        settings.TRUSTED_PROXIES = before


@pytest.mark.parametrize("header", ["garbage", "", ",,,,", "203.0.113.5", "fe80::1%eth0", "::ffff:1.2.3.4", "a:b:c"])
@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_signing_in_works_whatever_the_header(settings, person, header, proxies):
    settings.TRUSTED_PROXIES = proxies
    person("reader")
    client = Client(headers={"X-Forwarded-For": header})

    client.post("/sign-in", {"login": "reader@clinic.example", "password": PASSWORD})

    assert "_auth_user_id" in client.session
    assert UserSession.objects.get().ip


@pytest.fixture
def three_guesses(settings, db) -> None:
    """What one address may guess at in a minute, made small."""
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "3/m/ip"}


def test_a_forged_header_does_not_escape_the_limit_of_an_address(settings, three_guesses):
    settings.TRUSTED_PROXIES = 1
    for number in range(3):
        _guess(number, f"192.0.2.{number % 256}, 203.0.113.5")

    assert "Too many attempts" in _guess(300, "192.0.2.7, 203.0.113.5")
    assert "do not match" in _guess(301, "203.0.113.5, 203.0.113.6")


def test_a_whole_ipv6_network_of_one_visitor_is_one_address(three_guesses):
    for number in range(3):
        _guess(number, REMOTE_ADDR=f"2001:db8::{number:x}")

    assert "Too many attempts" in _guess(300, REMOTE_ADDR="2001:db8::ffff:ffff")
    assert "do not match" in _guess(301, REMOTE_ADDR="2001:db8:0:1::1")


def test_ipv4_visitors_of_a_server_that_listens_on_ipv6_are_not_one_address(three_guesses):
    for number in range(3):
        _guess(number, REMOTE_ADDR="::ffff:203.0.113.5")

    assert "do not match" in _guess(300, REMOTE_ADDR="::ffff:203.0.113.6")


def _guess(number: int, forwarded: str = "", **extra) -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    form = {"login": f"a{number}@clinic.example", "password": "guess"}
    return Client(headers=headers).post("/sign-in", form, **extra).content.decode()


# The device

MOZILLA = "Mozilla/5.0"
WINDOWS = f"{MOZILLA} (Windows NT 10.0; Win64; x64)"
MAC = f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = f"{MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X)"
ANDROID = f"{MOZILLA} (Linux; Android 15; Pixel 8)"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"{WINDOWS} {KIT} Chrome/142.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{WINDOWS} {KIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} {KIT} Chrome/142.0.0.0 Safari/537.36 OPR/120.0.0.0", "Opera on Windows"),
        (f"{WINDOWS[:-1]}; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Windows"),
        (f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari on Mac"),
        (f"{IPHONE} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile Safari/604.1", "Chrome on iPhone"),
        (f"{IPHONE} AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/145.0 Mobile Safari/605.1", "Firefox on iPhone"),
        (f"{ANDROID} {KIT} Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"{ANDROID} {KIT} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36", "Samsung Internet on Android"),
        (f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {KIT} Chrome/142.0.0.0 Safari/537.36", "Chrome on ChromeOS"),
        (f"{MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        ("curl/8.5.0", "Unknown device"),
        ("", "Unknown device"),
        (f"{WINDOWS} SomethingNew/1.0", "Unknown browser on Windows"),
        ("Chrome/142.0.0.0", "Chrome on an unknown system"),
    ],
)
def test_a_device_is_named_by_what_its_browser_says(user_agent, device):
    assert device_name(user_agent) == device
