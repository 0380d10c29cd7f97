"""What triagers do with a referral: each verb holds its row, writes what was said as a section, and puts the deed in
the trail, in one transaction. Of two who decide at once the second is told what the first has done.

What is written carries its author and time inside the seal; in the clear stand a state and dates. Each verb raises
Unsigned, with nothing done, for somebody whom no signed roster has (`Unlocked.require_in_team`).
"""

from collections.abc import Collection, Sequence
from datetime import date, time, timedelta

from django.db import transaction
from django.utils import timezone

from portal import trail
from referrals import answers, receipts
from referrals.deeds import record, signed, write
from referrals.keyring import Reader, hold_present_epoch, recovery_reader, team_readers
from referrals.models import Disposal, Referral, Section, Triager
from referrals.retention import dispose
from referrals.sealing import (
    Content,
    as_seen,
    open_section,
    readership,
    reseal,
    rewrite_section,
    vouch_for,
    write_section,
)
from referrals.transitions import State, WrongState, hold, hold_open, move, receive
from referrals.unlocking import Unlocked

Kind = Section.Kind
LONGEST_WAIT = timedelta(days=366)
HOLDABLE = frozenset(State) - {State.AWAITING_CONSENT}


class CaseworkRefused(Exception):
    """It cannot be done as things stand; `str()` says why, and what to do."""


@transaction.atomic
def claim(referral: Referral, *, unlocked: Unlocked) -> None:
    """Take charge of a referral; claiming one's own changes nothing.

    Raises CaseworkRefused for somebody else's, and WrongState once it has ended.
    """
    referral = hold_open(referral)
    if referral.assignee == unlocked.triager:
        return
    if referral.assignee:
        raise CaseworkRefused(f"{referral.assignee} has it. If you are to have it, use “Hand it over”.")
    _assign(referral, unlocked.triager, by=unlocked)


@transaction.atomic
def hand_over(referral: Referral, to: Triager, *, unlocked: Unlocked) -> None:
    """Put a colleague in charge, who must be able to open it. Raises WrongState, CaseworkRefused."""
    referral = hold_open(referral)
    _require_reader(referral, to)
    _assign(referral, to, by=unlocked)


@transaction.atomic
def hand_over_all(of: Triager, to: Triager, *, unlocked: Unlocked) -> int:
    """Put a colleague in charge of everything open that another has, who is ill; return how many referrals.

    What the colleague may not open stays where it is. Raises CaseworkRefused for anybody but a lead.
    """
    if not unlocked.triager.is_lead:
        raise CaseworkRefused("Only a lead hands over a colleague's work.")
    moved = 0
    for each in of.caseload.open().order_by("pk"):
        referral = hold(each)
        if referral.state in Referral.OPEN and referral.assignee == of and _is_reader(referral, to):
            _assign(referral, to, by=unlocked)
            moved += 1
    return moved


@transaction.atomic
def add_note(referral: Referral, text: str, *, unlocked: Unlocked) -> None:
    """Add a note for the team. Raises WrongState once it has ended."""
    write(hold_open(referral), Kind.NOTE, {"type": "note", "text": text}, unlocked)


@transaction.atomic
def correct_contact(referral: Referral, said: Content, *, unlocked: Unlocked) -> None:
    """Change how it is safe to be in touch, at the person's word; how it was before is kept as a note.

    What may be somebody else's words is not written anew as ours: while it is in doubt a lead writes all of it, for the
    leads alone until they decide who may see it. Raises CaseworkRefused for others then, WrongState once it has ended,
    and Unopenable.
    """
    referral = hold_open(referral)
    section = referral.sections.select_related("epoch").prefetch_related("envelopes").get(kind=Kind.CONTACT)
    before = open_section(section, unlocked)
    if not before.is_in_doubt:
        rewrite_section(section, {**before.content, **said})
        was = "\n".join(["Before:", *answers.changes(before.content, said)])
    elif unlocked.triager.is_lead:
        rewrite_section(section, said)
        was = "What stood there before was in doubt."
    else:
        raise CaseworkRefused(
            "It is in doubt how to be in touch. Speak with the person. Then a lead answers for what stands there, or "
            "writes it anew."
        )
    write(referral, Kind.NOTE, {"type": "contact changed", "text": was}, unlocked)


@transaction.atomic
def record_attempt(referral: Referral, how: str, outcome: str, *, unlocked: Unlocked) -> None:
    """Record that somebody tried to be in touch, how, and what came of it. Raises WrongState."""
    write(hold_open(referral), Kind.NOTE, {"type": "attempt", "how": how, "text": outcome}, unlocked)


@transaction.atomic
def verify_consent(referral: Referral, text: str, *, unlocked: Unlocked) -> None:
    """Record that the person themselves agreed, and how to reach them: what was written can then be opened.

    The clocks begin today, unless the person has confirmed it with their code before. Raises WrongState.
    """
    referral = hold_open(referral)
    if not referral.waits_for_verification:
        raise WrongState(referral.state)
    if referral.state == State.AWAITING_CONSENT:
        receive(referral)
    referral.consent_verified_by = unlocked.triager
    referral.save(update_fields=["consent_verified_by"])
    write(referral, Kind.NOTE, {"type": "consent", "text": text}, unlocked)


@transaction.atomic
def give_receipt(referral: Referral, code: str, *, unlocked: Unlocked) -> None:
    """Make `code` the person's receipt: in place of one that they lost, or as the first of somebody else's sending.

    Giving the same once more changes nothing. Who gave it stands inside the seal, and in the trail the day alone: it is
    given on the phone, and a switchboard knows who rang at which minute. Raises WrongState while consent waits to be
    verified, and at the end; and Unsigned.
    """
    referral = hold_open(referral)
    if referral.waits_for_verification:
        raise WrongState(referral.state)
    unlocked.require_in_team()
    if receipts.put(referral, code):
        write_section(referral, Kind.NOTE, {"type": "receipt given", **signed(unlocked)})
        trail.record_day("referral.receipt_given", subject=f"referral:{referral.pk}")


@transaction.atomic
def accept(referral: Referral, text: str, *, unlocked: Unlocked) -> None:
    """Triage: the person is offered an appointment. Raises WrongState, CaseworkRefused before consent is verified."""
    referral = _hold_to_decide(referral)
    move(referral, State.TRIAGED)
    write(referral, Kind.OUTCOME, {"type": "accepted", "text": text}, unlocked)


@transaction.atomic
def keep_in_triage(referral: Referral, text: str, *, unlocked: Unlocked) -> None:
    """Triage: say why it is not decided yet. The clock goes on. Raises WrongState."""
    referral = hold_open(referral, {State.RECEIVED})
    write(referral, Kind.NOTE, {"type": "kept in triage", "text": text}, unlocked)


@transaction.atomic
def signpost(referral: Referral, text: str, *, unlocked: Unlocked) -> None:
    """Triage: another service fits better. Raises WrongState, CaseworkRefused before consent is verified."""
    _end(_hold_to_decide(referral), State.DECLINED, {"type": "signposted", "text": text}, unlocked)


@transaction.atomic
def decline(referral: Referral, text: str, *, unlocked: Unlocked) -> None:
    """Triage: the provider cannot take it on. Raises WrongState, CaseworkRefused before consent is verified."""
    _end(_hold_to_decide(referral), State.DECLINED, {"type": "declined", "text": text}, unlocked)


@transaction.atomic
def record_withdrawal(referral: Referral, text: str, *, unlocked: Unlocked) -> None:
    """Record that the person has told the team that they withdraw. Raises WrongState."""
    _end(hold(referral), State.WITHDRAWN, {"type": "withdrawn", "text": text}, unlocked)


@transaction.atomic
def record_no(referral: Referral, *, unlocked: Unlocked) -> None:
    """Record that the person has told the team that they do not want what somebody sent for them: it is deleted.

    Raises WrongState once it was confirmed or has ended.
    """
    referral = hold_open(referral, {State.AWAITING_CONSENT})
    move(referral, State.DECLINED)
    dispose(referral, Disposal.Why.DECLINED)
    record("referral.declined", referral, unlocked)


@transaction.atomic
def give_up_reaching(referral: Referral, text: str, *, unlocked: Unlocked) -> None:
    """Record that the person could not be reached. Raises WrongState."""
    _end(hold(referral), State.UNREACHABLE, {"type": "unreachable", "text": text}, unlocked)


@transaction.atomic
def offer_appointment(
    referral: Referral, on: date, begins: time, therapist: str, how: str, *, unlocked: Unlocked
) -> bool:
    """Record a first appointment that was offered, at a time in the UK; another one later takes its place.

    Return whether it is within the promise. Raises WrongState, and CaseworkRefused for a day that cannot be.
    """
    referral = hold(referral)
    _require_not_before(referral, on)
    if on > timezone.localdate() + LONGEST_WAIT:
        raise CaseworkRefused("The day is more than a year ahead. Check the year.")
    if referral.state != State.APPOINTMENT_OFFERED:
        move(referral, State.APPOINTMENT_OFFERED)
    content = {
        "type": "appointment",
        "on": on.isoformat(),
        "begins": begins.isoformat(timespec="minutes"),
        "therapist": therapist,
        "how": how,
    }
    write(referral, Kind.OUTCOME, content, unlocked)
    return referral.first_due_on is None or on <= referral.first_due_on


@transaction.atomic
def record_missed(referral: Referral, text: str, *, unlocked: Unlocked) -> None:
    """Record that a first appointment was missed or moved: the clock goes on. Raises WrongState."""
    referral = hold_open(referral, {State.APPOINTMENT_OFFERED})
    write(referral, Kind.OUTCOME, {"type": "missed", "text": text}, unlocked)


@transaction.atomic
def record_held(referral: Referral, on: date, *, unlocked: Unlocked) -> None:
    """Record the day on which the first appointment was held. Raises CaseworkRefused for a day that cannot be."""
    referral = hold(referral)
    _require_day(referral, on)
    move(referral, State.FIRST_HELD, on=on)
    write(referral, Kind.OUTCOME, {"type": "held", "on": on.isoformat()}, unlocked)


@transaction.atomic
def record_session(referral: Referral, on: date, *, unlocked: Unlocked) -> None:
    """Record a further session. Raises WrongState before the first, CaseworkRefused for a day that cannot be."""
    referral = hold_open(referral, {State.FIRST_HELD})
    _require_day(referral, on)
    write(referral, Kind.OUTCOME, {"type": "session", "on": on.isoformat()}, unlocked)


@transaction.atomic
def close(referral: Referral, text: str, *, unlocked: Unlocked) -> None:
    """End therapy with an outcome. Raises WrongState."""
    _end(hold(referral), State.CLOSED, {"type": "closed", "text": text}, unlocked)


@transaction.atomic
def give_reason(referral: Referral, reason: str, *, unlocked: Unlocked) -> None:
    """Say why a date was, or will be, missed. It stops no clock. Raises WrongState once it has ended."""
    referral = hold_open(referral)
    referral.reason = Referral.Reason(reason)
    referral.save(update_fields=["reason"])
    record("referral.reason_given", referral, unlocked)


@transaction.atomic
def put_on_hold(referral: Referral, *, held: bool, text: str = "", unlocked: Unlocked) -> None:
    """Keep a referral from being disposed of, or let it be again; `text` says why, as a note.

    Not one that waits for consent: the person's no deletes it at once. Raises WrongState, and CaseworkRefused for
    anybody but a lead.
    """
    _require_lead(unlocked)
    referral = hold_open(referral, HOLDABLE)
    referral.on_hold = held
    referral.save(update_fields=["on_hold"])
    if text:
        write(referral, Kind.NOTE, {"type": "legal hold" if held else "legal hold taken off", "text": text}, unlocked)
    record("referral.held" if held else "referral.released", referral, unlocked)


@transaction.atomic
def erase(referral: Referral, *, unlocked: Unlocked) -> None:
    """Dispose of a referral at once, at the person's own word; what is open ends with it. Doing it again does nothing.

    Raises CaseworkRefused for anybody but a lead, and while a legal hold keeps it.
    """
    _require_lead(unlocked)
    referral = hold(referral)
    if referral.purged_on:
        return
    if referral.on_hold:
        raise CaseworkRefused("A legal hold keeps it. Take the hold off first.")
    if referral.state in Referral.OPEN:
        move(referral, State.WITHDRAWN)
    dispose(referral, Disposal.Why.ERASURE)
    record("referral.erased", referral, unlocked)


@transaction.atomic
def choose_readers(referral: Referral, readers: Sequence[Triager] | None, *, unlocked: Unlocked) -> None:
    """Decide who sees a referral: the whole team with None, else these colleagues alone. Others get no envelope.

    All of it is sealed under new keys, so that an envelope of before opens nothing and makes nobody a reader, should
    somebody put it back. What is in doubt stays so: `vouch` is a deed of its own.
    Raises WrongState once it has ended; CaseworkRefused for anybody but a lead, when nobody would be left, or when
    somebody in charge would lose sight of it.
    """
    _require_lead(unlocked)
    referral = hold_open(referral)
    present = hold_present_epoch(referral.provider)
    if readers is None:
        chosen: list[Reader] = [present]
    else:
        named = [each for each in readers if each.state == Triager.State.ACTIVE]
        if not named:
            raise CaseworkRefused("Choose at least one colleague.")
        if referral.assignee and referral.assignee not in named:
            raise CaseworkRefused(f"{referral.assignee} is in charge of it. Hand it over first.")
        chosen = team_readers(referral.provider, named)
        chosen.append(recovery_reader(referral.provider))
    sections = referral.sections.select_related("epoch").prefetch_related("envelopes")
    reseal(sections, chosen, present=present, unlocked=unlocked)
    record("referral.readers_chosen", referral, unlocked)


@transaction.atomic
def vouch(referral: Referral, seen: Collection[str], *, unlocked: Unlocked) -> None:
    """Take as this portal's own what was in doubt, at the word of a lead who has looked at it: what `seen` names alone,
    by what stood there (`sealing.as_seen`). Never a story that waits for the person's consent.

    Raises CaseworkRefused for anybody but a lead, and where something is no longer as they saw it; Unopenable, and
    Unsigned.
    """
    _require_lead(unlocked)
    referral = hold(referral)
    sections = referral.sections.select_related("epoch").prefetch_related("envelopes")
    if referral.waits_for_verification:
        sections = sections.exclude(kind=Kind.STORY)
    opened = [open_section(section, unlocked) for section in sections if as_seen(section) in seen]
    if not opened or len(opened) < len(set(seen)):
        raise CaseworkRefused("Something here has changed since you looked. Go back to the referral, and look again.")
    vouch_for([each.section for each in opened], present=hold_present_epoch(referral.provider), unlocked=unlocked)
    record("referral.vouched_for", referral, unlocked)


def _assign(referral: Referral, to: Triager, *, by: Unlocked) -> None:
    referral.assignee = to
    referral.save(update_fields=["assignee"])
    record("referral.assigned", referral, by, to=str(to.pk))


def _is_reader(referral: Referral, triager: Triager) -> bool:
    """Say whether a colleague can open a referral: as one of the team, or named."""
    if triager.state != Triager.State.ACTIVE or triager.provider_id != referral.provider_id:
        return False
    found = readership(referral)
    return found is not None and (found.whole_team or triager.pk in found.named)


def _require_reader(referral: Referral, triager: Triager) -> None:
    if not _is_reader(referral, triager):
        raise CaseworkRefused(f"{triager} cannot open this referral, so cannot take charge of it.")


def _require_lead(unlocked: Unlocked) -> None:
    if not unlocked.triager.is_lead:
        raise CaseworkRefused("Only a lead can do this.")


def _require_day(referral: Referral, on: date) -> None:
    if on > timezone.localdate():
        raise CaseworkRefused("The day cannot be in the future.")
    _require_not_before(referral, on)


def _require_not_before(referral: Referral, on: date) -> None:
    if referral.received_on and on < referral.received_on:
        raise CaseworkRefused("The day cannot be before the referral was received.")


def _hold_to_decide(referral: Referral) -> Referral:
    """Hold a referral that waits for its triage, and of which the person's consent is verified."""
    referral = hold_open(referral, {State.RECEIVED})
    if referral.waits_for_verification:
        raise CaseworkRefused("Somebody else sent it. Speak with the person first, and record their consent.")
    return referral


def _end(referral: Referral, to: State, content: Content, unlocked: Unlocked) -> None:
    """End a referral whose row the caller holds."""
    move(referral, to)
    write(referral, Kind.OUTCOME, content, unlocked)
