"""The demonstration's champions: nominated, asked, ready to begin, and at work, with what is written to one of them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from django.db.models import QuerySet

from cohorts import champions, conversations
from cohorts.conversations import Seat
from cohorts.models import Champion, Cohort, Conversation, ConversationMessage, Membership
from portal.accounts.models import User

Side = ConversationMessage.Side

ASKS: Final = (
    "A colleague said at handover that a woman was “making a fuss, like they all do”. I said nothing, and I keep "
    "thinking about it. What would you have done?"
)
ANSWERS: Final = (
    "Thank you for telling me. Saying nothing in the moment happens to all of us. I would go to your colleague today, "
    "alone, and ask what the woman had told them. If you like, we go through the words together: I am on the unit on "
    "Thursday until 4pm."
)
AGREES: Final = "Yes please, Thursday at 3pm would work. I will find you in the handover room."
ADVERTISES: Final = "My cousin sells the books of your reading list for half the price. Shall I put you on their list?"
LATEST: Final = timedelta(hours=3)
BETWEEN_MESSAGES: Final = timedelta(hours=19)
WORKPLACE: Final = Cohort.ChampionFor.WORKPLACE


def settle_champions(cohort: Cohort, champion: User, participant: User, *, monday: date, by: User) -> None:
    """Let each workplace stand elsewhere: with a champion, with one who said yes, with one who is asked, with none."""
    cohort.champion_for = WORKPLACE
    _open(cohort, monday, closes_on=monday + timedelta(weeks=1))
    places = [[each for each in _members(cohort) if each.organisation_id == pk] for pk in _workplaces(cohort)]
    for members in places:
        _nominate_among(members)
    _open(cohort, monday, closes_on=monday - timedelta(days=1))
    home, ready, asked, *_ = places
    _confirm(_named(home, champion), by=by)
    _agree(champions.ask(ready[0], by=by))
    champions.ask(asked[1], by=by)
    _write(Champion.objects.confirmed().get(cohort=cohort), _named(home, participant), home)


def open_nominations(cohort: Cohort, *, monday: date) -> None:
    """Let the members of a cohort nominate a champion for all of them, which some have done."""
    _open(cohort, monday, closes_on=monday + timedelta(weeks=3))
    _nominate_among(list(_members(cohort))[:6])


def _open(cohort: Cohort, monday: date, *, closes_on: date) -> None:
    cohort.champion_opens_on, cohort.champion_closes_on = monday - timedelta(weeks=3), closes_on
    cohort.save(update_fields=["champion_for", "champion_opens_on", "champion_closes_on"])


def _members(cohort: Cohort) -> QuerySet[Membership]:
    rows = cohort.memberships.enrolled().select_related("user__job_role", "cohort__programme")
    return rows.order_by("pk")


def _workplaces(cohort: Cohort) -> Sequence[int | None]:
    return list(dict.fromkeys(each.organisation_id for each in _members(cohort)))


def _named(members: Sequence[Membership], person: User) -> Membership:
    return next(each for each in members if each.user_id == person.pk)


def _nominate_among(members: Sequence[Membership]) -> None:
    """Let these nominate the first or the second of them."""
    for number, each in enumerate(members):
        champions.nominate(each, members[0 if number % 3 else 1])


def _confirm(membership: Membership, *, by: User) -> None:
    champion = champions.ask(membership, by=by)
    _agree(champion)
    champions.confirm(champion, by=by)


def _agree(champion: Champion) -> None:
    person = champion.membership.user
    champions.agree(champion, name=person.name, role=str(person.job_role or ""))


def _write(champion: Champion, participant: Membership, members: Sequence[Membership]) -> None:
    """Let the champion and the participant write to one another, and a colleague something that the team is shown."""
    champions.get_in_touch(champion, participant)
    asks, answers = (_seat(champion, participant, side) for side in (Side.MEMBER, Side.CHAMPION))
    conversations.write(asks, ASKS)
    conversations.write(answers, ANSWERS)
    conversations.write(asks, AGREES)
    other = next(each for each in members if each.pk not in {participant.pk, champion.membership_id})
    conversations.write(_seat(champion, other, Side.MEMBER), ADVERTISES)
    unwanted = ConversationMessage.objects.get(conversation__membership=other)
    conversations.report(_seat(champion, other, Side.CHAMPION), unwanted)
    for conversation in champion.conversations.all():
        _spread_over_days(conversation)


def _spread_over_days(conversation: Conversation) -> None:
    """Put messages back to when they would have been written: the first days ago, the latest within the last hours."""
    messages = list(conversation.messages.order_by("-pk"))
    for number, message in enumerate(messages):
        message.written_at -= BETWEEN_MESSAGES * number + LATEST
        message.save(update_fields=["written_at"])
    conversation.latest_at = messages[0].written_at
    conversation.save(update_fields=["latest_at"])


def _seat(champion: Champion, membership: Membership, side: Side) -> Seat:
    return Seat(champion, membership, side, None)
