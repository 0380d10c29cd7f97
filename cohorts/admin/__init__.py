"""The admin pages in which programme teams set up programmes, and keep their cohorts, sessions and bookings."""

from cohorts.admin import (
    bookings,
    certificates,
    champions,
    cohort_messages,
    cohorts,
    graduations,
    materials,
    memberships,
    places,
    programmes,
    sessions,
    study,
    testimonies,
    today,
)

__all__ = [
    "bookings",
    "certificates",
    "champions",
    "cohort_messages",
    "cohorts",
    "graduations",
    "materials",
    "memberships",
    "places",
    "programmes",
    "sessions",
    "study",
    "testimonies",
    "today",
]
