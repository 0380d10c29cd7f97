"""Graduations: who is eligible, inviting them, and what they answer.

A yes is a booking of the graduation's session, so places, the waiting list, reminders and the register are those of
every session. An invitation says no more than that somebody was asked, and when.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Least, Now
from django.utils import timezone

from cohorts import booking, certificates, graduation_letters, group_progress
from cohorts.completion import completed
from cohorts.group_progress import PersonSoFar
from cohorts.models import Booking, Cohort, Graduation, GraduationInvitation, Membership, Session
from cohorts.refusals import BookingClosed
from portal import trail
from portal.accounts.models import User
from portal.prepared import Given, Prepared

REMINDED_BEFORE: Final = timedelta(days=7)
"""How long before the last moment to answer those are reminded who have not."""

INVITED_BEFORE: Final = timedelta(days=2)
"""Who was invited less than this ago is not reminded yet."""

NEARLY: Final = 2
"""Somebody is nearly there who has so many things left to do, or fewer."""


class NotInviting(Exception):
    """Nobody was invited. `str()` says why."""


def eligible(graduation: Graduation) -> QuerySet[Any]:
    """Return the memberships in the graduation's cohorts that are complete now, of people whose account is open."""
    return completed(Membership.objects.filter(cohort__in=graduation.cohorts.all(), user__is_active=True))


def to_invite(graduation: Graduation) -> QuerySet[Any]:
    """Return those who are eligible and were not invited yet: a membership for each person, the latest cohort's."""
    invited = GraduationInvitation.objects.filter(graduation=graduation, user=OuterRef("user"))
    found = eligible(graduation).filter(~Exists(invited))
    latest = found.order_by("user_id", "-cohort__starts_on", "pk").distinct("user_id")
    return Membership.objects.filter(pk__in=latest.values("pk"))


def nearly(cohort: Cohort) -> list[PersonSoFar]:
    """Return who in a cohort has begun and has few things left to do, with what those are."""
    people: list[PersonSoFar] = []
    page, has_more = 1, True
    while has_more:
        found = group_progress.people(cohort, page=page)
        people += [each for each in found.so_far if each.done and 0 < each.asked - each.finished <= NEARLY]
        page, has_more = page + 1, found.has_more
    return people


def why_not_inviting(graduation: Graduation) -> str:
    """Say why nobody can be invited now; nothing, if people can be."""
    session = graduation.session
    if session.is_cancelled:
        return "The session of this graduation was cancelled."
    if not session.booking_is_open:
        return "People cannot answer now: booking for its session has not opened, or has closed."
    return ""


@transaction.atomic
def invite(graduation: Graduation, *, by: User) -> int:
    """Invite everybody who is eligible now and was not invited yet; return how many that were.

    They are written to, once. Of two who do this at once, one finds nobody left. Raises NotInviting.
    """
    held = (
        Graduation.objects.select_for_update(of=("self",), no_key=True).select_related("session").get(pk=graduation.pk)
    )
    if refused := why_not_inviting(held):
        raise NotInviting(refused)
    invited = GraduationInvitation.objects.bulk_create(
        GraduationInvitation(graduation=held, user_id=person)
        for person in to_invite(held).order_by("user_id").values_list("user", flat=True)
    )
    trail.record_many("graduation.invited", actor=by, entries=[(each, {"graduation": held.pk}) for each in invited])
    graduation_letters.invite(invited)
    return len(invited)


def decline(invitation: GraduationInvitation) -> None:
    """Say no: what was booked is given up, and passes on. To say no twice is to say it once.

    Raises BookingClosed once the session has begun.
    """
    session, person = invitation.graduation.session, invitation.user
    if session.has_begun or session.is_cancelled:
        raise BookingClosed(session)
    for held in Booking.objects.live().filter(user=person, session=session):
        booking.cancel(held, by=person)
    with transaction.atomic():
        now = timezone.now()
        said = GraduationInvitation.objects.filter(pk=invitation.pk, declined_at=None).update(declined_at=now)
        if said:
            trail.record("graduation.declined", actor=person, subject=invitation)


def graduation_of(session: Session) -> Graduation | None:
    """Return the graduation whose session this is; nothing is asked of one that is not by invitation."""
    if not session.component.programme.is_by_invitation:
        return None
    return Graduation.objects.filter(session=session).first()


def open_invitations(person: User) -> list[GraduationInvitation]:
    """Return the invitations that somebody has not answered and still can, with their sessions, the soonest first."""
    return _OPEN.all(person=person.pk)


def remind_due() -> int:
    """Remind of invitations whose last days to answer have come, once each; return how many were reminded."""
    now = timezone.now()
    with transaction.atomic():
        due = list(
            GraduationInvitation.objects.with_answers()
            .unanswered()
            .filter(
                _answerable(),
                graduation__session__in=_closing_by(now + REMINDED_BEFORE),
                reminded_at__isnull=True,
                invited_at__lte=now - INVITED_BEFORE,
                user__is_active=True,
            )
            .order_by("pk")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
        )
        GraduationInvitation.objects.filter(pk__in=[each.pk for each in due]).update(reminded_at=now)
        graduation_letters.remind(due)
    return len(due)


def certify(graduation: Graduation, *, by: User) -> int:
    """Issue a certificate to everybody who is complete in the graduation's cohorts and never had one; return how many.

    What is interrupted is finished by doing it again; see `certificates.issue_to_all`.
    """
    return sum(certificates.issue_to_all(cohort, by=by) for cohort in cohorts_of(graduation))


def cohorts_of(graduation: Graduation) -> Sequence[Cohort]:
    """Return the cohorts that a graduation celebrates, with their programmes."""
    return list(graduation.cohorts.select_related("programme").order_by("name", "pk"))


def _closing_by(moment: Any) -> QuerySet[Session]:
    last = Least(Coalesce(F("booking_closes_at"), F("starts_at")), F("starts_at"))
    return Session.objects.upcoming().alias(last=last).filter(graduation__isnull=False, last__lte=moment)


def _answerable() -> Q:
    """Say of an invitation that its session can be booked now: see `Session.booking_is_open`."""
    session = "graduation__session"
    opened = Q(**{f"{session}__booking_opens_at": None}) | Q(**{f"{session}__booking_opens_at__lte": Now()})
    not_closed = Q(**{f"{session}__booking_closes_at": None}) | Q(**{f"{session}__booking_closes_at__gt": Now()})
    to_come = Q(**{f"{session}__cancelled_at": None, f"{session}__starts_at__gt": Now()})
    return opened & not_closed & to_come


_OPEN = Prepared(
    lambda: (
        GraduationInvitation.objects.filter(_answerable(), user=Given("person"))
        .with_answers()
        .unanswered()
        .select_related("graduation__session")
        .order_by("graduation__session__starts_at", "pk")
    )
)
