"""The portal's own names, as people read them."""

import time

import pytest

from portal.names_in_words import in_words


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("booking.cancelled", "Booking cancelled"),
        ("place.nomination_taken_back", "Place nomination taken back"),
        ("booking:12", "Booking 12"),
        ("cohortmessage:12", "Message to a cohort 12"),
        ("membership:list", "Membership list"),
        ("did_not_attend", "Did not attend"),
        ("job_role,organisation", "Job role, organisation"),
    ],
)
def test_a_name_is_said_in_words(name: str, says: str) -> None:
    assert in_words(name) == says


@pytest.mark.parametrize("text", ["", "12", "RXX", "I will listen.", "2026-02-03", "a..", "trust@example.com"])
def test_what_is_none_stays_as_it_is(text: str) -> None:
    assert in_words(text) == text


def test_a_long_text_is_told_apart_at_once() -> None:
    begun = time.monotonic()
    assert in_words("a" * 100_000 + "!") == "a" * 100_000 + "!"
    assert time.monotonic() - begun < 1
