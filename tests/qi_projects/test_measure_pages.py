"""The pages of measures: who sees and does what, what is typed and pasted, the chart with its table, and files."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from qi_projects import annotating, demo_measures, entering, life, measuring, rebasing, together
from qi_projects.charting import chart_of
from qi_projects.models import EarlierPoint, Measure
from qi_projects.models.teams import Role
from qi_projects.readings import Reading
from tests.cohorts.pages import address, words
from tests.factories import make_user
from tests.qi_projects.making import browser_of, join, lead_of, make_active
from tests.qi_projects.measures import MONDAY, as_pasted, enter, make_measure, weeks

pytestmark = pytest.mark.django_db
Chart, Counted = Measure.Chart, Measure.Counted
STEADY = [10 + at % 3 for at in range(15)]


def at(name: str, measure: Measure, *more: object) -> str:
    return address(name, measure.project_id, measure.pk, *more)


def lead_browser(measure: Measure) -> Client:
    return browser_of(lead_of(measure.project))


def day(name: str, written: str) -> dict[str, str]:
    """Return what a form sends of a date, written as day, month and year."""
    return dict(zip((f"{name}_day", f"{name}_month", f"{name}_year"), written.split(), strict=True))


class TestSayingWhatIsMeasured:
    """From a name to how it is measured."""

    def test_it_is_asked_in_two_steps_and_shown(self) -> None:
        project = make_active()
        browser = browser_of(lead_of(project))
        said = {"name": "In time", "kind": "process", "counted": "proportion", "often": "week", "direction": "higher"}
        answer = browser.post(address("measure_new", project.pk), said)
        measure = Measure.objects.get()
        assert answer.headers["Location"] == at("measure_edit", measure, "how")
        asked = words(browser.get(answer.headers["Location"]))
        assert "Out of what?" in asked
        assert "Unit" not in asked
        how = {"definition": "From the board", "numerator": "answered", "denominator": "asked", "target": "90%"}
        assert browser.post(answer.headers["Location"], how).headers["Location"] == at("measure", measure)
        page = words(browser.get(at("measure", measure)))
        for said_there in ("From the board", "90%", "There are no points yet", "Every week"):
            assert said_there in page
        assert "In time" in words(browser.get(address("project_measures", project.pk)))
        assert "One or more has no points yet" in words(browser.get(project.get_absolute_url()))

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ({}, "Enter a name for the measure"),
            ({"name": "x", "counted": "sheep"}, "Select a valid choice"),
            ({"name": "x" * 151}, "150 characters or fewer"),
        ],
    )
    def test_what_is_missing_is_said(self, sent: dict[str, str], says: str) -> None:
        project = make_active()
        page = browser_of(lead_of(project)).post(address("measure_new", project.pk), sent)
        assert page.status_code == 422
        assert says in words(page)
        assert not Measure.objects.exists()

    @pytest.mark.parametrize(
        ("part", "sent", "says"),
        [
            ("how", {"target": "about 5"}, "is not a number"),
            ("how", {"target": "1" * 20}, "too long"),
            ("chart", {"chart": "p"}, "Select a valid choice"),
            ("chart", {"chart": "xmr", "rules": "ihi", "baseline": "1"}, "greater than or equal to 2"),
            ("chart", {"chart": "xmr", "rules": "ihi", "baseline": "99999"}, "less than or equal to 1000"),
            ("chart", {"chart": "xmr", "rules": "ihi", "baseline": "x"}, "Enter a whole number"),
            ("chart", {"chart": "xmr", "rules": "mine", "baseline": ""}, "Select a valid choice"),
        ],
    )
    def test_what_cannot_be_is_said(self, part: str, sent: dict[str, str], says: str) -> None:
        measure = make_measure(chart=Chart.XMR)
        page = lead_browser(measure).post(at("measure_edit", measure, part), sent)
        assert page.status_code == 422
        assert says in words(page)

    def test_a_share_has_a_target_that_is_one(self) -> None:
        measure = make_measure(counted=Counted.PROPORTION)
        page = lead_browser(measure).post(at("measure_edit", measure, "how"), {"target": "120"})
        assert "from 0 to 100 per cent" in words(page)

    def test_a_part_that_is_none_is_not_found(self) -> None:
        measure = make_measure()
        assert lead_browser(measure).get(at("measure_edit", measure, "none")).status_code == 404

    def test_a_chart_is_suggested_once_there_are_enough_points(self) -> None:
        measure = make_measure()
        browser = lead_browser(measure)
        enter(measure, STEADY[:12])
        assert "We suggest" not in words(browser.get(at("measure", measure)))
        assert "We suggest a run chart until you have 13 points" in words(
            browser.get(at("measure_edit", measure, "chart"))
        )
        enter(measure, STEADY)
        assert "We suggest the XmR chart, because each of your points is one figure" in words(
            browser.get(at("measure", measure))
        )

    def test_two_at_one_definition_lose_nothing(self) -> None:
        measure = make_measure()
        browser = lead_browser(measure)
        seen = together.seen(Measure.objects.get(), ["definition", "unit", "target", "sampling"])
        sent = {"unit": "minutes", "target": "", "sampling": "", "_seen": seen}
        browser.post(at("measure_edit", measure, "how"), {**sent, "definition": "The first's"})
        page = browser.post(at("measure_edit", measure, "how"), {**sent, "definition": "The second's"})
        assert page.status_code == 409
        assert "The first&#x27;s" in words(page)
        assert "The second&#x27;s" in words(page)

    def test_one_is_put_away_and_taken_up(self) -> None:
        measure = make_measure()
        browser = lead_browser(measure)
        assert "it is deleted" in words(browser.get(at("measure_keep", measure)))
        enter(measure, [1])
        assert "stay to be read" in words(browser.get(at("measure_keep", measure)))
        browser.post(at("measure_keep", measure), {"put_away": "confirmed"})
        assert "No longer measured" in words(browser.get(address("project_measures", measure.project_id)))
        assert browser.get(at("measure_point_new", measure)).status_code == 403
        page = words(browser.get(at("measure", measure)))
        assert "has not been measured since" in page
        assert "There is no point yet for the last" not in page
        browser.post(at("measure_keep", measure), {"take_up": "confirmed"})
        assert browser.get(at("measure_point_new", measure)).status_code == 200


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


class TestTheChartPage:
    """Chart, icons, words and table agree."""

    def test_it_says_what_the_demonstration_shows(self) -> None:
        project = make_active()
        demo_measures.make(project, by=lead_of(project))
        wait, in_time, calls = project.measures.all()
        browser = browser_of(lead_of(project))
        page = browser.get(at("measure", wait))
        said = words(page)
        found = chart_of(wait).found
        assert found
        assert page.content.decode().count('class="app-chart ') == 2
        assert "Special cause variation of an improving nature, with lower values" in said
        assert "The target will not be met, unless the process changes" in said
        assert "A shift of " in said
        assert "The same for each point: mean 31.4 minutes, lower limit 17.1 minutes, upper limit 45.6 minutes." in said
        assert said.count("<span>Improvement") == sum(reading.value == "improvement_low" for reading in found.readings)
        assert "All shifts write each request on the board" in said
        assert "missing" in said.lower()
        assert "88.6%" in words(browser.get(at("measure", in_time)))
        assert "Common cause variation: no significant change" in words(browser.get(at("measure", calls)))
        listed = words(browser.get(address("project_measures", project.pk)))
        assert "36 points. Special cause variation of an improving nature" in listed

    def test_a_run_chart_has_no_icons_and_says_what_it_cannot(self) -> None:
        measure = make_measure()
        enter(measure, STEADY)
        page = lead_browser(measure).get(at("measure", measure))
        assert "app-icon" not in page.content.decode()
        assert "A run chart has no limits" in words(page)

    def test_trial_limits_small_denominators_and_missing_weeks_are_said(self) -> None:
        measure = make_measure(counted=Counted.PROPORTION, chart=Chart.P)
        enter(measure, [(1, 4), (2, 5)])
        enter(measure, [(3, 6)], MONDAY + timedelta(weeks=4))
        said = words(lead_browser(measure).get(at("measure", measure)))
        assert "they are trial limits" in said
        assert "so small that the limits are rough" in said
        assert "2 weeks have no point, and are left open. No signal goes across them." in said
        assert "There is no point yet for the last" in said

    def test_a_long_table_has_pages_and_the_last_comes_first(self) -> None:
        measure = make_measure(often=Measure.Often.DAY)
        days = [MONDAY - timedelta(days=200 - each) for each in range(130)]
        text = "\n".join(f"{each:%d/%m/%Y}\t{number}" for number, each in enumerate(days))
        browser = lead_browser(measure)
        mark = browser.post(at("measure_paste", measure), {"text": text}).context["plan"].mark
        browser.post(at("measure_paste", measure), {"text": text, "confirmed": mark})
        page = browser.get(at("measure", measure))
        assert "Points 71 to 130 of 130." in words(page)
        assert 'href="?to=70#data"' in page.content.decode()
        page = browser.get(at("measure", measure), {"to": "70"})
        assert "Points 11 to 70 of 130." in words(page)
        for sent in ("0", "-1", "x", "9" * 30, "\u0663"):
            assert browser.get(at("measure", measure), {"to": sent}).status_code == 200

    def test_it_is_read_in_as_many_statements_however_much_there_is(self, django_assert_num_queries: Any) -> None:
        measure = make_measure(chart=Chart.XMR)
        lead = lead_of(measure.project)
        browser = browser_of(lead)
        enter(measure, [10])
        browser.get(at("measure", measure))
        with django_assert_num_queries(9):
            browser.get(at("measure", measure))
        enter(measure, STEADY)
        for week in (7, 9, 11):
            rebasing.rebase(measure, MONDAY + timedelta(weeks=week), "x", by=lead)
            annotating.annotate(measure, MONDAY + timedelta(weeks=week), "x", by=lead)
        with django_assert_num_queries(9):
            browser.get(at("measure", measure))

    @pytest.mark.parametrize("name", ["project_measures", "measure_rebase", "measure_annotate", "measure_earlier"])
    def test_every_list_takes_as_many_statements_for_three_rows_as_for_one(
        self, name: str, django_assert_num_queries: Any, django_assert_max_num_queries: Any
    ) -> None:
        measure = make_measure(chart=Chart.XMR)
        lead = lead_of(measure.project)
        browser = browser_of(lead)
        enter(measure, STEADY)
        here = address(name, measure.project_id) if name == "project_measures" else at(name, measure)

        def more(week: int) -> None:
            rebasing.rebase(measure, MONDAY + timedelta(weeks=week), "x", by=lead)
            annotating.annotate(measure, MONDAY + timedelta(weeks=week), "x", by=lead)
            entering.take_out(measure.points.get(day=MONDAY + timedelta(weeks=week + 1)), by=lead)
            enter(make_measure(measure.project), STEADY)

        more(3)
        browser.get(here)
        with django_assert_max_num_queries(12) as one:
            browser.get(here)
        more(6)
        more(9)
        with django_assert_num_queries(len(one)):
            browser.get(here)


class TestFiles:
    """Downloads."""

    @pytest.mark.parametrize(
        ("form", "content_type", "begins"),
        [
            ("svg", "image/svg+xml", b"<svg "),
            ("png", "image/png", b"\x89PNG"),
            ("csv", "text/csv; charset=utf-8", b'\xef\xbb\xbf"Date"'),
        ],
    )
    def test_are_downloads(self, form: str, content_type: str, begins: bytes) -> None:
        measure = make_measure(name='<b>Minutes"/../', chart=Chart.XMR)
        enter(measure, STEADY)
        answer = lead_browser(measure).get(at("measure_file", measure, form))
        assert answer.headers["Content-Type"] == content_type
        assert answer.headers["Content-Disposition"] == f'attachment; filename="bminutes.{form}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.content.startswith(begins)

    def test_without_a_chart_there_is_none_and_no_other_form(self) -> None:
        measure = make_measure()
        browser = lead_browser(measure)
        assert browser.get(at("measure_file", measure, "svg")).status_code == 409
        assert browser.get(at("measure_file", measure, "exe")).status_code == 404


class TestWhoMay:
    """The team changes; whoever sees the project sees what it measures."""

    PAGES = ("measure_point_new", "measure_paste", "measure_keep")

    @pytest.mark.parametrize("role", [Role.SPONSOR, Role.COACH, Role.VIEWER])
    def test_who_reads_alone_reads_the_chart_and_is_told_that_the_rest_is_for_the_team(self, role: Role) -> None:
        measure = make_measure(chart=Chart.XMR)
        enter(measure, STEADY)
        browser = browser_of(join(measure.project, role).user)
        page = browser.get(at("measure", measure))
        assert page.status_code == 200
        assert "Add a point" not in words(page)
        assert ">Change<" not in page.content.decode()
        for name in self.PAGES:
            assert browser.get(at(name, measure)).status_code == 403
        assert browser.get(at("measure_rebase", measure)).status_code == 200
        assert browser.post(at("measure_rebase", measure), {}).status_code == 403
        assert browser.post(at("measure_annotate", measure), {"take_off": "1"}).status_code == 403

    def test_for_anybody_else_there_is_nothing_and_no_measure_of_another_project(self) -> None:
        measure, other = make_measure(), make_measure()
        enter(measure, [1])
        point = measure.points.get()
        stranger = browser_of(make_user())
        for name in ("measure", *self.PAGES):
            assert stranger.get(at(name, measure)).status_code == 404
        mixed = lead_browser(other)
        assert mixed.get(address("measure", other.project_id, measure.pk)).status_code == 404
        assert mixed.get(at("measure_point", other, point.pk)).status_code == 404
        assert mixed.post(at("measure_annotate", other), {"take_off": "x"}).status_code == 404

    def test_what_has_ended_is_told_with_what_was_typed(self) -> None:
        measure = make_measure()
        browser = lead_browser(measure)
        life.finish(measure.project, "It worked", by=lead_of(measure.project))
        page = browser.post(at("measure_paste", measure), {"text": "5/1/2026\t12"})
        assert page.status_code == 409
        assert "5/1/2026\t12" in page.content.decode()

    def test_new_limits_and_notes_are_said_and_taken_back(self) -> None:
        measure = make_measure(chart=Chart.XMR)
        enter(measure, STEADY)
        browser = lead_browser(measure)
        page = browser.post(at("measure_rebase", measure), {**day("day", "1 1 2027"), "reason": "x"})
        assert page.status_code == 422
        assert "No point lies on 1 January 2027. There are points from 5 January 2026 to 13 April 2026" in words(page)
        sent = {**day("day", "2 3 2026"), "reason": "Two midwives more"}
        assert browser.post(at("measure_rebase", measure), sent).status_code == 302
        assert "Two midwives more" in words(browser.get(at("measure", measure)))
        decision = measure.rebases.get()
        assert browser.get(at("measure_rebase_end", measure, decision.pk)).status_code == 200
        browser.post(at("measure_rebase_end", measure, decision.pk), {"reason": "They left"})
        said = words(browser.get(at("measure_rebase", measure)))
        assert "Taken back" in said
        assert "They left" in said
        assert browser.post(at("measure_rebase_end", measure, decision.pk), {"reason": "x"}).status_code == 409
        sent = {**day("day", "2 3 2026"), "text": "The new form"}
        assert browser.post(at("measure_annotate", measure), sent).status_code == 302
        note = measure.annotations.get()
        assert browser.post(at("measure_annotate", measure), {**sent, **day("day", "2 3 2099")}).status_code == 422
        assert browser.post(at("measure_annotate", measure), {"take_off": str(note.pk)}).status_code == 302
        assert browser.post(at("measure_annotate", measure), {"take_off": str(note.pk)}).status_code == 404

    def test_measures_are_counted_in_figures_that_today_has(self) -> None:
        measure = make_measure()
        enter(measure, [1], timezone.localdate())
        assert "There is no point yet" not in words(lead_browser(measure).get(at("measure", measure)))
        measuring.put_away(measure, by=lead_of(measure.project))
        assert "How you will know" in words(lead_browser(measure).get(measure.project.get_absolute_url()))
