"""Writing to a cohort or a part of it: who gets it, what it says to each, a test to oneself, and sending it once.

It goes through the outbox like every message. Whoever has left the cohort by the time that it is their turn gets none.
"""

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Booking, CohortMessage, Evidence, Membership
from cohorts.models.memberships import MembershipQuerySet
from portal import outbox, trail
from portal.accounts.models import User
from portal.nhsuk.dates import say_date

RULE: Final = "cohort.message"
TEST: Final = "cohort.message_test"
PLACEHOLDERS: Final = {
    "name": "their full name",
    "cohort": "the cohort's name",
    "programme": "the programme's name",
    "organisation": "where they work",
    "ends_on": "the day on which the cohort ends",
}
BRACES: Final = re.compile(r"\{([^{}]*)\}")
Part = CohortMessage.Part


class NotSent(Exception):
    """Nothing was sent. `str()` says why, in words for the programme team."""


class LetterChanged(NotSent):
    """It no longer says, or is no longer for, what somebody looked at."""

    def __init__(self) -> None:
        super().__init__("Somebody has changed it since you looked. Nothing was sent. Look again.")


class NoDraft(Exception):
    """It was sent, or deleted, since somebody opened it, and can no longer be changed."""

    def __init__(self) -> None:
        super().__init__("It was sent or deleted since you opened it. What you changed was not saved.")


class NumberChanged(NotSent):
    """It would go to another number of people than was said; `number` is how many it is now."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"Since you looked, it would go to {number} instead. Nothing was sent. Look again.")


def unknown_placeholders(text: str) -> list[str]:
    """Return what stands in braces and is no placeholder."""
    return [found for found in BRACES.findall(text) if found.strip() not in PLACEHOLDERS]


def recipients(message: CohortMessage) -> MembershipQuerySet:
    """Return the memberships of whom it goes to, as things stand now."""
    found = Membership.objects.enrolled().filter(cohort=message.cohort_id, user__is_active=True)
    if message.organisation_id:
        found = found.filter(organisation=message.organisation_id)
    if message.component_id:
        of_it = {"membership": OuterRef("pk"), "component": message.component_id}
        found = found.filter(~Exists(Evidence.objects.counting().filter(**of_it)))
        if message.part == Part.NOT_BOOKED:
            found = found.filter(~Exists(Booking.objects.live().filter(**of_it)))
    return found.select_related("user", "organisation", "cohort__programme").order_by("user__name", "pk")


def fill_in(text: str, membership: Membership) -> str:
    """Return a text with its placeholders filled in for one person."""
    words = {
        "name": membership.user.name,
        "cohort": membership.cohort.name,
        "programme": membership.cohort.programme.name,
        "organisation": membership.organisation.name if membership.organisation else "your organisation",
        "ends_on": say_date(membership.cohort.ends_on),
    }
    return BRACES.sub(lambda found: words.get(found[1].strip(), found[0]), text)


def digest(message: CohortMessage) -> str:
    """Return what is the same for as long as a letter says the same and is for the same part of the same cohort."""
    chosen = (message.cohort_id, message.part, message.component_id, message.organisation_id)
    return sha256(json.dumps([message.subject, message.body, *chosen]).encode()).hexdigest()


def hold_draft(message: CohortMessage) -> None:
    """Keep a draft from being sent, or changed by another, until the caller's transaction ends. Raises NoDraft."""
    if _locked().filter(pk=message.pk, sent_at__isnull=True).first() is None:
        raise NoDraft


def send(message: CohortMessage, *, looked_at: str, to: int, by: User) -> int:
    """Send a message to everybody that it is for, who are `to` people; return how many. Sending again changes nothing.

    `looked_at` is the digest of what somebody looked at. Raises LetterChanged, NumberChanged, and NotSent when it would
    go to nobody.
    """
    with transaction.atomic():
        message = _locked().get(pk=message.pk)
        if message.sent_to is not None:
            return message.sent_to
        if digest(message) != looked_at:
            raise LetterChanged
        found = list(recipients(message).values_list("pk", "user"))
        if not found:
            raise NotSent("It would go to nobody. Nothing was sent.")
        if len(found) != to:
            raise NumberChanged(len(found))
        outbox.write_many(RULE, [(f"message:{message.pk}:{membership}", user) for membership, user in found])
        message.sent_at, message.sent_to = timezone.now(), len(found)
        message.save(update_fields=["sent_at", "sent_to"])
        trail.record("cohort.written_to", actor=by, subject=message.cohort, message=message.pk, people=len(found))
    return len(found)


def try_out(message: CohortMessage, *, by: User) -> None:
    """Send a draft to oneself alone, as the first of its recipients would get it. Raises NotSent without one."""
    with transaction.atomic():
        message = _locked().get(pk=message.pk)
        first = recipients(message).first()
        if first is None:
            raise NotSent("It would go to nobody, so there is nothing to try out.")
        message.tests += 1
        message.save(update_fields=["tests"])
        outbox.write(TEST, subject=f"message:{message.pk}:{first.pk}:{message.tests}", person=by)


class Subject(NamedTuple):
    """A message, and the membership whose words it is filled in with."""

    message: CohortMessage
    membership: Membership


def register() -> None:
    """Make these letters known to the outbox."""
    for rule in (RULE, TEST):
        outbox.register(outbox.Rule(name=rule, load=load, compose=compose))


def load(subjects: Sequence[str]) -> Mapping[str, Subject]:
    """Read the messages and the memberships of a batch, in two statements."""
    keys = {subject: [int(part) for part in subject.split(":")[1:3]] for subject in subjects}
    messages = CohortMessage.objects.in_bulk({message for message, _ in keys.values()})
    rows = Membership.objects.enrolled().select_related("user", "organisation", "cohort__programme")
    members = rows.in_bulk({membership for _, membership in keys.values()})
    return {
        subject: Subject(messages[message], members[membership])
        for subject, (message, membership) in keys.items()
        if message in messages and membership in members
    }


def compose(about: Subject, person: User) -> outbox.Mail:
    """Write it to one person."""
    message, membership = about
    return outbox.Mail(
        subject=fill_in(message.subject, membership),
        template="cohorts/message",
        context={"body": fill_in(message.body, membership), "programme": membership.cohort.programme.name},
        link=outbox.Link("Go to your programme", reverse("me")),
    )


def _locked() -> QuerySet[CohortMessage]:
    return CohortMessage.objects.select_for_update(of=("self",), no_key=True)
