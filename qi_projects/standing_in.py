"""When a coach is away, and which coach stands in for them.

Who stands in is there on all of those days: they are not away themselves, and cannot say that they are until somebody
else stands in. So nobody's cover leads on to another's. Whoever writes here holds the table, as two coaches who name
one another at the same moment would each find the other there.
"""

from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal import outbox, trail
from portal.accounts.erasure import let_author_stay, let_none_be_erased
from portal.accounts.models import User
from portal.nhsuk.dates import say_date
from qi_projects.coaches import qi_coaches
from qi_projects.models import CoachAbsence
from qi_projects.refusals import Away, NoCoach


@transaction.atomic
def say_away(coach: User, *, from_on: date, to_on: date, cover: User) -> CoachAbsence:
    """Say that a coach is away on these days (UK, both included), and who stands in, who is told. Raises Away, NoCoach.

    Days that have passed are not changed any more, so `to_on` is today or later.
    """
    hold_table()
    others = _overlapping(from_on, to_on)
    if others.filter(coach=coach).exists():
        raise Away("You have said already that you are away on some of these days. Change that first.")
    standing_in = others.filter(covered_by=coach).select_related("coach").first()
    if standing_in:
        raise Away(
            f"On some of these days you stand in for {standing_in.coach}. Say first that you cannot, so that they ask "
            "somebody else."
        )
    _require_there(cover, others)
    absence = CoachAbsence.objects.create(coach=coach, covered_by=cover, from_on=from_on, to_on=to_on)
    trail.record("coach_absence.said", actor=coach, subject=absence)
    _tell(absence, cover)
    let_author_stay(coach.pk)
    return absence


@transaction.atomic
def choose_cover(absence: CoachAbsence, cover: User, *, by: User) -> None:
    """Let another coach stand in from now on, who is told. Raises Away, NoCoach."""
    hold_table()
    current = _as_it_is_now(absence)
    if current.covered_by_id == cover.pk:
        return
    if cover.pk == current.coach_id:
        raise Away("You cannot stand in for yourself. Choose another coach.")
    _require_there(cover, _overlapping(current.from_on, current.to_on))
    current.covered_by = cover
    current.save(update_fields=["covered_by"])
    trail.record("coach_absence.cover_chosen", actor=by, subject=current)
    _tell(current, cover)


@transaction.atomic
def decline(absence: CoachAbsence, *, by: User) -> None:
    """Say that one cannot stand in; the coach is told, and asks somebody else. Raises Away for one that is over."""
    hold_table()
    current = _as_it_is_now(absence)
    if current.covered_by_id != by.pk:
        return
    current.covered_by = None
    current.save(update_fields=["covered_by"])
    trail.record("coach_absence.cover_declined", actor=by, subject=current)
    outbox.write("coaching.cover_declined", subject=f"coach-absence:{current.pk}", person=current.coach_id)


@transaction.atomic
def come_back(absence: CoachAbsence) -> None:
    """Be there again from today on. An absence that has not begun is forgotten. Raises Away for one that is over."""
    hold_table()
    current = _as_it_is_now(absence)
    today = timezone.localdate()
    trail.record("coach_absence.ended", actor=current.coach, subject=current)
    if current.from_on >= today:
        current.delete()
    else:
        current.to_on = today - timedelta(days=1)
        current.save(update_fields=["to_on"])


def who_could_stand_in(coach: User) -> QuerySet[User]:
    """Return the other QI coaches of the portal, by name."""
    return qi_coaches().exclude(pk=coach.pk)


def hold_table() -> None:
    """Let nobody else say that a coach is away until the transaction ends: it is done rarely, and by few."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE qi_projects_coachabsence IN SHARE ROW EXCLUSIVE MODE")


def _overlapping(from_on: date, to_on: date) -> QuerySet[CoachAbsence]:
    return CoachAbsence.objects.filter(from_on__lte=to_on, to_on__gte=from_on)


def _require_there(cover: User, absences: QuerySet[CoachAbsence]) -> None:
    if not qi_coaches().filter(pk=cover.pk).exists() or let_none_be_erased([cover.pk]):
        raise NoCoach
    if away := absences.filter(coach=cover).first():
        raise Away(
            f"{cover} is away too, from {say_date(away.from_on)} to {say_date(away.to_on)}. Choose another coach."
        )


def _as_it_is_now(absence: CoachAbsence) -> CoachAbsence:
    rows = CoachAbsence.objects.select_related("coach").not_over(timezone.localdate())
    current = rows.filter(pk=absence.pk).first()
    if current is None:
        raise Away("These days are over, or were taken back.")
    return current


def _tell(absence: CoachAbsence, cover: User) -> None:
    outbox.write("coaching.cover_asked", subject=f"coach-absence:{absence.pk}", person=cover)
