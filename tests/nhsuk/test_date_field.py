"""A date typed in three boxes."""

from datetime import date

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from portal.nhsuk.fields import DateField
from portal.nhsuk.fieldsets import summarise_errors


class Form(forms.Form):
    day = DateField(label="First day", required=False)


def sent(day: str, month: str, year: str) -> Form:
    return Form({"day_day": day, "day_month": month, "day_year": year})


@pytest.mark.parametrize("month", ["2", "02", "feb", "February", " 2 "])
def test_reads_a_month_as_people_write_it(month: str) -> None:
    form = sent("3", month, "2026")
    assert form.is_valid()
    assert form.cleaned_data["day"] == date(2026, 2, 3)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_reads_every_date(day: date) -> None:
    form = sent(str(day.day), str(day.month), str(day.year))
    assert form.is_valid()
    assert form.cleaned_data["day"] == day


@given(st.text(), st.text(), st.text())
def test_whatever_is_typed_gives_a_date_or_an_error_and_is_kept(day: str, month: str, year: str) -> None:
    form = sent(day, month, year)
    if form.is_valid():
        read = form.cleaned_data["day"]
        assert read is None or read.year == int(year)
    else:
        assert (form.errors.as_data()["day"][0].params or {})["parts"]
    assert form["day"].value() == {"day": day.strip(), "month": month.strip(), "year": year.strip()}


@pytest.mark.parametrize(
    ("typed", "message", "leads_to"),
    [
        (("", "2", "2026"), "The date must include a day", "id_day-day"),
        (("3", "", ""), "The date must include a month and year", "id_day-month"),
        (("3", "2", "26"), "The year must have 4 digits", "id_day-year"),
        (("3", "13", "2026"), "The date must be a real date, like 27 3 2026", "id_day-month"),
        (("32", "1", "2026"), "The date must be a real date, like 27 3 2026", "id_day-day"),
        (("31", "2", "2026"), "The date must be a real date, like 27 3 2026", "id_day-day"),
        (("٣", "2", "2026"), "The date must be a real date, like 27 3 2026", "id_day-day"),
        (("3", "2", "0000"), "The date must be a real date, like 27 3 2026", "id_day-day"),
    ],
)
def test_says_what_is_wrong_and_leads_there(typed: tuple[str, str, str], message: str, leads_to: str) -> None:
    assert list(summarise_errors(sent(*typed))) == [(message, leads_to)]


def test_empty_boxes_are_no_date() -> None:
    form = sent("", "", "")
    assert form.is_valid()
    assert form.cleaned_data["day"] is None


def test_a_link_may_carry_a_date() -> None:
    form = Form({"day": "2026-02-03"})
    assert not form.errors
    assert form.cleaned_data["day"] == date(2026, 2, 3)


def test_a_link_that_carries_nonsense_is_an_error_of_the_form() -> None:
    assert Form({"day": "tomorrow"}).errors


def test_shows_an_initial_date() -> None:
    form = Form(initial={"day": date(2026, 2, 3)})
    assert form["day"].field.widget.values(form["day"].value()) == {"day": "3", "month": "2", "year": "2026"}


def test_changed_means_another_date() -> None:
    field = DateField()
    assert not field.has_changed(date(2026, 2, 3), {"day": "03", "month": "feb", "year": "2026"})
    assert field.has_changed(date(2026, 2, 3), {"day": "4", "month": "2", "year": "2026"})
    assert field.has_changed(date(2026, 2, 3), {"day": "x", "month": "2", "year": "2026"})
