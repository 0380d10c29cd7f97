"""Calendar files as other programs read them: the library vobject, and khal, a calendar that people use."""

import subprocess
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import vobject
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import calendars, scheduling
from cohorts.models import Booking
from tests import factories as make

pytestmark = pytest.mark.django_db

TITLE = "Names; commas, café and “quotes”"

Method = calendars.Method


@pytest.fixture
def booked() -> Booking:
    """Return a booking by a member who may swap to another date."""
    member = make.make_membership()
    component = make.make_component(member.cohort.programme, title=TITLE)
    venue = make.make_venue(name="Demo Hall", address="1 Demo Street\nDemoton")
    booking: Booking = make.make_booking(member.user, make.make_session(component, member.cohort, venue=venue))
    return booking


class Khal:
    """A calendar of khal's in a folder of its own, with the UK's clocks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "khal.conf"
        (folder / "calendar").mkdir()
        self.config.write_text(
            f"[calendars]\n[[mine]]\npath = {folder / 'calendar'}\n"
            f"[sqlite]\npath = {folder / 'khal.db'}\n"
            "[locale]\nlocal_timezone = Europe/London\ndefault_timezone = Europe/London\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        )

    def take(self, content: bytes) -> None:
        """Take up the entries of a calendar file."""
        file = self.folder / "invitation.ics"
        file.write_bytes(content)
        self._run("import", "--batch", str(file))

    def entries(self) -> list[str]:
        """Return the start, end, title, place and status of each entry of the next year."""
        seen = "{start-long} | {end-long} | {title} | {location} | {status}"
        first = f"{timezone.localdate():%Y-%m-%d}"
        said = self._run("list", "--once", "--day-format", "", "--format", seen, first, "365d")
        return [entry.strip() for entry in said.splitlines() if entry.strip()]

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            ["khal", "--config", str(self.config), *command], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def khal(tmp_path: Path) -> Khal:
    return Khal(tmp_path)


def read(content: bytes) -> Any:
    """Return a calendar file as vobject reads it, once it has found it to be whole."""
    calendar = vobject.readOne(content.decode())
    assert calendar.validate(raiseException=True)
    return calendar


def line(booking: Booking, status: str = "CONFIRMED") -> str:
    """Return what khal's list says of a booking."""
    starts_at, ends_at = (timezone.localtime(each) for each in (booking.session.starts_at, booking.session.ends_at))
    where = "Demo Hall, 1 Demo Street, Demoton"
    return f"{starts_at:%Y-%m-%d %H:%M} | {ends_at:%Y-%m-%d %H:%M} | {TITLE} | {where} | {status}"


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH"])
def test_vobject_reads_each_kind_of_file(booked: Booking, method: Method) -> None:
    calendar = read(calendars.calendar_file(booked, method))
    entry = calendar.vevent
    assert calendar.method.value == method
    assert entry.summary.value == TITLE
    assert entry.dtstart.value == booked.session.starts_at.astimezone(UTC)
    assert entry.dtend.value == booked.session.ends_at.astimezone(UTC)
    assert entry.location.value == "Demo Hall, 1 Demo Street, Demoton"
    assert entry.uid.value.startswith(f"booking-{booked.uid}@")


def test_vobject_reads_the_feed(booked: Booking) -> None:
    make.make_booking(booked.user, make.make_open_session(days=40))
    assert len(read(calendars.feed(booked.user)).vevent_list) == 2


def test_khal_takes_up_an_invitation_a_swap_and_a_cancellation_as_one_entry(booked: Booking, khal: Khal) -> None:
    khal.take(calendars.calendar_file(booked, "REQUEST"))
    assert khal.entries() == [line(booked)]

    venue = booked.session.venue
    other = make.make_session(booked.session.component, booked.session.cohort, days=30, venue=venue)
    swapped = verbs.swap(booked, other.pk, by=booked.user)
    khal.take(calendars.calendar_file(swapped, "REQUEST"))
    assert khal.entries() == [line(swapped)]

    gone = verbs.cancel(swapped, by=booked.user)
    khal.take(calendars.calendar_file(gone, "CANCEL"))
    assert khal.entries() == [line(swapped, "CANCELLED")]


def test_khal_shows_a_session_that_moves_across_a_change_of_the_clocks_at_the_uks_time(
    booked: Booking, khal: Khal
) -> None:
    khal.take(calendars.calendar_file(booked, "REQUEST"))
    for month in (1, 7):
        year = timezone.localdate().year + (timezone.localdate().month >= month)
        starts_at = timezone.make_aware(datetime.combine(datetime(year, month, 15).date(), time(9, 30)))  # noqa: DTZ001  # a day alone
        scheduling.move(booked.session, starts_at, starts_at + timedelta(hours=3), by=make.make_admin())
        booked.refresh_from_db()
        khal.take(calendars.calendar_file(booked, "REQUEST"))
        (entry,) = khal.entries()
        assert entry.startswith(f"{year}-{month:02}-15 09:30 | {year}-{month:02}-15 12:30")


def test_khal_reads_the_feed(booked: Booking, khal: Khal) -> None:
    make.make_booking(booked.user, make.make_open_session(days=40))
    khal.take(calendars.feed(booked.user))
    first, second = khal.entries()
    assert first == line(booked)
    assert second.endswith("| CONFIRMED")
