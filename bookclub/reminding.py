"""A kind word about a copy that is due back: a week before the day, and once more on it or after.

Each goes once for each day on which a loan is due: a loan says whether it was written about (`reminded_before_at`,
`reminded_due_at`), and forgets that as its day is changed. Nothing goes about one that is back.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from bookclub.loan_letters import DUE, SOON, subject_of
from bookclub.models import Loan
from portal import outbox

WEEK: Final = timedelta(days=7)
MORNING: Final = 8
"""From this hour (UK time) on letters go: a day begins at midnight, when nobody should be written to about a book."""
BATCH: Final = 500


def write_due(*, now: datetime | None = None) -> int:
    """Write what is due to the outbox, in batches of three statements; return how many letters were written."""
    clock = timezone.localtime(now)
    if clock.hour < MORNING:
        return 0
    today = clock.date()
    # Who has borrowed it for a week or less was told the day as they did.
    soon = Loan.objects.filter(
        reminded_before_at=None, due_on__gt=today, due_on__lte=today + WEEK, lent_on__lt=F("due_on") - WEEK
    )
    back = Loan.objects.filter(reminded_due_at=None, due_on__lte=today)
    return _write(SOON, soon, "reminded_before_at") + _write(DUE, back, "reminded_due_at")


def _write(rule: str, due: QuerySet[Loan], mark: str) -> int:
    """Mark loans that are due under their rows' locks, and write about each; nobody else gets them."""
    written = 0
    while True:
        with transaction.atomic():
            rows = due.filter(outcome=Loan.Outcome.OUT).order_by("due_on", "pk")
            locked = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
            found = list(locked.values_list("pk", "due_on", "borrower")[:BATCH])
            if found:
                Loan.objects.filter(pk__in=[pk for pk, *_ in found]).update(**{mark: Now()})
                written += outbox.write_many(rule, [(subject_of(pk, day), who) for pk, day, who in found])
        if len(found) < BATCH:
            return written
