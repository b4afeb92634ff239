from content import publishing
from content.corrections import correct
from content.models import Draft
from content.references import overview

OLD = "One.[^a] Two.[^b]\n\n[^a]: Author A. doi:10.9999/x\n[^b]: B\n"
NEW = "Author A, Author B. 2019. doi:10.9999/x"


def citings():
    [source] = [each for each in overview.find_sources() if "doi:10.9999/x" in each.identities]
    return source.citings


def test_each_page_gets_a_draft_of_its_live_text_with_the_new_words(publish, people):
    publish("one", OLD)
    publish("two", "Three.[^x]\n\n[^x]: Author A, 2018. DOI 10.9999/X\n")

    outcomes = correct(citings=citings(), typed=NEW, change_note="Author added.", by=people.editor)

    assert [(each.page.slug, each.refusal) for each in outcomes] == [("one", ""), ("two", "")]
    one, two = Draft.objects.order_by("page__slug")
    assert one.body == f"One.[^a] Two.[^b]\n\n[^a]: {NEW}\n[^b]: B\n"
    assert two.body == f"Three.[^x]\n\n[^x]: {NEW}\n"
    assert (one.title, one.change_note, one.started_from, one.state) == ("About one", "Author added.", 1, "writing")
    assert [*one.writers.all()] == [people.editor]
    assert one.page.live_version.body == OLD


def test_two_references_of_one_page_go_into_one_draft(publish, people):
    publish("one", "One.[^a] Two.[^b]\n\n[^a]: A. doi:10.9999/x\n[^b]: B. doi:10.9999/x\n")

    [outcome] = correct(citings=citings(), typed=NEW, change_note="N", by=people.editor)

    assert outcome.draft.body == f"One.[^a] Two.[^b]\n\n[^a]: {NEW}\n[^b]: {NEW}\n"


def test_a_page_that_has_a_draft_is_named_and_left_alone(publish, people):
    page = publish("one", OLD).page
    publish("two", OLD)
    mine = publishing.start_draft(page=page, text=publishing.Text("T", "S", "Mine"), by=people.reviewer, started_from=1)

    left, made = correct(citings=citings(), typed=NEW, change_note="N", by=people.editor)

    assert (left.draft, left.refusal) == (None, "It has a draft already. Correct the reference there.")
    assert made.draft
    assert Draft.objects.get(pk=mine.pk).body == "Mine\n"


def test_a_page_that_waits_to_be_withdrawn_is_left_alone_too(publish, people):
    page = publish("one", OLD).page
    text = publishing.Text("T", "S", reason="Wrong.")
    publishing.start_draft(page=page, text=text, by=people.editor, started_from=1, kind="withdrawal")

    [left] = correct(citings=citings(), typed=NEW, change_note="N", by=people.editor)

    assert left.refusal.startswith("It has a draft already.")


def test_a_page_that_says_something_else_by_now_is_left_alone(publish, people):
    publish("one", OLD)
    chosen = citings()
    publish("one", "Other.\n")

    [left] = correct(citings=chosen, typed=NEW, change_note="N", by=people.editor)

    assert left.refusal == "A new version has been published since. Look at it first."


def test_a_page_whose_next_version_is_scheduled_is_left_alone(publish, people):
    from datetime import timedelta

    from django.utils import timezone

    page = publish("one", OLD).page
    later = timezone.now() + timedelta(days=1)
    publishing.add_version(page=page, text=publishing.Text("T", "S", OLD), published_at=later)

    [left] = correct(citings=citings(), typed=NEW, change_note="N", by=people.editor)

    assert "goes live at" in left.refusal
