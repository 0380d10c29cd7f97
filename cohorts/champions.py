"""Champions: whom a cohort nominates, who is asked and says yes for themselves, and who is confirmed.

A champion is there for the whole cohort, or for one workplace in it, as the cohort says. Each verb holds the cohort's
row; PostgreSQL keeps each place to one who is asked, has said yes, or is champion. The trail says of nominating
nothing at all: of three colleagues, that one has nominated tells nearly whom.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone

from cohorts.enrolment import hold
from cohorts.models import Champion, ChampionContact, ChampionNomination, Cohort, Membership
from cohorts.models.memberships import MembershipQuerySet
from cohorts.stepping_down import end_service, lock
from portal import outbox, trail
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import Organisation, Role, User
from portal.accounts.people import Actor
from portal.accounts.roles import grant_role
from portal.small_numbers import LEAST_ANSWERS

State = Champion.State

EACH_WORKPLACE: Final = Cohort.ChampionFor.WORKPLACE


class ChampionRefused(Exception):
    """Nothing was done. `str()` says why, in words for whoever wanted it."""


class NominationsClosed(ChampionRefused):
    """Nobody is nominated now for the place that a member would fill."""

    def __init__(self) -> None:
        super().__init__("Nominations are closed, or the place is filled. Nothing was changed.")


class ChampionChanged(ChampionRefused):
    """It is no longer as the page said."""

    def __init__(self) -> None:
        super().__init__("This has changed since you opened the page. Nothing was done. Below is how it stands now.")


def members_of_place(membership: Membership) -> MembershipQuerySet:
    """Return those who take part and whom the same champion is there for, or would be: a member may nominate them.

    That is nobody for somebody whose workplace is not known, where each workplace has a champion of its own.
    """
    found = Membership.objects.enrolled().filter(cohort=membership.cohort_id, user__is_active=True)
    if membership.cohort.champion_for == EACH_WORKPLACE:
        if membership.organisation_id is None:
            return found.none()
        found = found.filter(organisation=membership.organisation_id)
    return found.select_related("user", "job_role").order_by("user__name", "pk")


def nominates_now(membership: Membership) -> bool:
    """Say whether a member may nominate somebody: while nominations are open, and nobody fills the place."""
    cohort, place = membership.cohort, _place(membership.cohort, membership)
    if membership.state != Membership.State.ENROLLED or not cohort.nominates_champions:
        return False
    if place is None and cohort.champion_for == EACH_WORKPLACE:
        return False
    return not Champion.objects.confirmed().filter(cohort=cohort, organisation=place).exists()


def nominate(by: Membership, nominee: Membership) -> None:
    """Let a member nominate somebody of their place, themselves too, in place of whomever they nominated before.

    Raises NominationsClosed, and ChampionChanged for a nominee who has left.
    """
    with transaction.atomic():
        by = _held(by)
        if not nominates_now(by):
            raise NominationsClosed
        if not members_of_place(by).filter(pk=nominee.pk).exists():
            raise ChampionChanged
        ChampionNomination.objects.update_or_create(by=by, defaults={"cohort": by.cohort, "nominee": nominee})


def take_nomination_back(by: Membership) -> None:
    """Take back a member's nomination; having none already changes nothing. Raises NominationsClosed."""
    with transaction.atomic():
        by = _held(by)
        if not nominates_now(by):
            raise NominationsClosed
        ChampionNomination.objects.filter(by=by).delete()


def ask(membership: Membership, *, by: User) -> Champion:
    """Ask a member to be champion of their place, and write to them; asking them again changes nothing.

    Raises ChampionRefused while nominations are open, when somebody else is asked or confirmed, for a member whose
    workplace is not known where it has to be, and for one who has left.
    """
    with transaction.atomic():
        membership = _held(membership)
        cohort, place = membership.cohort, _place(membership.cohort, membership)
        if membership.state != Membership.State.ENROLLED or not membership.user.is_active:
            raise ChampionChanged
        if cohort.nominates_champions:
            raise ChampionRefused("Nominations are open. Ask somebody once they have closed.")
        if place is None and cohort.champion_for == EACH_WORKPLACE:
            raise ChampionRefused("It is not known where they work. Enrol them with their organisation first.")
        there = Champion.objects.live().filter(cohort=cohort, organisation=place).first()
        if there:
            if there.membership_id == membership.pk:
                return there
            raise ChampionRefused("Somebody is asked, or is champion, already. Nobody was asked.")
        champion = Champion.objects.create(cohort=cohort, membership=membership, organisation_id=place)
        trail.record("cohort.champion_asked", actor=by, subject=cohort, champion=champion.pk)
        _tell("champion.asked", champion)
    return champion


def agree(champion: Champion, *, name: str, role: str) -> None:
    """Let whoever is asked say yes, and how they are shown to those whom they are there for.

    They may say it anew until they are confirmed, and afterwards. Raises ChampionChanged when nobody asks them.
    """
    with transaction.atomic():
        champion = _held_champion(champion)
        if champion.state not in Champion.LIVE:
            raise ChampionChanged
        was = champion.state
        champion.shown_name, champion.shown_role = name, role
        if was == State.ASKED:
            champion.state, champion.since = State.AGREED, timezone.now()
            trail.record(
                "cohort.champion_agreed",
                actor=champion.membership.user,
                subject=champion.cohort,
                champion=champion.pk,
            )
        champion.save(update_fields=["shown_name", "shown_role", "state", "since"])
        let_author_stay(champion.membership.user_id)


def decline(champion: Champion) -> None:
    """Let whoever is asked say no; nobody asks why. Having said so changes nothing. Raises ChampionChanged."""
    with transaction.atomic():
        champion = _held_champion(champion)
        if champion.state == State.DECLINED:
            return
        if champion.state != State.ASKED:
            raise ChampionChanged
        champion.state, champion.since = State.DECLINED, timezone.now()
        champion.save(update_fields=["state", "since"])
        trail.record(
            "cohort.champion_declined", actor=champion.membership.user, subject=champion.cohort, champion=champion.pk
        )


def confirm(champion: Champion, *, by: User) -> None:
    """Make somebody champion who has said yes, and tell them; confirming again changes nothing.

    Their place's nominations have done their work and are deleted. Raises ChampionChanged.
    """
    with transaction.atomic():
        champion = _held_champion(champion)
        if champion.state == State.CONFIRMED:
            return
        if champion.state != State.AGREED:
            raise ChampionChanged
        champion.state, champion.since = State.CONFIRMED, timezone.now()
        champion.save(update_fields=["state", "since"])
        grant_role(champion.membership.user, Role.Kind.CHAMPION, granted_by=by)
        nominations = ChampionNomination.objects.filter(cohort=champion.cohort)
        if champion.organisation_id:
            nominations = nominations.filter(by__organisation=champion.organisation_id)
        nominations.delete()
        trail.record("cohort.champion_confirmed", actor=by, subject=champion.cohort, champion=champion.pk)
        _tell("champion.confirmed", champion)


def end(champion: Champion, *, by: User) -> None:
    """Take back a question, or end somebody's time as champion, and tell them; what is over stays as it is."""
    with transaction.atomic():
        champion = _held_champion(champion)
        if champion.state in Champion.LIVE:
            was_champion = champion.state == State.CONFIRMED
            end_service(champion, by=by)
            _tell("champion.ended" if was_champion else "champion.taken_back", champion)


def stand_down(champion: Champion) -> None:
    """Let a champion, or somebody who has said yes, stand down; who has already stays as they are."""
    with transaction.atomic():
        champion = _held_champion(champion)
        if champion.state in Champion.LIVE:
            end_service(champion, by=champion.membership.user)


def get_in_touch(champion: Champion, membership: Membership) -> None:
    """Let a champion know that somebody whom they are there for would like to be in touch. Raises ChampionChanged."""
    with transaction.atomic():
        membership = _held(membership)
        champion = _held_champion(champion)
        enrolled = membership.state == Membership.State.ENROLLED
        if champion.state != State.CONFIRMED or not enrolled or not champion.serves(membership):
            raise ChampionChanged
        ChampionContact.objects.get_or_create(champion=champion, membership=membership)


def stay_out_of_touch(champion: Champion, membership: Membership) -> None:
    """Take that back; what was never said changes nothing."""
    ChampionContact.objects.filter(champion=champion, membership=membership).delete()


def is_settled(cohort: Cohort) -> bool:
    """Say whether whom a cohort's champions are for may be changed no more: somebody is nominated, or asked."""
    return (
        ChampionNomination.objects.filter(cohort=cohort).exists()
        or Champion.objects.live().filter(cohort=cohort).exists()
    )


def let_go(keys: Sequence[int], *, by: Actor = trail.SYSTEM) -> int:
    """End champions' time, by their keys and in the caller's transaction, and no longer say how they are shown."""
    chosen = Champion.objects.filter(pk__in=keys)
    for champion in lock(chosen.live()):
        end_service(champion, by=by)
    return chosen.update(shown_name="", shown_role="")


@dataclass(frozen=True, slots=True)
class Place:
    """A place for one champion, as the programme team sees it: who is asked or confirmed, and who could be asked.

    Of each member stands by how many they are nominated, or None where that is not told: while nominations are open,
    and where fewer than LEAST_ANSWERS have nominated. Those who are nominated come first.
    """

    organisation: Organisation | None
    champion: Champion | None
    members: Sequence[tuple[Membership, int | None]]
    nominated: frozenset[int]
    """The keys of the memberships of those who are nominated; none while nominations are open."""

    said_no: frozenset[int]
    """And of those who were asked, and said no: so that nobody presses them."""


def places(cohort: Cohort) -> list[Place]:
    """Return a cohort's places for champions, by the names of workplaces, in statements that do not grow with them."""
    rows = cohort.memberships.enrolled().filter(user__is_active=True).select_related("user", "organisation", "job_role")
    members = list(rows.order_by("user__name", "pk"))
    asked = list(Champion.objects.filter(cohort=cohort).select_related("membership__user", "organisation"))
    live = {champion.organisation_id: champion for champion in asked if champion.state in Champion.LIVE}
    said_no = frozenset(champion.membership_id for champion in asked if champion.state == State.DECLINED)
    votes: Counter[int] = Counter()
    if not cohort.nominates_champions:
        votes.update(ChampionNomination.objects.filter(cohort=cohort).values_list("nominee", flat=True))
    if cohort.champion_for == EACH_WORKPLACE:
        workplaces = {each.organisation_id: each.organisation for each in members if each.organisation}
        workplaces |= {pk: champion.organisation for pk, champion in live.items() if champion.organisation}
        ordered = sorted(workplaces.items(), key=lambda item: str(item[1]))
        return [
            _as_place(workplace, live.get(pk), [each for each in members if each.organisation_id == pk], votes, said_no)
            for pk, workplace in ordered
        ]
    return [_as_place(None, live.get(None), members, votes, said_no)]


def _as_place(
    workplace: Organisation | None,
    champion: Champion | None,
    members: Sequence[Membership],
    votes: Counter[int],
    said_no: frozenset[int],
) -> Place:
    nominated = frozenset(each.pk for each in members if votes[each.pk])
    is_told = sum(votes[pk] for pk in nominated) >= LEAST_ANSWERS
    told = [(each, votes[each.pk] if is_told else None) for each in members]
    told.sort(key=lambda line: (line[0].pk not in nominated, -(line[1] or 0)))
    return Place(workplace, champion, told, nominated, said_no)


def _place(cohort: Cohort, membership: Membership) -> int | None:
    """Return the key of the workplace whose champion somebody's is, or None for the whole cohort's."""
    return membership.organisation_id if cohort.champion_for == EACH_WORKPLACE else None


def _held(membership: Membership) -> Membership:
    """Lock a membership's cohort, and return the membership as it is now with it."""
    cohort = hold(membership.cohort)
    held = Membership.objects.select_related("user", "organisation").get(pk=membership.pk)
    held.cohort = cohort
    return held


def _held_champion(champion: Champion) -> Champion:
    """Lock a champion's row, after its cohort, and return it as it is now with its person."""
    hold(champion.cohort)
    return lock(Champion.objects.filter(pk=champion.pk)).get()


def _tell(rule: str, champion: Champion) -> None:
    outbox.write(rule, subject=f"champion:{champion.pk}", person=champion.membership.user)
