"""What a person sees, shown to an admin: as it is, read only, in the trail, and never what is theirs alone."""

import re
from typing import Any

import pytest
from django.db import InternalError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from cohorts.models import Booking, Membership
from portal import subject_access
from portal.accounts import seeing
from portal.accounts.models import User
from portal.trail.models import Entry
from tests import factories as make
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db

# What admins may be shown of a person's pages. Whoever adds one has asked: does anybody write there for themselves?
SHOWN = {
    *("me", "component", "bookings", "booking", "session", "place", "facilitate", "nominations", "my_organisation"),
    *("programmes", "programme", "series"),
}


@pytest.fixture
def desk() -> Client:
    return desk_of(make.make_admin(name="Demo Admin"))


@pytest.fixture
def booked() -> Booking:
    member = make.make_membership(user=make.make_user(name="Demo Midwife"))
    booking: Booking = make.make_booking(member.user, make.make_session(cohort=member.cohort))
    return booking


def address(person: User, page: str) -> str:
    return reverse("admin:accounts_user_sees", args=[person.pk, page.removeprefix("/")])


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def names(patterns: list[Any]) -> list[tuple[str, Any]]:
    """Return the name and the view of each address of the portal's own pages."""
    found: list[tuple[str, Any]] = []
    for each in patterns:
        if isinstance(each, URLResolver):
            found += names(each.url_patterns)
        elif isinstance(each, URLPattern):
            found.append((str(each.name), each.callback))
    return found


def test_what_is_shown_is_what_stands_here() -> None:
    shown = {name for name, view in names(get_resolver().url_patterns) if getattr(view, "seen_by_admins", False)}
    assert shown == SHOWN


def test_an_admin_sees_the_page_and_all_its_links_stay_there(desk: Client, booked: Booking) -> None:
    response = desk.get(address(booked.user, "/me/"))
    assert "You see what <bdi>Demo Midwife</bdi> sees" in text(response)
    assert booked.session.component.title in text(response)
    assert "no-store" in response.headers["Cache-Control"]
    links = re.findall(r'<a [^>]*href="(/[^"]*)"', response.content.decode())
    assert links
    assert all(link.startswith(address(booked.user, "/x").removesuffix("x")) for link in links)
    assert address(booked.user, booked.get_absolute_url()) in links


@pytest.mark.parametrize("page", sorted(SHOWN))
def test_each_page_is_shown_and_writes_nothing(desk: Client, page: str) -> None:
    facilitator = make.make_facilitator(make.make_user())
    person = facilitator.user
    member = make.make_membership(user=person, cohort=make.make_cohort(make.make_programme(published=True)))
    waiting = make.make_membership(user=person, state=Membership.State.APPLIED)
    session = make.make_session(cohort=member.cohort)
    session.facilitators.add(facilitator)
    booking = make.make_booking(person, session)
    series = make.make_open_session()
    arguments: dict[str, list[Any]] = {
        "component": [member.pk, session.component.slug],
        "booking": [booking.uid],
        "session": [session.pk],
        "place": [waiting.pk],
        "programme": [member.cohort.programme.slug],
        "series": [series.component.programme.slug, series.component.slug],
    }
    if page in {"nominations", "my_organisation"}:
        person.roles.create(kind="organisation_lead", organisation=make.make_organisation())
    response = desk.get(address(person, reverse(page, args=arguments.get(page, []))))
    assert response.status_code == 200
    assert "You see what" in text(response)


@pytest.mark.parametrize(
    "page",
    [
        "/people/data/",
        "/people/details/",
        "/me/calendar/",
        "/accounts/email/",
        "/queue/",
        "/referrals/",
        "/admin/",
        "/nothing/here/",
        "/%00",
    ],
)
def test_what_is_theirs_alone_is_not_shown(desk: Client, booked: Booking, page: str) -> None:
    response = desk.get(address(booked.user, "/x").removesuffix("x") + page.removeprefix("/"))
    assert response.status_code in {400, 404}
    assert not Entry.objects.filter(verb="user.seen_as").exists()


def test_somebody_elses_page_is_not_there_for_them_either(desk: Client, booked: Booking) -> None:
    assert desk.get(address(make.make_user(), booked.get_absolute_url())).status_code == 404


def test_a_page_that_leads_on_leads_to_what_they_see(desk: Client, booked: Booking) -> None:
    membership = Membership.objects.get(user=booked.user)
    response = desk.get(address(booked.user, reverse("place", args=[membership.pk])))
    assert response.headers["Location"] == address(booked.user, "/me/")


def test_nothing_that_is_pressed_is_done(desk: Client, booked: Booking) -> None:
    response = desk.post(address(booked.user, f"{booked.get_absolute_url()}cancel/"))
    assert response.status_code == 405
    assert "Nothing was done" in text(response)
    booked.refresh_from_db()
    assert booked.state == Booking.State.BOOKED


def test_each_look_is_in_the_trail_with_the_pages_name(desk: Client, booked: Booking) -> None:
    desk.get(address(booked.user, booked.get_absolute_url()))
    entry = Entry.objects.get(verb="user.seen_as")
    assert entry.subject == f"user:{booked.user.pk}"
    assert entry.details == {"page": "booking"}
    assert entry.actor
    assert entry.actor.name == "Demo Admin"


def test_whoever_was_looked_at_finds_it_among_what_is_held_about_them(desk: Client, booked: Booking) -> None:
    desk.get(address(booked.user, "/me/"))
    (row,) = subject_access.about(booked.user)["Admins who saw your pages"]
    assert (row["who"], row["page"]) == ("Demo Admin", "me")


def test_postgresql_refuses_a_view_that_writes(booked: Booking, rf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that is marked by mistake fails in its own test, and changes nothing here."""

    def writes(request: Any) -> None:
        User.objects.update(name="Somebody else")

    match = seeing._shown("/me/")
    match.func = writes
    with pytest.raises(InternalError, match="read-only"):
        seeing._answer(rf.get("/me/"), match)
    booked.user.refresh_from_db()
    assert booked.user.name == "Demo Midwife"


def test_the_admins_own_sign_in_and_messages_are_left_alone(desk: Client, booked: Booking) -> None:
    desk.get(reverse("home"))
    before = dict(desk.session)
    desk.get(address(booked.user, "/me/"))
    assert dict(desk.session) == before
    assert "Demo Admin" not in text(desk.get(address(booked.user, "/me/")))


def test_somebody_who_may_not_sign_in_sees_nothing(desk: Client) -> None:
    assert desk.get(address(make.make_user(is_active=False), "/me/")).status_code == 404


def test_an_admin_of_some_programmes_does_not_look() -> None:
    assert desk_of(make.make_admin_of(make.make_programme())).get(address(make.make_user(), "/me/")).status_code == 403
