"""Whatever editors and reviewers do, in whatever order: what was published stays, and stays as it was."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content import publishing
from content.history import verification
from content.models import Draft, Page, Review, Version

ACTIONS = [
    "start", "withdraw", "save", "submit", "return", "publish", "schedule", "cancel", "restore", "catch up", "review",
    "wait an hour", "wait two days", "delete raw",
]  # fmt: skip


class Undo(Exception):
    pass


def act(action: str, word: str, page: Page, people) -> None:
    """Take one step as a person would; a step that may not be taken is refused and changes nothing."""
    draft = Draft.objects.filter(page=page).order_by("pk").first()
    live = page.live_version
    started_from = live.number if live else 0
    text = publishing.Text("Title", "Summary", f"Give {word} mg.\n", "Why.", "A reason.")
    match action:
        case "start":
            publishing.start_draft(page=page, text=text, by=people.editor, started_from=started_from)
        case "withdraw":
            publishing.start_draft(
                page=page, text=text, by=people.editor, started_from=started_from, kind=Version.Kind.WITHDRAWAL
            )
        case "cancel" if page.scheduled_version:
            publishing.cancel(version=page.scheduled_version)
        case "cancel" if live:
            publishing.cancel(version=live)
        case "restore" if live:
            publishing.restore(version=page.versions.order_by("number").first(), by=people.editor)
        case "review" if live:
            publishing.record_review(version=live, by=people.reviewer, outcome=Review.Outcome.CURRENT)
        case "delete raw" if live:
            try:
                with transaction.atomic():
                    live.delete()
            except Exception as refusal:
                raise publishing.NotAllowed(str(refusal)) from refusal
    if draft is None:
        return
    shown = {"draft": draft, "revision": draft.revision}
    match action:
        case "save":
            publishing.save_draft(**shown, text=text, by=people.editor)
        case "submit":
            publishing.submit(**shown, by=people.editor)
        case "return":
            publishing.return_draft(**shown, by=people.reviewer, comment="Why?")
        case "catch up":
            publishing.rebase(**shown, by=people.editor, live=started_from)
        case "publish":
            publishing.publish(**shown, by=people.reviewer, sha256=draft.shown_sha256)
        case "schedule":
            at = timezone.now() + timedelta(days=1)
            publishing.publish(**shown, by=people.reviewer, sha256=draft.shown_sha256, at=at)


def published() -> dict[int, str]:
    return dict(Version.objects.published().values_list("number", "sha256"))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(["1", "5", "50"])), max_size=30))
def test_the_history_never_shrinks(people, steps):
    try:
        with transaction.atomic(), time_machine.travel(datetime(2020, 1, 1, tzinfo=UTC), tick=True) as clock:
            page = Page.objects.create(slug="dose")
            # Begin with a published text, so that every step has something to do.
            for action in ("start", "submit", "publish"):
                act(action, "5", page, people)
            before = published()
            assert list(before) == [1]
            for action, word in steps:
                if action.startswith("wait"):
                    clock.shift(timedelta(hours=1) if "hour" in action else timedelta(days=2))
                else:
                    try:
                        with transaction.atomic():
                            act(action, word, page, people)
                    except publishing.NotAllowed:
                        pass
                after = published()
                assert before.items() <= after.items()
                assert max(after) == len(after)
                before = after
            assert [finding for checked in verification.check_pages() for finding in checked.findings] == []
            raise Undo
    except Undo:
        pass
