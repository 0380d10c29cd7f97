"""A team's own project on paper: what is told of it, whom it names, who may have it, and what it costs."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from qi_projects import cycles, life, outlining, rebasing
from qi_projects.diagram import Level
from qi_projects.models import Measure, Point, Project
from qi_projects.models.teams import Role
from qi_projects.printed_parts import MOST_ROWS
from qi_projects.printed_project import sheet_of
from qi_projects.printing import Sheet
from tests.cohorts.pages import address
from tests.cohorts.pages import words as page_words
from tests.cohorts.test_certificate_pdf import words
from tests.factories import make_organisation, make_user
from tests.qi_projects.making import approve, browser_of, join, lead_of, make_active, make_draft
from tests.qi_projects.measures import MONDAY, STEADY, enter, make_measure
from tests.qi_projects.test_cycles import Tried

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 30)
PAPERS = pytest.mark.parametrize("paper", ["project_poster", "project_report"])


def sheet(project: Project) -> Sheet:
    return sheet_of(Project.objects.select_related("theme", "organisation").get(pk=project.pk), DAY)


def facts_of(told: Any) -> dict[str, str]:
    return dict(told.facts)


def get(browser: Client, paper: str, project: Project) -> Any:
    return browser.get(address(paper, project.pk))


class TestWhatIsTold:
    """All that the team wrote, and nobody by name."""

    def test_the_team_is_said_as_roles_and_organisations(self) -> None:
        here, elsewhere = make_organisation(name="Here Trust"), make_organisation(name="Elsewhere Trust")
        project = make_active(make_user(name="Lead Person", organisation=here))
        for role, organisation in (
            *((Role.MEMBER, here), (Role.MEMBER, here), (Role.SPONSOR, elsewhere)),
            *((Role.VIEWER, elsewhere), (Role.COACH, None)),
        ):
            join(project, role, make_user(name="Another Person", organisation=organisation))
        approve(project, "Director Person")
        assert sheet(project).credits == (
            "Here Trust (lead, 2 members)",
            "Elsewhere Trust (sponsor)",
            "Without an organisation (coach)",
        )
        for paper in ("project_poster", "project_report"):
            text = words(get(browser_of(lead_of(project)), paper, project).content)
            assert "Here Trust (lead, 2 members)" in text
            assert "Person" not in text

    def test_why_aim_approval_and_ethics_are_told(self) -> None:
        project = make_active(
            noticed="They wait.", why_it_matters="It harms.", aim_what="Answered", who_could_help="Ann"
        )
        approve(project)
        told = sheet(project)
        assert told.aim == "Answered."
        assert [(each.heading, each.text) for each in told.opening] == [("Why it matters", "They wait.\n\nIt harms.")]
        today = timezone.localdate()
        assert facts_of(told)["Approval"].startswith(f"Approved on {today.day} ")
        assert facts_of(told)["Ethics"] == "It is improvement work, and not research"
        assert "Ann" not in repr(told)
        assert (told.mark, told.address) == ("", "")

    def test_a_cycle_is_told_with_what_was_predicted_and_found(self) -> None:
        tried = Tried()
        tried.writes(objective="To see whether it is filled in", plan_who="Sister Ann")
        tried.studies()
        tried.decides()
        told = sheet(tried.project)
        (work,) = told.work
        (ramp,) = work.within
        (cycle,) = ramp.within
        assert (work.heading, ramp.heading, cycle.heading) == ("PDSA cycles", "The board", "PDSA cycle 1")
        facts = facts_of(cycle)
        assert facts["Predicted"] == "On half of shifts"
        assert (facts["Found"], facts["So"]) == ("On 7 of 10", "Not as predicted")
        assert facts["Decided"].startswith("Adapt it, ")
        assert "Sister Ann" not in repr(told)
        idea = outlining.read(tried.project).boxes[tried.board].text
        assert told.opening[-1].text == f"{idea}: adapted after 1 PDSA cycle."
        assert [section.heading for section in told.closing] == ["What we learnt", "What comes next"]

    def test_a_cycle_that_goes_on_or_was_not_carried_through_is_told_as_that(self) -> None:
        tried = Tried()
        assert "What we changed" not in [section.heading for section in sheet(tried.project).opening]
        tried.begins()
        assert sheet(tried.project).opening[-1].text.endswith(": being tried, 1 PDSA cycle.")
        cycles.abandon(tried.project, tried.cycle, "The ward moved.", abandoned_on=timezone.localdate(), by=tried.by)
        told = sheet(tried.project)
        assert told.opening[-1].text.endswith(": tried and not carried through, 1 PDSA cycle.")
        assert facts_of(told.work[0].within[0].within[0])["Why"] == "The ward moved."

    def test_the_diagram_is_drawn_and_said_as_an_outline(self) -> None:
        tried = Tried()
        told = sheet(tried.project).diagram
        assert told
        (picture,) = told.pictures
        assert picture.svg.startswith("<svg")
        assert picture.told.startswith("The aim on the left, and ")
        assert told.outline[0].text.startswith("Primary driver: ")
        assert sheet(make_active()).diagram is None

    def test_a_large_diagram_has_a_sheet_for_each_primary_driver(self) -> None:
        project = make_active()
        lead = lead_of(project)
        for number in range(2):
            primary = outlining.add(project, f"Driver {number}", Level.PRIMARY, by=lead)
            for each in range(12):
                outlining.add_under(project, primary.pk, f"Second {number}.{each} " + "of all " * 20, by=lead)
        told = sheet(project).diagram
        assert told
        assert len(told.pictures) == 2
        assert "“Second 1.0" in told.pictures[1].told
        assert len(told.outline[0].under) == 12

    def test_measures_come_by_what_they_are_for_with_chart_words_flags_and_points(self) -> None:
        tried = Tried()
        tried.begins()
        make_measure(tried.project, name="Calls", kind=Measure.Kind.BALANCING)
        wait = make_measure(tried.project, chart=Measure.Chart.XMR, target=20, definition="From the board")
        enter(wait, STEADY)
        rebasing.rebase(wait, MONDAY + timedelta(weeks=8), "All shifts", by=tried.by)
        first, second = sheet(tried.project).charts
        assert (first.name, first.kind) == ("Minutes to an answer", "Outcome measure")
        assert facts_of(first)["How it is measured"] == "From the board"
        assert facts_of(first)["Target"] == "20 minutes"
        assert first.picture
        assert first.picture.told.startswith("XmR chart of Minutes to an answer. 15 points")
        assert [flag.partition(",")[0] for flag in first.flags] == ["1. New limits", "2. PDSA cycle"]
        assert first.table
        assert first.table.headings[:2] == ("Date", "Value")
        assert len(first.table.lines) == 15
        assert (second.picture, second.words) == (None, ("There are no points yet.",))

    def test_of_very_many_points_the_latest_are_in_the_table_and_it_says_where_all_are(self) -> None:
        measure = make_measure(often=Measure.Often.DAY)
        first, somebody = date(2025, 1, 1), lead_of(measure.project)
        Point.objects.bulk_create(
            Point(
                measure=measure,
                counted=measure.counted,
                day=first + timedelta(days=number),
                value=number % 7,
                entered_by=somebody,
            )
            for number in range(1_400)
        )
        told = sheet(measure.project)
        table = told.charts[0].table
        assert table
        assert len(table.lines) == MOST_ROWS
        assert f"The latest {MOST_ROWS} of 1,400 points. 1,280 before them are left out here" in table.above[0]
        assert table.above[0].endswith(address("measure_file", measure.project_id, measure.pk, "csv"))
        assert get(browser_of(lead_of(measure.project)), "project_report", measure.project).status_code == 200

    def test_how_it_ended_is_told(self) -> None:
        stopped, finished = make_active(first_change="A card"), make_active()
        life.abandon(stopped, "Nobody had time.", by=lead_of(stopped))
        life.finish(finished, "They wait half as long.", by=lead_of(finished))
        assert [(each.heading, each.text) for each in sheet(stopped).closing] == [
            ("Why it stopped early", "Nobody had time.")
        ]
        assert sheet(stopped).opening[-1].heading == "What we tried"
        assert sheet(finished).closing[0].heading == "What came of it"
        assert sheet(finished).state.startswith("Finished on ")


class TestPages:
    """Offered on one page, and given to whoever reads the project."""

    def test_the_project_leads_to_both(self) -> None:
        project = make_active()
        browser = browser_of(lead_of(project))
        assert address("project_print", project.pk) in browser.get(project.get_absolute_url()).content.decode()
        page = browser.get(address("project_print", project.pk)).content.decode()
        assert address("project_poster", project.pk) in page
        assert address("project_report", project.pk) in page
        assert "This is a draft" not in page

    @PAPERS
    def test_it_is_a_download_that_is_kept_nowhere(self, paper: str) -> None:
        project = make_active(title='Heard "within" ../15 minutes')
        answer = get(browser_of(lead_of(project)), paper, project)
        name = paper.removeprefix("project_")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="heard-within-15-minutes-{name}.pdf"'
        assert {"private", "no-store"} <= {each.strip() for each in answer.headers["Cache-Control"].split(",")}
        assert PdfReader(io.BytesIO(answer.content)).pages

    @PAPERS
    @pytest.mark.parametrize("role", [Role.MEMBER, Role.SPONSOR, Role.COACH, Role.VIEWER])
    def test_whoever_reads_the_project_has_it_and_nobody_else(self, paper: str, role: Role) -> None:
        project = make_active()
        assert get(browser_of(join(project, role).user), paper, project).status_code == 200
        assert get(browser_of(make_user()), paper, project).status_code == 404

    @PAPERS
    def test_a_draft_says_so(self, paper: str) -> None:
        project = make_draft(title="x")
        browser = browser_of(lead_of(project))
        assert "Draft: for the team alone" in words(get(browser, paper, project).content)
        assert "Keep it in the team" in page_words(browser.get(address("project_print", project.pk)))

    @PAPERS
    @pytest.mark.parametrize("fields", [{"noticed": "We are glad 🙂"}, {"aim_what": "王小明"}])
    def test_letters_that_are_lacking_are_shown_with_what_to_do(self, paper: str, fields: dict[str, Any]) -> None:
        project = make_active(**fields)
        answer = get(browser_of(lead_of(project)), paper, project)
        assert answer.status_code == 422
        said = page_words(answer)
        assert f"The {paper.removeprefix('project_')} was not made." in said
        assert any(f"<bdi>{letter}</bdi>" in said for letter in "🙂王")
        assert "print the pages of the project from your browser" in said

    @PAPERS
    def test_it_is_read_in_as_many_statements_however_much_there_is(
        self, paper: str, django_assert_num_queries: Any, django_assert_max_num_queries: Any
    ) -> None:
        tried = Tried()
        browser = browser_of(tried.by)

        def more() -> None:
            enter(make_measure(tried.project, chart=Measure.Chart.XMR), STEADY)
            cycles.ask(tried.project, tried.cycle, "And what else?", "Much", by=tried.by)
            join(tried.project)

        more()
        get(browser, paper, tried.project)
        with django_assert_max_num_queries(24) as one:
            get(browser, paper, tried.project)
        more()
        more()
        cycles.begin_ramp(tried.project, tried.board, "The board by night", by=tried.by)
        with django_assert_num_queries(len(one)):
            get(browser, paper, tried.project)
