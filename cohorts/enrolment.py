"""Enrolling people in cohorts, one by one or many at once, and their leaving.

Neither writes to anybody: how people are welcomed is the programme team's to decide. What leaving does to somebody's
bookings, they are told as of any cancellation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cohorts import booking, progress, stepping_down, studying
from cohorts.models import Booking, Cohort, Membership, Session
from cohorts.refusals import merged_are_refused
from portal import trail
from portal.accounts.models import JobRole, Organisation, User
from portal.accounts.people import Actor

BATCH = 1000

State = Membership.State

ON_PURPOSE_ALONE = Membership.LEFT | {State.DEFERRED}
"""Who left, said no or takes part later is enrolled here again only when somebody means to."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Who is to be enrolled, with where they work now and as what."""

    person: User
    organisation: Organisation | None
    job_role: JobRole | None


class EnrolmentRefused(Exception):
    """Nothing was changed. `str()` says why, in words for the programme team."""


class HasLeft(EnrolmentRefused):
    """Somebody withdrew from the cohort, declined their place, or takes part later."""

    DID: ClassVar = {
        State.DECLINED: "declined a place in",
        State.WITHDRAWN: "withdrew from",
        State.DEFERRED: "takes part later than",
    }

    def __init__(self, membership: Membership) -> None:
        self.membership = membership
        did = self.DID[State(membership.state)]
        super().__init__(f"{membership.user} {did} this cohort. Enrol them again only if they have asked for it.")


class AccountClosed(EnrolmentRefused):
    """Somebody may not sign in, so they could neither see nor answer what the cohort asks of them."""

    def __init__(self, person: User) -> None:
        self.person = person
        super().__init__(f"The account of {person} is closed. Open it first, or enrol somebody else.")


class CohortFull(EnrolmentRefused):
    """There are fewer places left than people."""

    def __init__(self, places_left: int) -> None:
        self.places_left = places_left
        left = "1 place" if places_left == 1 else f"{places_left} places"
        super().__init__(f"The cohort has {left} left. Give the cohort more places first, or choose another cohort.")


def enrol(
    person: User,
    cohort: Cohort,
    *,
    organisation: Organisation | None,
    job_role: JobRole | None,
    by: User,
    again: bool = False,
) -> Membership:
    """Enrol one person; who is enrolled stays as they are. `again` takes back somebody who left.

    Raises AccountClosed, HasLeft, or CohortFull, with nothing changed.
    """
    enrol_many(cohort, [Enrolment(person, organisation, job_role)], by=by, again=again)
    return Membership.objects.get(cohort=cohort, user=person)


def enrol_many(cohort: Cohort, enrolments: Sequence[Enrolment], *, by: User, again: bool = False) -> int:
    """Enrol all of these people or none, in statements that do not grow with their number.

    Returns how many were not enrolled before. Each may be named once. Raises EnrolmentRefused: AccountClosed, HasLeft,
    CohortFull, or for an account that was closed at this very moment.
    """
    closed = next((enrolment.person for enrolment in enrolments if not enrolment.person.is_active), None)
    if closed:
        raise AccountClosed(closed)
    meanwhile = EnrolmentRefused("An account was put together with another at this very moment. Nobody was enrolled.")
    with merged_are_refused(meanwhile), transaction.atomic():
        cohort = hold(cohort)
        known = {
            membership.user_id: membership
            for membership in Membership.objects.filter(
                cohort=cohort, user__in=[enrolment.person.pk for enrolment in enrolments]
            ).select_related("user")
        }
        left = [membership for membership in known.values() if membership.state in ON_PURPOSE_ALONE]
        if left and not again:
            raise HasLeft(left[0])
        enrolled = {pk for pk, membership in known.items() if membership.state == State.ENROLLED}
        new = [enrolment for enrolment in enrolments if enrolment.person.pk not in enrolled]
        # Whoever was offered a place has one that is held for them.
        held = {pk for pk, membership in known.items() if membership.state == State.OFFERED}
        if sum(enrolment.person.pk not in held for enrolment in new) > cohort.places_left:
            raise CohortFull(cohort.places_left)
        now = timezone.now()
        memberships = Membership.objects.bulk_create(
            [
                Membership(
                    user=enrolment.person,
                    cohort=cohort,
                    state=State.ENROLLED,
                    organisation=enrolment.organisation,
                    job_role=enrolment.job_role,
                    since=now,
                )
                for enrolment in new
            ],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["user", "cohort"],
            update_fields=["state", "organisation", "job_role", "since", "offer_expires_at", "reminder_at", "reason"],
        )
        trail.record_many(
            "membership.enrolled",
            actor=by,
            entries=[
                (membership, {"was": known[membership.user_id].state if membership.user_id in known else None})
                for membership in memberships
            ],
        )
        return len(memberships)


def withdraw(membership: Membership, *, by: Actor, reason: str = Membership.Reason.OTHER) -> int:
    """Take somebody out of a cohort and cancel what they have booked in it; return how many bookings that were.

    What they have done stays in the ledger. Withdrawing who has left changes nothing.
    """
    with transaction.atomic():
        membership = _hold_with_sessions(membership)
        if membership.state in Membership.LEFT:
            return 0
        return _leave(membership, State.WITHDRAWN, by=by, reason=reason)


def defer(membership: Membership, to: Cohort | None, *, by: User, reason: str = "") -> Membership:
    """Let somebody who takes part, or has a place, do so later: in another cohort of the programme, or in one to come.

    Their bookings are cancelled. With `to` they are enrolled there, and what they have done counts there as well; who
    was deferred without is deferred to a cohort once there is one, and keeps the first `reason` (Membership.Reason).
    Return their membership there, or the deferred one without. Raises EnrolmentRefused, with nothing changed.
    """
    if to and (to.programme_id != membership.cohort.programme_id or to.pk == membership.cohort_id):
        raise EnrolmentRefused("Choose another cohort of the same programme.")
    if to and to.has_ended:
        raise EnrolmentRefused(f"{to} has ended. Choose one that runs, or is still to come.")
    with transaction.atomic():
        membership = _hold_with_sessions(membership, to)
        if not membership.may_be_deferred:
            raise EnrolmentRefused(f"{membership.user} has no place in this cohort that could be deferred.")
        if membership.state != State.DEFERRED:
            _leave(membership, State.DEFERRED, by=by, reason=reason)
        if to is None:
            return membership
        if Membership.objects.filter(user=membership.user_id, cohort=to).exists():
            raise EnrolmentRefused(f"{membership.user} is on the list of {to} already. Enrol them there.")
        later = enrol(membership.user, to, organisation=membership.organisation, job_role=membership.job_role, by=by)
        later.deferred_from = membership
        later.save(update_fields=["deferred_from"])
        progress.carry_over(membership, later, by=by)
        studying.hand_on(membership, later)
    return later


def hold(cohort: Cohort) -> Cohort:
    """Lock a cohort's row until the caller's transaction ends, and return it as it is now, with its programme.

    Whoever changes a membership's state holds its cohort first.
    """
    return Cohort.objects.select_for_update(of=("self",), no_key=True).select_related("programme").get(pk=cohort.pk)


def _hold_with_sessions(membership: Membership, to: Cohort | None = None) -> Membership:
    """Lock what somebody's leaving changes, in the order of all verbs, and return the membership as it is now.

    With the sessions' locks in hand nobody can be in the middle of booking one of them as a member. They come first,
    as for every booking; then cohorts, with the one to which somebody goes; then the membership.
    """
    list(_upcoming_sessions(membership).select_for_update(of=("self",)).order_by("pk"))
    cohorts = Cohort.objects.filter(pk__in=[membership.cohort_id, *([to.pk] if to else [])])
    list(cohorts.select_for_update(no_key=True).order_by("pk"))
    rows = Membership.objects.select_related("user", "cohort", "organisation", "job_role", "deferred_to")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=membership.pk)


def _leave(membership: Membership, to: str, *, by: Actor, reason: str = "") -> int:
    """Let somebody leave whose row the caller holds; return how many bookings were cancelled."""
    trail.record(f"membership.{to}", actor=by, subject=membership, was=membership.state)
    membership.state, membership.since, membership.reason = to, timezone.now(), reason
    membership.offer_expires_at = membership.reminder_at = None
    membership.sequence += 1
    membership.save()
    stepping_down.leave(membership, by=by)
    cancelled = list(live_bookings(membership))
    for held in cancelled:
        booking.cancel(held, by=by, reason="They left the cohort.")
    return len(cancelled)


def live_bookings(membership: Membership) -> QuerySet[Booking]:
    """Return what would be cancelled if the person left: their bookings of the cohort's sessions still to come."""
    return membership.bookings.live().filter(session__starts_at__gt=timezone.now()).select_related("session")


def _upcoming_sessions(membership: Membership) -> QuerySet[Session]:
    return Session.objects.upcoming().of_cohort(membership.cohort_id, membership.cohort.programme_id)
