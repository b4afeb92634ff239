"""History files → versions: a version published elsewhere is imported as it was, or not at all.

A file is believed only if its sha256 fits everything it says and the version before it. A version that the site already
has is never overwritten. Reasons: docs/decisions/0018-imports-believe-what-fits.md.
"""

from collections import Counter
from typing import Any

from content import clock, publishing
from content.history import redaction, rerendering
from content.models import Page, Redaction, Review, Version

from .format import BadFile, ContentFile, person_of
from .planning import Plan

NEEDED = ("version", "published_at", "sha256")
REVIEW = ("reviewer_name", "reviewer_id", "outcome", "note", "reviewed_at")


def bring_in(page: Page, file: ContentFile) -> None:
    """Give the page, which this import made, the version in `file`. Call it in a transaction, with the page locked.

    Raises `BadFile` if the file was altered, or if its version does not directly follow the page's newest one.
    """
    version = read_version(page, file)
    _require_place(version, page.versions.order_by("-number").first(), file)
    version.save(force_insert=True)
    if file.facts.get("redaction"):
        _add_redaction(version, file)
    _add_reviews(version, file)
    rerendering.render(version)
    page.renew_review_due()  # the date depends on the history


def compare(page: Page, file: ContentFile) -> Plan:
    """Return whether the page, which has versions, has the one in `file`. None is ever added to it.

    Anyone can make a file whose sha256 fits, so a version that was approved elsewhere does not go live here unseen.
    Raises `BadFile` if the file was altered.
    """
    version = read_version(page, file)
    here = page.versions.select_related("redaction").filter(number=version.number).first()
    if here is None:
        said = f"this page has versions here, and version {version.number} is not one of them"
        return Plan("skipped", f"{said}. To bring in its text, write it as {page.slug}.md")
    if here.sha256 != version.sha256:
        return Plan(
            "skipped",
            f"version {version.number} here has the sha256 {here.sha256}, and the file has {version.sha256}: "
            "they are two different histories",
        )
    is_redacted = hasattr(here, "redaction")
    if is_redacted and not file.facts.get("redaction"):
        return Plan("superseded", f"version {version.number} was redacted here, but the file still contains its text")
    if file.facts.get("redaction") and not is_redacted:
        return Plan("skipped", f"version {version.number} is redacted in the file but not here: redact it here")
    missing = len(_missing_reviews(here, file))
    said = f"clinical reviews in the file that are not here: {missing}. Record them on the site" if missing else ""
    return Plan("unchanged", said)


def read_version(page: Page, file: ContentFile) -> Version:
    """Return the file's version, unsaved. Raises `BadFile` unless its sha256 fits what it says."""
    facts, line_of = file.facts, file.line_of
    if file.slug != page.slug:
        raise BadFile(line_of("slug"), f"the slug {file.slug} is not that of its folder, {page.slug}")
    if missing := [(line_of(key), f"has no {key}") for key in NEEDED if not facts.get(key)]:
        raise BadFile(*missing[0], *missing[1:])
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


def _require_place(version: Version, last: Version | None, file: ContentFile) -> None:
    """Raise `BadFile` unless the version directly follows `last`, the page's newest one."""
    if version.number != (last.number + 1 if last else 1):
        raise BadFile(file.line_of("version"), f"version {version.number - 1} is not here: a history has no gaps")
    if _previous(file) != (last.sha256 if last else ""):
        raise BadFile(
            file.line_of("previous_sha256"),
            f"it follows a version with the sha256 {_previous(file) or '(none)'}, and the one before it here has "
            f"{last.sha256 if last else '(none)'}: they are two different histories",
        )
    if last and version.published_at <= last.published_at:
        raise BadFile(file.line_of("published_at"), f"its time is not after that of version {last.number}")
    if version.published_at > clock.now() + publishing.FURTHEST:
        raise BadFile(file.line_of("published_at"), "its time is more than two years ahead")
    try:
        publishing.refuse_while_scheduled(version.page)
    except publishing.NotAllowed as refusal:
        raise BadFile(1, str(refusal)) from refusal


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


def _add_reviews(version: Version, file: ContentFile) -> None:
    """Add the clinical reviews that the file states and the site does not have."""
    stated = sorted(_missing_reviews(version, file), key=lambda review: review[-1])
    Review.objects.bulk_create([Review(version=version, **dict(zip(REVIEW, each, strict=True))) for each in stated])


def _missing_reviews(version: Version, file: ContentFile) -> list[tuple[Any, ...]]:
    """Return the clinical reviews that the file states and the site does not have, as values of `REVIEW`."""
    stated: Counter[Any] = Counter(
        (*person_of(entry["reviewer"]), entry["outcome"], str(entry.get("note") or ""), entry["reviewed_at"])
        for entry in file.facts.get("reviews") or []
    )
    here: Counter[Any] = Counter(version.reviews.values_list(*REVIEW)) if stated else Counter()
    return list((stated - here).elements())


def _previous(file: ContentFile) -> str:
    """Return the sha256 of the version that the file's version follows, or an empty string for the first."""
    return str(file.facts.get("previous_sha256") or "")
