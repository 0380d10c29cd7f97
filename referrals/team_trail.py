"""Who opened what: the trail of a provider's referrals, team and keys, for its lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from portal.nhsuk.dates import say_date, say_moment
from portal.trail.models import Entry
from referrals.models import Provider, Triager

PAGE: Final = 50


DEEDS: Final = {
    "envelopes.sealed_anew": "Sealed entries anew",
    "epoch.begun": "Began a new epoch",
    "group.called_off": "Called a group session off",
    "group.changed": "Changed a group session",
    "group.erased": "Deleted who came to a group session",
    "group.guests_opened": "Looked at who comes to a group session",
    "group.link_given": "Gave the link to a group session",
    "group.planned": "Announced a group session",
    "group.register_kept": "Kept the register of a group session",
    "group.taken_off": "Cancelled somebody's booking of a group session",
    "proof.given_out": "Took a table of proof",
    "provider.described": "Changed what the provider says",
    "provider.keys_made": "Made the keys",
    "provider.offer_saved": "Saved an offer",
    "provider.recovered": "Opened the queue with the recovery key",
    "provider.recovery_drilled": "Tried the recovery key",
    "queue.listed": "Looked at the queue",
    "queue.searched": "Looked for a caller",
    "queue.unlocked": "Unlocked the queue",
    "referral.assigned": "Put somebody in charge",
    "referral.confirmed": "Confirmed it",
    "referral.declined": "Said no, so that it was deleted",
    "referral.disposed_of": "Deleted what was written",
    "referral.erased": "Erased it, because the person asked",
    "referral.exported": "Exported it",
    "referral.held": "Put it on legal hold",
    "referral.letter_written": "Wrote an email to the person",
    "referral.note_added": "Added a note",
    "referral.opened": "Opened it",
    "referral.outcome_added": "Recorded an outcome",
    "referral.readers_chosen": "Decided who may see it",
    "referral.reason_given": "Gave a reason for a missed date",
    "referral.receipt_given": "Gave the person a receipt code",
    "referral.released": "Took the legal hold off",
    "referral.submitted": "Sent it",
    "referral.taken": "Took it by phone",
    "referral.vouched_for": "Answered for what was in doubt",
    "referral.withdrawn": "Withdrew it",
    "triager.admitted": "Admitted them",
    "triager.invited": "Invited them",
    "triager.key_made": "Set a passphrase",
    "triager.left": "Took them out of the team",
    "triager.made_lead": "Made them a lead",
    "triager.passphrase_changed": "Changed the passphrase",
    "triager.vouched_for": "Confirmed their new key",
}
ABOUT_THE_QUEUE: Final = frozenset({"queue.listed", "queue.searched", "queue.unlocked"})
THE_PORTALS: Final = frozenset({"referral.disposed_of"})
"""What happens without anybody."""

ON_THE_PHONE: Final = frozenset({"referral.taken", "referral.receipt_given"})
"""What one of the team does while the person speaks with them: who it was stands in the referral alone. All else that
names nobody was done by the person referred, or for them."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the lead reads it. `referral` is the number of the one that it is about, or empty."""

    when: str
    who: str
    deed: str
    about: str
    referral: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of entries, newest first. `following` is the number before which the next page begins; 0 on the last."""

    entries: Sequence[Entry]
    following: int

    def lines(self, provider: Provider) -> list[Line]:
        """Return what the entries tell, with the names of the team."""
        members = Triager.objects.filter(provider=provider).values_list("pk", "user__name")
        names = {f"triager:{pk}": name for pk, name in members}
        return [_line(entry, names) for entry in self.entries]


def _line(entry: Entry, names: dict[str, str]) -> Line:
    kind, _, number = entry.subject.partition(":")
    deed = DEEDS.get(entry.verb, entry.whole_deed)
    if entry.verb == "referral.assigned":
        deed = f"Put {names.get('triager:' + str(entry.details.get('to')), 'somebody')} in charge"
    return Line(
        when=say_moment(entry.at) if entry.actor else say_date(entry.at),
        who=entry.actor.name if entry.actor else _nobody(entry.verb),
        deed=deed,
        about=_about(entry, names),
        referral=number if kind == "referral" else "",
    )


def _nobody(verb: str) -> str:
    """Return who did something, of which the trail names nobody."""
    if verb in THE_PORTALS:
        return "The portal, by itself"
    return "One of the team: the referral says who" if verb in ON_THE_PHONE else "The person, or somebody for them"


def _about(entry: Entry, names: dict[str, str]) -> str:
    """Return what a deed was about: a referral's number, one of the team, the provider; or nothing."""
    kind, _, number = entry.subject.partition(":")
    if kind == "referral":
        return f"Referral {number[:8]}"
    return "" if entry.verb in ABOUT_THE_QUEUE else names.get(entry.subject, "The provider")


def read(provider: Provider, *, referral: UUID | None = None, before: int = 0) -> Page:
    """Return a page of what was done with a provider's referrals and in its team, or with one of its referrals.

    It names them by number alone.
    """
    referrals = provider.referrals.filter(pk=referral) if referral else provider.referrals.all()
    of_referrals = Q(subject__in=_keys(referrals, "referral:"))
    of_team = Q(subject__in=_keys(Triager.objects.filter(provider=provider), "triager:"))
    found = Entry.objects.filter(
        of_referrals if referral else of_referrals | of_team | Q(subject=f"provider:{provider.pk}")
    )
    if before:
        found = found.filter(pk__lt=before)
    entries = list(found.select_related("actor").order_by("-pk")[: PAGE + 1])
    shown = entries[:PAGE]
    return Page(shown, shown[-1].pk if len(entries) > PAGE else 0)


def _keys(rows: QuerySet[Any], kind: str) -> QuerySet[Any]:
    named = Concat(Value(kind), Cast(F("pk"), CharField()), output_field=CharField())
    keys: QuerySet[Any] = rows.annotate(named=named).values("named")
    return keys
