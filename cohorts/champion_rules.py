"""Who is whose champion, and who sits on which side of their conversations: one read for each question.

As in `rules`, what somebody may not see is not found.
"""

from django.db.models import QuerySet

from cohorts.conversations import Seat
from cohorts.models import Champion, ChampionContact, Conversation, ConversationMessage, Membership
from portal.accounts.models import User


def places_as_champion(person: User) -> QuerySet[Champion]:
    """Return the cohorts and workplaces of which somebody is champion now, with whom it is for."""
    rows = Champion.objects.confirmed().filter(membership__user=person)
    return rows.select_related("cohort__programme", "organisation").order_by("-cohort__starts_on", "pk")


def own_place_as_champion(person: User, pk: int) -> Champion | None:
    """Return somebody's own row as one who is, or was, asked to be champion, whatever became of it."""
    rows = Champion.objects.select_related("cohort__programme", "organisation")
    rows = rows.select_related("membership__user", "membership__job_role")
    return rows.filter(pk=pk, membership__user=person).first()


def champion_of(person: User, pk: int) -> tuple[Champion, Membership] | None:
    """Return a champion who is there for this person, and the membership by which they are."""
    champion = _with_people(Champion.objects.confirmed()).filter(pk=pk).first()
    if champion is None:
        return None
    rows = Membership.objects.enrolled().select_related("user", "cohort")
    membership = rows.filter(user=person, cohort=champion.cohort_id).first()
    return (champion, membership) if membership and champion.serves(membership) else None


def seat(person: User, pk: int, membership_id: int) -> Seat | None:
    """Return this person's side of the conversation of a champion and a member: of one that is there, or can begin.

    A member begins it with the champion who is there for them, and a champion with a member who asks for it.
    """
    champion = _with_people(Champion.objects.all()).filter(pk=pk).first()
    membership = Membership.objects.select_related("user", "cohort").filter(pk=membership_id).first()
    if champion is None or membership is None:
        return None
    conversation = Conversation.objects.filter(champion=champion, membership=membership).first()
    if membership.user_id == person.pk:
        begins = champion.state == Champion.State.CONFIRMED and membership.state == Membership.State.ENROLLED
        if conversation or (begins and champion.serves(membership)):
            return Seat(champion, membership, ConversationMessage.Side.MEMBER, conversation)
    elif champion.membership.user_id == person.pk:
        asked = ChampionContact.objects.filter(champion=champion, membership=membership)
        if conversation or asked.exists():
            return Seat(champion, membership, ConversationMessage.Side.CHAMPION, conversation)
    return None


def _with_people(champions: QuerySet[Champion]) -> QuerySet[Champion]:
    return champions.select_related("membership__user", "cohort__programme")
