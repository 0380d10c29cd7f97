"""Admin lists over tables that only grow: they count no further than anybody pages."""

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property

from portal.generics import Paginator

MOST = 10_000
"""Rows that a list leads to. Whatever lies deeper is found by a filter or the search."""


class CappedPaginator(Paginator[Any]):
    """A paginator whose count costs the same however much there is, and never exceeds MOST."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, or MOST when there are more."""
        return self.object_list.order_by()[:MOST].count()
