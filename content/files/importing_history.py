"""History files → versions: a version published elsewhere is imported as it was, or not at all.

A file is believed only if its sha256 fits everything it says and the version before it. A version that the site already
has is never overwritten. Reasons: docs/decisions/0018-imports-believe-what-fits.md.
"""

from collections import Counter
from typing import Any

from content import publishing
from content.history import redaction, rerendering
from content.models import Page, Redaction, Review, Version

from .format import BadFile, ContentFile, person_of

NEEDED = ("version", "published_at", "sha256")


def bring_in(page: Page, file: ContentFile) -> tuple[str, str]:
    """Give the page the version in `file`. Call it in a transaction, with the page locked.

    Returns a result and a detail, as in `importing.Outcome`. Raises `BadFile` if the file was altered, contradicts the
    site's own history, or leaves a gap.
    """
    version = _read_version(page, file)
    around = page.versions.select_related("redaction").filter(number__gte=version.number - 1).order_by("number")[:2]
    near = {v.number: v for v in around}
    if existing := near.pop(version.number, None):
        return _compare(existing, version, file)
    _require_place(version, near, file)
    version.save(force_insert=True)
    if file.facts.get("redaction"):
        _add_redaction(version, file)
    _add_reviews(version, file)
    rerendering.render(version)
    page.renew_review_due()  # the date depends on the history
    return "new", ""


def _read_version(page: Page, file: ContentFile) -> Version:
    """Return the file's version, unsaved. Raises `BadFile` unless its sha256 fits what it says."""
    facts, line_of = file.facts, file.line_of
    for key in NEEDED:
        if not facts.get(key):
            raise BadFile(line_of(key), f"has no {key}")
    if facts["version"] != int(file.path.stem):
        raise BadFile(line_of("version"), f"version {facts['version']} is in a file named {file.path.name}")
    author, approver = file.person("author"), file.person("approver")
    version = Version(
        page=page,
        number=facts["version"],
        kind=file.kind,
        **file.words,
        credits=facts.get("credits") or [],
        author_name=author[0],
        author_id=author[1],
        writers=facts.get("writers") or [],
        approver_name=approver[0],
        approver_id=approver[1],
        published_at=facts["published_at"],
        sha256=str(facts["sha256"]),
    )
    redacted = facts.get("redaction")
    if version.compute_sha256(_previous(file)) != (redacted["sha256"] if redacted else version.sha256):
        raise BadFile(
            line_of("redaction" if redacted else "sha256"),
            "the sha256 does not match the file: its text, people, time or line ends have been altered since",
        )
    return version


def _compare(existing: Version, version: Version, file: ContentFile) -> tuple[str, str]:
    """Add the reviews that the file has of a version that the site already has, and return result and detail.

    Raises `BadFile` if the two versions have different hashes, or only the file's is redacted.
    """
    if existing.sha256 != version.sha256:
        raise BadFile(
            file.line_of("sha256"),
            f"version {version.number} here has the sha256 {existing.sha256}, and the file has {version.sha256}: "
            "they are two different histories",
        )
    is_redacted = hasattr(existing, "redaction")
    if file.facts.get("redaction") and not is_redacted:
        raise BadFile(
            file.line_of("redaction"), f"version {version.number} is redacted in the file but not here: redact it here"
        )
    added = _add_reviews(existing, file)
    if is_redacted and not file.facts.get("redaction"):
        return "superseded", f"version {version.number} was redacted here, but the file still contains its text"
    return ("changed", f"{added} clinical reviews") if added else ("unchanged", "")


def _require_place(version: Version, near: dict[int, Version], file: ContentFile) -> None:
    """Raise `BadFile` unless the version directly follows the page's newest version."""
    previous = near.pop(version.number - 1, None)
    if near:
        raise BadFile(file.line_of("version"), f"version {min(near)} is here, but version {version.number} is missing")
    if version.number > 1 and previous is None:
        raise BadFile(file.line_of("version"), f"version {version.number - 1} is not here: a history has no gaps")
    if _previous(file) != (previous.sha256 if previous else ""):
        raise BadFile(
            file.line_of("previous_sha256"),
            f"it follows a version with the sha256 {_previous(file) or '(none)'}, and the one before it here has "
            f"{previous.sha256 if previous else '(none)'}"
            ": they are two different histories",
        )
    try:
        publishing.refuse_while_scheduled(version.page)
    except publishing.NotAllowed as refusal:
        raise BadFile(1, str(refusal)) from refusal
    if previous and version.published_at <= previous.published_at:
        raise BadFile(file.line_of("published_at"), f"its time is not after that of version {previous.number}")


def _add_redaction(version: Version, file: ContentFile) -> None:
    """Record the redaction that the file states. Raises `BadFile` if the text is not that redaction's tombstone."""
    stated = file.facts["redaction"]
    name, pk = person_of(stated["by"])
    Redaction.objects.create(
        version=version,
        reason=str(stated["reason"]),
        redacted_by_name=name,
        redacted_by_id=pk,
        redacted_at=stated["at"],
        sha256=str(stated["sha256"]),
    )
    if not redaction.is_tombstone(version):
        raise BadFile(file.line_of("redaction"), "states a redaction, but the text is not what a redaction leaves")


def _add_reviews(version: Version, file: ContentFile) -> int:
    """Add the clinical reviews that the file states and the site does not have, and return how many."""
    names = ("reviewer_name", "reviewer_id", "outcome", "note", "reviewed_at")
    stated: Counter[Any] = Counter(
        (*person_of(entry["reviewer"]), entry["outcome"], str(entry.get("note") or ""), entry["reviewed_at"])
        for entry in file.facts.get("reviews") or []
    )
    here: Counter[Any] = Counter(version.reviews.values_list(*names)) if stated else Counter()
    missing = sorted((stated - here).elements(), key=lambda review: review[-1])
    Review.objects.bulk_create([Review(version=version, **dict(zip(names, review, strict=True))) for review in missing])
    return len(missing)


def _previous(file: ContentFile) -> str:
    """Return the sha256 of the version that the file's version follows, or an empty string for the first."""
    return str(file.facts.get("previous_sha256") or "")
