"""What waits for a programme admin today: each kind is one statement, and shows the first few."""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Booking, Cohort, Session
from cohorts.rules import programmes_kept
from portal.accounts.models import User
from portal.administration import Need, Task, what_needs_doing
from portal.nhsuk.dates import say_date
from portal.outbox.models import Message

SHOWN = 5
COUNTED = 100
# How soon a session must be able to say where it is.
SOON = timedelta(days=14)
# A register that nobody has taken for so long will not be taken any more.
REMEMBERED = timedelta(days=60)


def _sessions(user: User) -> QuerySet[Session]:
    return (
        Session.objects.scheduled()
        .filter(component__programme__in=programmes_kept(user))
        .select_related("component")
        .order_by("starts_at")
    )


def _need(
    heading: str,
    sessions: QuerySet[Session],
    say: Callable[[Session], str],
    listed: str,
    page: str = "admin:cohorts_session_change",
) -> Need | None:
    """Return the first few sessions of a kind of need, each with the way to the page where it is met, or None."""
    found = list(sessions[: SHOWN + 1])
    if not found:
        return None
    tasks = [
        Task(f"{say_date(session.starts_at)}: {say(session)}", reverse(page, args=[session.pk]))
        for session in found[:SHOWN]
    ]
    return Need(heading, tasks, reverse("admin:cohorts_session_changelist") + listed if len(found) > SHOWN else "")


@what_needs_doing
def registers_not_taken(user: User) -> Need | None:
    """Sessions that are over, with people still marked as booked."""
    now = timezone.now()
    unmarked = Booking.objects.filter(session=OuterRef("pk"), state=Booking.State.BOOKED)
    over = _sessions(user).filter(Exists(unmarked), ends_at__lte=now, starts_at__gt=now - REMEMBERED)
    return _need("Registers to take", over, lambda session: session.component.title, "?when=past", "register")


@what_needs_doing
def places_that_somebody_waits_for(user: User) -> Need | None:
    """Sessions with a free place and somebody who waits: the place did not pass on by itself."""
    waiting = Booking.objects.queue().filter(session=OuterRef("pk"))
    free = _sessions(user).filter(Exists(waiting), taken__lt=F("places"), starts_at__gt=timezone.now())
    return _need("Free places while people wait", free, lambda session: session.component.title, "?when=upcoming")


@what_needs_doing
def sessions_without_a_place(user: User) -> Need | None:
    """Sessions soon that cannot say where they are held."""
    now = timezone.now()
    nowhere = Q(venue__isnull=True) & ~Q(format=Session.Format.ONLINE)
    no_link = Q(join_link="") & ~Q(format=Session.Format.IN_PERSON)
    soon = _sessions(user).filter(nowhere | no_link, starts_at__gt=now, starts_at__lte=now + SOON)
    return _need("Sessions soon without a venue or link", soon, _what_is_missing, "?when=upcoming")


def _what_is_missing(session: Session) -> str:
    missing = [
        *(["venue"] if session.venue_id is None and session.format != Session.Format.ONLINE else []),
        *(["link"] if not session.join_link and session.format != Session.Format.IN_PERSON else []),
    ]
    return f"{session.component.title} has no {' and no '.join(missing)}"


@what_needs_doing
def dead_letters(user: User) -> Need | None:
    """Messages that could not be sent: how many; the list tells of all programmes, and is for superusers."""
    dead = Message.objects.filter(state=Message.State.DEAD)[:COUNTED].count()
    if not dead:
        return None
    number = f"{COUNTED} or more" if dead == COUNTED else str(dead)
    address = f"{reverse('admin:outbox_message_changelist')}?state__exact={Message.State.DEAD}"
    if user.is_superuser:
        task = Task(f"{number}: see why, and try again or set aside", address)
    else:
        task = Task(f"{number}: ask a superuser to look at them", "")
    return Need("Messages that could not be sent", [task])


@what_needs_doing
def cohorts_without_dates(user: User) -> Need | None:
    """Cohorts that run, or will, and have no session."""
    dates = Session.objects.scheduled().filter(cohort=OuterRef("pk"))
    cohorts = list(
        Cohort.objects.filter(
            ~Exists(dates), programme__in=programmes_kept(user), ends_on__gte=timezone.localdate()
        ).order_by("starts_on")[: SHOWN + 1]
    )
    if not cohorts:
        return None
    tasks = [
        Task(
            f"{cohort.name}, from {say_date(cohort.starts_on)}",
            f"{reverse('admin:cohorts_session_series')}?cohort={cohort.pk}",
        )
        for cohort in cohorts[:SHOWN]
    ]
    return Need(
        "Cohorts without dates", tasks, reverse("admin:cohorts_cohort_changelist") if len(cohorts) > SHOWN else ""
    )
