"""Letting others read a reflection, and taking it back.

| from | share with the facilitators | share with the cohort | take back |
|---|---|---|---|
| only you | the facilitators | the cohort | only you |
| the facilitators | the facilitators | the cohort | only you |
| the cohort | the facilitators | the cohort | only you |

Somebody shares the words that they saw: where another tab has saved others meanwhile, nothing is shared. It is taken
back whatever has changed. While the cohort goes on its members share; they take back at any time, those too who have
left. Of who leaves and comes back nobody reads it, until they share it again. The trail has that something was shared
or taken back, and neither words nor with whom.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from bookclub.models import Reflection
from bookclub.reflecting import Seen, existing_one, held, hold_place, require_seen
from bookclub.refusals import CohortOver, NothingToShare
from cohorts.models import Cohort
from portal import trail
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User

Audience = Reflection.Audience


@transaction.atomic
def share(cohort: Cohort, uid: UUID, audience: Reflection.Audience, *, seen: Seen, by: User) -> None:
    """Let others read what is saved, under the author's name; with those who read it already nothing changes.

    Raises NoMember, CohortOver, NothingToShare, ReflectionGone, ChangedInOtherTab.
    """
    place = hold_place(cohort, by)
    row = existing_one(uid, by)
    if row.cohort.has_ended:
        raise CohortOver
    if not row.is_saved:
        raise NothingToShare
    if row.audience == audience and row.is_shown(place):
        return
    require_seen(row, seen)
    _let_read(row, audience)
    trail.record("reflection.shared", actor=by, subject=row, cohort=row.cohort_id)
    let_author_stay(by.pk)


@transaction.atomic
def take_back(uid: UUID, *, by: User) -> None:
    """Let nobody but its author read a reflection any more; of one that is gone, or is not shared, nothing changes."""
    row = held(uid, by)
    if row and row.is_shared:
        _let_read(row, Audience.NOBODY)
        trail.record("reflection.taken_back", actor=by, subject=row, cohort=row.cohort_id)


def _let_read(row: Reflection, audience: Reflection.Audience) -> None:
    now = timezone.now()
    row.audience, row.changed_at = audience, now
    row.shared_at = None if audience == Audience.NOBODY else now
    row.version += 1
    row.save(update_fields=["audience", "shared_at", "version", "changed_at"])
