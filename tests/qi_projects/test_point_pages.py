"""The pages on which points are entered: one by one, or pasted; and what looks like data of patients there."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qi_projects import rebasing
from qi_projects.models import EarlierPoint, Measure
from qi_projects.readings import Reading
from tests.cohorts.pages import words
from tests.qi_projects.making import lead_of
from tests.qi_projects.measures import MONDAY, STEADY, as_pasted, at, day, enter, lead_browser, make_measure, weeks

pytestmark = pytest.mark.django_db
Chart, Counted = Measure.Chart, Measure.Counted


class TestOnePoint:
    """Typed in, changed, taken out."""

    def test_it_is_saved_and_leads_on(self) -> None:
        measure = make_measure()
        browser = lead_browser(measure)
        sent = {**day("day", "5 1 2026"), "value": "1,234.5", "note": "A strike"}
        answer = browser.post(at("measure_point_new", measure), {**sent, "another": "on"}, follow=True)
        assert answer.request["PATH_INFO"] == at("measure_point_new", measure)
        assert "1,234.5, 5 January 2026: saved." in words(answer)
        point = measure.points.get()
        assert (str(Reading.of(point)), point.note) == ("1,234.5", "A strike")

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ({}, "Enter the date"),
            ({**day("day", "31 2 2026")}, "must be a real date"),
            ({**day("day", "5 1 1999"), "value": "1"}, "must be between 2000 and 2100"),
            ({**day("day", "5 1 2099"), "value": "1"}, "is in the future"),
            ({**day("day", "5 1 2026"), "value": "a lot"}, "is not a number"),
            ({**day("day", "5 1 2026"), "value": "85%"}, "without a per cent sign"),
            ({**day("day", "5 1 2026"), "value": "1" * 13}, "too long"),
            ({**day("day", "5 1 2026"), "value": "\u0661"}, "is not a number"),
        ],
    )
    def test_what_cannot_be_is_said_and_kept(self, sent: dict[str, str], says: str) -> None:
        measure = make_measure()
        page = lead_browser(measure).post(at("measure_point_new", measure), {**sent, "note": "Still here"})
        assert page.status_code == 422
        assert says in words(page)
        assert "Still here" in page.content.decode()
        assert not measure.points.exists()

    @pytest.mark.parametrize(
        ("numerator", "denominator", "says"),
        [
            ("3", "0", "The denominator is 0"),
            ("21", "20", "is larger than the denominator"),
            ("3", "", "Enter both"),
            ("", "20", "Enter both"),
            ("-1", "20", "is below 0"),
            ("1.5", "20", "is not a whole number"),
        ],
    )
    def test_a_share_that_cannot_be_is_said(self, numerator: str, denominator: str, says: str) -> None:
        measure = make_measure(counted=Counted.PROPORTION)
        sent = {**day("day", "5 1 2026"), "numerator": numerator, "denominator": denominator}
        page = lead_browser(measure).post(at("measure_point_new", measure), sent)
        assert page.status_code == 422
        assert says in words(page)

    def test_a_day_that_has_one_leads_to_it(self) -> None:
        measure = make_measure()
        enter(measure, [12])
        point = measure.points.get()
        page = lead_browser(measure).post(at("measure_point_new", measure), {**day("day", "5 1 2026"), "value": "13"})
        assert page.status_code == 422
        assert "There is a point for this day already" in words(page)
        assert at("measure_point", measure, point.pk) in page.content.decode()
        assert 'value="13"' in page.content.decode()

    def test_it_is_changed_beside_what_another_changed_and_taken_out(self) -> None:
        measure = make_measure()
        enter(measure, [12])
        point = measure.points.get()
        browser = lead_browser(measure)
        page = browser.get(at("measure_point", measure, point.pk))
        assert 'value="12"' in page.content.decode()
        seen = page.context["form"]["_seen"].value()
        sent = {**day("day", "5 1 2026"), "note": "", "_seen": seen}
        assert browser.post(at("measure_point", measure, point.pk), {**sent, "value": "13"}).status_code == 302
        page = browser.post(at("measure_point", measure, point.pk), {**sent, "value": "14"})
        assert page.status_code == 409
        assert "Value: what somebody else wrote</h2> <p>13</p>" in words(page)
        assert browser.get(at("measure_take_out", measure, point.pk)).status_code == 200
        browser.post(at("measure_take_out", measure, point.pk))
        assert not measure.points.exists()
        assert browser.get(at("measure_point", measure, point.pk)).status_code == 404
        earlier = words(browser.get(at("measure_earlier", measure)))
        assert "Taken out" in earlier
        assert "Changed" in earlier

    def test_a_missing_week_leads_to_where_it_is_entered(self) -> None:
        measure = make_measure()
        enter(measure, [1])
        enter(measure, [2], MONDAY + timedelta(weeks=2))
        browser = lead_browser(measure)
        page = browser.get(at("measure", measure)).content.decode()
        href = f"{at('measure_point_new', measure)}?day=2026-01-12"
        assert href in page
        assert 'value="12"' in browser.get(href).content.decode()
        assert browser.get(f"{at('measure_point_new', measure)}?day=never").status_code == 200


class TestPasting:
    """Looked at first, then saved as a whole."""

    def test_it_is_shown_and_saved_once_agreed_and_then_the_same(self) -> None:
        measure = make_measure()
        enter(measure, [1, 2])
        browser = lead_browser(measure)
        text = as_pasted(weeks([1, 20, 3, None]))
        page = browser.post(at("measure_paste", measure), {"text": text})
        assert page.status_code == 200
        said = words(page)
        assert "New: 2, of which 1 without a figure" in said
        assert "Changed: 1" in said
        assert "The same as now: 1" in said
        assert "Save 3 points" in said
        assert measure.points.count() == 2
        assert "05/01/2026\t1" in page.content.decode()
        mark = page.context["plan"].mark
        answer = browser.post(at("measure_paste", measure), {"text": text, "confirmed": mark}, follow=True)
        assert "Saved: 2 new, 1 changed." in words(answer)
        assert EarlierPoint.objects.get().value == 2
        page = browser.post(at("measure_paste", measure), {"text": text})
        assert "all 4 points are there already" in words(page)
        answer = browser.post(at("measure_paste", measure), {"text": text, "confirmed": mark}, follow=True)
        assert "All of these points were there already" in words(answer)

    def test_another_text_or_other_points_than_were_looked_at_are_shown_anew(self) -> None:
        measure = make_measure()
        browser = lead_browser(measure)
        text = as_pasted(weeks([1, 2]))
        mark = browser.post(at("measure_paste", measure), {"text": text}).context["plan"].mark
        enter(measure, [5])
        page = browser.post(at("measure_paste", measure), {"text": text, "confirmed": mark})
        assert page.status_code == 409
        assert "not what you looked at" in words(page)
        assert "Changed: 1" in words(page)
        assert measure.points.get().value == 5

    def test_what_is_wrong_is_told_row_by_row_beside_the_text_and_nothing_is_saved(self) -> None:
        measure = make_measure()
        text = "Date\tValue\n5/1/2026\t1\n13/13/2026\t2\n12/1/2026\tmany"
        page = lead_browser(measure).post(at("measure_paste", measure), {"text": text, "confirmed": "x"})
        assert page.status_code == 422
        said = words(page)
        assert "2 things have to be put right. Nothing is saved" in said
        assert "Row 3: There is no day 13/13/2026." in said
        assert "Row 4: “many” is not a number." in said
        assert "12/1/2026\tmany" in page.content.decode()
        assert not measure.points.exists()

    def test_how_decimals_are_written_is_asked(self) -> None:
        measure = make_measure()
        browser = lead_browser(measure)
        text = "5/1/2026\t1,234\n12/1/2026\t987"
        page = browser.post(at("measure_paste", measure), {"text": text})
        assert page.status_code == 422
        assert "With a point, as in 12.5: 1,234 is 1,234" in words(page)
        assert "With a comma, as in 12,5: 1,234 is 1.234" in words(page)
        page = browser.post(at("measure_paste", measure), {"text": text, "decimals": "comma"})
        mark = page.context["plan"].mark
        browser.post(at("measure_paste", measure), {"text": text, "decimals": "comma", "confirmed": mark})
        assert [f"{each.value:.3f}" for each in measure.points.all()] == ["1.234", "987.000"]
        assert browser.post(at("measure_paste", measure), {"text": text, "decimals": "sheep"}).status_code == 422

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "The file is empty"),
            (b"PK\x03\x04" + b"x" * 50, "This is an Excel workbook"),
            (b"\x00\x01\x02", "not text"),
            (b"x" * 5_000_001, "larger than 5 MB"),
            (b"Date,Ward\n1/2/2026,A", "none is for the value"),
        ],
    )
    def test_a_file_that_cannot_be_used_is_said(self, content: bytes, says: str) -> None:
        measure = make_measure()
        sent = {"text": "", "file": SimpleUploadedFile("../../x.csv", content)}
        page = lead_browser(measure).post(at("measure_paste", measure), sent)
        assert page.status_code == 422
        assert says in words(page)

    def test_a_files_text_stands_in_the_box_to_be_looked_at(self) -> None:
        measure = make_measure()
        browser = lead_browser(measure)
        file = SimpleUploadedFile("x.csv", "\ufeffDate;Value;Note\r\n5/1/2026;12,5;Übergabe\r\n".encode())
        page = browser.post(at("measure_paste", measure), {"text": "", "file": file})
        assert page.status_code == 200
        text = page.context["form"]["text"].value()
        assert "5/1/2026;12,5;Übergabe" in text
        mark = page.context["plan"].mark
        assert browser.post(at("measure_paste", measure), {"text": text, "confirmed": mark}).status_code == 302
        assert str(Reading.of(measure.points.get())) == "12.5"

    @pytest.mark.parametrize("text", ["", "   ", "\n\t\n"])
    def test_nothing_is_asked_for(self, text: str) -> None:
        measure = make_measure()
        page = lead_browser(measure).post(at("measure_paste", measure), {"text": text})
        assert page.status_code == 422
        assert "Paste the rows from your spreadsheet, or choose a file" in words(page)

    def test_a_hundred_thousand_rows_are_refused_plainly_and_stay(self) -> None:
        measure = make_measure()
        text = "\n".join(f"5/1/2026\t{number}" for number in range(100_000))
        page = lead_browser(measure).post(at("measure_paste", measure), {"text": text})
        assert page.status_code == 422
        assert "There are 100,000 rows, and a measure takes 10,000" in words(page)
        assert "5/1/2026\t99999" in page.content.decode()

    def test_more_than_any_page_takes_is_413(self) -> None:
        measure = make_measure()
        page = lead_browser(measure).post(at("measure_paste", measure), {"text": "x" * 3_000_000})
        assert page.status_code == 413

    def test_two_points_of_one_week_are_pointed_out(self) -> None:
        measure = make_measure()
        page = lead_browser(measure).post(at("measure_paste", measure), {"text": "5/1/2026\t1\n6/1/2026\t2"})
        assert "1 point would be in the same week as the one before" in words(page)


class TestPatients:
    """Warned of before anything is saved."""

    LIST = "Date\tName\tValue\n5/1/2026\tJane Smith 1/2/1990\t12\n12/1/2026\t943 476 5919\t13"

    def test_a_pasted_column_is_looked_at_and_saved_once_it_is_said_to_be_about_nobody(self) -> None:
        measure = make_measure()
        browser = lead_browser(measure)
        page = browser.post(at("measure_paste", measure), {"text": self.LIST, "confirmed": "x"})
        assert page.status_code == 422
        assert "1 NHS number and 1 date of birth" in words(page)
        assert not measure.points.exists()
        (mark,) = (value for value, _ in page.context["form"].fields["_not_about_patients"].choices)
        sent = {"text": self.LIST, "_not_about_patients": mark}
        page = browser.post(at("measure_paste", measure), sent)
        assert page.status_code == 200
        assert (
            browser.post(at("measure_paste", measure), {**sent, "confirmed": page.context["plan"].mark}).status_code
            == 302
        )
        assert measure.points.count() == 2

    def test_dates_of_points_and_a_bank_holiday_are_no_patient(self) -> None:
        measure = make_measure()
        text = "5/1/2026\t12\tEaster Monday\n12/1/2026\t13\tNew Ward Clerk"
        assert lead_browser(measure).post(at("measure_paste", measure), {"text": text}).status_code == 200

    def test_every_note_is_looked_at(self) -> None:
        measure = make_measure(chart=Chart.XMR)
        enter(measure, STEADY)
        browser = lead_browser(measure)
        about = "Jane Smith 1/2/1990"
        decision = rebasing.rebase(measure, MONDAY + timedelta(weeks=9), "x", by=lead_of(measure.project))
        for name, sent, more in (
            ("measure_point_new", {**day("day", "1 6 2026"), "value": "1", "note": about}, ()),
            ("measure_rebase", {**day("day", "16 3 2026"), "reason": about}, ()),
            ("measure_rebase_end", {"reason": about}, (decision.pk,)),
            ("measure_annotate", {**day("day", "16 3 2026"), "text": about}, ()),
            ("measure_edit", {"definition": about}, ("how",)),
        ):
            page = browser.post(at(name, measure, *more), sent)
            assert page.status_code == 422, name
            assert "This may be about patients" in words(page), name
