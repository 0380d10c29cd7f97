"""Sections of a referral: written for its readers, and opened by whoever is one."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Max, QuerySet

from portal.nhsuk.dates import say_clock, say_date
from referrals.keyring import RECOVERY, EpochReader, Reader, hold_present_epoch, leads, recovery_reader, team_readers
from referrals.models import Envelope, Provider, Referral, Section
from referrals.provenance import attest, digest, is_ours
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
    section = Section(id=pk or uuid4(), referral=referral, kind=kind, number=_next_number(referral))
    key = _seal(section, content, present)
    section.save(force_insert=True)
    _address(section, key, readers or readers_of(referral, present))
    return section


def rewrite_section(section: Section, content: Content) -> None:
    """Seal new content in the place of a section's, under a new key, to the same readers. Raises Unsigned."""
    present = hold_present_epoch(section.referral.provider)
    readers = readers_of(section.referral, present)
    key = _seal(section, content, present)
    section.save(update_fields=["epoch", "suite", "sealed", "code"])
    section.envelopes.all().delete()
    _address(section, key, readers)


def _seal(section: Section, content: Content, present: EpochReader) -> bytes:
    """Put content on a section, sealed in the present epoch and marked as ours; return the key."""
    section.epoch, section.suite = present.epoch, SUITE
    key, section.sealed = seal_content(json.dumps(content).encode(), *_names(section))
    attest(section)
    return key


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
    if contact is None or is_in_doubt(contact):
        return None
    held = [each for each in contact.envelopes.all() if is_ours(each)]
    named = frozenset(each.triager_id for each in held if each.triager_id)
    return Readership(any(each.epoch_id for each in held), named)


def readers_of(referral: Referral, present: Reader) -> list[Reader]:
    """Return who reads a referral now: the team, by the present epoch, or the triagers who are named, and recovery.

    Where it is in doubt whose it is, the leads alone: they put it right. The keys are looked at anew. Raises Unsigned.
    """
    found = readership(referral)
    if found is None:
        return leads_and_recovery(referral.provider)
    if found.whole_team:
        return [present]
    named = referral.provider.triagers.active().filter(pk__in=found.named)
    return [*team_readers(referral.provider, named), recovery_reader(referral.provider)]


def leads_and_recovery(provider: Provider) -> list[Reader]:
    """Return the readers of what the leads alone may see for now. Raises Unsigned."""
    return [*leads(provider), recovery_reader(provider)]


def _address(section: Section, key: bytes, readers: Iterable[Reader]) -> None:
    """Put the section's key into an envelope for each reader."""
    Envelope.objects.bulk_create(_envelopes(section, key, readers))


def _envelopes(section: Section, key: bytes, readers: Iterable[Reader]) -> list[Envelope]:
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
    return envelopes


def share(section: Section, readers: Sequence[Reader], *, unlocked: Unlocked) -> None:
    """Put a section's key into envelopes for these readers, in the place of all that there were.

    Its content stays under the key that it has, so this takes it away from nobody: `reseal` does. It opens it by an
    envelope that is ours alone. Raises Unopenable where `unlocked` has none.
    """
    key = _open_key([each for each in section.envelopes.all() if is_ours(each)], section, unlocked)
    section.envelopes.all().delete()
    _address(section, key, readers)


def reseal(sections: Iterable[Section], readers: Sequence[Reader], *, present: EpochReader, unlocked: Unlocked) -> None:
    """Seal sections under new keys to these readers alone: envelopes of before count for nothing, also put back by
    hand. What was in doubt stays so.

    Raises Unopenable where `unlocked` cannot open one themselves, with nothing changed in the caller's transaction.
    """
    opened = [(open_section(section, unlocked), is_ours(section)) for section in sections]
    envelopes: list[Envelope] = []
    for each, was_ours in opened:
        key = _seal(each.section, each.content, present)
        if not was_ours:
            each.section.code = b""
        envelopes += _envelopes(each.section, key, readers)
    resealed = [each.section for each, _ in opened]
    Section.objects.bulk_update(resealed, ["epoch", "suite", "sealed", "code"])
    Envelope.objects.filter(section__in=resealed).delete()
    Envelope.objects.bulk_create(envelopes)


def as_seen(section: Section) -> str:
    """Return what stands for a section as it is now: it is another one as soon as anything else is sealed there."""
    return f"{section.pk}:{digest(section.sealed)}"


def vouch_for(sections: Iterable[Section], *, present: EpochReader, unlocked: Unlocked) -> None:
    """Take sections as this portal's own, at the word of a lead who has opened them.

    Whoever has an envelope that is ours goes on reading. Where nobody has, the leads alone do, until one decides.
    Raises Unopenable for what `unlocked` cannot open, and Unsigned.
    """
    for section in sections:
        attest(section)
        if _has_reader(section):
            section.save(update_fields=["code"])
        else:
            reseal([section], leads_and_recovery(section.referral.provider), present=present, unlocked=unlocked)


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


def is_in_doubt(section: Section) -> bool:
    """Say whether a section may be somebody else's than this portal's: written by whoever can write rows by hand.

    It needs its referral, its epoch and its envelopes loaded.
    """
    return not is_ours(section) or not _has_reader(section)


def _has_reader(section: Section) -> bool:
    return any(is_ours(each) for each in section.envelopes.all())


@dataclass(frozen=True, slots=True)
class Opened:
    """A section, and what it says. What is in doubt may say anything, in any form."""

    section: Section
    content: Content

    @property
    def is_in_doubt(self) -> bool:
        """Say whether it may be somebody else's than this portal's (`is_in_doubt`)."""
        return is_in_doubt(self.section)

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
    key = _open_key(section.envelopes.all(), section, unlocked)
    return Opened(section, open_object(key, bytes(section.sealed), *_names(section), suite=section.suite))


def _open_key(envelopes: Iterable[Envelope], section: Section, unlocked: Unlocked) -> bytes:
    """Return a section's key out of the first of these envelopes of it that opens. Raises Unopenable."""
    for envelope in envelopes:
        with suppress(Unopenable):
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
