"""Sections of a referral: written for its readers, and opened by whoever is one."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Max, QuerySet

from portal.nhsuk.dates import say_clock, say_date
from referrals.keyring import RECOVERY, Reader, hold_present_epoch, leads, recovery_reader, team_readers
from referrals.models import Envelope, Provider, Referral, Section
from referrals.provenance import attest, is_ours
from referrals.unlocking import Unlocked
from referrals.vault import SUITE, PrivateKey, Unopenable, open_object, seal_content

Content = dict[str, Any]


def write_section(
    referral: Referral,
    kind: Section.Kind,
    content: Content,
    *,
    readers: Sequence[Reader] | None = None,
    pk: UUID | None = None,
) -> Section:
    """Seal what JSON can say as the referral's next section, to `readers`, or else to whoever reads its others.

    The caller's transaction holds the referral's row, so that sections have an order. Raises Unsigned.
    """
    present = hold_present_epoch(referral.provider)
    section = Section(
        id=pk or uuid4(), referral=referral, kind=kind, epoch=present.epoch, suite=SUITE, number=_next_number(referral)
    )
    key, section.sealed = seal_content(json.dumps(content).encode(), *_names(section))
    attest(section)
    section.save(force_insert=True)
    _address(section, key, readers or readers_of(referral, present))
    return section


def rewrite_section(section: Section, content: Content) -> None:
    """Seal new content in the place of a section's, under a new key, to the same readers. Raises Unsigned."""
    present = hold_present_epoch(section.referral.provider)
    readers = readers_of(section.referral, present)
    section.epoch, section.suite = present.epoch, SUITE
    key, section.sealed = seal_content(json.dumps(content).encode(), *_names(section))
    attest(section)
    section.save(update_fields=["epoch", "suite", "sealed", "code"])
    section.envelopes.all().delete()
    _address(section, key, readers)


@dataclass(frozen=True, slots=True)
class Readership:
    """Who reads a referral: the whole team, or those of it who are named."""

    whole_team: bool
    named: frozenset[UUID]


def readership(referral: Referral) -> Readership | None:
    """Return who reads a referral by the envelopes that are ours; None where it is in doubt whose it is."""
    contact = (
        referral.sections.filter(kind=Section.Kind.CONTACT)
        .select_related("epoch")
        .prefetch_related("envelopes")
        .first()
    )
    if contact is None or not is_ours(contact):
        return None
    held = [each for each in contact.envelopes.all() if is_ours(each)]
    named = frozenset(each.triager_id for each in held if each.triager_id)
    return Readership(any(each.epoch_id for each in held), named)


def readers_of(referral: Referral, present: Reader) -> list[Reader]:
    """Return who reads a referral now: the team, by the present epoch, or the triagers who are named, and recovery.

    Where it is in doubt whose it is, the leads alone: they put it right. The keys are looked at anew. Raises Unsigned.
    """
    found = readership(referral)
    if found and found.whole_team:
        return [present]
    if found is None:
        readers: Sequence[Reader] = leads(referral.provider)
    else:
        readers = team_readers(referral.provider, referral.provider.triagers.active().filter(pk__in=found.named))
    return [*readers, recovery_reader(referral.provider)]


def _address(section: Section, key: bytes, readers: Iterable[Reader]) -> None:
    """Put the section's key into an envelope for each reader."""
    envelopes = [
        Envelope(
            section=section,
            epoch=reader.epoch,
            triager=reader.triager,
            suite=SUITE,
            sealed=reader.key.seal(key, *envelope_names(section, reader.name)),
        )
        for reader in readers
    ]
    for envelope in envelopes:
        attest(envelope)
    Envelope.objects.bulk_create(envelopes)


def share(sections: Iterable[Section], readers: Sequence[Reader], *, unlocked: Unlocked) -> None:
    """Put what `unlocked` can open into envelopes for these readers, in the place of all that there were.

    Raises Unopenable where they cannot open one themselves, with nothing changed in the caller's transaction.
    """
    for section in sections:
        key = _open_key(section, unlocked)
        section.envelopes.all().delete()
        _address(section, key, readers)


def vouch_for(sections: Iterable[Section]) -> None:
    """Take sections as this portal's own, at a lead's word who has opened them."""
    for section in sections:
        attest(section)
        section.save(update_fields=["code"])


def left_to_recovery(provider: Provider) -> QuerySet[Section]:
    """Return what nobody can open any more but with the recovery key: whoever was named has lost their key."""
    held = Envelope.objects.filter(section__referral__provider=provider)
    to_somebody = held.exclude(epoch__isnull=True, triager__isnull=True)
    to_recovery = held.filter(epoch__isnull=True, triager__isnull=True)
    return Section.objects.filter(pk__in=to_recovery.values("section")).exclude(pk__in=to_somebody.values("section"))


def share_from_recovery(provider: Provider, recovery: PrivateKey, reader: Reader) -> None:
    """Put what the recovery key alone can open into envelopes for a reader, too. Raises Unopenable for another key."""
    for section in left_to_recovery(provider).prefetch_related("envelopes"):
        (envelope,) = section.envelopes.all()
        names = envelope_names(section, RECOVERY)
        _address(section, recovery.open(bytes(envelope.sealed), *names, suite=envelope.suite), [reader])


@dataclass(frozen=True, slots=True)
class Opened:
    """A section, and what it says."""

    section: Section
    content: Content

    @property
    def is_in_doubt(self) -> bool:
        """Say whether it may be somebody else's than this portal's: written by whoever can write rows by hand."""
        return not is_ours(self.section)

    @property
    def when(self) -> str:
        """Return the day of which it tells, and the time where it has one, as people say them; else nothing."""
        on, begins = self.content.get("on"), self.content.get("begins")
        try:
            said = say_date(date.fromisoformat(on)) if on else ""
            return f"{said}, {say_clock(time.fromisoformat(begins))}" if begins else said
        except (TypeError, ValueError):  # whoever forged it wrote no such day
            return ""


def open_section(section: Section, unlocked: Unlocked) -> Opened:
    """Open one section. Raises Unopenable for whoever has no envelope, and for what somebody has changed or moved."""
    key = _open_key(section, unlocked)
    return Opened(section, open_object(key, bytes(section.sealed), *_names(section), suite=section.suite))


def _open_key(section: Section, unlocked: Unlocked) -> bytes:
    for envelope in section.envelopes.all():
        private = unlocked.key_for(envelope)
        if private is not None:
            reader = f"epoch {unlocked.epoch_number(envelope.epoch_id)}" if envelope.epoch_id else unlocked.own_name
            return private.open(bytes(envelope.sealed), *envelope_names(section, reader), suite=envelope.suite)
    raise Unopenable


def _next_number(referral: Referral) -> int:
    last: int | None = referral.sections.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _names(section: Section) -> tuple[str | int, ...]:
    """Return what a section's content is bound to: the referral, itself, its kind and the epoch it was written in."""
    return (str(section.referral_id), str(section.pk), section.kind, section.epoch.number)


def envelope_names(section: Section, reader: str) -> tuple[str | int, ...]:
    """Return what an envelope is bound to: the referral, the section, and whose it is by the reader's name."""
    return ("envelope", str(section.referral_id), str(section.pk), reader)
