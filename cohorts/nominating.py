"""Nominating a team: an organisation lead names people, and each of them says yes or no for themselves."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cohorts.models import Cohort, Membership
from cohorts.offering import PlaceRefused, hold
from portal import outbox, trail
from portal.accounts.models import JobRole, Organisation, User
from portal.accounts.people import add_people

State = Membership.State


@dataclass(frozen=True, slots=True)
class Nominee:
    """Somebody whom a lead names."""

    name: str
    email: str
    job_role: JobRole | None


class NominationsClosed(PlaceRefused):
    """The cohort takes nobody any more, or not yet."""

    def __init__(self) -> None:
        super().__init__("Nominations for this cohort are closed. Nobody was nominated.")


def nominate(cohort: Cohort, organisation: Organisation, nominees: Sequence[Nominee], *, by: User) -> int:
    """Nominate a team in one go, and write to each of them; return how many were not on the cohort's list before.

    Whoever has no account gets one, which they enter by a code. Whoever is on the list already stays as they are, and
    the nomination stands beside it. Whose account is with another organisation is not nominated, and the lead is not
    told whether they have one: nobody finds out by nominating who takes part elsewhere. Raises NominationsClosed.
    """
    by_address = {nominee.email.strip().lower(): nominee for nominee in nominees}
    with transaction.atomic():
        cohort = hold(cohort)
        if not cohort.takes_applications:
            raise NominationsClosed
        known = {person.email.lower(): person for person in User.objects.filter(email__in=by_address)}
        new = [
            User(email=address, name=nominee.name, organisation=organisation, job_role=nominee.job_role)
            for address, nominee in by_address.items()
            if address not in known
        ]
        add_people(new, added_by=by)
        ours = [each for each in known.values() if each.organisation_id in {None, organisation.pk} and each.is_active]
        people = {person.email.lower(): person for person in [*ours, *new]}
        cohort.memberships.filter(user__in=people.values(), nominated_by__isnull=True).update(nominated_by=by)
        listed = set(cohort.memberships.filter(user__in=people.values()).values_list("user", flat=True))
        made = Membership.objects.bulk_create(
            Membership(
                user=people[address],
                cohort=cohort,
                state=State.NOMINATED,
                organisation=organisation,
                job_role=nominee.job_role,
                nominated_by=by,
            )
            for address, nominee in by_address.items()
            if address in people and people[address].pk not in listed
        )
        trail.record_many("place.nominated", actor=by, entries=[(membership, {}) for membership in made])
        outbox.write_many("place.nominated", [(f"place:{each.pk}:{each.sequence}", each.user_id) for each in made])
    return len(made)


def take_back_nomination(membership: Membership, *, by: User) -> None:
    """Take back a nomination that was not answered. Of one that was, nothing changes: it is the person's own then."""
    with transaction.atomic():
        hold(membership.cohort)
        waiting = Membership.objects.filter(pk=membership.pk, state=State.NOMINATED, nominated_by=by)
        if waiting.update(state=State.WITHDRAWN, since=timezone.now(), reason=Membership.Reason.OTHER):
            trail.record("place.nomination_taken_back", actor=by, subject=membership)


def nominations_of(lead: User) -> QuerySet[Membership]:
    """Return whom somebody has nominated, the latest cohort first."""
    return lead.nominations.select_related("user", "cohort__programme", "job_role").order_by(
        "-cohort__starts_on", "user__name", "id"
    )


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
    not_chosen = membership.reason == Membership.Reason.NOT_CHOSEN
    said = "No place this time" if not_chosen else STATES[State(membership.state)]
    return Told(membership, said, membership.state == State.NOMINATED)


def of_the_same_name(cohort: Cohort, lead: User, nominees: Sequence[Nominee]) -> list[tuple[Nominee, str]]:
    """Return those whose name a lead has nominated already for a cohort under another address, with that address."""
    known = {
        _folded(membership.user.name): membership.user.email
        for membership in nominations_of(lead).filter(cohort=cohort)
    }
    found = []
    for nominee in nominees:
        email = known.setdefault(_folded(nominee.name), nominee.email)
        if email.lower() != nominee.email.lower():
            found.append((nominee, email))
    return found


def _folded(name: str) -> str:
    """Return a name without accents, capitals and doubled spaces, to compare it."""
    plain = unicodedata.normalize("NFKD", name)
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(letters.casefold().split())
