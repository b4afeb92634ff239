from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from content.models import Page


@pytest.fixture
def dose(publish) -> Page:
    """A page that says 5 mg, and another to send readers to."""
    publish("other", title="Other dose")
    return publish("dose", body="Give 5 mg a day.\n", title="Dose").page


def open_row(desk, heading: str, name: str) -> None:
    """From the editors' home, open what stands under a heading."""
    desk.goto("/admin/")
    desk.get_by_role("region", name=heading).get_by_role("link", name=name).click()


def test_a_draft_from_its_first_word_to_its_withdrawal(visit, people, dose, time_machine):
    editing, reviewing, reading = visit(), visit(), visit()

    # Given an editor's draft, submitted
    desk = editing.sign_in(people.editor, "/admin/content/page/")
    row = desk.get_by_role("row").filter(has=desk.get_by_role("link", name="Dose", exact=True))
    row.get_by_role("link", name="Start a draft").click()
    desk.get_by_label("Body").fill("Give 50 mg a day.\n")
    desk.get_by_label("Change note").fill("Dose raised.")
    desk.get_by_role("button", name="Save and submit for review").click()
    expect(desk.get_by_text("The draft is now waiting for a reviewer.")).to_be_visible()

    # When a reviewer sees what it changes, and returns it
    board = reviewing.sign_in(people.reviewer, "/admin/")
    reviewing.look()
    open_row(board, "Waiting for your review", "Dose")
    expect(board.locator("del", has_text="5 mg").first).to_be_visible()
    expect(board.locator("ins", has_text="50 mg").first).to_be_visible()
    board.get_by_label("Comment for the writers").fill("Ten times as much?")
    reviewing.look()
    board.get_by_role("button", name="Return to the writers").click()
    expect(board.get_by_text("You have returned the draft to its writers.")).to_be_visible()

    # Then the editor finds it with the comment, mends it and submits again
    open_row(desk, "Returned to you", "Dose")
    expect(desk.get_by_text("Ten times as much?")).to_be_visible()
    desk.get_by_label("Body").fill("Give 10 mg a day.\n")
    desk.get_by_role("button", name="Save and submit for review").click()
    expect(desk.get_by_text("The draft is now waiting for a reviewer.")).to_be_visible()

    # When the reviewer approves it for tomorrow morning
    at = (timezone.localtime() + timedelta(days=1)).replace(hour=6, minute=0, second=0, microsecond=0)
    open_row(board, "Waiting for your review", "Dose")
    board.get_by_label("Or publish later, at").fill(f"{at:%Y-%m-%dT%H:%M}")
    board.get_by_role("button", name="Approve and schedule").click()
    expect(board.get_by_text("Version 2 goes live at 06:00")).to_be_visible()
    board.goto("/admin/")
    expect(board.get_by_role("region", name="Scheduled").get_by_role("link")).to_have_count(1)

    # Then readers read the old text today, and the new one tomorrow
    page = reading.to("/pages/dose/")
    expect(page.get_by_text("Give 5 mg a day.")).to_be_visible()
    time_machine.move_to(at + timedelta(minutes=1))
    page = reading.to("/pages/dose/")
    expect(page.get_by_text("Give 10 mg a day.")).to_be_visible()
    expect(page.get_by_text(f"Last edited {at:%-d %b %Y}")).to_be_visible()

    # And see what changed
    page.get_by_role("link", name="History of this page").click()
    page.get_by_role("link", name="What changed").first.click()
    expect(page.locator("del", has_text="5 mg")).to_be_visible()
    expect(page.locator("ins", has_text="10 mg")).to_be_visible()
    reading.look()
    assert page.goto(f"/pages/dose/on/{at - timedelta(days=1):%Y-%m-%d}/").url.endswith("/pages/dose/history/1/")

    # When the first version is restored; after a night both sign in again
    desk = editing.sign_in(people.editor, f"/admin/content/version/{dose.versions.get(number=1).pk}/change/")
    board = reviewing.sign_in(people.reviewer, "/admin/")
    desk.get_by_role("button", name="Restore as a draft").click()
    expect(desk.get_by_label("Body")).to_have_value("Give 5 mg a day.\n")
    desk.get_by_role("button", name="Save and submit for review").click()
    board.goto("/admin/")
    open_row(board, "Waiting for your review", "Dose")
    board.get_by_role("button", name="Approve and publish").click()
    board.wait_for_url("**/pages/dose/")
    expect(board.get_by_text("Give 5 mg a day.")).to_be_visible()

    # And at last the page is withdrawn
    desk.goto(f"/admin/content/page/{dose.pk}/change/")
    editing.look()
    desk.get_by_role("link", name="Withdraw").click()
    desk.get_by_label("Reason").fill("This dose is out of date.")
    desk.get_by_label("Replacement").fill("other")
    editing.look()
    desk.get_by_role("button", name="Save and submit for review").click()
    open_row(board, "Waiting for your review", "Withdrawal of Dose")
    expect(board.get_by_text("This withdraws the page.")).to_be_visible()
    reviewing.look()
    board.get_by_role("button", name="Approve and publish").click()
    expect(board.get_by_text("This dose is out of date.")).to_be_visible()

    # Then readers are told why and where to go, and the history holds all four
    page.goto("/pages/dose/")
    expect(page.get_by_text("This dose is out of date.")).to_be_visible()
    expect(page.get_by_role("link", name="Other dose")).to_be_visible()
    reading.look()
    for each in (reading, reviewing):
        assert all("status of 410" in error for error in each.errors), each.errors
        each.errors.clear()
    assert list(dose.versions.order_by("number").values_list("kind", flat=True)) == ["text"] * 3 + ["withdrawal"]
