"""A coach's own page: what waits, what may be stuck, and whose projects are theirs today."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from qi_projects import commenting, life, scoring
from qi_projects.models import ProgressScore, Project, Side, Thread
from tests.cohorts.pages import address
from tests.factories import make_user
from tests.qi_projects.coaching import (
    away,
    coached,
    make_coach,
    make_sendable,
    send,
    text_of,
)
from tests.qi_projects.making import browser_of, lead_of, make_active
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db


class TestCaseload:
    """A coach's own page."""

    def test_what_waits_comes_first_then_what_may_be_stuck(self) -> None:
        coach = make_coach()
        fine, stuck, waits, ended = (make_active(title=title) for title in ("Fine", "Quiet", "Asks", "Over"))
        for project in (fine, stuck, waits, ended):
            coached(project, coach)
        life.finish(ended, "It helped.", by=lead_of(ended))
        scoring.set_score(stuck, Decimal("1.5"), supported_by="Dates", side=Side.TEAM, by=lead_of(stuck))
        scoring.set_score(stuck, Decimal("2.0"), supported_by="Figures", side=Side.TEAM, by=lead_of(stuck))
        scoring.set_score(stuck, Decimal("2.0"), supported_by="The same", side=Side.TEAM, by=lead_of(stuck))
        long_ago = timezone.now() - timedelta(weeks=20)
        ProgressScore.objects.filter(project=stuck, supported_by="Figures").update(set_at=long_ago)
        Project.objects.filter(pk=stuck.pk).update(last_activity_at=long_ago)
        thread = commenting.ask_for_help(waits, "How?", help_with="data", by=lead_of(waits))
        Thread.objects.filter(pk=thread.pk).update(waits_since=timezone.now() - timedelta(days=9))
        page = text_of(desk_of(coach).get(reverse("projects_to_coach")))
        at = [page.index(title) for title in ("Asks", "Quiet", "Fine", "Over")]
        assert at == sorted(at)
        for said in ("1 to answer", "Waits for an answer since", "Last changed on", "At 2.0 on the scale since"):
            assert said in page

    def test_of_what_waits_for_a_reviewer_nothing_is_said_to_be_stuck(self) -> None:
        coach, project = make_coach(), make_sendable()
        coached(project, coach)
        send(project)
        Project.objects.update(last_activity_at=timezone.now() - timedelta(weeks=20))
        page = text_of(desk_of(coach).get(reverse("projects_to_coach")))
        assert "In review" in page
        assert "May be stuck" not in page
        assert "Sent for review by other teams" not in page

    def test_those_covered_today_are_there_and_what_others_have_sent(self) -> None:
        coach, cover = make_coach(name="Demo Coach"), make_coach()
        project = make_sendable(title="Covered")
        coached(project, coach)
        away(coach, cover)
        sent = make_sendable(title="Sent by others")
        send(sent)
        page = text_of(desk_of(cover).get(reverse("projects_to_coach")))
        assert "Covered" in page
        assert "You stand in for Demo Coach" in page
        assert "Sent by others" in page
        # Who stands in for its coach does not review it meanwhile.
        send(project)
        page = text_of(desk_of(cover).get(reverse("projects_to_coach")))
        assert page.count("Covered") == 1
        assert desk_of(cover).get(address("project_decide", project.pk, "accept")).status_code == 403

    def test_statements_do_not_grow(self) -> None:
        coach, cover = make_coach(), make_coach()
        away(coach, cover)

        def add() -> None:
            project = make_sendable()
            coached(project, coach)
            commenting.ask_for_help(project, "How?", help_with="data", by=lead_of(project))
            send(make_sendable())

        def count(person: User) -> int:
            desk = desk_of(person)
            with CaptureQueriesContext(connection) as found:
                assert desk.get(reverse("projects_to_coach")).status_code == 200
            return len(found)

        add()
        count(coach)
        before = count(coach), count(cover)
        add()
        add()
        assert (count(coach), count(cover)) == before

    def test_it_is_for_coaches_alone_and_the_header_leads_there(self) -> None:
        assert browser_of(make_user()).get(reverse("projects_to_coach")).status_code == 403
        assert 'href="/projects/coaching/"' in desk_of(make_coach()).get(reverse("projects")).content.decode()
