"""Nothing that a request says of a patient or of who asks is kept, shown or passed on, whatever the answer is."""

import logging
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, unquote, urlencode

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from content.models import Code, UnfoundWord

# Every parameter of the guide that is not about what is asked, and some that it does not have, each with words that are
# nowhere else: as a number, a name, a word that could be kept as one that was not found, an address.
SECRETS = {
    "age.v.v": "7731947",
    "age.v.u": "qxunitq",
    "ageGroup.v.c": "qxagegroupq",
    "ageGroup.v.cs": "9.7731.1",
    "ageGroup.v.dn": "qxagenameq",
    "patientPerson.administrativeGenderCode.c": "qxgenderq",
    "patientPerson.administrativeGenderCode.cs": "9.7731.2",
    "patientPerson.administrativeGenderCode.dn": "qxgendernameq",
    "patientPerson.name": "Qxpatient Qxsurnameq",
    "representedOrganization.id.root": "9.7731.3",
    "assignedEntity.representedOrganization.n": "qxtrustq",
    "holder.assignedEntity.n": "qxholderq",
    "holder.assignedEntity.certificateText": "qxpasswordq",
    "assignedAuthorizedPerson.id.root": "9.7731.4",
    "serviceDeliveryLocation.id.root": "9.7731.5",
    "performer": "qxperformerq",
    "performer.languageCode.c": "qxlanguageq",
    "performer.healthCareProvider.c.c": "qxprovq",
    "informationRecipient.languageCode.c": "qxlang2q",
    "informationRecipient.healthCareProvider.c.c": "qxprov2q",
    "encounter.c.c": "qxencounterq",
    "encounter.c.dn": "qxencounternameq",
    "observation.v.v": "7731948",
    "severityObservation.interpretationCode.c": "qxseverityq",
    "locationOfInterest.addr.ZIP": "QX77 31Q",
    "knowledgeRequestNotification.effectiveTime.v": "77310101",
    "xsltTransform": "qxxsltq",
    "next": "/qxnextq/",
    "q": "qxqueryq",
    "mainSearchCriteria.v.x": "qxunknownq",
}
SECRET = re.compile("|".join(re.escape(each) for value in SECRETS.values() for each in {value, quote(value)}), re.I)

ONE = {"mainSearchCriteria.v.c": "24700007", "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.96"}
SEVERAL = {"mainSearchCriteria.v.c": "L04", "mainSearchCriteria.v.cs": "http://www.whocc.no/atc"}
NAME = "zyxomircine"  # no word of the site: an editor may see it as a word that was not found
NONE = {"mainSearchCriteria.v.dn": NAME, "subTopic.v.dn": "dose"}
NO_CODE = {"mainSearchCriteria.v.c": "354770", "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.88"}
FEED = {"knowledgeResponseType": "text/xml"}
PATIENT = {"informationRecipient": "PAT"}
REQUESTS = [
    ONE, SEVERAL, NONE, NO_CODE, {}, ONE | FEED, SEVERAL | FEED, NONE | FEED, FEED,
    ONE | PATIENT, SEVERAL | PATIENT, NONE | PATIENT, PATIENT, ONE | PATIENT | FEED,
]  # fmt: skip


@pytest.fixture
def pages(publish):
    first, second = publish("one", body="## Dose\n\n1 g.\n").page, publish("two", body="## Dose\n\n2 g.\n").page
    Code.objects.create(page=first, system="SNOMED CT", code="24700007", term="Multiple sclerosis")
    for page in (first, second):
        Code.objects.create(page=page, system="ATC", code="L04", term="Immunosuppressants")


@pytest.fixture(params=["visitor", "reader", "reader whose session has ended"])
def caller(request, people, signed_in):
    """Someone at a browser, who has come from another system."""
    if request.param == "visitor":
        yield Client()
    elif request.param == "reader":
        yield signed_in(people.reader)
    else:
        client = signed_in(people.reader)
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            yield client


def answers(caller, query: str):
    """Yield every answer on the way, with its address, from the one that the other system called."""
    address = f"/infobutton/?{query}"
    for _ in range(5):
        response = caller.get(address, HTTP_REFERER="https://records.example/qxrecordq?patient=qxreferrerq")
        yield response
        if response.status_code != 302:
            return
        address = response.url
    raise AssertionError("It leads round in a circle.")


def said_by(response) -> str:
    """The whole answer: its body, its headers, and its cookies as they are and as they are read."""
    cookies = [morsel.value for morsel in response.cookies.values()]
    readable = [repr(_opened(value)) for value in cookies]
    return "\n".join([response.content.decode(), *map(str, response.headers.items()), *cookies, *readable])


def _opened(cookie: str) -> object:
    for salt in ("accounts.meter", "django.contrib.messages"):
        try:
            return signing.loads(cookie, salt=salt)
        except signing.BadSignature:
            continue
    return cookie


def stored() -> str:
    """Everything in the database, the sessions in it opened, in the cache, and in the folder of the search index."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows.append(f"{table}: {cursor.fetchall()!r}")
    rows += [repr(session.get_decoded()) for session in Session.objects.all()]
    index = Path(settings.SEARCH_INDEX)
    rows += [path.read_bytes().decode("latin-1") for path in index.parent.iterdir()]
    return "\n".join([*rows, *cached()])


def cached() -> list[str]:
    """Everything in the cache: of Django in memory, or of Redis."""
    if hasattr(cache, "_cache") and isinstance(cache._cache, dict):
        return [f"{key} {value!r}" for key, value in cache._cache.items()]
    redis = cache._cache.get_client()
    return [f"{key!r} {redis.get(key)!r}" for key in redis.scan_iter()]


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: " ".join(asked.values()) or "nothing")
def test_what_is_said_of_a_patient_goes_nowhere(caller, pages, caplog, asked):
    caplog.set_level(logging.DEBUG)
    private = list(SECRETS.items())
    query = urlencode([*private[:9], *asked.items(), *private[9:]])

    passed = [said_by(response) for response in answers(caller, query)]

    assert len(passed) <= 3
    for each in [*passed, *(unquote(each) for each in passed)]:
        assert not SECRET.search(each), SECRET.search(each)
        assert not re.search("qxrecordq|qxreferrerq", each)
    logged = "\n".join(caplog.messages) + caplog.text
    assert not SECRET.search(logged), SECRET.search(logged)
    assert not SECRET.search(stored()), SECRET.search(stored())


def test_what_looks_would_find_it(pages, caplog):
    client = Client()
    client.get(f"/search/?{urlencode({'q': 'qxqueryq'})}")
    cache.set("a", "qxgenderq")
    logging.getLogger("content").warning("age %s", 7731947)

    assert {each.lower() for each in SECRET.findall(stored())} >= {"qxqueryq", "qxgenderq"}
    assert SECRET.search(caplog.text)
    assert SECRET.search(said_by(client.get("/search/?q=qxqueryq")))


def test_a_name_that_is_not_found_is_a_word_and_a_day_and_nothing_else(pages):
    list(answers(Client(), urlencode(NONE | SECRETS)))

    assert list(UnfoundWord.objects.values("word", "day", "times")) == [
        {"word": NAME, "day": timezone.localdate(), "times": 1}
    ]


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: " ".join(asked.values()) or "nothing")
def test_no_answer_to_it_is_kept_by_a_cache_or_tells_where_its_reader_came_from(caller, pages, asked):
    response = caller.get(f"/infobutton/?{urlencode(asked | SECRETS)}")

    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "no-referrer"


def test_a_form_with_it_is_refused_unread(caller, pages, caplog):
    caplog.set_level(logging.DEBUG)
    from_a_browser = {"Sec-Fetch-Site": "cross-site", "Origin": "https://records.example"}

    for sender, headers in ((caller, from_a_browser), (Client(), {})):
        sender.handler.enforce_csrf_checks = True
        response = sender.post(f"/infobutton/?{urlencode(SECRETS)}", SECRETS | ONE, headers=headers)
        assert response.status_code == 403
        assert not SECRET.search(said_by(response))

    assert not SECRET.search(caplog.text)
    assert not SECRET.search(stored())
