"""What people are told of their place in a cohort, from being nominated to having it: one table of letters.

A message is about a membership as it stood at one of its changes (`place:<id>:<sequence>`). What a later change has
overtaken is not sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Cohort, Membership, Session
from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_until

State = Membership.State


@dataclass(frozen=True, slots=True)
class PlaceLetter:
    """One reason to write.

    `subject` and `lead` get the `{programme}`, the `{cohort}`, `{until}`, `{nominator}`, and what comes `{next}`.
    """

    rule: str
    subject: str
    lead: str
    state: str
    button: str = "See how it stands"


LETTERS = (
    PlaceLetter(
        "place.nominated",
        "You have been nominated: {programme}",
        "{nominator} has nominated you for {cohort}. Nothing is decided by that, and nothing is booked for you: you "
        "say whether you would like to take part.",
        State.NOMINATED,
        button="Say yes or no",
    ),
    PlaceLetter(
        "place.received",
        "We have your application: {programme}",
        "Thank you. The programme team reads every application for {cohort}, and writes to you with its decision.",
        State.APPLIED,
    ),
    PlaceLetter(
        "place.offered",
        "A place is yours if you want it: {programme}",
        "We would be glad to have you in {cohort}. We hold a place for you until {until}. After that it goes to "
        "somebody else.",
        State.OFFERED,
        button="Accept or decline the place",
    ),
    PlaceLetter(
        "place.reminder",
        "Your offer of a place ends soon: {programme}",
        "We still hold a place for you in {cohort}, until {until}. After that it goes to somebody else.",
        State.OFFERED,
        button="Accept or decline the place",
    ),
    PlaceLetter(
        "place.accepted",
        "You have a place: {programme}",
        "You are enrolled in {cohort}. {next}",
        State.ENROLLED,
        button="Go to your programme",
    ),
    PlaceLetter(
        "place.reserved",
        "You are on the reserve list: {programme}",
        "{cohort} has more people than places. You are on its reserve list, and we write to you if a place comes free.",
        State.RESERVE,
    ),
    PlaceLetter(
        "place.lapsed",
        "Your offer of a place has ended: {programme}",
        "We have not heard from you, so the place in {cohort} goes to somebody else. You are on the reserve list, and "
        "we write to you if a place comes free. You can also say that you no longer want one.",
        State.RESERVE,
    ),
    PlaceLetter(
        "place.offer_taken_back",
        "Your offer of a place is on hold: {programme}",
        "We are sorry: we cannot hold the place in {cohort} for you any longer. Your application stands, and the "
        "programme team writes to you with its decision.",
        State.APPLIED,
    ),
    PlaceLetter(
        "place.turned_down",
        "No place this time: {programme}",
        "We are sorry that we cannot offer you a place in {cohort}: there were more people than places. You can apply "
        "for a later cohort.",
        State.DECLINED,
    ),
)


def has_dates(cohort: Cohort) -> bool:
    """Say whether there is a date to come that members of a cohort may book."""
    return Session.objects.upcoming().of_cohort(cohort.pk, cohort.programme_id).exists()


def next_step(*, has_dates: bool) -> str:
    """Say what somebody does next who has a place."""
    if has_dates:
        return "Next, choose your dates."
    return "The dates come later: you choose yours under “Your programme” once they are set."


class Subject(NamedTuple):
    """A membership, the change of it that a message is about, and whether its cohort has dates to choose from."""

    membership: Membership
    sequence: int
    has_dates: bool


def register() -> None:
    """Make these letters known to the outbox."""
    for letter in LETTERS:
        outbox.register(outbox.Rule(name=letter.rule, load=load, compose=partial(compose, letter)))


def load(subjects: Sequence[str]) -> Mapping[str, Subject]:
    """Read the memberships of a batch of messages in one statement."""
    keys = {subject: tuple(map(int, subject.split(":")[1:])) for subject in subjects}
    dates = Session.objects.upcoming().of_cohort(OuterRef("cohort"), OuterRef("cohort__programme"))
    rows = Membership.objects.select_related("cohort__programme", "nominated_by").annotate(has_dates=Exists(dates))
    found: Mapping[int, Any] = rows.in_bulk([pk for pk, _ in keys.values()])
    return {subject: Subject(found[pk], seq, found[pk].has_dates) for subject, (pk, seq) in keys.items() if pk in found}


def compose(letter: PlaceLetter, about: Subject, person: User) -> outbox.Mail | None:
    """Write the letter, or return None when a later change, or the time, has overtaken it."""
    membership, cohort = about.membership, about.membership.cohort
    expires = membership.offer_expires_at
    if membership.sequence != about.sequence or membership.state != letter.state:
        return None
    if expires and expires <= timezone.now():
        return None
    words = {
        "programme": cohort.programme.name,
        "cohort": cohort.name,
        "until": say_until(expires) if expires else "",
        "next": next_step(has_dates=about.has_dates),
        "nominator": membership.nominated_by.name if membership.nominated_by else "",
    }
    address = reverse("me") if membership.state == State.ENROLLED else reverse("place", args=[membership.pk])
    return outbox.Mail(
        subject=letter.subject.format(**words),
        template="cohorts/place",
        context={"lead": letter.lead.format(**words), "cohort": cohort},
        link=outbox.Link(letter.button, address),
    )
