"""Legal holds as disposal meets them: what they keep, and that none begins while something is being disposed of."""

from typing import Final

from django.db import connection, models
from django.db.models import Exists, OuterRef
from django.db.transaction import TransactionManagementError

from portal.retention.models import Hold

# The first does not conflict with itself, so that disposals go on side by side; each conflicts with the other.
_DISPOSING: Final = "LOCK TABLE retention_hold IN ROW EXCLUSIVE MODE"
_SETTING: Final = "LOCK TABLE retention_hold IN SHARE ROW EXCLUSIVE MODE"


def let_none_begin() -> None:
    """Keep every new hold waiting until the caller's transaction ends. Take it before any other lock.

    What is read of holds afterwards then stands for as long as what is done because of it. Raises
    TransactionManagementError outside a transaction.
    """
    _lock(_DISPOSING)


def let_disposals_end() -> None:
    """Wait until whatever is being disposed of is gone, and let nothing more be until the caller's transaction ends.

    Take it before any other lock. Raises TransactionManagementError outside a transaction.
    """
    _lock(_SETTING)


def keeps(person: str) -> Exists:
    """Return the condition that a hold keeps a row; `person` is the way from the row to whom it is about."""
    return Exists(Hold.objects.standing().filter(person=OuterRef(person)))


def of_person(person: models.Model) -> "models.QuerySet[Hold]":
    """Return the holds under which a person stands, the oldest first."""
    return Hold.objects.standing().filter(person=person.pk).order_by("pk")


def _lock(statement: str) -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("A lock on legal holds is taken for a transaction.")
    with connection.cursor() as cursor:
        cursor.execute(statement)
