"""What waits for a programme admin: each thing is named while it waits and no longer, at a cost that stays the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import champions, conversations, register
from cohorts.admin import today
from cohorts.admin.first_few import Kind
from cohorts.models import Booking, Cohort, ConversationMessage, Membership, Session
from portal.accounts.models import User
from portal.admin_needs import Need
from tests import factories as make
from tests.cohorts.champions import Side, make_champion, make_member, seat
from tests.cohorts.start_page import waits

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def held(*, ended: timedelta = HOUR, people: int = 2, **fields: Any) -> Session:
    """Make a session that ended so long ago, with people who had booked it."""
    session = make.make_session(cohort=make.make_cohort(**fields))
    for _ in range(people):
        make.make_booking(make.make_user(), session)
    end = timezone.now() - ended
    Session.objects.filter(pk=session.pk).update(starts_at=end - 2 * HOUR, ends_at=end)
    session.refresh_from_db()
    return session


def stuck(**changes: Any) -> Session:
    """Make a session for which somebody waits though a place is free."""
    session = make.make_session(cohort=make.make_cohort(), places=1, days=30)
    make.fill(session)
    make.make_waiting(make.make_user(), session)
    Session.objects.filter(pk=session.pk).update(**{"places": 2} | changes)
    return session


def late_person() -> Membership:
    """Enrol somebody for whom a date has passed: their cohort began 30 days ago."""
    cohort = make.make_cohort()
    make.make_component(cohort.programme, within_weeks=2)
    return make.make_membership(cohort=cohort)


def addresses(need: Need | None) -> list[str]:
    """Return where the tasks of a need lead."""
    return [task.href for task in need.tasks] if need else []


def registers(*sessions: Session) -> list[str]:
    return [reverse("register", args=[session.pk]) for session in sessions]


def pages(*sessions: Session) -> list[str]:
    return [reverse("admin:cohorts_session_change", args=[session.pk]) for session in sessions]


def test_a_register_is_shown_until_everybody_on_it_is_marked(admin: User) -> None:
    session = held(people=2)
    first, second = session.bookings.all()
    assert addresses(waits(today.REGISTERS_TO_TAKE, admin)) == registers(session)
    register.mark(session, {first.pk: Booking.State.ATTENDED}, by=admin)
    assert addresses(waits(today.REGISTERS_TO_TAKE, admin)) == registers(session)
    register.mark(session, {second.pk: Booking.State.APOLOGIES}, by=admin)
    assert waits(today.REGISTERS_TO_TAKE, admin) is None


def test_registers_are_shown_from_the_end_on_for_sixty_days_the_oldest_first(admin: User) -> None:
    late, fresh = held(ended=59 * DAY), held(ended=timedelta(minutes=1))
    held(ended=61 * DAY)
    held(ended=-HOUR)
    assert addresses(waits(today.REGISTERS_TO_TAKE, admin)) == registers(late, fresh)


def test_neither_an_empty_session_nor_a_cancelled_one_has_a_register_to_take(admin: User) -> None:
    held(people=0)
    cancelled = held()
    Session.objects.filter(pk=cancelled.pk).update(cancelled_at=timezone.now())
    assert waits(today.REGISTERS_TO_TAKE, admin) is None


def test_a_few_are_shown_and_the_list_of_all_is_named_when_there_are_more(admin: User) -> None:
    sessions = [held(ended=hours * HOUR) for hours in range(6, 0, -1)]
    need = waits(today.REGISTERS_TO_TAKE, admin)
    assert need
    assert addresses(need) == registers(*sessions[:5])
    assert need.all_of_them == reverse("admin:cohorts_session_changelist") + "?when=past"
    register.mark(sessions[0], dict.fromkeys(sessions[0].bookings.values_list("pk", flat=True), "attended"), by=admin)
    need = waits(today.REGISTERS_TO_TAKE, admin)
    assert need
    assert addresses(need) == registers(*sessions[1:])
    assert not need.all_of_them


def test_a_place_is_free_while_somebody_waits(admin: User) -> None:
    session = stuck()
    full = make.make_session(cohort=make.make_cohort(), places=1)
    make.fill(full)
    make.make_waiting(make.make_user(), full)
    make.make_session(cohort=make.make_cohort())
    stuck(cancelled_at=timezone.now())
    begun = timezone.now() - HOUR
    stuck(starts_at=begun, ends_at=begun + 2 * HOUR)
    assert addresses(waits(today.FREE_PLACES, admin)) == pages(session)


def test_a_session_soon_says_what_it_lacks(admin: User) -> None:
    venue, link = make.make_venue(), "https://meet.example/room"
    nothing = make.make_session(days=2, format="hybrid")
    no_link = make.make_session(days=3, format="online", venue=venue)
    no_venue = make.make_session(days=4, format="in_person", join_link=link)
    make.make_session(days=5, format="hybrid", venue=venue, join_link=link)
    make.make_session(days=15)
    make.make_session(days=5, cancelled_at=timezone.now())
    need = waits(today.SESSIONS_WITHOUT_A_PLACE, admin)
    assert need
    assert addresses(need) == pages(nothing, no_link, no_venue)
    assert [task.text.rpartition(" has ")[2] for task in need.tasks] == ["no venue and no link", "no link", "no venue"]


def test_a_session_soon_says_that_nobody_leads_it(desk: Client, admin: User) -> None:
    alone, led, both = (make.make_session(days=days, venue=make.make_venue()) for days in (3, 4, 15))
    led.facilitators.add(make.make_facilitator())
    make.make_session(days=5, cancelled_at=timezone.now())
    need = waits(today.SESSIONS_WITHOUT_A_FACILITATOR, admin)
    assert addresses(need) == pages(alone)
    listed = today.SESSIONS_WITHOUT_A_FACILITATOR.all_of_them()
    assert list(desk.get(listed).context["cl"].result_list) == [alone, both]
    assert waits(today.SESSIONS_WITHOUT_A_PLACE, admin) is None
    assert list(desk.get(today.SESSIONS_WITHOUT_A_PLACE.all_of_them()).context["cl"].result_list) == []


def test_a_full_cohort_is_named_apart_while_somebody_waits(desk: Client, admin: User) -> None:
    full, has_places = make.make_open_cohort(places=1), make.make_open_cohort(places=2)
    nobody_waits = make.make_open_cohort(places=1)
    for cohort in (full, has_places, nobody_waits):
        make.make_membership(cohort=cohort)
    for cohort in (full, has_places):
        make.make_membership(cohort=cohort, state="applied")
        make.make_membership(cohort=cohort, state="reserve")
    for kind, cohort in ((today.FULL_COHORTS, full), (today.PEOPLE_TO_DECIDE_ABOUT, has_places)):
        need = waits(kind, admin)
        assert need
        assert addresses(need) == [reverse("admin:cohorts_cohort_applicants", args=[cohort.pk])]
        left = "0 places left" if cohort == full else "1 place left"
        assert need.tasks[0].text == f"{cohort.name}: 1 applied, 1 on the reserve list, {left}"
        assert list(desk.get(kind.all_of_them()).context["cl"].result_list) == [cohort]
    assert waits(today.FULL_COHORTS, make.make_admin_of(has_places.programme)) is None


def test_every_kind_names_a_list_that_is_there(desk: Client) -> None:
    for kind in today.KINDS:
        assert desk.get(kind.all_of_them()).status_code == 200


def test_who_keeps_certain_programmes_is_told_of_those(admin: User) -> None:
    mine, waited_for = held(), stuck()
    narrow = make.make_admin_of(mine.component.programme, waited_for.component.programme)
    nowhere = make.make_session(make.make_component(mine.component.programme), days=2)
    held()
    stuck()
    make.make_session(days=2)
    assert addresses(waits(today.REGISTERS_TO_TAKE, narrow)) == registers(mine)
    assert addresses(waits(today.FREE_PLACES, narrow)) == pages(waited_for)
    assert addresses(waits(today.SESSIONS_WITHOUT_A_PLACE, narrow)) == pages(nowhere)
    for kind in (today.REGISTERS_TO_TAKE, today.FREE_PLACES, today.SESSIONS_WITHOUT_A_PLACE):
        assert len(addresses(waits(kind, admin))) == 2


def test_the_start_page_asks_as_much_for_three_of_each_as_for_one(desk: Client) -> None:
    tomorrow = timezone.now() + timedelta(days=1)

    def ask() -> int:
        late_person()
        held()
        stuck()
        make.make_session(cohort=make.make_cohort(), days=2)
        make.make_cohort()
        make.make_membership(cohort=make.make_open_cohort(), state="applied")
        make.make_membership(cohort=make.make_open_cohort(places=0), state="reserve")
        make.make_testimony()
        make.make_membership(cohort=make.make_open_cohort(), state="offered", offer_expires_at=tomorrow)
        _let_somebody_agree_and_another_report()
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(reverse("admin:index")).status_code == 200
        return len(captured)

    desk.get(reverse("admin:index"))
    one = ask()
    ask()
    # Login session, person, requests to be erased, one for all that waits in the programmes, dead letters, reports of
    # theirs in book clubs that they leave to others, book clubs, projects.
    assert ask() == one == 8


def _let_somebody_agree_and_another_report() -> None:
    """Let somebody say that they would be a champion, and another show the team a message to one."""
    agreed = champions.ask(make_member(make.make_cohort()), by=make.make_admin())
    champions.agree(agreed, name="Demo", role="")
    champion = make_champion(make_member(make.make_cohort()))
    conversations.write(seat(champion, make_member(champion.cohort)), "Hello")
    message = ConversationMessage.objects.latest("pk")
    conversations.report(seat(champion, message.conversation.membership, Side.CHAMPION), message)


@pytest.fixture
def _no_table_is_small() -> None:
    """Have PostgreSQL read tables by their indexes, as it does when they are large."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")


@pytest.mark.parametrize(
    ("kind", "index"),
    [
        (today.REGISTERS_TO_TAKE, "booking_register_to_take"),
        (today.FREE_PLACES, "booking_queue"),
        (today.SESSIONS_WITHOUT_A_PLACE, "session_without_a_place"),
        (today.SESSIONS_WITHOUT_A_FACILITATOR, "session_by_start"),
    ],
)
@pytest.mark.usefixtures("_no_table_is_small")
def test_what_waits_is_read_off_an_index(admin: User, kind: Kind, index: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        waits(kind, admin)
    statement = captured[-1]["sql"]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + statement)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"using {index} " in plan, plan


def test_who_waits_for_a_decision_and_whose_offer_ends_soon(desk: Client) -> None:
    cohort = make.make_open_cohort(places=3)
    make.make_membership(cohort=cohort, state="applied")
    make.make_membership(cohort=cohort, state="reserve")
    soon, late = timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=9)
    ends = make.make_membership(cohort=cohort, state="offered", offer_expires_at=soon)
    stands = make.make_membership(cohort=cohort, state="offered", offer_expires_at=late)
    full = make.make_open_cohort(places=1)
    make.make_membership(cohort=full)
    make.make_membership(cohort=full, state="reserve")
    page = " ".join(desk.get(reverse("admin:index")).content.decode().split())
    assert f"{cohort.name}: 1 applied, 1 on the reserve list, 1 place left" in page
    assert reverse("admin:cohorts_cohort_applicants", args=[cohort.pk]) in page
    assert ends.user.name in page
    assert stands.user.name not in page
    assert page.index("Full cohorts with people who wait") < page.index(f"{full.name}: 0 applied")


@pytest.mark.parametrize(
    ("kind", "listed"),
    [
        (today.PEOPLE_TO_DECIDE_ABOUT, "cohorts_cohort_changelist"),
        (today.OFFERS_THAT_END_SOON, "cohorts_membership_changelist"),
        (today.COHORTS_WITHOUT_DATES, "cohorts_cohort_changelist"),
    ],
)
def test_of_every_kind_five_are_shown_and_the_list_is_named_for_the_sixth(admin: User, kind: Kind, listed: str) -> None:
    tomorrow = timezone.now() + DAY
    assert waits(kind, admin) is None
    for number in range(1, 7):
        cohort = make.make_open_cohort()
        make.make_membership(cohort=cohort, state="applied")
        make.make_membership(cohort=cohort, state="offered", offer_expires_at=tomorrow)
        need = waits(kind, admin)
        assert need
        assert len(need.tasks) == min(number, 5)
        assert need.all_of_them.startswith(reverse(f"admin:{listed}") if number > 5 else "")
        assert bool(need.all_of_them) == (number > 5)


def test_a_cohort_is_named_while_it_runs_and_somebody_in_it_is_late(desk: Client, admin: User) -> None:
    late = late_person()
    cohort = late.cohort
    make.make_membership(cohort=make.make_cohort())
    in_time = make.make_cohort()
    make.make_component(in_time.programme, within_weeks=20)
    make.make_membership(cohort=in_time)

    need = waits(today.PEOPLE_WHO_ARE_LATE, admin)

    members = reverse("admin:cohorts_membership_changelist")
    assert need
    assert addresses(need) == [f"{members}?cohort__id__exact={cohort.pk}&late=yes"]
    assert [task.text for task in need.tasks] == [f"{cohort.name}: 1 person"]
    shown = desk.get(addresses(need)[0]).context["cl"].result_list
    assert [(row.pk, row.is_late) for row in shown] == [(late.pk, True)]
    on_time = desk.get(f"{members}?cohort__id__exact={cohort.pk}&late=no").context["cl"].result_list
    assert list(on_time) == []
    assert waits(today.PEOPLE_WHO_ARE_LATE, make.make_admin_of(in_time.programme)) is None
    Cohort.objects.filter(pk=cohort.pk).update(ends_on=timezone.localdate() - DAY)
    assert waits(today.PEOPLE_WHO_ARE_LATE, admin) is None
