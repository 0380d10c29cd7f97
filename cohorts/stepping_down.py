"""How somebody's time as champion ends, and what ends with it: whoever decides it, and whatever it is for."""

from django.db.models import Q
from django.utils import timezone

from cohorts.models import Champion, ChampionContact, ChampionNomination, Membership
from cohorts.models.champions import ChampionQuerySet
from portal import trail
from portal.accounts.models import Role
from portal.accounts.people import Actor
from portal.accounts.roles import end_roles

State = Champion.State


def end_service(champion: Champion, *, by: Actor) -> None:
    """End somebody's being asked, having said yes, or being champion, which is so under the caller's lock of the row.

    Whoever wanted to be in touch with them no longer does by that. What was written stays for the two to read.
    """
    was = champion.state
    champion.state, champion.since = State.ENDED, timezone.now()
    champion.save(update_fields=["state", "since"])
    ChampionContact.objects.filter(champion=champion).delete()
    trail.record("cohort.champion_ended", actor=by, subject=champion.cohort, champion=champion.pk, was=was)
    person = champion.membership.user
    if was == State.CONFIRMED and not Champion.objects.confirmed().filter(membership__user=person).exists():
        end_roles(Role.objects.filter(user=person, kind=Role.Kind.CHAMPION), ended_by=by)


def leave(membership: Membership, *, by: Actor) -> None:
    """End what somebody is to the champions of a cohort that they leave. The caller holds the cohort's row.

    Whom they nominated goes along while nominations are open. Once these are closed the programme team sees numbers,
    and one that fell as somebody left would tell whom they chose: it stays one among others, until all are deleted.
    """
    nominations = Q(nominee=membership)
    if membership.cohort.nominates_champions:
        nominations |= Q(by=membership)
    ChampionNomination.objects.filter(nominations).delete()
    ChampionContact.objects.filter(membership=membership).delete()
    for champion in lock(membership.champion_places.live()):
        end_service(champion, by=by)


def lock(champions: ChampionQuerySet) -> ChampionQuerySet:
    """Return champions whose rows are held until the caller's transaction ends, each with its person and cohort."""
    rows = champions.select_related("membership__user", "cohort__programme")
    return rows.select_for_update(of=("self",), no_key=True).order_by("pk")
