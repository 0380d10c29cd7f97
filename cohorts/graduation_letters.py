"""Writing to those who are invited to a graduation: once as they are invited, and once before the last day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from cohorts.models import GraduationInvitation
from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_date, say_moment, say_when


@dataclass(frozen=True, slots=True)
class GraduationLetter:
    """One reason to write. `subject` gets the graduation's `{name}` and the `{date}` of its session."""

    rule: str
    subject: str
    lead: str


INVITED: Final = GraduationLetter(
    "graduation.invited",
    "You are invited: {name}, {date}",
    "You have completed your programme. We would like to celebrate that with you.",
)
REMINDED: Final = GraduationLetter(
    "graduation.reminder",
    "Can you come? {name}, {date}",
    "You are invited, and we have not heard from you yet. Please tell us either way: it helps us to plan.",
)


def register() -> None:
    """Make these letters known to the outbox."""
    for letter in (INVITED, REMINDED):
        outbox.register(outbox.Rule(name=letter.rule, load=load, compose=partial(compose, letter)))


def invite(invitations: Sequence[GraduationInvitation]) -> None:
    """Write to everybody who was invited, in one statement."""
    _write(INVITED, invitations)


def remind(invitations: Sequence[GraduationInvitation]) -> None:
    """Write to everybody who is reminded, in one statement."""
    _write(REMINDED, invitations)


def _write(letter: GraduationLetter, invitations: Sequence[GraduationInvitation]) -> None:
    outbox.write_many(letter.rule, [(f"graduationinvitation:{each.pk}", each.user_id) for each in invitations])


def load(subjects: Sequence[str]) -> Mapping[str, Any]:
    """Read the invitations of a batch of messages with their sessions and answers, in one statement."""
    keys = {subject: int(subject.partition(":")[2]) for subject in subjects}
    rows = GraduationInvitation.objects.with_answers().select_related("graduation__session__venue")
    found = rows.in_bulk(keys.values())
    return {subject: found[pk] for subject, pk in keys.items() if pk in found}


def compose(letter: GraduationLetter, invitation: Any, person: User) -> outbox.Mail | None:
    """Write the letter; None once it is answered, or cannot be any more."""
    graduation, session = invitation.graduation, invitation.graduation.session
    if invitation.booked_as or invitation.declined_at or not session.booking_is_open:
        return None
    words = {"name": graduation.name, "date": say_date(session.starts_at)}
    return outbox.Mail(
        subject=letter.subject.format(**words),
        template="cohorts/graduation",
        context={
            "lead": letter.lead,
            "session": session,
            "when": say_when(session.starts_at, session.ends_at),
            "guests": graduation.guests_each,
            "answer_by": say_moment(session.booking_closes_at or session.starts_at),
        },
        link=outbox.Link("Say whether you can come", graduation.get_absolute_url()),
    )
