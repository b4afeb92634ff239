import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from django.core import signing
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, connection
from django.test import RequestFactory
from django.utils import timezone

from accounts.meter import Meter
from accounts.middleware import SALT
from content import changes, publishing
from content.history.redaction import redact
from content.kept_pages import KeptPages
from content.models import CitedRetraction, Code, ContentChange, HomeEntry, Page, Retraction, Review, Topic, Version

pytestmark = pytest.mark.django_db(transaction=True)  # what is kept follows what is committed
HOST = "localhost:8000"
READ = {"gzip": gzip.decompress, "br": brotli.decompress, "": bytes}


@dataclass
class Answer:
    """What an application answered."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return READ[self.encoding](self.body).decode()

    @property
    def encoding(self) -> str:
        return dict(self.headers).get("Content-Encoding", "")

    @property
    def cookie(self) -> str:
        return next((value.split(";")[0].strip() for name, value in self.headers if name == "Set-Cookie"), "")

    def but_padding(self) -> tuple:
        """Everything that must be the same: what is compressed is padded by chance."""
        headers = [header for header in self.headers if header[0] != "Content-Length" or not self.encoding]
        return self.status, headers, self.text


class Counted:
    """Django, which counts what it was asked."""

    def __init__(self) -> None:
        self.handler, self.times = WSGIHandler(), 0

    def __call__(self, environ, start_response):
        self.times += 1
        return self.handler(environ, start_response)


def ask(application, path: str, cookie: str = "", encoding: str = "gzip, br", **more) -> Answer:
    sent = {"HTTP_HOST": HOST, "HTTP_ACCEPT_ENCODING": encoding, **more}
    environ = RequestFactory().get(path, **sent).environ
    if cookie:
        environ["HTTP_COOKIE"] = cookie
    given = []
    answer = application(environ, lambda status, headers, exc_info=None: given.append((status, headers)))
    body = b"".join(answer)
    getattr(answer, "close", lambda: None)()
    return Answer(*given[-1], body)


def having_opened(*slugs: str) -> str:
    """The cookie of a visitor who has opened these pages today."""
    meter = Meter(timezone.localdate())
    for slug in slugs:
        meter = meter.open(slug)
    return f"meter={signing.dumps(meter.to_record(), salt=SALT, compress=True)}"


@pytest.fixture
def django():
    return Counted()


@pytest.fixture
def site(django):
    return KeptPages(django)


@pytest.fixture
def version(publish) -> Version:
    return publish("first", body="Give 5 mg.[^one]\n\n[^one]: Someone. doi:10.9999/one\n")


@pytest.mark.usefixtures("shipped_library")
def test_what_is_kept_is_what_django_answers_to_the_letter(site, django, time_machine):
    time_machine.move_to(datetime(2027, 3, 1, 12, tzinfo=UTC), tick=False)
    slugs = list(Page.objects.live().guidance().values_list("slug", flat=True))
    assert len(slugs) > 10
    if connection.vendor != "sqlite":
        slugs = slugs[:2]  # the pages are the same

    for slug in slugs:
        for opened in range(5):
            for encoding in READ:
                cookie = having_opened(*"abcd"[:opened])
                expected = ask(django.handler, f"/pages/{slug}/", cookie, encoding).but_padding()
                for _ in range(2):
                    assert ask(site, f"/pages/{slug}/", cookie, encoding).but_padding() == expected
    assert django.times == len(slugs) * 5 * len(READ)


def test_reading_again_asks_nobody_and_changes_no_cookie(site, django, version, django_assert_num_queries):
    first = ask(site, "/pages/first/")
    with django_assert_num_queries(0 if connection.vendor == "sqlite" else 2):  # one for each request
        again = ask(site, "/pages/first/", first.cookie)
        another = ask(site, "/pages/first/")

    assert django.times == 1
    assert "You can view 5 more pages" in first.text == again.text == another.text
    assert first.cookie
    assert another.cookie == first.cookie
    assert not again.cookie


def _schedule(version: Version, minutes: int = 10) -> Version:
    return publishing.add_version(
        page=version.page,
        text=publishing.Text("Later", "S", "Later.", "N"),
        published_at=timezone.now() + timedelta(minutes=minutes),
    )


CHANGES = {
    "a new version": lambda v, **_: publishing.add_version(page=v.page, text=publishing.Text("T", "S", "Other.", "N")),
    "a withdrawal": lambda v, withdraw, **_: withdraw(v.page),
    "a new version, then a redaction of it": lambda v, people, **_: [
        publishing.add_version(page=v.page, text=publishing.Text("Secret", "S", "Other.", "N")),
        redact(version=v.page.live_version, by=people.administrator, reason="It named a patient."),
    ],
    "a clinical review": lambda v, **_: Review.objects.create(version=v, reviewer_name="R", outcome="unsafe"),
    "a shorter interval": lambda v, **_: Page.objects.filter(pk=v.page_id).update(review_due_on="2020-01-01"),
    "a code": lambda v, **_: Code.objects.create(page=v.page, system="ATC", code="L04AG03", term="Natalizumab"),
    "a topic": lambda v, **_: v.page.topics.add(Topic.objects.create(name="New", slug="new")),
    "its place on home": lambda v, **_: HomeEntry.objects.create(page=v.page, section="drug", label="First"),
    "a rendering": lambda v, **_: type(v.rendering).objects.filter(version=v).update(page_html="<p>Mended</p>"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen_on_the_next_request(site, django, version, people, withdraw, change):
    before = ask(site, "/pages/first/")
    CHANGES[change](version, people=people, withdraw=withdraw)

    after = ask(site, "/pages/first/")

    assert django.times == 2
    assert after.but_padding()[0::2] == ask(django.handler, "/pages/first/").but_padding()[0::2]
    if change not in ("a topic", "its place on home"):
        assert after.text != before.text


def test_a_notice_and_its_change_are_seen_on_the_next_request(site, version):
    paper = Retraction.objects.create(record=1, nature="retraction", doi="10.9999/one")
    assert "Retracted" not in ask(site, "/pages/first/").text

    CitedRetraction.objects.create(version=version, key="one", retraction=paper)
    assert "Retracted" in ask(site, "/pages/first/").text

    Retraction.objects.update(nature="concern")
    assert "Retracted" not in ask(site, "/pages/first/").text


def test_what_the_passing_of_time_changes_is_seen(site, version, publish, time_machine):
    now = datetime(2027, 6, 30, 21, 55, tzinfo=UTC)  # 22:55 in the UK
    time_machine.move_to(now, tick=False)
    _schedule(version)
    _schedule(publish("second"), minutes=1000)
    Page.objects.update(review_due_on="2027-06-30")
    assert "Give 5 mg" in ask(site, "/pages/first/").text

    time_machine.move_to(now + timedelta(minutes=10), tick=False)
    today = ask(site, "/pages/first/").text
    assert "Later." in today
    assert "Review was due" not in today

    time_machine.move_to(now + timedelta(minutes=65), tick=False)
    assert "Review was due" in ask(site, "/pages/first/").text


def test_a_version_that_goes_live_while_django_answers_is_not_missed(site, django, version, time_machine):
    now = datetime(2027, 6, 30, 12, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    _schedule(version)
    answer = django.handler

    def slowly(environ, start_response):
        answered = answer(environ, start_response)
        time_machine.move_to(now + timedelta(minutes=10), tick=False)
        return answered

    django.handler = slowly
    assert "Give 5 mg" in ask(site, "/pages/first/").text
    assert "Later." in ask(site, "/pages/first/").text


def test_a_change_while_django_answers_is_not_missed(site, django, version):
    answer = django.handler

    def slowly(environ, start_response):
        answered = answer(environ, start_response)
        django.handler = answer
        publishing.add_version(page=version.page, text=publishing.Text("T", "S", "Other.", "N"))
        return answered

    django.handler = slowly
    assert "Give 5 mg" in ask(site, "/pages/first/").text
    assert "Other." in ask(site, "/pages/first/").text


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        ("/pages/first/", {"cookie": "sessionid=abc"}),
        ("/pages/first/", {"cookie": "messages=abc"}),
        ("/pages/first/?annotate=1", {}),
        ("/pages/first/", {"REQUEST_METHOD": "HEAD"}),
        ("/pages/first/", {"REQUEST_METHOD": "POST"}),
        ("/pages/first/", {"SCRIPT_NAME": "/elsewhere"}),
        ("/pages/first/", {"HTTP_HOST": "127.0.0.1:8000"}),
        ("/pages/first/", {"HTTP_HOST": "elsewhere.example"}),
        ("/pages/first/", {"wsgi.url_scheme": "https"}),
        ("/pages/first/", {"HTTP_SEC_PURPOSE": "prefetch"}),
        ("/pages/first/", {"HTTP_X_PURPOSE": "preview"}),
        ("/pages/first/", {"cookie": "five"}),
        ("/pages/first/history/", {}),
        ("/pages/none/", {}),
        ("/", {}),
    ],
)
def test_everything_else_goes_to_django(site, django, version, path, request_):
    ask(site, "/pages/first/")
    if request_.get("cookie") == "five":
        request_ = {"cookie": having_opened(*"abcde")}
    more = {name: value for name, value in request_.items() if name != "cookie"}
    asked = {"path": path, "cookie": request_.get("cookie", ""), **more}

    answers = [ask(site, **asked).but_padding() for _ in range(2)]

    assert django.times == 3
    assert answers[0][0::2] == ask(django.handler, **asked).but_padding()[0::2]


def test_behind_a_proxy_the_scheme_is_the_one_it_names(site, django, version, settings):
    settings.SITE_URL, settings.SECURE_PROXY_SSL_HEADER = f"https://{HOST}", ("HTTP_X_FORWARDED_PROTO", "https")

    for scheme, asked in (("https", 1), ("https", 1), ("http", 2), ("http", 3)):
        ask(site, "/pages/first/", HTTP_X_FORWARDED_PROTO=scheme)
        assert django.times == asked


def test_an_answer_is_closed_after_it_was_read(version):
    closed = []

    class Body(list):
        def close(self) -> None:
            closed.append(True)

    def application(environ, start_response):
        start_response("200 OK", [])
        return Body([b"text"])

    ask(KeptPages(application), "/pages/first/")
    assert closed


def test_what_a_visitor_may_not_see_is_not_kept_for_the_next(site, version):
    assert "Give 5 mg" not in ask(site, "/pages/first/", having_opened(*"abcde")).text
    assert "Give 5 mg" in ask(site, "/pages/first/").text
    assert "Give 5 mg" not in ask(site, "/pages/first/", having_opened(*"abcde")).text


def test_a_forged_cookie_is_a_new_visitor(site, version):
    cookie = having_opened("a", "b")
    ask(site, "/pages/first/")

    assert "You can view 3 more pages" in ask(site, "/pages/first/", cookie).text
    assert "You can view 5 more pages" in ask(site, "/pages/first/", cookie.replace("meter=", "meter=x")).text


@pytest.mark.parametrize(
    ("accepted", "sent"), [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("gzip, br;q=0", "gzip")]
)
def test_the_smallest_that_a_browser_takes_is_sent(site, version, accepted, sent):
    for _ in range(2):
        assert ask(site, "/pages/first/", encoding=accepted).encoding == sent


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "br;q=0.0, gzip; q=0", "deflate"])
def test_only_what_a_browser_takes_is_sent(site, version, accepted):
    for _ in range(2):
        assert "Content-Encoding" not in dict(ask(site, "/pages/first/", encoding=accepted).headers)


@pytest.mark.parametrize("cookies", [["sessionid=secret"], ["meter=x", "sessionid=secret"]])
def test_an_answer_that_sets_another_cookie_is_nobody_elses(version, cookies):
    def with_session(environ, start_response):
        start_response("200 OK", [("Set-Cookie", each) for each in cookies])
        return [b"mine"]

    site = KeptPages(with_session)
    assert ("Set-Cookie", "sessionid=secret") in ask(site, "/pages/first/").headers
    assert not site.kept


def test_if_the_database_does_not_answer_django_says_so(site, django, version, monkeypatch):
    ask(site, "/pages/first/")

    def fail() -> str:
        raise DatabaseError

    monkeypatch.setattr(changes, "committed_stamp", fail)
    ask(site, "/pages/first/")
    assert django.times == 2


def test_if_nothing_notices_changes_nothing_is_kept(site, django, version):
    ContentChange.objects.all().delete()

    for _ in range(2):
        assert "Give 5 mg" in ask(site, "/pages/first/").text
    assert django.times == 2


def test_no_more_is_kept_than_there_is_room_for(site, django, version, monkeypatch, publish):
    text = "Give 5 mg.[^one]\n\n[^one]: Someone. doi:10.9999/one\n"
    for slug in ("b", "c", "d"):
        publish(slug, body=text)
    monkeypatch.setattr("content.kept_pages.MOST", int(3.5 * len(ask(site, "/pages/first/").body)))

    def is_kept(slug: str) -> bool:
        before = django.times
        ask(site, f"/pages/{slug}/")
        assert site.size == sum(len(each.body) for each in site.kept.values())
        return django.times == before

    assert [is_kept(slug) for slug in ("b", "c", "first", "d")] == [False, False, True, False]
    assert [is_kept(slug) for slug in ("first", "d", "c")] == [True, True, True]
    assert not is_kept("b")  # not asked for in the longest time

    publish("d", body=text)
    assert not is_kept("d")
    assert is_kept("d")
