"""What an import leaves in the database, kept for the tests of this process that begin with the same import.

The first test imports the real files in the real way. The others get the rows that it left, each as it was, because
reading, checking and rendering them again takes a third of a second for each page and says nothing new.
"""

from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta

from django.apps import apps
from django.db import transaction
from django.db.models import Model
from django.db.models.base import ModelState
from django.utils import timezone

from content.models import ContentChange, Page

KEPT: dict[str, tuple[datetime, list[Model]]] = {}


def once(name: str, bring_in: Callable[[], None]) -> None:
    """Leave what `bring_in` leaves in a database without pages.

    It is called again if there are pages already, or if the clock of this test is not the one by which the rows were
    made: a page published in what is its future would be one that nobody can read yet.
    """
    now = timezone.now()
    made_at, rows = KEPT.get(name, (now, []))
    if Page.objects.exists():
        bring_in()
    elif rows and timedelta(0) <= now - made_at < timedelta(hours=1):
        with transaction.atomic():
            for row in rows:
                again = copy(row)
                again._state = ModelState()
                again.save_base(raw=True, force_insert=True)
    else:
        bring_in()
        KEPT[name] = timezone.now(), rows_of_content()


def rows_of_content() -> list[Model]:
    """Return everything of the pages, except how often it changed, which triggers count."""
    models = apps.get_app_config("content").get_models(include_auto_created=True)
    return [row for model in models if model is not ContentChange for row in model._base_manager.order_by("pk")]
