"""The portfolio: what its list says and how it is filtered, its numbers, its files, and whose projects are in it."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Membership
from portal.trail.models import Entry
from qi_projects import life, measuring, portfolio, scoring
from qi_projects.admin.exports import MEASURES
from qi_projects.admin.exports import PROJECTS as COLUMNS
from qi_projects.models import Measure, Project, Theme
from tests.cohorts.pages import words
from tests.factories import make_admin, make_admin_of, make_membership, make_organisation, make_programme, make_user
from tests.qi_projects.making import join, lead_of, make_active, make_draft, member_of_a_programme_with_a_project
from tests.qi_projects.measures import enter, make_measure
from tests.qi_projects.test_pages import statements
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
LIST, GLANCE, EXPORT, EXPORT_MEASURES = (
    reverse(f"admin:qi_projects_project_{page}") for page in ("changelist", "glance", "export", "export_measures")
)
STEADY = [9, 11] * 6 + [10]
FILTERS = (
    "state=active",
    "shows=improving",
    "shows=worsening",
    "shows=changed",
    "shows=steady",
    "shows=too_few",
    "score=improving",
    "score=none",
    "quiet=6",
    "review=waiting",
    "coach=none",
    "organisation=none",
    "setting__exact=board",
)


@pytest.fixture
def desk() -> Client:
    return desk_of(make_admin())


def measured(project: Project, name: str, figures: Sequence[int | None]) -> Measure:
    """Let a project have a measure, better when lower, in an XmR chart."""
    measure = make_measure(project, name=name, chart=Measure.Chart.XMR, baseline=12)
    enter(measure, figures)
    return measure


def improving(project: Project, name: str = "Minutes to an answer") -> Measure:
    return measured(project, name, [*STEADY, 1])


def scored(project: Project, score: str) -> None:
    scoring.set_score(project, Decimal(score), supported_by="What we saw", side="team", by=lead_of(project))


def quiet(project: Project, weeks: int) -> None:
    Project.objects.filter(pk=project.pk).update(last_activity_at=timezone.now() - timedelta(weeks=weeks, hours=1))


def make_one(number: int) -> Project:
    """Make a project of which everything is said that the list has, each of an organisation and cohort of its own."""
    membership = member_of_a_programme_with_a_project(make_user(organisation=make_organisation()))
    theme = Theme.objects.create(name=f"Theme {number}")
    project = make_active(membership.user, title=f"Project {number}", theme=theme, membership=membership)
    Project.objects.filter(pk=project.pk).update(organisation=membership.user.organisation)
    improving(project, f"Wait {number}")
    measured(project, f"Calls {number}", [*STEADY, 30])
    scored(project, "3.0")
    return project


def titles(desk: Client, filtered: str = "") -> set[str]:
    """Return the titles of the projects that the list shows."""
    page = desk.get(f"{LIST}?{filtered}")
    assert page.status_code == 200, filtered
    return {row.title for row in page.context["cl"].result_list}


def rows_of(desk: Client, page: str) -> list[dict[str, str]]:
    """Return the rows of a file."""
    answer: Any = desk.post(page, {"confirmed": "yes", "format": "csv"})
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


class TestTheList:
    """Each project with how far it is, in one constant number of statements."""

    def test_it_takes_as_many_statements_for_three_as_for_one_whatever_it_is_filtered_by(self, desk: Client) -> None:
        project = make_one(1)
        own = (f"cohort={Membership.objects.get().cohort_id}", f"theme__id__exact={project.theme_id}")
        pages = [LIST, GLANCE, *(f"{LIST}?{each}" for each in (*FILTERS, *own))]
        desk.get(LIST)
        one = [statements(desk, page) for page in pages]
        for number in (2, 3):
            make_one(number)
        assert [statements(desk, page) for page in pages] == one

    def test_it_says_of_each_what_there_is(self, desk: Client) -> None:
        project = make_one(1)
        said = words(desk.get(LIST))
        for told in ("Improving, 1 of 2: Wait 1", "Getting worse, 1 of 2: Calls 1", ">3.0<", ">Active<", "Theme 1"):
            assert told in said
        membership = Membership.objects.get()
        assert membership.cohort.name in said
        measuring.put_away(project.measures.first(), by=lead_of(project))  # type: ignore[arg-type]  # it has two
        assert "Getting worse, 1 of 1: Calls 1" in words(desk.get(LIST))

    def test_it_says_what_is_not_there_yet(self, desk: Client) -> None:
        project = make_active()
        said = words(desk.get(LIST))
        for told in ("No cohort", "Not scored", "No measure yet"):
            assert told in said
        measured(project, "Waits", [1, 2])
        measured(project, "Calls", STEADY)
        said = words(desk.get(LIST))
        assert "No signal, 1 of 2" in said
        assert "Too few points, 1 of 2" in said

    def test_what_a_team_called_a_measure_is_text(self, desk: Client) -> None:
        improving(make_active(), "<b>Waits</b>")
        assert "1 of 1: &lt;b&gt;Waits&lt;/b&gt;" in words(desk.get(LIST))

    def test_a_draft_is_in_nothing(self, desk: Client) -> None:
        draft = make_draft(title="Canary draft")
        improving(draft)
        life.abandon(make_draft(title="Canary stopped"), "No time", by=lead_of(draft))
        for page in (LIST, f"{LIST}?shows=improving", GLANCE):
            said = words(desk.get(page))
            assert "Canary" not in said
        assert not rows_of(desk, EXPORT)
        assert not rows_of(desk, EXPORT_MEASURES)


class TestFilters:
    """By what the list is filtered, and what an address may not say."""

    def test_by_what_the_measures_show(self, desk: Client) -> None:
        improving(make_active(title="Better"))
        measured(make_active(title="Worse"), "Waits", [*STEADY, 30])
        both = make_active(title="Both")
        improving(both)
        measured(both, "Calls", [*STEADY, 30])
        measured(make_active(title="Steady"), "Waits", STEADY)
        measured(make_active(title="Few"), "Waits", [1])
        make_active(title="None")
        changed = make_measure(make_active(title="Other"), direction="neither", chart="xmr", baseline=12)
        enter(changed, [*STEADY, 30])
        assert {shows: titles(desk, f"shows={shows}") for shows in portfolio.SHOWN} == {
            "improving": {"Better", "Both"},
            "worsening": {"Worse", "Both"},
            "changed": {"Other"},
            "steady": {"Steady"},
            "too_few": {"Few", "None"},
        }

    def test_a_measure_that_is_put_away_counts_no_longer(self, desk: Client) -> None:
        project = make_active(title="Better")
        measure = improving(project)
        measuring.put_away(measure, by=lead_of(project))
        assert not titles(desk, "shows=improving")
        assert titles(desk, "shows=too_few") == {"Better"}

    def test_by_the_latest_score(self, desk: Client) -> None:
        for score in ("0.5", "1.5", "2.0", "2.5", "3.0", "3.5", "4.0", "5.0"):
            scored(make_active(title=score), score)
        moved = make_active(title="moved")
        scored(moved, "1.0")
        scored(moved, "4.5")
        make_active(title="unscored")
        assert titles(desk, "score=beginning") == {"0.5", "1.5"}
        assert titles(desk, "score=testing") == {"2.0", "2.5"}
        assert titles(desk, "score=improving") == {"3.0", "3.5"}
        assert titles(desk, "score=lasting") == {"4.0", "5.0", "moved"}
        assert titles(desk, "score=none") == {"unscored"}

    def test_by_how_long_an_active_project_is_quiet(self, desk: Client) -> None:
        make_active(title="Lively")
        quiet(make_active(title="Quiet"), 6)
        quiet(make_active(title="Silent"), 12)
        ended = make_active(title="Ended")
        life.finish(ended, "It went well", by=lead_of(ended))
        quiet(ended, 20)
        assert titles(desk, "quiet=6") == {"Quiet", "Silent"}
        assert titles(desk, "quiet=12") == {"Silent"}

    def test_by_cohort_organisation_theme_and_state(self, desk: Client) -> None:
        project = make_one(1)
        make_active(title="Another")
        cohort = Membership.objects.get().cohort_id
        project.refresh_from_db()
        own = (f"cohort={cohort}", f"organisation={project.organisation_id}", f"theme__id__exact={project.theme_id}")
        for filtered in own:
            assert titles(desk, filtered) == {"Project 1"}
        assert titles(desk, "organisation=none") == {"Another"}
        life.finish(project, "It went well", by=lead_of(project))
        assert titles(desk, "state=finished") == {"Project 1"}
        assert titles(desk, "state=active&shows=improving") == set()

    @pytest.mark.parametrize("page", [LIST, EXPORT, EXPORT_MEASURES])
    @pytest.mark.parametrize(
        "filtered",
        [
            *(
                "state=draft",
                "state=",
                "shows=everything",
                "score=4.5",
                "score=3",
                "quiet=6.5",
                "quiet=-1",
                "quiet=%00",
            ),
            *("cohort=x", "cohort=none", "cohort=-1", "organisation=1e9", "organisation=%F0%9F", "review=open"),
            *("theme__id__exact=x", "measures__shows=improving", "team__user=1", "coach=some", "nothing=1"),
        ],
    )
    def test_what_is_no_choice_is_refused(self, desk: Client, page: str, filtered: str) -> None:
        improving(make_active(title="Canary", theme=Theme.objects.create(name="Interpreting")))
        answer = desk.get(f"{page}?{filtered}")
        assert answer.status_code in {302, 400}
        assert "Canary" not in words(answer)

    @pytest.mark.parametrize("key", ["0", "999999999", "9999999999999999999"])
    def test_a_row_that_is_not_there_has_no_projects(self, desk: Client, key: str) -> None:
        make_one(1)
        for name in ("cohort", "organisation"):
            assert titles(desk, f"{name}={key}") == set()
            assert not rows_of(desk, f"{EXPORT}?{name}={key}")


class TestWhoseProjects:
    """An admin of one programme finds another's neither in the list nor by filter, number or file."""

    def test_another_programmes_are_not_there(self) -> None:
        mine, theirs = (member_of_a_programme_with_a_project() for _ in range(2))
        make_active(mine.user, title="Mine", membership=mine)
        theme = Theme.objects.create(name="Interpreting")
        other = make_active(theirs.user, title="Canary", membership=theirs, theme=theme)
        organisation = make_organisation(name="Canary Trust")
        Project.objects.filter(pk=other.pk).update(organisation=organisation)
        improving(other, "Canary measure")
        desk = desk_of(make_admin_of(mine.cohort.programme))
        assert titles(desk) == {"Mine"}
        choices = (f"cohort={theirs.cohort_id}", f"organisation={organisation.pk}", "shows=improving", "q=Canary")
        for filtered in choices:
            assert titles(desk, filtered) == set()
            assert not rows_of(desk, f"{EXPORT}?{filtered}")
            assert not rows_of(desk, f"{EXPORT_MEASURES}?{filtered}")
        assert not rows_of(desk, EXPORT_MEASURES)
        assert [row["Project"] for row in rows_of(desk, EXPORT)] == ["Mine"]
        for page in (LIST, GLANCE):
            assert "Canary" not in words(desk.get(page))
            assert theirs.cohort.name not in words(desk.get(page)) or theirs.cohort.name == mine.cohort.name

    def test_a_project_of_two_programmes_is_in_both(self) -> None:
        mine, theirs = (member_of_a_programme_with_a_project() for _ in range(2))
        project = make_active(mine.user, title="Ours", membership=mine)
        join(project, person=theirs.user, membership=theirs)
        join(project, person=(third := make_membership(cohort=theirs.cohort)).user, membership=third)
        for membership in (mine, theirs):
            desk = desk_of(make_admin_of(membership.cohort.programme))
            assert titles(desk, f"cohort={membership.cohort_id}") == {"Ours"}
            # Each programme team knows of its own cohorts.
            (row,) = rows_of(desk, EXPORT)
            assert row["Counts for"] == membership.cohort.name
            other = theirs if membership is mine else mine
            assert other.cohort.name not in words(desk.get(LIST))
        (row,) = rows_of(desk_of(make_admin()), EXPORT)
        assert sorted(row["Counts for"].split("; ")) == sorted({mine.cohort.name, theirs.cohort.name})

    def test_an_admin_of_a_programme_without_projects_sees_an_empty_portfolio(self) -> None:
        make_one(1)
        desk = desk_of(make_admin_of(make_programme()))
        assert titles(desk) == set()
        assert "None yet." in words(desk.get(GLANCE))


class TestAtAGlance:
    """The numbers, and that each leads to as many projects."""

    def test_each_number_leads_to_as_many_projects(self, desk: Client) -> None:
        for number in (1, 2):
            make_one(number)
        quiet(make_active(title="Quiet"), 13)
        ended = make_active(title="Ended")
        measured(ended, "Waits", STEADY)
        life.finish(ended, "It went well", by=lead_of(ended))
        tables = desk.get(GLANCE).context["tables"]
        counted = 0
        for table in tables:
            for line in table.lines:
                assert len(titles(desk, line.filtered)) == line.number, (table.caption, line)
                counted += line.number
        by_caption = {table.caption: {line.name: line.number for line in table.lines} for table in tables}
        assert by_caption["By state"] == {"Active": 3, "Finished": 1, "Stopped early": 0}
        assert by_caption["By what the measures show now"]["A measure improves"] == 2
        assert by_caption["Active, and quiet"] == {
            "Nothing for 6 weeks or more": 1,
            "Nothing for 12 weeks or more": 1,
        }
        assert by_caption["By theme"] == {"Theme 1": 1, "Theme 2": 1, "No theme": 2}


class TestFiles:
    """The list and its measures as files."""

    def test_the_list_is_given_as_it_is_filtered_and_no_cell_is_a_formula(self, desk: Client) -> None:
        project = make_one(1)
        improving(project, "=cmd()")
        titled = make_active(title="+Better")
        improving(titled)
        make_active(title="Another")
        assert "the names of 2 projects" in words(desk.get(f"{EXPORT}?shows=improving"))
        rows = {row["Project"]: row for row in rows_of(desk, f"{EXPORT}?shows=improving")}
        assert set(rows) == {"Project 1", "'+Better"}
        row = rows["Project 1"]
        assert tuple(row) == COLUMNS
        assert (row["Measures"], row["Improving"], row["Which improve"]) == ("3", "2", "Wait 1; =cmd()")
        assert (row["Getting worse"], row["Which get worse"], row["Latest score"]) == ("1", "Calls 1", "3.0")
        assert (row["State"], row["Theme"], row["Number"]) == ("Active", "Theme 1", str(project.pk))
        assert row["Last activity"] == timezone.localdate().isoformat()
        entry = Entry.objects.get(verb="project.portfolio_exported")
        assert entry.details == {"rows": 2, "format": "csv"}

    def test_a_name_that_begins_as_a_formula_is_text_in_a_workbook(self, desk: Client) -> None:
        project = make_active(title="=1+1")
        improving(project, "=HYPERLINK()")
        for page, headings in ((EXPORT, COLUMNS), (EXPORT_MEASURES, MEASURES)):
            answer: Any = desk.post(page, {"confirmed": "yes", "format": "xlsx"})
            (head, row) = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))["List"].iter_rows()
            assert tuple(cell.value for cell in head) == headings
            assert not [cell for cell in row if cell.data_type == "f"]
            told = dict(zip(headings, (cell.value for cell in row), strict=True))
            assert told["Project"] == "'=1+1"
            assert told["Number"] == project.pk
        assert told["Measure"] == "'=HYPERLINK()"

    def test_measures_have_a_row_each(self, desk: Client) -> None:
        project = make_active(title="Waits")
        improving(project)
        put_away = measured(project, "Put away", STEADY)
        measuring.put_away(put_away, by=lead_of(project))
        measured(project, "Calls", [1, None, 3])
        assert desk.get(EXPORT_MEASURES).context["title"] == "Download its measures"
        rows = rows_of(desk, EXPORT_MEASURES)
        assert [row["Measure"] for row in rows] == ["Minutes to an answer", "Calls"]
        assert [row["What it shows now"] for row in rows] == ["Improving", "Too few points"]
        assert [row["Points with a figure"] for row in rows] == ["14", "2"]
        assert (rows[1]["First point"], rows[1]["Last point"]) == ("2026-01-05", "2026-01-19")
        assert (rows[0]["Chart"], rows[0]["Which way is better"]) == ("XmR chart", "Lower is better")

    def test_a_file_names_nobody(self, desk: Client) -> None:
        lead = make_user(name="Canary Name", email="canary@trust.example")
        improving(make_active(lead))
        for page in (EXPORT, EXPORT_MEASURES):
            assert "anary" not in str(rows_of(desk, page))

    def test_files_take_as_many_statements_for_three_as_for_one(self, desk: Client) -> None:
        def asked() -> list[int]:
            numbers = []
            for page in (EXPORT, EXPORT_MEASURES):
                with CaptureQueriesContext(connection) as captured:
                    rows_of(desk, page)
                numbers.append(len(captured))
            return numbers

        make_one(1)
        asked()
        one = asked()
        for number in (2, 3):
            make_one(number)
        assert asked() == one
