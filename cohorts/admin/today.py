"""What waits for a programme admin today: each kind is one statement, and shows the first few."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cohorts.admin.keeping import count
from cohorts.completion import with_a_day_passed, with_lateness
from cohorts.models import Booking, Champion, Cohort, Membership, MessageReport, Session, Testimony
from cohorts.models.sessions import LACKS_LINK, LACKS_VENUE
from cohorts.offering import REMINDED_BEFORE, WAITS_FOR_THE_TEAM
from cohorts.rules import keeps_all_programmes, programmes_kept
from portal.accounts.models import User
from portal.admin_needs import Need, Task, what_needs_doing
from portal.nhsuk.dates import say_date, say_until
from portal.outbox.models import Message
from portal.outbox.rules import private_names
from portal.questions import count_of, people

SHOWN = 5
COUNTED = 100
# How soon a session must be able to say where it is.
SOON = timedelta(days=14)
# A register that nobody has taken for so long will not be taken any more.
REMEMBERED = timedelta(days=60)


def _kept(user: User, programme: str) -> Q:
    """Narrow to the programmes that this person keeps; `programme` is the way there from a row."""
    return Q() if keeps_all_programmes(user) else Q((f"{programme}__in", programmes_kept(user)))


def _sessions(user: User) -> QuerySet[Session]:
    return Session.objects.scheduled().filter(_kept(user, "component__programme")).order_by("starts_at")


def _is_one_of(keys: QuerySet[Any, Any]) -> Func:
    """Say of a row that its key is among `keys`, which are read first: the rows are then fetched by their keys.

    For few rows of a large table. Given `IN`, PostgreSQL goes through all that satisfy what else is asked.
    """
    return Func(
        F("pk"),
        ArraySubquery(keys),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def _first_few(heading: str, tasks: Sequence[Task], all_of_them: str) -> Need | None:
    """Return the first few tasks of a kind of need, with the page that lists all where there are more, or None.

    `tasks` are one more than is shown at the most.
    """
    return Need(heading, tasks[:SHOWN], all_of_them if len(tasks) > SHOWN else "") if tasks else None


def _sessions_in_need(
    heading: str,
    found: Iterable[tuple[int, datetime, str]],
    listed: str,
    page: str = "admin:cohorts_session_change",
) -> Need | None:
    """Return the first few sessions of a kind of need, each with the way to the page where it is met, or None.

    `found` is the key of each, when it starts and what to say of it; one more of them than is shown at the most.
    """
    tasks = [Task(f"{say_date(starts_at)}: {said}", reverse(page, args=[pk])) for pk, starts_at, said in found]
    return _first_few(heading, tasks, reverse("admin:cohorts_session_changelist") + listed)


@what_needs_doing
def registers_not_taken(user: User) -> Need | None:
    """Sessions that are over, with people still marked as booked.

    Those people's bookings lead to them: the sessions whose registers are taken are many more.
    """
    now = timezone.now()
    over = (
        Booking.objects.filter(
            _kept(user, "component__programme"),
            state=Booking.State.BOOKED,
            during__endswith__gt=now - REMEMBERED,
            during__endswith__lte=now,
            session__cancelled_at__isnull=True,
        )
        .order_by("during__endswith", "session")
        .values_list("session", "during__startswith", "component__title")
        .distinct()[: SHOWN + 1]
    )
    return _sessions_in_need("Registers to take", over, "?when=past", "register")


@what_needs_doing
def places_that_somebody_waits_for(user: User) -> Need | None:
    """Sessions with a free place and somebody who waits: the place did not pass on by itself."""
    waited_for = Booking.objects.queue().order_by().values("session").distinct()
    free = (
        _sessions(user)
        .filter(_is_one_of(waited_for), taken__lt=F("places"), starts_at__gt=timezone.now())
        .values_list("pk", "starts_at", "component__title")[: SHOWN + 1]
    )
    return _sessions_in_need("Free places while people wait", free, "?when=upcoming")


@what_needs_doing
def sessions_without_a_place(user: User) -> Need | None:
    """Sessions soon that cannot say where they are held."""
    now = timezone.now()
    soon = (
        _sessions(user)
        .filter(LACKS_VENUE | LACKS_LINK, starts_at__gt=now, starts_at__lte=now + SOON)
        .annotate(lacks_venue=LACKS_VENUE, lacks_link=LACKS_LINK)
        .values_list("pk", "starts_at", "component__title", "lacks_venue", "lacks_link")[: SHOWN + 1]
    )
    found = [(pk, starts_at, _what_is_missing(title, lacks)) for pk, starts_at, title, *lacks in soon]
    return _sessions_in_need("Sessions soon without a venue or link", found, "?when=upcoming")


def _what_is_missing(title: str, lacks: Sequence[bool]) -> str:
    missing = [what for what, is_missing in zip(("venue", "link"), lacks, strict=True) if is_missing]
    return f"{title} has no {' and no '.join(missing)}"


@what_needs_doing
def dead_letters(user: User) -> Need | None:
    """Messages that could not be sent: how many; the list tells of all programmes, and is for who keeps them all."""
    unseen = [] if user.is_superuser else private_names()
    dead = Message.objects.filter(state=Message.State.DEAD).exclude(rule__in=unseen)[:COUNTED].count()
    if not dead:
        return None
    number = f"{COUNTED} or more" if dead == COUNTED else str(dead)
    address = f"{reverse('admin:outbox_message_changelist')}?state__exact={Message.State.DEAD}"
    if keeps_all_programmes(user):
        task = Task(f"{number}: see why, and try again or set aside", address)
    else:
        task = Task(f"{number}: ask an admin of all programmes to look at them", "")
    return Need("Messages that could not be sent", [task])


@what_needs_doing
def people_who_wait_for_a_decision(user: User) -> Need | None:
    """Cohorts for which people have applied and not heard, and those with places and a reserve list."""
    waiting = Membership.objects.filter(state__in=WAITS_FOR_THE_TEAM, cohort=OuterRef("pk"))
    cohorts: Iterable[Any] = (
        Cohort.objects.filter(_kept(user, "programme"), Exists(waiting), ends_on__gte=timezone.localdate())
        .annotate(
            applied=count(waiting.filter(state=Membership.State.APPLIED), "cohort"),
            reserve=count(waiting.filter(state=Membership.State.RESERVE), "cohort"),
        )
        .filter(Q(applied__gt=0) | Q(taken__lt=F("places")))
        .order_by("starts_on", "pk")[: SHOWN + 1]
    )
    tasks = [
        Task(
            f"{cohort.name}: {cohort.applied} applied, {cohort.reserve} on the reserve list, "
            f"{count_of(cohort.places_left, 'place')} left",
            reverse("admin:cohorts_cohort_applicants", args=[cohort.pk]),
        )
        for cohort in cohorts
    ]
    return _first_few("People who wait for your decision", tasks, reverse("admin:cohorts_cohort_changelist"))


@what_needs_doing
def offers_that_end_soon(user: User) -> Need | None:
    """Offers of a place that nobody has answered, and that lapse in the next days."""
    soon = (
        Membership.objects.filter(
            _kept(user, "cohort__programme"),
            state=Membership.State.OFFERED,
            offer_expires_at__lte=timezone.now() + REMINDED_BEFORE,
        )
        .select_related("user", "cohort")
        .order_by("offer_expires_at", "pk")[: SHOWN + 1]
    )
    tasks = [
        Task(
            f"{each.user.name}, {each.cohort.name}: until {say_until(each.offer_expires_at)}",
            reverse("admin:cohorts_membership_change", args=[each.pk]),
        )
        for each in soon
        if each.offer_expires_at
    ]
    listed = f"{reverse('admin:cohorts_membership_changelist')}?state__exact={Membership.State.OFFERED}"
    return _first_few("Offers of a place that end soon", tasks, listed)


@what_needs_doing
def testimonies_to_read(user: User) -> Need | None:
    """Testimonies that their authors have offered, the one that waits longest first."""
    offered = (
        Testimony.objects.filter(_kept(user, "programme"), state=Testimony.State.OFFERED)
        .order_by("since", "pk")
        .values_list("pk", "programme__name", "since")[: SHOWN + 1]
    )
    tasks = [
        Task(f"{programme}: since {say_date(since)}", reverse("admin:cohorts_testimony_change", args=[pk]))
        for pk, programme, since in offered
    ]
    listed = f"{reverse('admin:cohorts_testimony_changelist')}?state__exact={Testimony.State.OFFERED}"
    return _first_few("Testimonies to read", tasks, listed)


@what_needs_doing
def champions_to_confirm(user: User) -> Need | None:
    """Those who have said that they would be a champion, and wait for the team to confirm it."""
    agreed = (
        Champion.objects.filter(_kept(user, "cohort__programme"), state=Champion.State.AGREED)
        .select_related("cohort")
        .order_by("since", "pk")[: SHOWN + 1]
    )
    tasks = [
        Task(
            f"{champion.shown_name}, {champion.cohort.name}",
            reverse("admin:cohorts_cohort_champions", args=[champion.cohort_id]),
        )
        for champion in agreed
    ]
    return _first_few("Champions to confirm", tasks, reverse("admin:cohorts_cohort_changelist"))


@what_needs_doing
def messages_that_were_reported(user: User) -> Need | None:
    """Messages to or from a champion that somebody has shown to the team: which cohort's, and not whose."""
    cohort = "message__conversation__champion__cohort"
    waiting = (
        MessageReport.objects.filter(_kept(user, f"{cohort}__programme"), dealt_with_at__isnull=True)
        .order_by("reported_at", "pk")
        .values_list("pk", f"{cohort}__name")[: SHOWN + 1]
    )
    tasks = [Task(f"Read it: {name}", reverse("admin:cohorts_messagereport_change", args=[pk])) for pk, name in waiting]
    return _first_few("Messages that were shown to you", tasks, reverse("admin:cohorts_messagereport_changelist"))


@what_needs_doing
def cohorts_with_people_who_are_late(user: User) -> Need | None:
    """Cohorts that run, in which the last day for something has passed without it, and for how many people."""
    members: QuerySet[Any] = with_lateness(Membership.objects.enrolled().filter(cohort=OuterRef("pk")))
    late = members.filter(is_late=True)
    running = Cohort.objects.filter(_kept(user, "programme"), ends_on__gte=timezone.localdate())
    cohorts: Iterable[Any] = (
        with_a_day_passed(running)
        # The first that is found will do to show a cohort; all are counted of those few that are shown.
        .filter(Exists(late))
        .annotate(late=count(late, "cohort"))
        .order_by("starts_on", "pk")[: SHOWN + 1]
    )
    listed = reverse("admin:cohorts_membership_changelist")
    tasks = [
        Task(f"{cohort.name}: {people(cohort.late)}", f"{listed}?cohort__id__exact={cohort.pk}&late=yes")
        for cohort in cohorts
    ]
    return _first_few("People for whom a date has passed", tasks, f"{listed}?late=yes")


@what_needs_doing
def cohorts_without_dates(user: User) -> Need | None:
    """Cohorts that run, or will, and have no session."""
    dates = Session.objects.scheduled().filter(cohort=OuterRef("pk"))
    cohorts = Cohort.objects.filter(
        ~Exists(dates), _kept(user, "programme"), ends_on__gte=timezone.localdate()
    ).order_by("starts_on")[: SHOWN + 1]
    tasks = [
        Task(
            f"{cohort.name}, from {say_date(cohort.starts_on)}",
            f"{reverse('admin:cohorts_session_series')}?cohort={cohort.pk}",
        )
        for cohort in cohorts
    ]
    return _first_few("Cohorts without dates", tasks, reverse("admin:cohorts_cohort_changelist"))
