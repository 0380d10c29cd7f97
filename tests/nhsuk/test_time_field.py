"""A time of day as people write it."""

from datetime import time

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from portal.nhsuk.dates import say_clock
from portal.nhsuk.fields import TimeField


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9.30am", time(9, 30)),
        ("9:30 AM", time(9, 30)),
        ("12am", time(0)),
        ("12.05pm", time(12, 5)),
        ("2 p.m.", time(14)),
        ("14:00", time(14)),
        ("00.15", time(0, 15)),
        (" midday ", time(12)),
        ("Noon", time(12)),
    ],
)
def test_reads_what_people_write(typed: str, read: time) -> None:
    assert TimeField().clean(typed) == read


@given(st.times().map(lambda at: at.replace(second=0, microsecond=0)))
def test_reads_what_pages_say(at: time) -> None:
    assert TimeField().clean(say_clock(at)) == at
    assert TimeField().clean(at.isoformat(timespec="minutes")) == at


@pytest.mark.parametrize("typed", ["10", "25:00", "13pm", "0am", "9.60am", "half past nine", "9.5am", "\x00", "9am x"])
def test_asks_again_for_what_is_no_time(typed: str) -> None:
    with pytest.raises(ValidationError):
        TimeField().clean(typed)


def test_an_empty_box_is_no_time_or_is_asked_for() -> None:
    assert TimeField(required=False).clean("  ") is None
    with pytest.raises(ValidationError, match="Enter a time"):
        TimeField().clean("")


def test_what_was_typed_stays_on_the_page() -> None:
    form = type("Form", (forms.Form,), {"at": TimeField()})({"at": "half nine"})
    assert 'value="half nine"' in str(form)
