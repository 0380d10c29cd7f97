"""Who may do what with referrals: one predicate, or one read, for each question.

Membership of a provider's team decides, and nothing else: neither Django's permissions nor being a superuser does.
What the content of a referral is concerned, no rule opens it: only an envelope does (`referrals.sealing`).
"""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, When

from portal.accounts.models import Role, User
from portal.accounts.rules import holds
from referrals.models import Triager

Visitor = User | AnonymousUser


NEAREST_FIRST = Case(When(state=Triager.State.ACTIVE, then=0), When(state=Triager.State.KEYED, then=1), default=2)


def works_in_queue(visitor: Visitor) -> bool:
    """Say whether somebody belongs to a provider's team at all. Costs no statement: the role comes with the person."""
    return holds(visitor, Role.Kind.TRIAGER)


def own_place(person: User) -> Triager | None:
    """Return somebody's own place in a provider's team, with the provider, until they leave.

    Of several, where they are active, or else wait to be: to be asked into another team takes nobody out of their own.
    """
    return (
        Triager.objects.exclude(state=Triager.State.LEFT)
        .filter(user=person)
        .select_related("provider", "user")
        .order_by(NEAREST_FIRST, "since", "id")
        .first()
    )


def leads(triager: Triager) -> bool:
    """Say whether somebody leads their provider's team."""
    return triager.is_lead and triager.state == Triager.State.ACTIVE
