import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.utils import timezone

from annotations.forms import DETAILS
from annotations.models import MOST_ON_A_PAGE, write
from content import publishing

NOON = datetime(2027, 11, 22, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
BODY = "## Dose\n\nGive 5 mg.\n\n### Children\n\nAsk first.\n\n## Follow-up\n\nIn 3 months.\n"


@pytest.fixture
def guidance(publish):
    return publish(body=BODY).page


@pytest.fixture
def reader(people, signed_in, guidance):
    return signed_in(people.reader)


def add(client, text: str, headers: dict[str, str] | None = None, **said):
    return client.post("/pages/a-page/annotations/", {"text": text} | said, headers=headers)


def page(client, path: str = "/pages/a-page/") -> str:
    return client.get(path).content.decode()


def change(client, annotation, **said):
    annotation.refresh_from_db()
    kept = {"text": annotation.text, "label": annotation.label, "heading": annotation.heading}
    kept |= {"check_on": annotation.check_on or "", "revision": annotation.revision}
    return client.post(annotation.get_absolute_url(), kept | said)


def right(annotation) -> dict[str, str]:
    """What the button "Still correct" beside the note sends."""
    return {"action": "right", "revision": str(annotation.revision)}


def texts(people) -> list[str]:
    return [annotation.text for annotation in people.reader.annotations.active()]


# Their order


@pytest.mark.parametrize(
    ("which", "action", "order"),
    [(1, "up", "bac"), (1, "down", "acb"), (0, "up", "abc"), (2, "down", "abc"), (0, "down", "bac")],
)
def test_a_note_is_moved_by_one_place_and_stays_there(reader, people, which, action, order):
    for text in "abc":
        add(reader, text)

    reader.post(people.reader.annotations.all()[which].get_absolute_url(), {"action": action})

    assert "".join(texts(people)) == order
    html = page(reader)
    places = [html.index(f'-text">{text}<') for text in order]
    assert places == sorted(places)


def test_moving_passes_those_that_were_deleted_and_new_ones_come_last(reader, people):
    for text in "abc":
        add(reader, text)
    reader.post(people.reader.annotations.all()[1].get_absolute_url(), {"action": "delete"})

    answer = reader.post(people.reader.annotations.all()[0].get_absolute_url(), {"action": "down"}, headers=HTMX)
    add(reader, "d")

    assert texts(people) == ["c", "a", "d"]
    ids = {annotation.text: annotation.pk for annotation in people.reader.annotations.all()}
    order = json.loads(answer.headers["HX-Trigger"])["annotations-ordered"]["order"]
    assert [pk for pk in order if pk != ids["b"]] == [ids["c"], ids["a"]]
    reader.post(f"/annotations/{ids['b']}/", {"action": "undo"})
    assert set(texts(people)) == set("abcd")


def test_a_note_deleted_in_another_tab_is_not_moved_and_moves_no_other(reader, people):
    for text in "ab":
        add(reader, text)
    gone = people.reader.annotations.first()
    reader.post(gone.get_absolute_url(), {"action": "delete"})

    assert reader.post(gone.get_absolute_url(), {"action": "down"}).status_code == 302
    assert texts(people) == ["b"]


@pytest.mark.django_db(transaction=True)
def test_of_moves_at_the_same_moment_none_is_lost(guidance, people):
    for text in "abcdefgh":
        write(by=people.reader, page=guidance, on_version=1, text=text)
    start = Barrier(4)

    def move(annotation) -> None:
        start.wait()
        try:
            annotation.move(1)
        finally:
            connection.close()

    threads = [Thread(target=move, args=[annotation]) for annotation in people.reader.annotations.all()[::2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert "".join(texts(people)) == "badcfehg"


# Sent again


def key_on(html: str) -> str:
    """The key of the form for a new note on this page."""
    [key] = re.findall(r'<input type="hidden" name="key" value="([^"]+)"', html)
    return key


def test_a_note_that_is_sent_again_because_the_answer_was_lost_is_added_once(reader, people):
    key = key_on(page(reader))
    for headers in ({}, {}, HTMX):
        answer = add(reader, "bleep 4417", key=key, headers=headers)

    assert texts(people) == ["bleep 4417"]
    assert "Annotation added." in answer.content.decode()
    assert "bleep 4417" in answer.content.decode()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"text": "bleep 4417"}, {"text": "bleep 5521"}),
        ({"text": "bleep 4417"}, {"text": "Bleep 4417"}),
        ({"text": "a", "label": "phone"}, {"text": "a", "label": ""}),
        ({"text": "a", "heading": ""}, {"text": "a", "heading": "Dose"}),
        ({"text": "a", "check_on": ""}, {"text": "a", "check_on": f"{timezone.localdate() + timedelta(days=40)}"}),
    ],
)
def test_what_the_reader_changed_before_sending_it_again_is_kept_too_and_once(reader, people, first, then):
    key = key_on(page(reader))
    for said in (first, then, then, first):
        add(reader, key=key, **said)

    assert texts(people) == [first["text"], then["text"]]


def test_a_note_that_was_deleted_or_edited_before_it_is_sent_again_does_not_swallow_it(reader, people):
    key = key_on(page(reader))
    add(reader, "bleep 4417", key=key)
    gone = people.reader.annotations.get()
    reader.post(gone.get_absolute_url(), {"action": "delete"})
    for _ in range(2):
        add(reader, "bleep 4417", key=key)
    assert texts(people) == ["bleep 4417"]

    change(reader, people.reader.annotations.active().get(), text="bleep 5521")
    add(reader, "bleep 4417", key=key)

    assert texts(people) == ["bleep 5521"]
    reader.post(gone.get_absolute_url(), {"action": "undo"})
    assert texts(people) == ["bleep 4417", "bleep 5521"]


def test_each_form_has_a_key_of_its_own_after_a_success_too(reader):
    keys = [key_on(page(reader)), key_on(page(reader))]
    for _ in range(2):
        keys.append(key_on(add(reader, "bleep 4417", key=keys[-1], headers=HTMX).content.decode()))

    assert len({UUID(key) for key in keys}) == 4


def test_a_refused_form_keeps_its_key(reader):
    key = key_on(page(reader))

    assert key_on(add(reader, "", key=key).content.decode()) == key


def test_a_note_that_is_sent_again_to_a_full_page_is_not_refused(reader, people, guidance, monkeypatch):
    monkeypatch.setattr("annotations.models.MOST_ON_A_PAGE", 1)
    key = key_on(page(reader))

    assert [add(reader, text, key=key).status_code for text in ("a", "a", "b")] == [302, 302, 422]
    assert texts(people) == ["a"]


@pytest.mark.parametrize("key", ["", "x", "\0", "0" * 4000, "{}"])
def test_a_form_without_a_possible_key_is_kept_each_time(reader, people, key):
    for _ in range(2):
        add(reader, "bleep 4417", key=key)

    assert texts(people) == ["bleep 4417"] * 2


def test_a_key_is_one_readers_on_one_page(reader, people, publish, signed_in):
    publish("b-page")
    key = key_on(page(reader))
    add(reader, "bleep 4417", key=key)
    reader.post("/pages/b-page/annotations/", {"text": "bleep 4417", "key": key})
    add(signed_in(people.other), "bleep 4417", key=key)

    assert texts(people) == ["bleep 4417"] * 2
    assert people.other.annotations.count() == 1


def test_the_database_refuses_a_second_note_with_the_same_key(guidance, people):
    first = write(by=people.reader, page=guidance, on_version=1, text="a", key=uuid4())

    with pytest.raises(IntegrityError, match=r"an_annotation_is_added_once|sent_as"):
        people.reader.annotations.create(page=guidance, written_on_version=1, text="b", sent_as=first.sent_as)


@pytest.mark.django_db(transaction=True)
def test_a_note_that_is_sent_several_times_at_the_same_instant_is_added_once(guidance, people):
    key, start, added = uuid4(), Barrier(4), []

    def send() -> None:
        start.wait()
        try:
            added.append(write(by=people.reader, page=guidance, on_version=1, text="bleep 4417", key=key).pk)
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert texts(people) == ["bleep 4417"]
    assert added == [people.reader.annotations.get().pk] * 4


# Labels and headings


def test_a_label_has_its_name_on_the_page(reader):
    add(reader, "020 7946 0018", label="phone")

    assert "<span>Phone</span>" in page(reader)


def test_a_note_on_a_heading_stands_there_and_in_the_list(reader, people):
    add(reader, "bleep 4417", heading="Dose\nChildren")

    html = page(reader)

    assert html.count("bleep 4417") == 2
    here = html.index('id="here-h-children"')
    assert here < html.rindex("bleep 4417") < html.index("Ask first.")
    assert html.index("bleep 4417") < html.index("Give 5 mg.")


def test_when_the_heading_is_gone_the_note_says_where_it_was_and_moves_nowhere(reader, people, publish):
    add(reader, "bleep 4417", heading="Dose\nChildren")
    publish(body=BODY.replace("### Children", "### Adults"))

    html = page(reader)

    assert html.count("bleep 4417") == 1
    assert "Was on: Children" in html
    change(reader, people.reader.annotations.get(), text="bleep 5521")
    assert "Was on: Children" in page(reader)
    publish(body=BODY)
    assert page(reader).count("bleep 5521") == 2


def test_a_heading_that_stands_twice_takes_no_note_and_keeps_none_at_the_wrong_one(reader, publish):
    add(reader, "bleep 4417", heading="Follow-up")
    publish(body="## Follow-up\n\nOf others.\n\n" + BODY)

    html = page(reader)

    assert html.count("bleep 4417") == 1
    assert "Was on: Follow-up" in html
    assert '<option value="Follow-up">' not in html
    assert add(reader, "another", heading="Follow-up").status_code == 422


def test_a_heading_below_one_that_stands_twice_takes_no_note_either(reader, publish):
    add(reader, "bleep 4417", heading="Dose\nChildren")
    publish(body="## Dose\n\nOf one drug.\n\n## Dose\n\nOf another.\n\n### Children\n\nAsk first.\n")

    html = page(reader)

    assert html.count("bleep 4417") == 1
    assert "Was on: Children" in html


def test_a_heading_arrives_as_a_browser_without_script_sends_it(reader, people):
    assert add(reader, "bleep 4417", heading="Dose\r\nChildren").status_code == 302

    assert people.reader.annotations.get().heading == "Dose\nChildren"


def test_a_heading_that_went_while_the_note_was_written_is_said_so(reader, people, publish):
    publish(body=BODY.replace("### Children", "### Adults"))

    response = add(reader, "bleep 4417", heading="Dose\r\nChildren", on_version="1")

    assert response.status_code == 422
    html = response.content.decode()
    assert "That heading is no longer on the page. Choose where the annotation goes, then save." in html
    assert "bleep 4417" in html
    assert texts(people) == []


def test_on_an_older_version_the_headings_of_the_live_one_are_offered(reader, publish):
    publish(body=BODY.replace("### Children", "### Adults"))

    html = page(reader, "/pages/a-page/history/1/")

    assert '<option value="Dose\nAdults">' in html
    assert '<option value="Dose\nChildren">' not in html


def test_what_comes_back_of_a_note_names_its_heading_by_the_path_and_no_id(reader, people):
    """The page it is put into may be of another version, on which the same id is another heading."""
    add(reader, "bleep 4417", heading="Dose\nChildren")

    html = reader.get(f"{people.reader.annotations.get().get_absolute_url()}?shown", headers=HTMX).content.decode()

    assert 'data-here="Dose\nChildren"' in html
    assert 'id="here-h-children" data-path="Dose\nChildren"' in page(reader)


# What has changed, and what is to be checked


CHANGED = "that changed in version"


@pytest.mark.parametrize(
    ("heading", "after", "is_marked"),
    [
        ("Dose", BODY.replace("5 mg", "10 mg"), True),
        ("Dose\nChildren", BODY.replace("Ask first.", "Never."), True),
        ("Dose", BODY.replace("Ask first.", "Never."), True),  # a section within it
        ("Dose\nChildren", BODY.replace("5 mg", "10 mg"), False),  # another section
        ("", BODY.replace("5 mg", "10 mg"), False),  # a note on the page as a whole
    ],
)
def test_a_note_is_marked_where_its_own_section_changed(reader, publish, heading, after, is_marked):
    add(reader, "bleep 4417", heading=heading)
    assert CHANGED not in page(reader)

    publish(body=after)

    assert (CHANGED in page(reader)) is is_marked
    assert ("Still correct" in page(reader, "/annotations/")) is is_marked


def test_one_line_leads_to_exactly_what_changed_and_one_press_says_that_all_is_correct(reader, people, publish):
    for text, heading in (("bleep 4417", "Dose"), ("bleep 5521", "Dose\nChildren"), ("bleep 6632", "")):
        add(reader, text, heading=heading)
    publish(body=BODY.replace("Ask first.", "Ask."))
    publish(body=BODY.replace("Ask first.", "Never."))
    html = page(reader)

    assert "2 notes are on sections that changed in version 3" in html
    assert 'href="/pages/a-page/history/1..3/">see what changed</a>' in html
    seen = re.findall(r'name="seen" value="([^"]+)"', html)
    assert len(seen) == 2
    answer = reader.post("/pages/a-page/annotations/still-correct/", {"seen": seen, "on_version": "3"}, follow=True)
    assert "Checked today: 2 annotations." in answer.content.decode()
    assert CHANGED not in page(reader)
    assert [each.written_on_version for each in people.reader.annotations.order_by("pk")] == [3, 3, 1]


def test_all_still_correct_confirms_nothing_that_was_not_seen(reader, signed_in, people, publish):
    add(reader, "bleep 4417", heading="Dose")
    add(signed_in(people.other), "bleep 9999", heading="Dose")
    reader = signed_in(people.reader)
    publish(body=BODY.replace("5 mg", "10 mg"))
    mine, others = people.reader.annotations.get(), people.other.annotations.get()
    change(reader, mine, text="bleep 5521", heading="Dose", on_version="1")
    seen = [f"{mine.pk}:1", f"{others.pk}:1", "x", f"{mine.pk}:", "9" * 40 + ":1"]

    answer = reader.post("/pages/a-page/annotations/still-correct/", {"seen": seen, "on_version": "2"}, follow=True)

    assert "Some annotations were changed in another tab" in answer.content.decode()
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.written_on_version, others.written_on_version) == (1, 1)


def test_what_is_said_of_an_older_page_counts_as_said_of_that(reader, people, publish):
    add(reader, "bleep 4417", heading="Dose")
    shown = page(reader)
    assert '<input type="hidden" name="on_version" value="1">' in shown
    publish(body=BODY.replace("5 mg", "10 mg"))

    change(reader, people.reader.annotations.get(), text="bleep 5521", heading="Dose", on_version="1")
    add(reader, "bleep 6632", heading="Dose", on_version="1")
    assert "2 notes are on sections that changed" in page(reader)

    for annotation in people.reader.annotations.all():
        reader.post(annotation.get_absolute_url(), right(annotation) | {"on_version": "2"})
    assert CHANGED not in page(reader)


@pytest.mark.parametrize(("at_hand", "counts_for"), [("1", 1), ("2", 2), ("3", 3), ("", 3), ("4", 3)])
def test_an_edit_moves_a_note_to_the_version_its_reader_had_at_hand(reader, people, publish, at_hand, counts_for):
    add(reader, "bleep 4417")
    publish(body=BODY + "\nMore.\n")
    publish(body=BODY + "\nMore still.\n")
    note = people.reader.annotations.get()
    assert note.written_on_version == 1

    change(reader, note, text="bleep 5521", on_version=at_hand)

    note.refresh_from_db()
    assert (note.text, note.written_on_version) == ("bleep 5521", counts_for)


@pytest.mark.parametrize("version", ["", "-1", "99", "x", "9" * 5000])
def test_a_version_that_cannot_be_is_the_live_one(reader, people, version):
    add(reader, "bleep 4417", on_version=version)

    assert people.reader.annotations.get().written_on_version == 1


def test_a_note_asks_to_be_checked_from_its_day_and_still_right_renews_it(publish, people, signed_in):
    with time_machine.travel(NOON, tick=False) as travel:
        publish(body=BODY)
        reader = signed_in(people.reader)
        add(reader, "bleep 4417", check_on="2027-12-22")
        assert "check by 22 Dec 2027" in page(reader)
        assert "Check was due" not in page(reader)
        travel.move_to(NOON + timedelta(days=31))
        reader = signed_in(people.reader)

        assert "<strong>Check was due</strong> 22 Dec 2027" in page(reader)
        assert "bleep 4417" in page(reader, "/annotations/?show=check")
        annotation = people.reader.annotations.get()
        reader.post(annotation.get_absolute_url(), right(annotation))

        assert "check by 22 Jan 2028" in page(reader)
        assert "bleep 4417" not in page(reader, "/annotations/?show=check")


@pytest.fixture
def outdated(reader, people, publish):
    """A note on a page that has changed since."""
    add(reader, "bleep 4417", heading="Dose")
    publish(body=BODY.replace("5 mg", "10 mg"))
    return people.reader.annotations.get()


def test_still_right_says_which_text_was_read_and_outdates_a_form_that_is_open(reader, outdated):
    html = page(reader, "/annotations/")
    assert f'name="revision" value="{outdated.revision}">' in html[html.index('class="due"') :]

    reader.post(outdated.get_absolute_url(), right(outdated))

    late = {"text": "bleep 5521", "revision": str(outdated.revision)}
    assert reader.post(outdated.get_absolute_url(), late).status_code == 422
    outdated.refresh_from_db()
    assert (outdated.revision, outdated.written_on_version) == (2, 2)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_text_that_was_never_read_is_shown_and_not_renewed(reader, outdated, headers):
    seen = right(outdated)
    change(reader, outdated, text="bleep 5521", heading="Dose", on_version="1")

    response = reader.post(outdated.get_absolute_url(), seen, headers=headers, follow=True)

    html = response.content.decode()
    assert "bleep 5521" in html
    assert "Not confirmed: this annotation was changed in another tab or on another device." in html
    assert CHANGED in page(reader)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_note_deleted_in_another_tab_is_not_renewed(reader, outdated, headers):
    reader.post(outdated.get_absolute_url(), {"action": "delete"})

    response = reader.post(outdated.get_absolute_url(), right(outdated), headers=headers, follow=True)

    assert "Annotation deleted" in response.content.decode()
    outdated.refresh_from_db()
    assert (outdated.revision, outdated.written_on_version) == (1, 1)


def test_the_day_is_in_the_form_as_browsers_read_it_and_so_outlives_an_edit(reader, people):
    day = (timezone.localdate() + timedelta(days=40)).isoformat()
    add(reader, "bleep 4417", check_on=day)

    html = page(reader, people.reader.annotations.get().get_absolute_url())

    assert f'<input type="date" name="check_on" value="{day}"' in html


@pytest.mark.parametrize("days", [0, -40])
def test_a_day_to_be_checked_that_has_come_may_stay_and_no_other_day_like_it_may_be_set(reader, people, days):
    today = timezone.localdate()
    add(reader, "bleep 4417")
    annotation = people.reader.annotations.get()
    annotation.check_on, annotation.checked_on = today + timedelta(days=days), today - timedelta(days=80)
    annotation.save()

    assert change(reader, annotation, check_on=str(annotation.check_on - timedelta(days=1))).status_code == 422
    assert change(reader, annotation, text="bleep 5521").status_code == 302
    annotation.refresh_from_db()
    assert (annotation.text, annotation.check_on) == ("bleep 5521", today + timedelta(days=days))


@pytest.mark.parametrize("day", ["2020-01-01", "2050-01-01", "soon"])
def test_a_day_that_cannot_be_is_refused_with_the_text_still_there(reader, people, day):
    response = add(reader, "bleep 4417", check_on=day)

    assert response.status_code == 422
    assert "bleep 4417" in response.content.decode()
    assert texts(people) == []


# Two tabs


def opened(client, annotation) -> dict[str, str]:
    """What the form to edit the note sends, without script, when nothing in it is changed."""
    html = page(client, annotation.get_absolute_url())
    hidden = dict(re.findall(r'name="((?:initial-\w+|revision))" value="([^"]*)"', html))
    hidden = {name: value.replace("\n", "\r\n") for name, value in hidden.items()}
    return {"text": annotation.text} | hidden | {name: hidden[f"initial-{name}"] for name in DETAILS}


@pytest.fixture
def tabs(reader, people):
    """A note, and what two tabs hold in which it is edited."""
    day = (timezone.localdate() + timedelta(days=40)).isoformat()
    add(reader, "bleep 4417", label="phone", heading="Dose\nChildren", check_on=day)
    annotation = people.reader.annotations.get()
    return annotation, opened(reader, annotation), opened(reader, annotation)


PANEL = re.compile(r'<div class="panel">.*?</div>', re.DOTALL)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_the_second_tab_left_alone_takes_over_what_the_first_saved(reader, tabs, headers):
    annotation, first, second = tabs
    later = timezone.localdate() + timedelta(days=90)
    details = {"label": "referral", "heading": "Follow-up", "check_on": later.isoformat()}
    assert reader.post(annotation.get_absolute_url(), first | details).status_code == 302

    html = reader.post(annotation.get_absolute_url(), second | {"text": "bleep 5521"}, headers=headers).content.decode()

    assert '<option value="referral" selected>' in html
    assert '<option value="Follow-up" selected>' in html
    assert f'name="check_on" value="{later.isoformat()}"' in html
    saved = PANEL.search(html)[0]
    assert "bleep 4417" in saved
    assert "<span>Referral</span>" in saved
    assert "<span>On Follow-up</span>" in saved
    assert f"<span>Check again on {later.day} {later:%b %Y}</span>" in saved


def test_what_the_second_tab_changed_stays_beside_what_the_first_saved(reader, tabs):
    annotation, first, second = tabs
    reader.post(annotation.get_absolute_url(), first | {"label": "", "heading": "", "check_on": ""})
    day = (timezone.localdate() + timedelta(days=90)).isoformat()

    changed = second | {"label": "website", "heading": "Dose", "check_on": day}
    html = reader.post(annotation.get_absolute_url(), changed).content.decode()

    assert '<option value="website" selected>' in html
    assert '<option value="Dose" selected>' in html
    assert f'name="check_on" value="{day}"' in html
    saved = PANEL.search(html)[0]
    for nothing in ("No label", "The whole page", "No date to check again"):
        assert f"<span>{nothing}</span>" in saved


# Patients


def test_what_looks_like_an_nhs_number_is_kept_only_once_confirmed(reader, people):
    text = "NHS number 943 476 5919"

    refused = add(reader, text)
    html = refused.content.decode()

    assert refused.status_code == 422
    assert "943 476 5919 looks like an NHS number. Remove it, or confirm below" in html
    assert html.count("Do not record anything that could identify a patient.") == 1
    assert text in html
    assert 'name="no_patient"' in html
    assert texts(people) == []
    add(reader, text, no_patient="on")
    assert texts(people) == [text]


def test_what_changes_the_direction_is_refused_and_stays_in_the_form(reader, people):
    typed = "Bleep 12\n\u202e34"
    said = "Line 2, character 1: RIGHT-TO-LEFT OVERRIDE (U+202E), which can show 05 as 50. Delete it."
    add(reader, "Bleep 12")

    for response in (add(reader, typed), change(reader, people.reader.annotations.get(), text=typed)):
        shown = response.content.decode()
        assert said in shown
        assert f">\n{typed}</textarea>" in shown
    assert texts(people) == ["Bleep 12"]


@pytest.mark.parametrize("text", ["می\u200cخواهم", "👩\u200d⚕️ ⚠️", "5\u00ad0 \u200b\u2060", "اتصل 12"])
def test_the_joiners_of_languages_and_emoji_stay_in_a_note(reader, people, text):
    add(reader, text)

    assert texts(people) == [text]


def test_wherever_a_note_is_written_the_form_says_what_it_is_not_for(reader, people):
    add(reader, "bleep 4417")

    for path in ("/pages/a-page/", people.reader.annotations.get().get_absolute_url()):
        html = page(reader, path)
        hint = re.search(r'<textarea [^>]*aria-describedby="([^" ]+)', html)[1]
        said = re.search(rf'id="{hint}">(.*?)</p>', html)[1]
        assert "Do not record anything that could identify a patient." in said


def test_a_phone_number_needs_no_confirmation(reader, people):
    add(reader, "Ward 020 7946 0018")

    assert texts(people) == ["Ward 020 7946 0018"]
    assert 'name="no_patient"' not in page(reader)


# The limit


def test_a_full_page_says_so_and_loses_nothing(reader, people, guidance):
    for number in range(MOST_ON_A_PAGE):
        people.reader.annotations.create(page=guidance, text=f"note {number}", written_on_version=1)

    response = add(reader, "one too many")

    assert response.status_code == 422
    assert "You have 200 annotations on this page" in response.content.decode()
    assert "one too many" in response.content.decode()
    assert people.reader.annotations.count() == MOST_ON_A_PAGE
    reader.post(people.reader.annotations.first().get_absolute_url(), {"action": "delete"})
    assert add(reader, "one too many").status_code == 302


def test_bringing_one_back_to_a_full_page_is_refused_until_there_is_room(reader, people, full):
    gone = people.reader.annotations.deleted().get()

    for headers in ({}, HTMX):
        response = reader.post(gone.get_absolute_url(), {"action": "undo"}, headers=headers)
        assert response.status_code == 422
        assert "then bring this one back" in response.content.decode()
    assert people.reader.annotations.active().count() == MOST_ON_A_PAGE
    reader.post(people.reader.annotations.active().first().get_absolute_url(), {"action": "delete"})
    assert reader.post(gone.get_absolute_url(), {"action": "undo"}).status_code == 302
    assert people.reader.annotations.active().count() == MOST_ON_A_PAGE
    assert reader.post(gone.get_absolute_url(), {"action": "undo"}).status_code == 302


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_edit_that_would_bring_one_back_to_a_full_page_stays_in_the_form(reader, people, full, headers):
    gone = people.reader.annotations.deleted().get()

    edit = {"text": "still needed", "revision": "1"}
    response = reader.post(gone.get_absolute_url(), edit, headers=headers)

    assert response.status_code == 422
    assert "You have 200 annotations on this page" in response.content.decode()
    assert "still needed</textarea>" in response.content.decode()
    assert people.reader.annotations.active().count() == MOST_ON_A_PAGE


@pytest.fixture
def full(reader, people, guidance):
    """A page with as many notes as it holds and one deleted."""
    first = people.reader.annotations.create(page=guidance, text="gone", written_on_version=1)
    first.delete_softly()
    for number in range(MOST_ON_A_PAGE):
        people.reader.annotations.create(page=guidance, text=f"note {number}", written_on_version=1)


# My annotations


def test_notes_are_found_by_their_words_label_and_page(reader, people, publish):
    publish("other-page", title="Alemtuzumab")
    add(reader, "bleep 4417", label="phone")
    reader.post("/pages/other-page/annotations/", {"text": "www.nhs.uk/ms"})

    found = {
        query: [text for text in ("bleep 4417", "www.nhs.uk/ms") if text in page(reader, f"/annotations/?{query}")]
        for query in ("", "q=BLEEP", "q=alemtuzumab", "label=phone", "q=none", "label=nonsense", "page=99")
    }

    assert found == {
        "": ["bleep 4417", "www.nhs.uk/ms"],
        "q=BLEEP": ["bleep 4417"],
        "q=alemtuzumab": ["www.nhs.uk/ms"],
        "label=phone": ["bleep 4417"],
        "q=none": [],
        "label=nonsense": ["bleep 4417", "www.nhs.uk/ms"],
        "page=99": ["bleep 4417", "www.nhs.uk/ms"],
    }


def test_the_list_says_of_a_heading_that_is_gone_what_the_page_says(reader, publish):
    publish("other-page", body=BODY)
    for text, heading in (("bleep 4417", "Dose\nChildren"), ("bleep 5521", "Follow-up")):
        add(reader, text, heading=heading)
    reader.post("/pages/other-page/annotations/", {"text": "bleep 6632", "heading": "Dose\nChildren"})
    publish(body=BODY.replace("### Children", "### Adults"))

    html = page(reader, "/annotations/")

    to_check, everything = html.split("<h2>All</h2>")
    places = "<span>((?:On|Was on:) .*?)</span>"
    assert re.findall(places, to_check) == ["Was on: Children"]
    assert re.findall(places, everything) == ["Was on: Children", "On Follow-up", "On Children"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Nothing here yet."),
        ("?q=none", "No annotations match your search."),
        ("?q=&label=phone&show=", "No annotations match your search."),
        ("?q=none&show=deleted", "No annotations match your search."),
        ("?q=&label=&show=deleted", "You have not deleted any annotations in the last 30 days."),
    ],
)
def test_an_empty_list_says_why(reader, query, said):
    assert re.findall(r"<p>(You have no.*?\.|No.*?\.)", page(reader, f"/annotations/{query}")) == [said]


def test_searching_tells_nothing_of_what_is_not_published_yet(reader, people, guidance):
    add(reader, "bleep 4417")
    text = publishing.Text("Embargoed", "S", BODY, "Because.")
    draft = publishing.start_draft(page=guidance, text=text, by=people.editor, started_from=1)
    draft = publishing.submit(draft=draft, by=people.editor, revision=draft.revision)
    publishing.publish(
        draft=draft,
        by=people.reviewer,
        revision=draft.revision,
        sha256=draft.shown_sha256,
        at=timezone.now() + timedelta(days=1),
    )

    assert "bleep 4417" not in page(reader, "/annotations/?q=embargoed")
    assert "bleep 4417" in page(reader, "/annotations/?q=about")


def test_what_was_mended_after_a_refusal_leads_back_to_the_notes_on_the_page(reader):
    refused = {"referer": "http://testserver/pages/a-page/annotations/"}

    response = reader.post("/pages/a-page/annotations/", {"text": "bleep 4417"}, headers=refused)

    assert response.url == "/pages/a-page/#annotations"


@pytest.mark.parametrize("back", ["https://[/annotations/", "//elsewhere.example/annotations/"])
def test_a_way_back_that_leads_nowhere_here_is_not_taken(reader, people, back):
    add(reader, "bleep 4417")

    assert change(reader, people.reader.annotations.get(), back=back).url == "/pages/a-page/#annotations"


def test_a_deleted_note_is_brought_back_from_the_list_until_it_is_purged(reader, people, capsys):
    add(reader, "bleep 4417")
    annotation = people.reader.annotations.get()
    reader.post(annotation.get_absolute_url(), {"action": "delete"})
    assert "bleep 4417" not in page(reader, "/annotations/")
    assert "bleep 4417" in page(reader, "/annotations/?show=deleted")

    back = reader.post(
        annotation.get_absolute_url(),
        {"action": "undo"},
        headers={"referer": "http://testserver/annotations/?show=deleted"},
    )

    assert back.url == "http://testserver/annotations/?show=deleted"
    assert texts(people) == ["bleep 4417"]
    reader.post(annotation.get_absolute_url(), {"action": "delete"})
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        call_command("purge_annotations")
    assert people.reader.annotations.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        call_command("purge_annotations")
    assert people.reader.annotations.count() == 0
    assert "bleep" not in capsys.readouterr().out


@pytest.mark.parametrize("form", ["md", "csv", "jsonld"])
def test_all_is_exported_and_nothing_of_anyone_else(reader, people, signed_in, form):
    add(reader, "=cmd|' /C calc'!A0\nsecond line", label="other")
    add(reader, "gone")
    reader.post(people.reader.annotations.last().get_absolute_url(), {"action": "delete"})
    add(signed_in(people.other), "somebody else's")

    response = reader.get(f"/annotations/export.{form}")
    content = response.content.decode()

    assert "second line" in content
    assert "gone" not in content
    assert "somebody else" not in content
    assert response.headers["Cache-Control"] == "no-store, private"
    assert f"my-annotations-{timezone.localdate()}.{form}" in response.headers["Content-Disposition"]
    if form == "csv":
        assert list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))[1][2].startswith("'=cmd")
    if form == "jsonld":
        assert json.loads(content)["first"]["items"][0]["target"]["source"].endswith("/pages/a-page/history/1/")


def test_a_form_that_there_is_not_is_not_found(reader):
    assert reader.get("/annotations/export.docx").status_code == 404


@pytest.mark.parametrize("path", ["/annotations/", "/annotations/export.csv"])
def test_a_visitor_is_sent_to_sign_in(client, db, path):
    assert client.get(path).url == f"/sign-in?next={path}"


def test_notes_on_a_withdrawn_page_are_still_listed(reader, people, guidance):
    add(reader, "bleep 4417", heading="Dose")
    words = publishing.Text("About a-page", "", "", "Withdrawn.", "No longer right.")
    draft = publishing.start_draft(page=guidance, text=words, by=people.editor, started_from=1, kind="withdrawal")
    draft = publishing.submit(draft=draft, by=people.editor, revision=draft.revision)
    publishing.publish(draft=draft, by=people.reviewer, revision=draft.revision, sha256=draft.shown_sha256)

    html = page(reader, "/annotations/")

    assert "bleep 4417" in html
    assert "Was on: Dose" in html
    assert "This page was withdrawn" in html
    assert "bleep 4417" in page(reader)
