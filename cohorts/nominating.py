"""Nominating a team: an organisation lead names people, and each of them says yes or no for themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cohorts.enrolment import hold
from cohorts.models import Cohort, Membership
from cohorts.offering import WAITS, Closed, PlaceRefused
from cohorts.refusals import merged_are_refused
from portal import outbox, trail
from portal.accounts.models import JobRole, Organisation, User
from portal.accounts.names import folded
from portal.accounts.people import add_people

State = Membership.State


@dataclass(frozen=True, slots=True)
class Nominee:
    """Somebody whom a lead names."""

    name: str
    email: str
    job_role: JobRole | None


class NominationsClosed(Closed):
    """Nobody can be nominated any more, or not yet."""

    def __init__(self, cohort: Cohort) -> None:
        super().__init__("Nominations", cohort)


def nominate(cohort: Cohort, organisation: Organisation, nominees: Sequence[Nominee], *, by: User) -> int:
    """Nominate a team in one go, and write to each of them; return how many are nominated by that.

    Whoever has no account gets one, which they enter by a code. Whose nomination was taken back is nominated again.
    Whoever waits for a place from this organisation already stays as they are, and the nomination stands beside it.
    Left out is whose account is with another organisation, or closed, and whoever is on the list in any other way: of
    them the lead is told nothing. Raises PlaceRefused: NominationsClosed, or for an account that was just closed.
    """
    by_address = {nominee.email.strip().lower(): nominee for nominee in nominees}
    meanwhile = PlaceRefused("Two accounts of somebody were put together at this very moment. Nobody was nominated.")
    with merged_are_refused(meanwhile), transaction.atomic():
        cohort = hold(cohort)
        if not cohort.takes_applications:
            raise NominationsClosed(cohort)
        known = User.objects.by_address(by_address)
        new = [
            User(email=address, name=nominee.name, organisation=organisation, job_role=nominee.job_role)
            for address, nominee in by_address.items()
            if address not in known
        ]
        add_people(new, added_by=by)
        # Two addresses may lead to one person: they are nominated once.
        people = {person.pk: address for address, person in known.items() if _may_be_nominated(person, organisation)}
        people |= {person.pk: person.email for person in new}
        there = cohort.memberships.filter(user__in=people)
        from_here = Q(organisation=organisation) | Q(organisation=None)
        there.filter(from_here, state__in=WAITS, nominated_by=None).update(nominated_by=by)
        again = list(there.filter(_TAKEN_BACK).select_related("user"))
        listed = set(there.values_list("user", flat=True))
        now = timezone.now()
        for membership in again:
            membership.state, membership.since, membership.nominated_by = State.NOMINATED, now, by
            membership.organisation, membership.sequence = organisation, membership.sequence + 1
        Membership.objects.bulk_update(again, ["state", "since", "nominated_by", "organisation", "sequence"])
        made = Membership.objects.bulk_create(
            Membership(
                user_id=pk,
                cohort=cohort,
                state=State.NOMINATED,
                organisation=organisation,
                job_role=by_address[address].job_role,
                nominated_by=by,
            )
            for pk, address in people.items()
            if pk not in listed
        )
        nominated = [*again, *made]
        trail.record_many("place.nominated", actor=by, entries=[(membership, {}) for membership in nominated])
        outbox.write_many("place.nominated", [(f"place:{each.pk}:{each.sequence}", each.user_id) for each in nominated])
    return len(nominated)


def _may_be_nominated(person: User, organisation: Organisation) -> bool:
    return person.is_active and person.organisation_id in {None, organisation.pk}


_TAKEN_BACK = Q(state=State.WITHDRAWN, nominated_by__isnull=False, reason="")
"""Whoever says no or leaves has a reason, be it "none given": an empty one is a lead's taking back."""


def taken_back(cohort: Cohort) -> QuerySet[Membership]:
    """Return those whose nomination for a cohort was taken back: they can be nominated again."""
    return cohort.memberships.filter(_TAKEN_BACK)


def take_back_nomination(membership: Membership, *, by: User) -> bool:
    """Take back a nomination that was not answered, and say whether it is.

    Of one that was answered nothing changes: it is the person's own then.
    """
    with transaction.atomic():
        hold(membership.cohort)
        waiting = Membership.objects.filter(pk=membership.pk, state=State.NOMINATED, nominated_by=by)
        if waiting.update(state=State.WITHDRAWN, since=timezone.now(), reason=""):
            trail.record("place.nomination_taken_back", actor=by, subject=membership)
        return Membership.objects.filter(_TAKEN_BACK, pk=membership.pk, nominated_by=by).exists()


def nominations_of(lead: User) -> QuerySet[Membership]:
    """Return whom somebody has nominated, the latest cohort first."""
    return lead.nominations.select_related("user", "cohort__programme", "job_role").order_by(
        "-cohort__starts_on", "user__name", "id"
    )


def unanswered(lead: User) -> int:
    """Return of how many nominations of somebody's the person has said neither yes nor no."""
    return lead.nominations.filter(state=State.NOMINATED).count()


@dataclass(frozen=True, slots=True)
class Told:
    """A nomination as its lead sees it: no more than how it stands."""

    membership: Membership
    state: str
    is_unanswered: bool


STATES = {
    State.NOMINATED: "Waiting for their answer",
    State.APPLIED: "The programme team decides",
    State.RESERVE: "On the reserve list",
    State.OFFERED: "Offered a place",
    State.ENROLLED: "Has a place",
    State.DECLINED: "Said no",
    State.WITHDRAWN: "Does not take part",
    State.DEFERRED: "Takes part later",
}


def told(membership: Membership) -> Told:
    """Return what a lead is told of one of their nominations: how it stands, and never why, nor anybody's progress."""
    said = STATES[State(membership.state)]
    if membership.reason == Membership.Reason.NOT_CHOSEN:
        said = "No place this time"
    elif membership.state == State.WITHDRAWN and not membership.reason:
        said = "You took it back"
    return Told(membership, said, membership.state == State.NOMINATED)


def of_the_same_name(cohort: Cohort, lead: User, nominees: Sequence[Nominee]) -> list[tuple[Nominee, str]]:
    """Return those whose name a lead has nominated already for a cohort under another address, with that address."""
    known = {
        folded(membership.user.name): membership.user.email for membership in nominations_of(lead).filter(cohort=cohort)
    }
    found = []
    for nominee in nominees:
        email = known.setdefault(folded(nominee.name), nominee.email)
        if email.lower() != nominee.email.lower():
            found.append((nominee, email))
    return found
