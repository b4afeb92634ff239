from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from content.models import Page

LONGEST = 4_000  # characters in one annotation


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    """Which of a reader's annotations are shown. Always reached from the reader: `user.annotations`."""

    def kept(self) -> "AnnotationQuerySet":
        """Those that were not deleted."""
        return self.filter(deleted_at=None)


class Annotation(models.Model):
    """A private note by one reader on one page. Nobody else is ever shown it, in the admin neither."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="annotations")
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_on_version = models.PositiveIntegerField(help_text="The number of the version that was live then.")
    written_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1, help_text="Rises with every edit: a save names the one it saw.")
    deleted_at = models.DateTimeField(null=True, help_text="Deleted by its owner, who may still undo it.")

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ["written_at", "pk"]
        indexes = [models.Index(fields=["owner", "page"], name="annotations_of_a_reader")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="an_annotation_says_something"),
        ]

    def __str__(self) -> str:
        # Never the text: this may end up in a log.
        return f"Annotation {self.pk}"

    def get_absolute_url(self) -> str:
        """Where its owner edits it."""
        return reverse("annotation-edit", args=[self.pk])

    def edit(self, text: str, revision: int) -> bool:
        """Say `text` from now on, and be shown again if it was deleted meanwhile.

        False, and nothing is changed, when the annotation no longer stands at `revision`.
        """
        same = type(self).objects.filter(pk=self.pk, revision=revision)
        changes = {"text": text, "edited_at": timezone.now(), "deleted_at": None}
        is_saved = bool(same.update(revision=models.F("revision") + 1, **changes))
        self.refresh_from_db()
        return is_saved

    def delete_softly(self) -> None:
        """Show it no more; `undelete` brings it back."""
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at"])

    def undelete(self) -> None:
        """Show it again."""
        self.deleted_at = None
        self.save(update_fields=["deleted_at"])
