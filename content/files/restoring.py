"""An exported draft whose words nobody has touched comes back exactly as it was, with its state and its people.

Reasons: docs/decisions/0018-imports-believe-what-fits.md.
"""

from typing import Any

from django.utils import timezone

from accounts.models import User
from content.models import Draft, Page

from .format import BadFile, ContentFile


def describe(file: ContentFile) -> str:
    """Return in words how the draft comes back. Raises `BadFile` if it states a start that cannot be."""
    started_from, latest = file.facts.get("version", 0), file.facts.get("latest_version", 0)
    if started_from > latest:
        raise BadFile(file.line_of("version"), f"started from version {started_from}, but {latest} is the latest")
    unknown = _find_unknown_people(file)
    names = ", ".join(str(each["name"]) for each in unknown)
    return f"draft, to be submitted again: no account here for {names}" if unknown else "draft"


def restore(page: Page, file: ContentFile) -> None:
    """Create the draft as it was exported, with those of its people who have an account here.

    If someone who wrote or submitted it has none, we cannot tell whether a reviewer here is that person. Then the draft
    does not stay in review.
    """
    facts, unknown = file.facts, _find_unknown_people(file)
    draft = Draft.objects.create(
        page=page,
        kind=file.kind,
        **file.words,
        state=Draft.State.WRITING if unknown else facts.get("state", Draft.State.WRITING),
        started_from=facts.get("version", 0),
        revision=facts.get("revision", 1),
        comment=str(facts.get("comment") or ""),
        saved_at=facts.get("saved_at", timezone.now()),
        imported_from=str(facts.get("imported_from") or ""),
        former_writers=unknown,
        **{key: _account(facts.get(key)) for key in ("saved_by", "submitted_by", "returned_by")},
    )
    draft.writers.set(filter(None, map(_account, facts.get("writers") or [])))


def _find_unknown_people(file: ContentFile) -> list[dict[str, Any]]:
    """Return name and id of those who wrote or submitted the draft and have no account here."""
    stated = [*(file.facts.get("writers") or []), file.facts.get("submitted_by")]
    people = {each["name"]: each.get("id") for each in stated if isinstance(each, dict) and not _account(each)}
    return [{"id": pk, "name": name} for name, pk in people.items()]


def _account(value: Any) -> User | None:
    """Return the account of an exported person, or None: the account must have both this id and this name."""
    if not isinstance(value, dict) or value.get("id") is None:
        return None
    return User.objects.filter(pk=value["id"], name=value["name"]).first()
