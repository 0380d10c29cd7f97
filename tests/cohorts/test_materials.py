"""What there is to read before a session and to take home from it, and who sees it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import copying
from cohorts.models import Booking, Material, Session
from tests import factories as make
from tests.cohorts.test_messages import written

pytestmark = pytest.mark.django_db

BEFORE, AFTER = Material.Shown.BEFORE, Material.Shown.AFTER


@pytest.fixture
def session() -> Session:
    """Return a public session with something of each kind to look at."""
    session = make.make_open_session(joining_instructions="Ask for Demo at the desk.")
    Material.objects.create(component=session.component, title="A paper to read", link="https://paper.demo.example/")
    Material.objects.create(session=session, title="The slides", shown=AFTER, text="Pages 3 to 9 are the exercise.")
    Material.objects.create(session=make.make_open_session(), title="Of another session", text="Not this one.")
    return session


@pytest.fixture
def booked(session: Session) -> Booking:
    booking: Booking = make.make_booking(make.make_user(), session)
    return booking


def page(session: Session, person: object = None) -> str:
    client = Client()
    if person:
        client.force_login(person)  # type: ignore[arg-type]  # a person of the portal
    return " ".join(client.get(session.get_absolute_url()).content.decode().split())


def end(session: Session) -> None:
    ended = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=ended - timedelta(hours=2), ends_at=ended)


def test_who_has_booked_reads_what_to_prepare_and_whom_to_ask_for(session: Session, booked: Booking) -> None:
    shown = page(session, booked.user)
    assert "A paper to read" in shown
    assert 'href="https://paper.demo.example/"' in shown
    assert "Ask for Demo at the desk." in shown
    assert "The slides" not in shown
    assert "Of another session" not in shown


@pytest.mark.parametrize("who", ["anybody", "somebody without a place", "who waits", "who cancelled"])
def test_nobody_else_does(session: Session, booked: Booking, who: str) -> None:
    person = None if who == "anybody" else make.make_user()
    if who == "who waits":
        Session.objects.filter(pk=session.pk).update(places=1)
        make.make_waiting(person, session)  # type: ignore[arg-type]  # it is somebody
    if who == "who cancelled":
        person = verbs.cancel(booked, by=booked.user).user
    shown = page(session, person)
    assert session.component.title in shown
    for hidden in ("A paper to read", "Ask for Demo", "The slides"):
        assert hidden not in shown


@pytest.mark.parametrize("state", [Booking.State.ATTENDED, Booking.State.DID_NOT_ATTEND, Booking.State.APOLOGIES])
def test_what_there_is_to_take_home_is_shown_once_it_is_over_also_to_who_could_not_come(
    session: Session, booked: Booking, state: str
) -> None:
    end(session)
    Booking.objects.filter(pk=booked.pk).update(state=state, next_reminder_at=None)
    assert "Pages 3 to 9 are the exercise." in page(session, booked.user)


def test_who_leads_it_reads_all_of_it_beside_the_register(session: Session, sign_in: Any) -> None:
    leader = make.make_facilitator(make.make_user())
    session.facilitators.add(leader)
    shown = sign_in(leader.user).get(reverse("register", args=[session.pk])).content.decode()
    for said in ("A paper to read", "The slides", "Ask for Demo"):
        assert said in shown


def test_the_letters_say_what_to_prepare_and_never_where_it_stands(booked: Booking) -> None:
    letter = written("booking.booked", booked)
    for body in (letter.body, str(letter.alternatives[0][0])):
        assert "A paper to read" in body
        assert "Ask for Demo at the desk." in body
        assert "paper.demo.example" not in body
        assert "The slides" not in body


def test_a_letter_of_a_cancelled_booking_says_nothing_of_the_day(booked: Booking) -> None:
    verbs.cancel(booked, by=booked.user)
    letter = written("booking.cancelled", booked)
    assert "A paper to read" not in letter.body
    assert "Ask for Demo" not in letter.body


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_costs_the_same_however_many_there_are(
    session: Session, booked: Booking, rows: int, django_assert_num_queries
) -> None:
    Material.objects.bulk_create(Material(session=session, title=f"More {n}", text="Text") for n in range(rows - 1))
    client = Client()
    client.force_login(booked.user)
    client.get(reverse("home"))
    with django_assert_num_queries(7):  # as a session's page, and the materials
        client.get(session.get_absolute_url())


@pytest.mark.parametrize(("link", "kept"), [("", "Ask at the desk."), ("https://meet.demo.example/", "")])
def test_a_copy_keeps_instructions_but_those_that_go_with_a_link(link: str, kept: str) -> None:
    cohort = make.make_cohort()
    make.make_session(cohort=cohort, joining_instructions="Ask at the desk.", join_link=link)
    starts_on = cohort.starts_on + timedelta(days=364)
    new = copying.copy(cohort, name="The next", starts_on=starts_on, places=20, by=make.make_admin())
    assert new.sessions.get().joining_instructions == kept


def test_postgresql_holds_what_a_material_is_of(session: Session) -> None:
    for wrong in (
        {"title": "Of nothing", "text": "Text"},
        {"title": "Of both", "text": "Text", "session": session, "component": session.component},
        {"title": "Says nothing", "session": session},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Material.objects.create(**wrong)


class TestAdmin:
    """Its page for the programme team."""

    def send(self, desk: Client, **given: object) -> str:
        facts = {"title": "A paper", "shown": "before", "position": 1, **given}
        response = desk.post(reverse("admin:cohorts_material_add"), facts, follow=True)
        return " ".join(response.content.decode().split())

    def test_one_is_added_and_listed_with_what_it_goes_with(self, desk: Client) -> None:
        component = make.make_component(title="Names matter")
        self.send(desk, component=component.pk, text="Read it.")
        assert Material.objects.get().component == component
        assert "Names matter" in desk.get(reverse("admin:cohorts_material_changelist")).content.decode()

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"text": "Read it."}, "Choose either a component or a session."),
            ({"component": "its"}, "Enter a link or a text, or choose a file."),
            ({"component": "its", "link": "http://plain.example/"}, "begins with https://"),
            ({"component": "its", "link": "javascript:alert(1)"}, "Enter a valid URL"),
            ({"component": "its", "text": "a\x00b"}, "Null characters are not allowed"),
        ],
    )
    def test_what_does_not_fit_together_is_refused(self, desk: Client, given: dict[str, object], says: str) -> None:
        component = make.make_component()
        facts = {name: component.pk if value == "its" else value for name, value in given.items()}
        assert says in self.send(desk, **facts)
        assert not Material.objects.exists()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_list_costs_the_same_for_any_number(self, desk: Client, rows: int, django_assert_num_queries) -> None:
        for n in range(rows):
            Material.objects.create(component=make.make_component(), title=f"Paper {n}", text="Read it.")
        address = reverse("admin:cohorts_material_changelist")
        desk.get(address)
        with django_assert_num_queries(4):
            desk.get(address)
