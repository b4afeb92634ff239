"""Lists of the admin that take as long however many rows there are. Reasons: docs/decisions/0087-flat.md."""

from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

MOST_FOUND = 500  # rows with a word, of which the ids are looked up once; of more, each time that they are needed


class LeanList(ChangeList):
    """A list that reads no column of a row that it does not show."""

    def get_queryset(self, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        """Return the rows without the admin's `list_defer`."""
        found: QuerySet[Any] = super().get_queryset(*args, **kwargs)
        lean: Any = self.model_admin
        return found.defer(*lean.list_defer)


class LeanAdmin(admin.ModelAdmin):
    """Rows whose list takes as long however many there are: 50 at a time, without the columns in `list_defer`."""

    list_per_page = list_max_show_all = 50
    show_full_result_count = False
    list_defer: tuple[str, ...] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the class of the list."""
        return LeanList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows that have each word, or each phrase in quotation marks, in one of the `search_fields`."""
        for bit in smart_split(search_term):
            is_phrase = len(bit) > 1 and bit[0] in "\"'" and bit[0] == bit[-1]
            said = unescape_string_literal(bit) if is_phrase else bit
            found = self.model._default_manager.filter(
                reduce(or_, (self._has(path, said) for path in self.search_fields))
            )
            pks = list(found.order_by().values_list("pk", flat=True)[: MOST_FOUND + 1])
            queryset = queryset.filter(pk__in=pks if len(pks) <= MOST_FOUND else found.order_by().values("pk"))
        return queryset, False

    def _has(self, path: str, said: str) -> Q:
        """Return whether a field has these words, as a condition on the row.

        The rows that have them are found first, in an index that holds the field, and then those that lead to them.
        """
        *steps, name = path.split("__")
        models = [self.model]
        for step in steps:
            models.append(models[-1]._meta.get_field(step).related_model)
        rows = models.pop()._default_manager.order_by().filter(**{f"{name}__icontains": said})
        for step in reversed(steps):
            relation: Any = models[-1]._meta.get_field(step)
            pks = rows.values(relation.remote_field.name if relation.one_to_many else "pk")
            rows = (
                models.pop()
                ._default_manager.order_by()
                .filter(**{"pk__in" if relation.one_to_many else f"{step}__in": pks})
            )
        return Q(pk__in=rows.values("pk"))
