"""What tests of champions share: a cohort with a champion, and those whom they are there for."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from cohorts import champions
from cohorts.conversations import Seat
from cohorts.models import Champion, Cohort, Conversation, ConversationMessage, Membership
from portal.accounts.models import User
from tests.factories import make_admin, make_cohort, make_membership, make_user

Side = ConversationMessage.Side


def make_nominating_cohort(**fields: Any) -> Cohort:
    """Make a cohort whose members may nominate a champion today."""
    today = timezone.localdate()
    given = {"champion_opens_on": today - timedelta(days=2), "champion_closes_on": today + timedelta(days=2)}
    return make_cohort(**given | fields)


def close_nominations(cohort: Cohort) -> None:
    """Let yesterday have been the last day to nominate."""
    cohort.champion_closes_on = timezone.localdate() - timedelta(days=1)
    cohort.save(update_fields=["champion_closes_on"])


def make_member(cohort: Cohort, name: str = "Demo Member", **fields: Any) -> Membership:
    """Enrol somebody of that name."""
    return make_membership(make_user(name=name), cohort, **fields)


def make_champion(membership: Membership, *, by: User | None = None) -> Champion:
    """Make a member champion of their place by the verbs: asked, said yes, confirmed."""
    admin = by or make_admin()
    champion = champions.ask(membership, by=admin)
    champions.agree(champion, name=membership.user.name, role="Midwife")
    champions.confirm(champion, by=admin)
    champion.refresh_from_db()
    return champion


def seat(champion: Champion, membership: Membership, side: Side = Side.MEMBER) -> Seat:
    """Return a side of the conversation of the two."""
    conversation = Conversation.objects.filter(champion=champion, membership=membership).first()
    return Seat(champion, membership, side, conversation)
