"""The pages of measures: what is measured, the chart with its table, files, and who sees and does what."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal import together
from qi_projects import annotating, demo_measures, entering, life, measuring, rebasing
from qi_projects.charting import chart_of
from qi_projects.models import Measure
from qi_projects.models.teams import Role
from tests.cohorts.pages import address, words
from tests.factories import make_user
from tests.qi_projects.making import browser_of, join, lead_of, make_active
from tests.qi_projects.measures import MONDAY, STEADY, at, day, enter, lead_browser, make_measure

pytestmark = pytest.mark.django_db
Chart, Counted = Measure.Chart, Measure.Counted


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
        with django_assert_num_queries(10):
            browser.get(at("measure", measure))
        enter(measure, STEADY)
        for week in (7, 9, 11):
            rebasing.rebase(measure, MONDAY + timedelta(weeks=week), "x", by=lead)
            annotating.annotate(measure, MONDAY + timedelta(weeks=week), "x", by=lead)
        with django_assert_num_queries(10):
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
