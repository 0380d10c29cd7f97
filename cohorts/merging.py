"""What becomes of somebody's part in programmes when two accounts of theirs are put together.

What only the account that goes has moves, by a change of its person. What both have is settled by one rule: the better
standing stays, the other is taken back, and nobody is written to about it. Evidence is append-only: what stands for a
membership that is taken back is recorded for the one that stays, too.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import certificates, evaluating, progress, stepping_down, studying, testifying
from cohorts.models import (
    Application,
    Booking,
    CalendarFeed,
    Certificate,
    Champion,
    Cohort,
    Facilitator,
    GraduationInvitation,
    Membership,
    Programme,
    Session,
    Testimony,
)
from portal import trail
from portal.accounts.merging import Merging, keeps_where_it_is, merges_people
from portal.accounts.models import User
from portal.accounts.moving import Line

Place = Membership.State
State = Booking.State

# From the best standing to the least.
PLACES: Final = (
    *(Place.ENROLLED, Place.OFFERED, Place.RESERVE, Place.APPLIED, Place.NOMINATED),
    *(Place.DEFERRED, Place.DECLINED, Place.WITHDRAWN),
)
BOOKINGS: Final = (
    *(State.ATTENDED, State.BOOKED, State.OFFERED, State.WAITING),
    *(State.APOLOGIES, State.DID_NOT_ATTEND),
)
# What says how a membership stands, beside whose it is.
STANDING: Final = (
    *("state", "since", "organisation", "job_role", "nominated_by"),
    *("offer_expires_at", "reminder_at", "reason"),
)

keeps_where_it_is(
    {
        "cohorts.cohortmessage.written_by": "what they did: nobody's to change",
        "cohorts.evidence.recorded_by": "append-only: what they did",
        "cohorts.certificate.issued_by": "append-only: what they did",
        "cohorts.testimony.editor": "what they did: nobody's to change",
        "cohorts.messagereport.dealt_with_by": "what they did: nobody's to change",
    }
)


def hold(leaving: User, staying: User) -> None:
    """Lock what both have, in the order of all verbs: sessions, cohorts, memberships.

    Whoever replaces a certificate holds it before its membership, so certificates come first. What other verbs hold as
    they write to one of the two is held as well: later they would wait for that person's row, and this for theirs.
    """
    both = [leaving, staying]
    _lock(Certificate.objects.filter(holder__in=both))
    _lock(Testimony.objects.filter(author__in=both))
    held = Booking.objects.filter(user__in=both).exclude(state=State.CANCELLED)
    sessions = Session.objects.filter(pk__in=held.values("session"))
    list(sessions.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    memberships = Membership.objects.filter(user__in=both)
    cohorts = Cohort.objects.filter(pk__in=memberships.values("cohort"))
    list(cohorts.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    list(memberships.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    _lock(held)
    _lock(Champion.objects.filter(membership__in=memberships))


@merges_people(
    "cohorts.booking.user",
    "cohorts.membership.user",
    "cohorts.membership.nominated_by",
    "cohorts.application.user",
    hold=hold,
)
def move(merging: Merging) -> Iterator[Line]:
    """Move what somebody has joined, booked, and written to get there."""
    # What was booked meanwhile, while this transaction waited, is locked as well.
    hold(merging.leaving, merging.staying)
    evaluating.move(merging.leaving, merging.staying)
    yield from _settle_bookings(merging)
    yield from _move_applications(merging)
    yield from _move_memberships(merging)
    alone = Booking.objects.filter(user=merging.leaving, membership=None)
    # What clashes has been said.
    standing = alone.exclude(state=State.CANCELLED).exclude(clashing=True).order_by("during", "pk")
    yield from [Line("Booking", str(each.session)) for each in standing.select_related("session__component")]
    alone.update(user=merging.staying)
    verbs.clear_clashes([merging.staying.pk])
    nominated = Membership.objects.filter(nominated_by=merging.leaving)
    if number := nominated.update(nominated_by=merging.staying):
        yield Line("Nominations", f"{number} that they made")


@merges_people("cohorts.certificate.holder")
def move_certificates(merging: Merging) -> Iterator[Line]:
    """Let certificates follow what they stand on. Of two for the same, the one of the account that stays stands."""
    rows = Certificate.objects.filter(holder=merging.leaving).select_related("membership")
    for certificate in rows.order_by("pk"):
        stands_on = _what_it_stands_on(certificate, merging.staying)
        others = Certificate.objects.standing().filter(**stands_on).exclude(pk=certificate.pk)
        if certificate.stands and others.exists():
            certificates.revoke(certificate, reason="It was issued twice, to two accounts of theirs", by=merging.by)
            yield Line("Certificate", certificate.serial, "Both have one for this: the other one stands", clashes=True)
        else:
            Certificate.objects.filter(pk=certificate.pk).update(holder=merging.staying, **stands_on)
            yield Line("Certificate", certificate.serial)


def _what_it_stands_on(certificate: Certificate, person: User) -> dict[str, Any]:
    """Return the membership or the booking of somebody, after the merge, on which a certificate of theirs stands."""
    if certificate.membership:
        return {"membership": Membership.objects.get(user=person, cohort=certificate.membership.cohort_id)}
    session = Session.objects.get(bookings=certificate.booking_id)
    return {"booking": Booking.objects.exclude(state=State.CANCELLED).get(user=person, session=session)}


@merges_people("cohorts.graduationinvitation.user")
def move_invitations(merging: Merging) -> Iterator[Line]:
    """Move invitations to graduations; of two to the same, the one of the account that stays remains."""
    theirs = set(GraduationInvitation.objects.filter(user=merging.staying).values_list("graduation", flat=True))
    rows = GraduationInvitation.objects.filter(user=merging.leaving).select_related("graduation")
    for invitation in rows.order_by("pk"):
        if invitation.graduation_id in theirs:
            yield Line("Graduation", str(invitation.graduation), "Both are invited: once is enough", clashes=True)
            invitation.delete()
        else:
            yield Line("Graduation", str(invitation.graduation))
            invitation.user = merging.staying
            invitation.save(update_fields=["user"])


@merges_people("cohorts.testimony.author")
def move_testimonies(merging: Merging) -> Iterable[Line]:
    """Move what somebody said in public; of two for one programme the one that is published stays, or else theirs.

    It is no line of the plan: whose words they are, whoever puts the accounts together may not know.
    """
    theirs = {each.programme_id: each for each in Testimony.objects.live().filter(author=merging.staying)}
    for testimony in Testimony.objects.live().filter(author=merging.leaving).order_by("pk"):
        if other := theirs.get(testimony.programme_id):
            is_better = testimony.state == Testimony.State.PUBLISHED != other.state
            testifying.take_back(other if is_better else testimony)
    Testimony.objects.filter(author=merging.leaving).update(author=merging.staying)
    return ()


@merges_people("cohorts.facilitator.user", "cohorts.programme.admins", "cohorts.calendarfeed.user")
def move_work(merging: Merging) -> Iterator[Line]:
    """Move what somebody leads and keeps. The address of a calendar feed ends: it was the account's own."""
    leaving, staying = merging.leaving, merging.staying
    theirs = Facilitator.objects.filter(user=staying).first()
    for record in Facilitator.objects.filter(user=leaving):
        if theirs is None:
            record.user = staying
            record.save(update_fields=["user"])
            yield Line("Who leads sessions", record.name)
        else:
            yield _join_facilitators(record, theirs, merging)
    for programme in Programme.objects.filter(admins=leaving).order_by("pk"):
        programme.admins.add(staying)
        programme.admins.remove(leaving)
        yield Line("Programme kept", programme.name)
    if CalendarFeed.objects.filter(user=leaving).delete()[0]:
        yield Line("Calendar feed", "The private address of the account that is closed", "Ends")


def _settle_bookings(merging: Merging) -> Iterator[Line]:
    """Settle what both have booked, so that nothing is in the way when memberships move."""
    leaving, staying = (_held(person) for person in (merging.leaving, merging.staying))
    theirs = {booking.session_id: booking for booking in staying}
    for booking in leaving:
        if other := theirs.get(booking.session_id):
            worse, better = sorted([other, booking], key=lambda each: BOOKINGS.index(State(each.state)))[::-1]
            verbs.set_aside(worse, by=merging.by)
            becomes = f"Both have it. {better.get_state_display()} stays"
            yield Line("Booking", str(booking.session), becomes, clashes=True)
    booked = [booking for booking in _held(merging.staying) if booking.state == State.BOOKED]
    for booking in _held(merging.leaving):
        if booking.state == State.BOOKED:
            yield from _settle_dates(booking, booked, merging)


def _settle_dates(booking: Booking, booked: Iterable[Booking], merging: Merging) -> Iterator[Line]:
    """Settle a booked place with those of the account that stays: of one component one date, at one time one place."""
    for other in booked:
        if _is_another_date(booking, other):
            if ended := next((each for each in (other, booking) if each.session.has_ended), None):
                Booking.objects.filter(pk=ended.pk).update(once=False)
                continue
            verbs.set_aside(booking, by=merging.by)
            becomes = f"They have booked another date, {other.session}: that one stays"
            yield Line("Booking", str(booking.session), becomes, clashes=True)
            return
    other_then = next((other for other in booked if _overlap(booking, other)), None)
    if other_then:
        Booking.objects.filter(pk=booking.pk).update(clashing=True)
        becomes = f"Both stay, marked as clashing with {other_then.session}: they choose"
        yield Line("Booking", str(booking.session), becomes, clashes=True)


def _is_another_date(booking: Booking, other: Booking) -> bool:
    """Say whether two bookings are of one component of one cohort, which has one date for each member."""
    if not (booking.membership and other.membership and booking.once and other.once):
        return False
    same = booking.component_id == other.component_id
    return same and booking.membership.cohort_id == other.membership.cohort_id


def _overlap(booking: Booking, other: Booking) -> bool:
    return booking.session.starts_at < other.session.ends_at and other.session.starts_at < booking.session.ends_at


def _move_applications(merging: Merging) -> Iterator[Line]:
    """Move what they wrote to apply; of two for one cohort the one that was sent counts."""
    theirs = {each.cohort_id: each for each in Application.objects.filter(user=merging.staying)}
    for application in Application.objects.filter(user=merging.leaving).select_related("cohort").order_by("pk"):
        other = theirs.get(application.cohort_id)
        becomes = "Moves"
        if other and (other.sent_at or not application.sent_at):
            yield Line("Application", str(application.cohort), "Both have one: the other one counts", clashes=True)
            continue
        if other:
            other.delete()
            becomes = "Moves, in place of a draft that was not sent"
        application.user = merging.staying
        application.save(update_fields=["user"])
        yield Line("Application", str(application.cohort), becomes, clashes=other is not None)


def _move_memberships(merging: Merging) -> Iterator[Line]:
    """Move memberships with their bookings; of two in one cohort, one remains, in the better standing."""
    rows = Membership.objects.select_related("cohort", "organisation", "job_role", "nominated_by")
    theirs = {membership.cohort_id: membership for membership in rows.filter(user=merging.staying)}
    for membership in rows.filter(user=merging.leaving).order_by("pk"):
        if other := theirs.get(membership.cohort_id):
            yield _join_memberships(membership, other, merging)
        else:
            yield Line("Cohort", f"{membership.cohort}: {membership.get_state_display()}")
            # Their bookings follow by a foreign key (migration 0017).
            membership.user = merging.staying
            membership.save(update_fields=["user"])
            trail.record("membership.moved", actor=merging.by, subject=membership, person=merging.staying.pk)


def _join_memberships(membership: Membership, other: Membership, merging: Merging) -> Line:
    """Let `other` have the better standing of both, with what is booked and done; the first one is taken back."""
    better, worse = sorted((other, membership), key=lambda each: PLACES.index(Place(each.state)))
    standing = {field: getattr(better, field) for field in STANDING}
    # Whoever nominated either of them goes on seeing how it stands.
    standing["nominated_by"] = better.nominated_by or worse.nominated_by
    becomes = f"Both are on its list. {better.get_state_display()} stays"
    trail.record("membership.joined", actor=merging.by, subject=other, was=other.state, other=membership.pk)
    if membership.state not in Membership.LEFT:
        trail.record("membership.withdrawn", actor=merging.by, subject=membership, was=membership.state)
        stepping_down.leave(membership, by=merging.by)
        membership.state, membership.since = Place.WITHDRAWN, timezone.now()
        membership.reason = Membership.Reason.OTHER
        membership.offer_expires_at = membership.reminder_at = None
    membership.nominated_by = None
    membership.save()
    other.sequence += better is membership
    for field, value in standing.items():
        setattr(other, field, value)
    other.save()
    membership.bookings.exclude(state=State.CANCELLED).update(user=merging.staying, membership=other)
    progress.carry_over(membership, other, by=merging.by)
    studying.hand_on(membership, other)
    return Line("Cohort", str(membership.cohort), becomes, clashes=True)


def _join_facilitators(record: Facilitator, theirs: Facilitator, merging: Merging) -> Line:
    """Let one record lead what both led. It gets the other's biography if it has none."""
    trail.record("facilitator.joined", actor=merging.by, subject=theirs, other=record.pk)
    theirs.sessions.add(*record.sessions.all())
    if not theirs.biography:
        theirs.biography = record.biography
        theirs.save(update_fields=["biography"])
    record.delete()
    return Line(
        "Who leads sessions", record.name, f"Both lead some: {theirs.name} stays, and leads them all", clashes=True
    )


def _lock(rows: QuerySet[Any]) -> None:
    list(rows.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


def _held(person: User) -> list[Booking]:
    """Return what somebody has booked, or had, that was not cancelled."""
    rows = Booking.objects.filter(user=person).exclude(state=State.CANCELLED)
    return list(rows.select_related("membership", "session__component").order_by("during", "pk"))
