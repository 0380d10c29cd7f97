"""Setting a legal hold on a person, and lifting it: see `portal.retention.holds` for what it keeps."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from portal import trail
from portal.accounts.erasure import is_erased
from portal.accounts.models import User
from portal.retention import holds
from portal.retention.models import Hold


class HoldRefused(Exception):
    """Nothing was changed. `str()` says why, in words for whoever sets the hold."""


def why_no_hold(person: User, reference: str) -> str:
    """Say why no hold is set on a person for the matter of this reference: nothing, if one can be."""
    if is_erased(person):
        return "They are erased already: there is nothing left to keep."
    if person.merged_into_id:
        return "That account was put together with another, which has all that is kept. Set the hold on that one."
    if holds.of_person(person).filter(reference=reference).exists():
        return "This person is under a legal hold of this reference already."
    return ""


@transaction.atomic
def set_hold(person: User, reference: str, *, by: User) -> Hold:
    """Keep all that is held about a person from being disposed of or erased, for the matter of this reference.

    What is being disposed of at this moment is gone before this returns. Raises HoldRefused for who is erased by then,
    or put together with another account, and where a hold of this reference stands. The reference is not in the trail.
    """
    holds.let_disposals_end()
    if reason := why_no_hold(User.objects.get(pk=person.pk), reference):
        raise HoldRefused(reason)
    hold = Hold.objects.create(person=person, reference=reference, set_by=by)
    trail.record("hold.set", actor=by, subject=hold, person=person.pk)
    return hold


@transaction.atomic
def lift(chosen: Collection[Hold], *, by: User) -> int:
    """Lift holds; return how many stood. What was kept by them alone is disposed of when its time is over."""
    standing = Hold.objects.standing().filter(pk__in=[hold.pk for hold in chosen])
    lifted = list(standing.select_for_update(of=("self",)).order_by("pk"))
    Hold.objects.filter(pk__in=[hold.pk for hold in lifted]).update(lifted_at=timezone.now(), lifted_by=by)
    trail.record_many("hold.lifted", actor=by, entries=[(hold, {"person": hold.person_id}) for hold in lifted])
    return len(lifted)
