"""The queue as a triager sees it, and one referral: opened in the request, and only what they have an envelope for."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from portal import trail
from referrals import clocks
from referrals.models import Envelope, Escalation, Referral, Section, Triager
from referrals.models.referrals import ReferralQuerySet
from referrals.sealing import Content, Opened, open_section
from referrals.unlocking import Unlocked
from referrals.vault import Unopenable

PAGE: Final = 50
BATCH: Final = 200
MINE, NOBODYS = "mine", "nobodys"
BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Row:
    """One referral in the queue."""

    referral: Referral
    name: str
    clock: clocks.Running | None
    level: Escalation.Level | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue. `following` is the key of the page after it, empty on the last."""

    rows: Sequence[Row]
    following: str


def readable(unlocked: Unlocked) -> ReferralQuerySet:
    """Return the referrals of which the triager has an envelope: PostgreSQL leaves the others out."""
    mine = Q(epoch__in=unlocked.epoch_ids) | Q(triager=unlocked.triager)
    contact = Section.objects.filter(
        Exists(Envelope.objects.filter(mine, section=OuterRef("pk"))), referral=OuterRef("pk"), kind="contact"
    )
    return Referral.objects.filter(Exists(contact), provider=unlocked.triager.provider_id)


def queue(unlocked: Unlocked, *, whose: str = "", state: str = "", after: str = "") -> Page:
    """Return a page of what is open, what is due first before all else; `after` is a key that was given out before.

    Looking is put in the trail.
    """
    found = readable(unlocked).open().select_related("assignee__user")
    if whose == MINE:
        found = found.filter(assignee=unlocked.triager)
    elif whose == NOBODYS:
        found = found.filter(assignee__isnull=True)
    if state in Referral.State.values:
        found = found.filter(state=state)
    ordered = found.order_by(F("act_by").asc(nulls_last=True), "id")
    referrals = list(_from(ordered, after)[: PAGE + 1])
    shown = referrals[:PAGE]
    names = dict(_names(unlocked, shown))
    trail.record("queue.listed", actor=unlocked.triager.user, subject=f"triager:{unlocked.triager.pk}")
    rows = [_row(referral, names.get(referral.pk, "")) for referral in shown]
    return Page(rows, _key(shown[-1]) if len(referrals) > PAGE else "")


def find_by_name(unlocked: Unlocked, name: str) -> list[Row]:
    """Return the open referrals of somebody by their name, or a part of it, whatever its accents and capitals.

    The names are opened and compared in this request alone. Looking is put in the trail, the name is not.
    """
    sought, found = _folded(name), []
    everything = readable(unlocked).open().select_related("assignee__user").order_by("id")
    start = BEFORE_ALL
    while batch := list(everything.filter(pk__gt=start)[:BATCH]):
        names = dict(_names(unlocked, batch))
        found += [_row(each, names[each.pk]) for each in batch if sought in _folded(names.get(each.pk, ""))]
        start = batch[-1].pk
    trail.record("queue.searched", actor=unlocked.triager.user, subject=f"triager:{unlocked.triager.pk}")
    return [row for row in found if row.name]


@dataclass(frozen=True, slots=True)
class Whole:
    """One referral with what the triager can open of it, in order."""

    referral: Referral
    contact: Opened | None
    story: Opened | None
    entries: Sequence[Opened]
    is_hidden: bool
    """The story waits until consent and contact are verified: a rule of this code, and not of a key."""

    @property
    def contact_rows(self) -> list[tuple[str, str]]:
        """Return how to be in touch, each answer under its name."""
        rows = _rows(self.contact, CONTACT_LABELS)
        said = self.contact.content if self.contact else {}
        if said.get("phone") and not said.get("voicemail"):
            rows.append(("Voice message", "not answered: do not leave one"))
        return rows

    @property
    def email(self) -> str:
        """Return the address at which the person may be written to, or nothing where email is not safe."""
        return safe_email(self.contact.content) if self.contact else ""

    @property
    def story_rows(self) -> list[tuple[str, str]]:
        """Return what was written on the form, each answer under its name."""
        submitter = Opened(self.story.section, self.story.content.get("submitter") or {}) if self.story else None
        return [*_rows(self.story, STORY_LABELS), *_rows(submitter, SUBMITTER_LABELS)]


CONTACT_LABELS: Final = {
    "name": "Name to use",
    "ways": "Safe ways",
    "phone": "Phone",
    "email": "Email",
    "address": "Post",
    "voicemail": "Voice message",
    "safe": "To know",
    "language": "Language",
    "interpreter": "Interpreter",
}
STORY_LABELS: Final = {
    "offer": "Offer",
    "text": "What brings them",
    "times": "Times",
    "gender": "Gender of therapist",
    "access": "Needs",
}
SUBMITTER_LABELS: Final = {
    "submitter": "Sent by",
    "relation": "Who is",
    "how": "How the person agreed",
}


def safe_email(contact: Content) -> str:
    """Return the address at which somebody may be written to, by how they said that it is safe to reach them."""
    return str(contact["email"]) if contact.get("email") and "email" in contact.get("ways", ("email",)) else ""


def named_readers(referral: Referral) -> list[Triager]:
    """Return who alone may see a referral; nobody where it is for the whole team."""
    held = Envelope.objects.filter(section__referral=referral)
    if held.filter(epoch__isnull=False).exists():
        return []
    named = Triager.objects.filter(pk__in=held.filter(triager__isnull=False).values("triager"))
    return list(named.select_related("user").order_by("user__name"))


def _rows(opened: Opened | None, labels: dict[str, str]) -> list[tuple[str, str]]:
    said = opened.content if opened else {}
    values = ((label, said.get(name)) for name, label in labels.items())
    return [(label, ", ".join(value) if isinstance(value, list) else str(value)) for label, value in values if value]


def open_referral(unlocked: Unlocked, pk: UUID) -> Whole | None:
    """Open a referral, and put in the trail who did; None for one that is not theirs to open, as for none."""
    whole = read(unlocked, pk)
    if whole:
        trail.record("referral.opened", actor=unlocked.triager.user, subject=f"referral:{pk}")
        if whole.referral.has_news:
            Referral.objects.filter(pk=pk).update(has_news=False)
    return whole


def record_export(unlocked: Unlocked, pk: UUID) -> None:
    """Put in the trail that a referral leaves for the provider's own clinical record."""
    trail.record("referral.exported", actor=unlocked.triager.user, subject=f"referral:{pk}")


def read(unlocked: Unlocked, pk: UUID) -> Whole | None:
    """Open a referral for a verb or a form that needs to know what it says."""
    referral = (
        readable(unlocked)
        .select_related("assignee__user", "provider", "commissioner", "consent_verified_by__user")
        .filter(pk=pk)
        .first()
    )
    if referral is None:
        return None
    is_hidden = referral.waits_for_verification
    sections = referral.sections.select_related("epoch").prefetch_related("envelopes")
    if is_hidden:
        sections = sections.exclude(kind=Section.Kind.STORY)
    opened = list(_open_each(sections, unlocked))
    by_kind = {each.section.kind: each for each in opened}
    entries = [each for each in opened if each.section.kind not in {Section.Kind.CONTACT, Section.Kind.STORY}]
    contact, story = by_kind.get(Section.Kind.CONTACT), by_kind.get(Section.Kind.STORY)
    return Whole(referral, contact, story, entries, is_hidden)


def _open_each(sections: Iterable[Section], unlocked: Unlocked) -> Iterator[Opened]:
    for section in sections:
        try:
            yield open_section(section, unlocked)
        except Unopenable:
            continue


def _names(unlocked: Unlocked, referrals: Sequence[Referral]) -> Iterator[tuple[UUID, str]]:
    """Yield the name to use of each referral; of one that waits for consent, none is shown."""
    shown = [each for each in referrals if each.state != Referral.State.AWAITING_CONSENT]
    contacts = (
        Section.objects.filter(referral__in=shown, kind=Section.Kind.CONTACT)
        .select_related("epoch")
        .prefetch_related("envelopes")
    )
    for opened in _open_each(contacts, unlocked):
        yield opened.section.referral_id, str(opened.content.get("name", ""))


def _row(referral: Referral, name: str) -> Row:
    clock = clocks.running(referral)
    return Row(referral, name, clock, clock.level(timezone.localdate()) if clock else None)


def _key(referral: Referral) -> str:
    return f"{referral.act_by or ''}_{referral.pk}"


def _from(ordered: ReferralQuerySet, key: str) -> ReferralQuerySet:
    """Return the rows after the one that a key names; all of them for what is no key."""
    day, _, pk = key.partition("_")
    try:
        last, act_by = UUID(pk), date.fromisoformat(day) if day else None
    except ValueError:
        return ordered
    if act_by is None:
        return ordered.filter(act_by__isnull=True, pk__gt=last)
    later = Q(act_by__gt=act_by) | Q(act_by=act_by, pk__gt=last) | Q(act_by__isnull=True)
    return ordered.filter(later)


def _folded(name: str) -> str:
    """Return a name without accents and capitals, to compare it."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(character for character in plain if not unicodedata.combining(character)).casefold().strip()
