"""What waits for a programme admin today: the first few of each kind, in one statement for all kinds.

Each kind reads no more rows than are shown, and those of large tables by an index
(`tests/cohorts/test_admin_today.py`).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cohorts.admin.first_few import Facts, Kind, first_few
from cohorts.admin.keeping import count
from cohorts.admin.lacking import LACKS_FACILITATOR, LACKS_PLACE, say_what_is_lacking, with_what_is_lacking
from cohorts.admin.waiting import COHORT_WAITS
from cohorts.completion import with_a_day_passed, with_lateness
from cohorts.models import Booking, Champion, Cohort, Membership, MessageReport, Session, Testimony
from cohorts.offering import REMINDED_BEFORE, WAITS_FOR_THE_TEAM
from cohorts.rules import keeps_all_programmes, programmes_kept
from portal.accounts.models import User
from portal.admin_needs import Need, Task, what_needs_doing
from portal.nhsuk.dates import say_date, say_until
from portal.outbox.models import Message
from portal.outbox.rules import private_names
from portal.questions import count_of, people

COUNTED: Final = 100
# How soon a session must be able to say where it is, and who leads it.
SOON: Final = timedelta(days=14)
# A register that nobody has taken for so long will not be taken any more.
REMEMBERED: Final = timedelta(days=60)


def _kept(user: User, programme: str) -> Q:
    """Narrow to the programmes that this person keeps; `programme` is the way there from a row."""
    return Q() if keeps_all_programmes(user) else Q((f"{programme}__in", programmes_kept(user)))


def _list(model: str, filtered: str) -> Callable[[], str]:
    """Return what gives the address of a model's list, filtered."""
    return lambda: f"{reverse(f'admin:cohorts_{model}_changelist')}?{filtered}"


# Sessions.

SESSION: Final = {"starts_at": "starts_at", "title": "component__title"}


def _sessions(user: User) -> QuerySet[Session]:
    return Session.objects.scheduled().filter(_kept(user, "component__programme"))


def _soon(user: User) -> QuerySet[Session]:
    now = timezone.now()
    return _sessions(user).filter(starts_at__gt=now, starts_at__lte=now + SOON)


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


def _say_session(page: str, key: int, facts: Facts) -> Task:
    said = f"{say_date(datetime.fromisoformat(facts['starts_at']))}: {facts['title']}"
    return Task(said, reverse(page, args=[key]))


def _say_what_a_session_lacks(key: int, facts: Facts) -> Task:
    task = _say_session("admin:cohorts_session_change", key, facts)
    return Task(f"{task.text} has {say_what_is_lacking(facts)}", task.href)


def _registers_not_taken(user: User) -> QuerySet[Booking]:
    """Return those who are still marked as booked for what is over.

    Their bookings lead to the sessions: those whose registers are taken are many more.
    """
    now = timezone.now()
    return Booking.objects.filter(
        _kept(user, "component__programme"),
        state=Booking.State.BOOKED,
        during__endswith__gt=now - REMEMBERED,
        during__endswith__lte=now,
        session__cancelled_at__isnull=True,
    ).distinct()


REGISTERS_TO_TAKE: Final = Kind(
    "Registers to take",
    _registers_not_taken,
    "during__endswith",
    {"starts_at": "during__startswith", "title": "component__title"},
    partial(_say_session, "register"),
    _list("session", "when=past"),
    key="session",
)


def _places_that_somebody_waits_for(user: User) -> QuerySet[Session]:
    """Return sessions with a free place and somebody who waits: the place did not pass on by itself."""
    waited_for = Booking.objects.queue().order_by().values("session").distinct()
    return _sessions(user).filter(_is_one_of(waited_for), taken__lt=F("places"), starts_at__gt=timezone.now())


FREE_PLACES: Final = Kind(
    "Free places while people wait",
    _places_that_somebody_waits_for,
    "starts_at",
    SESSION,
    partial(_say_session, "admin:cohorts_session_change"),
    _list("session", "when=upcoming"),
)

SESSIONS_WITHOUT_A_PLACE: Final = Kind(
    "Sessions soon without a venue or link",
    lambda user: with_what_is_lacking(_soon(user).filter(LACKS_PLACE)),
    "starts_at",
    SESSION | {f"lacks_{what}": f"lacks_{what}" for what in ("venue", "link")},
    _say_what_a_session_lacks,
    _list("session", "when=upcoming&lacks=place"),
)

SESSIONS_WITHOUT_A_FACILITATOR: Final = Kind(
    "Sessions soon without a facilitator",
    lambda user: _soon(user).filter(LACKS_FACILITATOR),
    "starts_at",
    SESSION,
    partial(_say_session, "admin:cohorts_session_change"),
    _list("session", "when=upcoming&lacks=facilitator"),
)

# Cohorts, the one that begins first before others.


def _cohorts(user: User) -> QuerySet[Cohort]:
    return Cohort.objects.filter(_kept(user, "programme"), ends_on__gte=timezone.localdate())


def _cohorts_with_people_who_wait(waits: str, user: User) -> QuerySet[Any]:
    waiting = Membership.objects.filter(state__in=WAITS_FOR_THE_TEAM, cohort=OuterRef("pk"))
    return (
        _cohorts(user)
        .filter(COHORT_WAITS[waits])
        .annotate(
            applied=count(waiting.filter(state=Membership.State.APPLIED), "cohort"),
            reserve=count(waiting.filter(state=Membership.State.RESERVE), "cohort"),
        )
    )


def _say_who_waits(key: int, facts: Facts) -> Task:
    return Task(
        f"{facts['name']}: {facts['applied']} applied, {facts['reserve']} on the reserve list, "
        f"{count_of(facts['places'] - facts['taken'], 'place')} left",
        reverse("admin:cohorts_cohort_applicants", args=[key]),
    )


WHO_WAITS: Final = {name: name for name in ("name", "applied", "reserve", "places", "taken")}

PEOPLE_TO_DECIDE_ABOUT: Final = Kind(
    "People who wait for your decision",
    partial(_cohorts_with_people_who_wait, "decision"),
    "starts_on",
    WHO_WAITS,
    _say_who_waits,
    _list("cohort", "waits=decision"),
)

FULL_COHORTS: Final = Kind(
    "Full cohorts with people who wait",
    partial(_cohorts_with_people_who_wait, "full"),
    "starts_on",
    WHO_WAITS,
    _say_who_waits,
    _list("cohort", "waits=full"),
)


def _cohorts_with_people_who_are_late(user: User) -> QuerySet[Any]:
    """Return cohorts that run, in which the last day for something has passed without it."""
    members: QuerySet[Any] = with_lateness(Membership.objects.enrolled().filter(cohort=OuterRef("pk")))
    late = members.filter(is_late=True)
    # The first that is found will do to show a cohort; all are counted of those few that are shown.
    return with_a_day_passed(_cohorts(user)).filter(Exists(late)).annotate(late=count(late, "cohort"))


def _say_how_many_are_late(key: int, facts: Facts) -> Task:
    listed = reverse("admin:cohorts_membership_changelist")
    return Task(f"{facts['name']}: {people(facts['late'])}", f"{listed}?cohort__id__exact={key}&late=yes")


PEOPLE_WHO_ARE_LATE: Final = Kind(
    "People for whom a date has passed",
    _cohorts_with_people_who_are_late,
    "starts_on",
    {"name": "name", "late": "late"},
    _say_how_many_are_late,
    _list("membership", "late=yes"),
)


def _say_since_when_it_has_no_dates(key: int, facts: Facts) -> Task:
    said = f"{facts['name']}, from {say_date(datetime.fromisoformat(facts['starts_on']).date())}"
    return Task(said, f"{reverse('admin:cohorts_session_series')}?cohort={key}")


COHORTS_WITHOUT_DATES: Final = Kind(
    "Cohorts without dates",
    lambda user: _cohorts(user).filter(COHORT_WAITS["dates"]),
    "starts_on",
    {"name": "name", "starts_on": "starts_on"},
    _say_since_when_it_has_no_dates,
    _list("cohort", "waits=dates"),
)

# What people have said, the one that waits longest first.


def _offers_that_end_soon(user: User) -> QuerySet[Membership]:
    """Return offers of a place that nobody has answered, and that lapse in the next days."""
    return Membership.objects.filter(
        _kept(user, "cohort__programme"),
        state=Membership.State.OFFERED,
        offer_expires_at__lte=timezone.now() + REMINDED_BEFORE,
    )


def _say_offer(key: int, facts: Facts) -> Task:
    until = say_until(datetime.fromisoformat(facts["until"]))
    said = f"{facts['person']}, {facts['cohort']}: until {until}"
    return Task(said, reverse("admin:cohorts_membership_change", args=[key]))


OFFERS_THAT_END_SOON: Final = Kind(
    "Offers of a place that end soon",
    _offers_that_end_soon,
    "offer_expires_at",
    {"person": "user__name", "cohort": "cohort__name", "until": "offer_expires_at"},
    _say_offer,
    _list("membership", f"state__exact={Membership.State.OFFERED}"),
)


def _say_testimony(key: int, facts: Facts) -> Task:
    said = f"{facts['programme']}: since {say_date(datetime.fromisoformat(facts['since']))}"
    return Task(said, reverse("admin:cohorts_testimony_change", args=[key]))


TESTIMONIES_TO_READ: Final = Kind(
    "Testimonies to read",
    lambda user: Testimony.objects.filter(_kept(user, "programme"), state=Testimony.State.OFFERED),
    "since",
    {"programme": "programme__name", "since": "since"},
    _say_testimony,
    _list("testimony", f"state__exact={Testimony.State.OFFERED}"),
)


def _say_champion(_: int, facts: Facts) -> Task:
    page = reverse("admin:cohorts_cohort_champions", args=[facts["cohort"]])
    return Task(f"{facts['shown_name']}, {facts['cohort_name']}", page)


CHAMPIONS_TO_CONFIRM: Final = Kind(
    "Champions to confirm",
    lambda user: Champion.objects.filter(_kept(user, "cohort__programme"), state=Champion.State.AGREED),
    "since",
    {"cohort": "cohort", "cohort_name": "cohort__name", "shown_name": "shown_name"},
    _say_champion,
    _list("cohort", "waits=champion"),
)

# Whose message was reported, and to whom, is nobody's to read here.
OF_ITS_COHORT: Final = "message__conversation__champion__cohort"

MESSAGES_THAT_WERE_REPORTED: Final = Kind(
    "Messages that were shown to you",
    lambda user: MessageReport.objects.filter(_kept(user, f"{OF_ITS_COHORT}__programme"), dealt_with_at__isnull=True),
    "reported_at",
    {"cohort": f"{OF_ITS_COHORT}__name"},
    lambda key, facts: Task(f"Read it: {facts['cohort']}", reverse("admin:cohorts_messagereport_change", args=[key])),
    _list("messagereport", "dealt=no"),
)

KINDS: Final = (
    REGISTERS_TO_TAKE,
    FREE_PLACES,
    SESSIONS_WITHOUT_A_PLACE,
    SESSIONS_WITHOUT_A_FACILITATOR,
    PEOPLE_TO_DECIDE_ABOUT,
    FULL_COHORTS,
    OFFERS_THAT_END_SOON,
    TESTIMONIES_TO_READ,
    CHAMPIONS_TO_CONFIRM,
    MESSAGES_THAT_WERE_REPORTED,
    PEOPLE_WHO_ARE_LATE,
    COHORTS_WITHOUT_DATES,
)


@what_needs_doing
def of_the_programmes(user: User) -> list[Need]:
    """Tell what waits in the programmes that somebody keeps."""
    return first_few(KINDS, user)


@what_needs_doing
def dead_letters(user: User) -> list[Need]:
    """Messages that could not be sent: how many; the list tells of all programmes, and is for who keeps them all."""
    unseen = [] if user.is_superuser else private_names()
    dead = Message.objects.filter(state=Message.State.DEAD).exclude(rule__in=unseen)[:COUNTED].count()
    if not dead:
        return []
    number = f"{COUNTED} or more" if dead == COUNTED else str(dead)
    address = f"{reverse('admin:outbox_message_changelist')}?state__exact={Message.State.DEAD}"
    if keeps_all_programmes(user):
        task = Task(f"{number}: see why, and try again or set aside", address)
    else:
        task = Task(f"{number}: ask an admin of all programmes to look at them", "")
    return [Need("Messages that could not be sent", [task])]
