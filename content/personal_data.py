"""The personal data in editors' work.

Most of it names a person by name or account number, without a foreign key to the account.
"""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.personal_data.holdings import Holdings, find_addresses

from . import publishing
from .models import Contributor, Departure, Draft, ErrorReport, MissingPage, Page, Redaction, Review, Version


class ContentHoldings(Holdings):
    """Drafts, versions, reviews, credits, error reports and what readers miss."""

    # Drafts and credits belong to a team: `export` says what one person did in them.
    left_out = {
        "content.Draft": None,
        "content.Draft_writers": None,
        "content.Page_credited_by": None,
    }

    def export(self, user: User) -> dict[str, Any]:
        """Return what this person wrote, approved, reviewed and reported, by page. Published text is on the site."""
        return {
            "drafts": [_describe_draft(draft, user) for draft in _drafts(user)],
            "credits changed since the last publication": [page.slug for page in _credited(user)],
            "versions": [_describe_version(version, user) for version in _versions(user)],
            "clinical reviews": [
                {
                    "of": str(review.version),
                    "outcome": review.get_outcome_display(),
                    "note": review.note,
                    "reviewed at": review.reviewed_at.isoformat(),
                }
                for review in _reviews(user)
            ],
            "redactions": [
                {"of": str(redaction.version), "reason": redaction.reason, "at": redaction.redacted_at.isoformat()}
                for redaction in _redactions(user)
            ],
            "credits under your name": [
                {"page": credit.page.slug, **credit.to_credit()} for credit in _credits(user).select_related("page")
            ],
            "error reports from your email address": [
                {
                    "page": report.page.slug,
                    "version": report.version_number,
                    "text": report.text,
                    "email address": report.email,
                    "reported at": report.reported_at.isoformat(),
                }
                for report in _reports(user).select_related("page")
            ],
            "error reports resolved under your name": [
                {"page": report.page.slug, "resolved at": report.resolved_at.isoformat()}
                for report in _resolved(user).select_related("page")
                if report.resolved_at
            ],
            "pages that you told the editors you miss": [
                {
                    "looked for": missing.asked,
                    "expected": missing.expected,
                    "email address": missing.email,
                    "reported at": missing.reported_at.isoformat(),
                }
                for missing in _missing(user)
            ],
            "missing pages resolved under your name": [
                {"looked for": missing.asked, "resolved at": missing.resolved_at.isoformat()}
                for missing in _resolved_missing(user)
                if missing.resolved_at
            ],
        }

    def retained(self, user: User) -> list[str]:
        """Return sentences about what stays because readers and other editors still need it."""
        kept = []
        if versions := len(_versions(user)):
            kept.append(
                f"Your name in {_count(versions, 'version')} of pages that you wrote, submitted or approved, with the "
                "number of your account. Published versions never change, so that it can always be seen what was said "
                "and who stood for it."
            )
        if drafts := len(_drafts(user)) + len(_credited(user)):
            kept.append(
                f"Your part in {_count(drafts, 'text')} not yet published, for the other editors to continue. Your "
                "name and the number of your account are published with it, because another person has to approve it."
            )
        if reviews := _reviews(user).count():
            kept.append(f"Your name in {_count(reviews, 'clinical review')}: readers rely on who reviewed a page.")
        if redactions := _redactions(user).count():
            kept.append(f"Your name in {_count(redactions, 'redaction')}: it says who removed a text.")
        if credits := _credits(user).count():
            kept.append(f"{_count(credits, 'credit')} under your name, on the pages. An editor can remove credits.")
        if resolved := _resolved(user).count():
            kept.append(f"Your name as the one who resolved {_count(resolved, 'error report')}.")
        if resolved := _resolved_missing(user).count():
            kept.append(f"Your name as the one who resolved {_count(resolved, 'message')} about missing pages.")
        if reports := _reports(user).count():
            kept.append(f"The words of {_count(reports, 'error report')} that you sent, without your email address.")
        if missing := _missing(user).count():
            kept.append(
                f"The words of {_count(missing, 'message')} about missing pages that you sent, without your email "
                "address."
            )
        return kept

    def erase(self, user: User) -> None:
        """Keep this person's name with their unpublished texts, and remove their address from error reports.

        `Departure` records the deletion if a text of theirs is not published yet: the rules for its approver need the
        time.
        """
        drafts, credited = _drafts(user), _credited(user)
        for page in sorted({*(draft.page for draft in drafts), *credited}, key=lambda page: page.pk):
            publishing.lock(page)
        entry: dict[str, Any] = {"id": user.pk, "name": user.name or f"Account {user.pk}"}
        for draft in _drafts(user):
            wrote = entry | ({"submitted": True} if draft.submitted_by_id == user.pk else {})
            Draft.objects.filter(pk=draft.pk).update(former_writers=[*draft.former_writers, wrote])
        for page in _credited(user):
            Page.objects.filter(pk=page.pk).update(former_credited_by=[*page.former_credited_by, entry])
        if drafts or credited or any(version.is_scheduled for version in _versions(user)):
            Departure.objects.get_or_create(account_id=user.pk)
        _reports(user).update(email="")
        _missing(user).update(email="")


def _drafts(user: User) -> list[Draft]:
    """Return the drafts that this person wrote in, submitted or saved last."""
    pks = Draft.objects.filter(writers=user).values("pk")
    mine = Q(pk__in=pks) | Q(submitted_by=user) | Q(saved_by=user)
    return list(Draft.objects.filter(mine).select_related("page").order_by("pk"))


def _describe_draft(draft: Draft, user: User) -> dict[str, Any]:
    return {
        "page": draft.page.slug,
        "title": draft.title,
        "state": draft.get_state_display(),
        "you submitted it": draft.submitted_by_id == user.pk,
        "you saved it last": draft.saved_by_id == user.pk,
        "saved at": draft.saved_at.isoformat(),
    }


def _credited(user: User) -> list[Page]:
    return list(Page.objects.filter(credited_by=user).order_by("pk"))


def _versions(user: User) -> list[Version]:
    """Return the versions that name this account, including scheduled ones.

    It reads every version, because the writers are in JSON and this is rarely asked for.
    """
    rows = Version.objects.values_list("pk", "author_id", "approver_id", "writers")
    named = [
        pk
        for pk, author, approver, writers in rows.iterator()
        if user.pk in (author, approver, *(writer["id"] for writer in writers))
    ]
    texts = ("body", "summary", "reason")
    return list(Version.objects.filter(pk__in=named).defer(*texts).select_related("page").order_by("pk"))


def _describe_version(version: Version, user: User) -> dict[str, Any]:
    return {
        "page": version.page.slug,
        "number": version.number,
        "title": version.title,
        "published at": version.published_at.isoformat(),
        "you submitted it": version.author_id == user.pk,
        "you wrote in it": user.pk in [writer["id"] for writer in version.writers],
        "you approved it": version.approver_id == user.pk,
    }


def _reviews(user: User) -> QuerySet[Review]:
    return Review.objects.filter(reviewer_id=user.pk).select_related("version__page").order_by("pk")


def _redactions(user: User) -> QuerySet[Redaction]:
    return Redaction.objects.filter(redacted_by_id=user.pk).select_related("version__page").order_by("pk")


def _credits(user: User) -> QuerySet[Contributor]:
    """Return the credits under this person's name on published pages, which anyone can read."""
    published = Page.objects.published().values("pk")
    return Contributor.objects.filter(name=user.name, page__in=published).exclude(name="").order_by("pk")


def _reports(user: User) -> QuerySet[ErrorReport]:
    return ErrorReport.objects.filter(email__in=find_addresses(user, verified=True)).order_by("pk")


def _resolved(user: User) -> QuerySet[ErrorReport]:
    return ErrorReport.objects.filter(resolved_by_name=user.name).exclude(resolved_by_name="").order_by("pk")


def _missing(user: User) -> QuerySet[MissingPage]:
    return MissingPage.objects.filter(email__in=find_addresses(user, verified=True)).order_by("pk")


def _resolved_missing(user: User) -> QuerySet[MissingPage]:
    return MissingPage.objects.filter(resolved_by_name=user.name).exclude(resolved_by_name="").order_by("pk")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
