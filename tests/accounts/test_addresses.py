import pytest
from allauth.usersessions.models import UserSession
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from accounts.addresses import client_address
from tests.conftest import PASSWORD

PROXY = "10.0.0.1"


def seen(header: str | None, remote: str = PROXY) -> str:
    headers = {} if header is None else {"X-Forwarded-For": header}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))


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
