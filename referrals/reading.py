"""The queue as a triager sees it, and one referral: opened in the request, and only what they have an envelope for."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from portal import trail
from referrals import answers, clocks
from referrals.models import Envelope, Escalation, Referral, Section, Triager
from referrals.models.referrals import ReferralQuerySet
from referrals.sealing import Content, Opened, open_section, readership
from referrals.unlocking import Unlocked
from referrals.vault import Unopenable

PAGE: Final = 50
BATCH: Final = 200
MINE, NOBODYS = "mine", "nobodys"
BEFORE_ALL = UUID(int=0)
ENDED: Final = frozenset(Referral.State) - frozenset(Referral.OPEN)


@dataclass(frozen=True, slots=True)
class Row:
    """One referral in the queue."""

    referral: Referral
    name: str
    is_in_doubt: bool
    """Whether the name may be somebody else's words (`Opened.is_in_doubt`)."""
    clock: clocks.Running | None
    level: Escalation.Level | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the queue. `following` is the key of the page after it, empty on the last.

    `withdrawn` are those that people have withdrawn since somebody looked, whatever the page shows.
    """

    rows: Sequence[Row]
    following: str
    withdrawn: Sequence[Row]


def readable(unlocked: Unlocked) -> ReferralQuerySet:
    """Return the referrals of which the triager has an envelope: PostgreSQL leaves the others out."""
    mine = Q(epoch__in=unlocked.epoch_ids) | Q(triager=unlocked.triager)
    contact = Section.objects.filter(
        Exists(Envelope.objects.filter(mine, section=OuterRef("pk"))), referral=OuterRef("pk"), kind="contact"
    )
    return Referral.objects.filter(Exists(contact), provider=unlocked.triager.provider_id)


def queue(unlocked: Unlocked, *, whose: str = "", state: str = "", after: str = "") -> Page:
    """Return a page of what is open, what is due first before all else, or of what has ended in one state, the latest
    first; `after` is a key that was given out before.

    Looking is put in the trail.
    """
    found = readable(unlocked).select_related("assignee__user")
    if whose == MINE:
        found = found.filter(assignee=unlocked.triager)
    elif whose == NOBODYS:
        found = found.filter(assignee__isnull=True)
    ended = state in ENDED
    if ended:
        ordered = found.filter(state=state).order_by(F("ended_on").desc(), "id")
    else:
        found = found.filter(state=state) if state in Referral.OPEN else found.open()
        ordered = found.order_by(F("act_by").asc(nulls_last=True), "id")
    referrals = list(_from(ordered, after, ended=ended)[: PAGE + 1])
    shown = referrals[:PAGE]
    left = list(readable(unlocked).withdrawn_unseen().select_related("assignee__user").order_by("id")[:PAGE])
    contacts = _contacts(unlocked, {*shown, *left})
    trail.record("queue.listed", actor=unlocked.triager.user, subject=f"triager:{unlocked.triager.pk}")
    rows, withdrawn = ([_row(each, contacts.get(each.pk)) for each in some] for some in (shown, left))
    return Page(rows, _key(shown[-1], ended=ended) if len(referrals) > PAGE else "", withdrawn)


def find_by_name(unlocked: Unlocked, name: str, *, ended: bool = False) -> list[Row]:
    """Return the referrals of somebody by their name, or a part of it, whatever its accents and capitals: those that
    are open, or with `ended` those that are not.

    The names are opened and compared in this request alone. Looking is put in the trail, the name is not.
    """
    sought, found = _folded(name), []
    those = readable(unlocked).filter(state__in=ENDED if ended else Referral.OPEN)
    everything = those.select_related("assignee__user").order_by("id")
    start = BEFORE_ALL
    while batch := list(everything.filter(pk__gt=start)[:BATCH]):
        contacts = _contacts(unlocked, batch)
        of_name = {pk for pk, contact in contacts.items() if sought in _folded(_name(contact))}
        found += [_row(each, contacts[each.pk]) for each in batch if each.pk in of_name]
        start = batch[-1].pk
    trail.record("queue.searched", actor=unlocked.triager.user, subject=f"triager:{unlocked.triager.pk}")
    return [row for row in found if row.name]


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of a referral's history, in words."""

    heading: str
    what_became: str
    particulars: str
    text: str
    is_in_doubt: bool

    @property
    def colour(self) -> str:
        """Return the colour in which a page shows what became of it."""
        return answers.COLOURS.get(self.what_became, "orange")


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
    def name(self) -> str:
        """Return the name to use."""
        return _name(self.contact)

    @property
    def contact_rows(self) -> list[tuple[str, str]]:
        """Return how to be in touch, each answer under its name."""
        return answers.contact_rows(self.contact.content) if self.contact else []

    @property
    def is_in_doubt(self) -> bool:
        """Say whether something of it may have been written by whoever can write rows by hand."""
        return bool(self.in_doubt)

    @property
    def in_doubt(self) -> list[Opened]:
        """Return what of it may have been written by whoever can write rows by hand; no story that is hidden."""
        return [each for each in (self.contact, self.story, *self.entries) if each and each.is_in_doubt]

    @property
    def doubtful(self) -> list[Told]:
        """Return in words all that is in doubt, for whoever is to answer for it."""
        return [self._told(each) for each in self.in_doubt]

    def _told(self, opened: Opened) -> Told:
        if opened is self.contact:
            return Told("How to be in touch", "", "", _lines(self.contact_rows), opened.is_in_doubt)
        if opened is self.story:
            return Told("What was written", "", "", _lines(self.story_rows), opened.is_in_doubt)
        return Told(
            answers.heading(opened),
            answers.what_became(opened),
            answers.particulars(opened),
            answers.text(opened),
            opened.is_in_doubt,
        )

    @property
    def email(self) -> str:
        """Return the address at which the person may be written to, or nothing where email is not safe."""
        return safe_email(self.contact.content) if self.contact else ""

    @property
    def story_rows(self) -> list[tuple[str, str]]:
        """Return what was written on the form, each answer under its name."""
        return answers.story_rows(self.story.content) if self.story else []

    @property
    def history(self) -> list[Told]:
        """Return what has happened since, the newest first."""
        return [self._told(each) for each in reversed(self.entries)]

    @property
    def appointment(self) -> str:
        """Return the first appointment that stands, or nothing."""
        offered = [each for each in self.entries if each.content.get("type") in ("appointment", "missed")]
        if self.referral.state != Referral.State.APPOINTMENT_OFFERED or not offered:
            return ""
        return answers.particulars(offered[-1]) if offered[-1].content["type"] == "appointment" else ""


def safe_email(contact: Content) -> str:
    """Return the address at which somebody may be written to, by how they said that it is safe to reach them."""
    ways = contact.get("ways", ["email"])
    return str(contact["email"]) if contact.get("email") and isinstance(ways, list) and "email" in ways else ""


def named_readers(referral: Referral) -> list[Triager]:
    """Return who alone may see a referral; nobody where it is for the whole team, or in doubt."""
    found = readership(referral)
    if found is None or found.whole_team:
        return []
    return list(Triager.objects.filter(pk__in=found.named).select_related("user").order_by("user__name"))


def open_referral(unlocked: Unlocked, pk: UUID) -> Whole | None:
    """Open a referral, and put in the trail who did; None for one that is not theirs to open, as for none."""
    # Before it is read: a note that comes while it is says anew that there is news.
    readable(unlocked).filter(pk=pk, has_news=True).update(has_news=False)
    whole = read(unlocked, pk)
    if whole:
        trail.record("referral.opened", actor=unlocked.triager.user, subject=f"referral:{pk}")
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
    if not opened:  # an envelope in their name that is none
        return None
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


def _contacts(unlocked: Unlocked, referrals: Collection[Referral]) -> dict[UUID, Opened]:
    """Return of each referral, by its number, how to be in touch: its name stands there."""
    contacts = (
        Section.objects.filter(referral__in=referrals, kind=Section.Kind.CONTACT)
        .select_related("epoch", "referral")
        .prefetch_related("envelopes")
    )
    return {opened.section.referral_id: opened for opened in _open_each(contacts, unlocked)}


def _name(contact: Opened | None) -> str:
    """Return the name to use."""
    return str(contact.content.get("name", "")) if contact else ""


def _row(referral: Referral, contact: Opened | None) -> Row:
    clock = clocks.running(referral)
    return Row(
        referral,
        name=_name(contact),
        is_in_doubt=contact is not None and contact.is_in_doubt,
        clock=clock,
        level=clock.level(timezone.localdate()) if clock else None,
    )


def _lines(rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{label}: {said}" for label, said in rows)


def _key(referral: Referral, *, ended: bool) -> str:
    return f"{(referral.ended_on if ended else referral.act_by) or ''}_{referral.pk}"


def _from(ordered: ReferralQuerySet, key: str, *, ended: bool) -> ReferralQuerySet:
    """Return the rows after the one that a key names; all of them for what is no key."""
    day, _, number = key.partition("_")
    try:
        pk, on = UUID(number), date.fromisoformat(day) if day else None
    except ValueError:
        return ordered
    if ended:
        return ordered.filter(Q(ended_on__lt=on) | Q(ended_on=on, pk__gt=pk)) if on else ordered
    if on is None:
        return ordered.filter(act_by__isnull=True, pk__gt=pk)
    return ordered.filter(Q(act_by__gt=on) | Q(act_by=on, pk__gt=pk) | Q(act_by__isnull=True))


def _folded(name: str) -> str:
    """Return a name without accents and capitals, to compare it."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(character for character in plain if not unicodedata.combining(character)).casefold().strip()
