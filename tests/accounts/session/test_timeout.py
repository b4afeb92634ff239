import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.middleware import COOKIE
from accounts.session.timeout import SessionLifetime
from tests.conftest import PASSWORD

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
IDLE = 30 * MINUTE


@pytest.mark.parametrize(
    ("kept_for", "after", "left"),
    [
        (None, 0 * MINUTE, 1800),
        (None, 29 * MINUTE, 60),
        (None, IDLE - SECOND / 2, 1),
        (None, IDLE, 0),
        (None, DAY, 0),
        (30 * DAY, DAY, 29 * 86400),
        (30 * DAY, 30 * DAY, 0),
    ],
)
def test_a_stay_lasts_for_the_idle_time_or_for_as_long_as_it_is_kept(kept_for, after, left):
    record = SessionLifetime.begin(NOON, IDLE, kept_for).to_record()
    lifetime = SessionLifetime.from_record(record, NOON + after, IDLE)

    assert lifetime.seconds_left == left
    assert lifetime.has_ended == (left == 0)


def test_what_is_done_prolongs_a_stay_and_not_a_kept_one():
    def later(kept_for):
        return SessionLifetime.from_record(
            SessionLifetime.begin(NOON, IDLE, kept_for).to_record(), NOON + 10 * MINUTE, IDLE
        ).noted()

    assert later(None).ends_at == NOON + 10 * MINUTE + IDLE
    assert later(DAY).ends_at == NOON + DAY


@pytest.mark.parametrize(("after", "is_worth_it"), [(59, False), (60, True), (600, True)])
def test_noting_is_worth_a_write_once_a_minute(after, is_worth_it):
    lifetime = SessionLifetime.from_record(SessionLifetime.begin(NOON, IDLE).to_record(), NOON + after * SECOND, IDLE)

    assert lifetime.is_worth_noting is is_worth_it


@pytest.mark.parametrize(("idle", "kept_for", "warned"), [(30, None, 120), (5, None, 120), (30, DAY, 0)])
def test_two_minutes_before_the_end_there_is_a_warning(idle, kept_for, warned):
    assert SessionLifetime.begin(NOON, idle * MINUTE, kept_for).warned_for == warned * SECOND


# In the site


@pytest.fixture
def at():
    """Travel to so many minutes after noon."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield lambda minutes: traveller.move_to(NOON + minutes * MINUTE)


@pytest.fixture
def reader(at, people, publish):
    """A reader who signed in at noon, through the form, and has a note on a page."""
    publish()
    client = Client()
    client.post("/sign-in", {"login": people.reader.email, "password": PASSWORD})
    client.post("/pages/a-page/annotations/", {"text": "Bleep 4417"})
    return client


def is_in(client) -> bool:
    return "Bleep 4417" in client.get("/pages/a-page/").content.decode()


def test_29_minutes_after_the_last_activity_one_is_in_and_after_31_out(reader, at):
    at(29)
    assert is_in(reader)
    at(29 + 29)
    assert is_in(reader)
    at(58 + 31)
    assert not is_in(reader)
    at(58 + 32)
    assert not is_in(reader)


def test_whoever_was_signed_out_is_told_once_and_led_back(reader, at):
    at(31)
    html = reader.get("/pages/a-page/").content.decode()

    assert "You were signed out after 30 minutes without activity." in html
    assert '<a href="/sign-in?next=%2Fpages%2Fa-page%2F">Sign in</a>' in html
    assert "Bleep 4417" not in html
    assert "The reader" not in html
    assert "signed out after" not in reader.get("/pages/a-page/").content.decode()


def test_at_a_private_address_one_is_told_on_the_way_in(reader, at):
    at(31)
    response = reader.get("/account/email/", follow=True)

    assert response.redirect_chain == [("/sign-in?next=/account/email/", 302)]
    html = response.content.decode()
    assert "You were signed out after 30 minutes without activity. " in html
    assert "We have kept anything you typed: sign in to see it.</p>" in html


def test_the_session_is_gone_from_the_server_and_the_cookie_of_no_more_use(reader, at):
    cookie = reader.cookies["sessionid"].value
    at(31)
    reader.get("/")

    assert not Session.objects.exists()
    assert reader.cookies["sessionid"].value == ""
    reader.cookies["sessionid"] = cookie
    assert not is_in(reader)


def test_what_is_not_found_ends_a_session_too(reader, at):
    at(31)

    assert "The reader" not in reader.get("/none/").content.decode()


def test_reading_writes_at_most_once_a_minute(reader, at):
    def writes(path):
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(path).status_code == 200
        return [query["sql"].split()[1] for query in queries if query["sql"].startswith("UPDATE")]

    at(1)
    first = writes("/pages/a-page/")
    others = [writes(path) for path in ("/pages/a-page/", "/", "/sign-out")]
    at(1.9)
    others.append(writes("/"))
    at(2)
    next_minute = writes("/")

    assert first == next_minute == ['"django_session"', '"usersessions_usersession"']
    assert others == [[], [], [], []]


def test_the_list_of_sessions_knows_when_each_was_last_used(reader, at):
    at(20)
    reader.get("/")

    assert UserSession.objects.get().last_seen_at == NOON + 20 * MINUTE


@pytest.mark.parametrize("table", ["django_session", "usersessions_usersession"])
def test_reading_goes_on_where_nothing_can_be_written(reader, at, caplog, table):
    at(10)

    def save_or_show(execute, sql, params, many, context):
        if sql.startswith(f'UPDATE "{table}"'):
            raise OperationalError("disk full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(save_or_show), caplog.at_level(logging.ERROR):
        assert is_in(reader)

    assert "could not be saved" in caplog.text
    assert is_in(reader)


def test_reading_goes_on_where_the_session_was_ended_elsewhere_meanwhile(reader, at):
    at(10)

    def sign_out_elsewhere(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("SELECT") and "accounts_user" in sql:
            with connection.cursor() as cursor:
                cursor.cursor.execute("DELETE FROM django_session")
        return result

    with connection.execute_wrapper(sign_out_elsewhere):
        assert reader.get("/").status_code == 200
    assert not is_in(reader)


def test_a_session_from_before_begins_its_idle_time_now(people, at):
    client = Client()
    client.force_login(people.reader)
    at(600)
    assert client.get("/account/email/").status_code == 200
    at(629)
    assert client.get("/account/email/").status_code == 200
    at(660)

    assert client.get("/account/email/").status_code == 302


def test_asking_how_long_is_left_is_no_activity_and_is_kept_by_no_cache(reader, people, at):
    at(20)
    response = reader.get("/account/session/")
    said = response.json()
    assert len(said.pop("token")) == 64
    assert said == {"person": people.reader.pk, "seconds": 600}
    assert "no-store" in response.headers["Cache-Control"]
    at(29)
    assert reader.get("/account/session/").json()["seconds"] == 60
    at(31)

    assert reader.get("/account/session/").json() == {"person": None, "seconds": 0}
    assert "You were signed out after" in reader.get("/").content.decode()


def test_saying_that_somebody_is_here_is_activity(reader, at):
    at(29)
    assert reader.post("/account/session/").json()["seconds"] == 1800
    at(58)

    assert is_in(reader)


def test_saying_so_needs_the_secret_of_the_session(people, signed_in):
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(people.reader).cookies

    assert client.get("/account/session/").json()["person"] == people.reader.pk
    assert client.post("/account/session/").status_code == 403


def test_a_visitor_has_nothing_left(client, db):
    assert client.get("/account/session/").json() == {"person": None, "seconds": 0}
    assert "sessionid" not in client.cookies


def test_pages_carry_the_warning_for_the_signed_in_only(reader, client, at):
    at(10)
    html = reader.get("/pages/a-page/").content.decode()

    assert 'data-seconds="1800" data-warning="120.0"' in html
    assert 'id="session"' not in client.get("/pages/a-page/").content.decode()


def test_the_idle_time_is_a_setting(reader, at, settings):
    settings.IDLE_TIME = 5 * MINUTE
    at(6)

    assert not is_in(reader)


def test_the_meter_goes_on_as_it_was(reader, publish, at):
    publish("before")
    visitor = Client()
    visitor.get("/pages/before/")
    reader.cookies[COOKIE] = visitor.cookies[COOKIE].value
    at(31)

    assert "You can view 4 more pages" in reader.get("/pages/a-page/").content.decode()


# What is private is kept by no cache


@pytest.mark.parametrize(
    ("path", "status", "headers"),
    [
        ("/pages/a-page/", 200, {}),
        ("/", 200, {}),
        ("/annotations/{pk}/", 200, {}),
        ("/annotations/{pk}/?shown", 200, {"HX-Request": "true"}),
        ("/account/unsaved/", 200, {}),
        ("/sign-in", 302, {}),
        ("/annotations/999/", 404, {}),
        ("/none/", 404, {}),
        ("/admin/accounts/user/", 302, {}),
    ],
)
def test_whatever_a_signed_in_person_is_answered_is_stored_nowhere(reader, people, path, status, headers):
    pk = people.reader.annotations.get().pk
    response = reader.get(path.format(pk=pk), headers=headers)

    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store, private"
    assert "Clear-Site-Data" not in response.headers


def test_the_answer_that_signs_in_is_stored_nowhere(people, client):
    response = client.post("/sign-in", {"login": people.reader.email, "password": PASSWORD})

    assert response.status_code == 302
    assert response.headers["Cache-Control"] == "no-store, private"


def test_a_refusal_and_a_failure_are_stored_nowhere_either(people, signed_in, db, settings):
    client = signed_in(people.editor)
    assert client.get("/admin/accounts/user/").status_code == 403
    assert client.get("/admin/accounts/user/").headers["Cache-Control"] == "no-store, private"

    settings.ROOT_URLCONF = "tests.accounts.failing_urls"
    client.raise_request_exception = False
    response = client.get("/")

    assert response.status_code == 500
    assert response.headers["Cache-Control"] == "no-store, private"


def test_signing_out_clears_what_the_browser_keeps_and_not_its_cookies(reader):
    assert reader.post("/sign-out").headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in reader.get("/").headers


def test_so_does_a_session_that_ended_by_itself(reader, at):
    at(31)
    response = reader.get("/pages/a-page/")

    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("end", ["sign out", "idle"])
def test_what_was_said_to_one_person_is_not_shown_to_the_next(people, publish, signed_in, end):
    publish()
    client = signed_in(people.reader)
    client.post("/pages/a-page/annotations/", {"text": "bleep 4417"})
    assert client.cookies["messages"].value

    if end == "idle":
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
            page = client.get("/").content.decode()
    else:
        page = client.post("/sign-out", follow=True).content.decode()

    assert "signed out" in page
    assert "Annotation added." not in page + client.get("/").content.decode()


def test_the_daily_command_deletes_sessions_that_are_over(reader, at):
    at(31 * 24 * 60)
    call_command("forget_ended")

    assert not Session.objects.exists()
