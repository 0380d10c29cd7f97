"""A coach is away, and another stands in for them."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.roles import end_roles
from qi_projects import coaches, commenting, rules
from qi_projects.models import CoachAbsence
from qi_projects.models.teams import Role
from qi_projects.refusals import Away, NoCoach
from tests.cohorts.pages import address
from tests.factories import make_admin, make_user
from tests.merging.accounts import put_together
from tests.qi_projects.coaching import (
    away,
    coached,
    mail_to,
    make_coach,
    text_of,
    today,
    told,
)
from tests.qi_projects.making import browser_of, join, lead_of, make_active, make_draft
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db


class TestAbsence:
    """From when to when, and who stands in, on those days alone."""

    def test_who_stands_in_does_what_the_coach_may_on_those_days(self) -> None:
        project = make_draft()
        coach, cover = make_coach(name="Demo Coach"), make_coach(name="Demo Cover")
        join(project, Role.COACH, coach)
        at = address("project_coaching", project.pk)
        assert desk_of(cover).get(at).status_code == 404
        absence = away(coach, cover)
        desk = desk_of(cover)
        assert "Today you stand in for Demo Coach" in text_of(desk.get(at))
        assert desk.post(address("project_comment", project.pk), {"part": "", "text": "Hello"}).status_code == 302
        assert desk.get(address("project_edit", project.pk, "aim")).status_code == 403
        seen = text_of(browser_of(lead_of(project)).get(at))
        assert "Demo Coach coaches this project, and is away until" in seen
        assert "Until then Demo Cover stands in" in seen
        commenting.ask_for_help(project, "How?", help_with="data", by=lead_of(project))
        assert told("coaching.team_wrote") == {cover}
        CoachAbsence.objects.filter(pk=absence.pk).update(from_on=today(1))
        assert desk.get(at).status_code == 404
        CoachAbsence.objects.filter(pk=absence.pk).update(from_on=today(-3), to_on=today(-1))
        assert desk.get(at).status_code == 404

    def test_whoever_loses_the_role_stands_in_no_more(self) -> None:
        project = make_active()
        coach, cover = coached(project).user, make_coach()
        away(coach, cover)
        end_roles(cover.roles.all(), ended_by=make_admin())
        assert rules.seat(User.objects.get(pk=cover.pk), project.pk) is None
        (found,) = coaches.coaches_of(project)
        assert found.away_until
        assert found.on_duty is None

    def test_nobody_stands_in_who_is_away_and_nobody_goes_who_stands_in(self) -> None:
        one, two, three = (make_coach() for _ in range(3))
        away(one, two, 0, 7)
        with pytest.raises(Away, match="you stand in for"):
            away(two, three, 7, 9)
        with pytest.raises(Away, match="is away too"):
            away(three, one, 5, 9)
        with pytest.raises(Away, match="said already"):
            away(one, three, 7, 9)
        away(two, three, 8, 9)
        with pytest.raises(NoCoach):
            away(three, make_user(), 20, 21)

    def test_postgresql_holds_that_nobody_is_away_twice_or_covers_themselves(self) -> None:
        one, two = make_coach(), make_coach()
        away(one, two)
        for cover, first in ((two, 3), (one, 30)):
            with pytest.raises(IntegrityError), transaction.atomic():
                CoachAbsence.objects.create(coach=one, covered_by=cover, from_on=today(first), to_on=today(first))

    def test_who_cannot_stand_in_says_so_and_another_is_chosen(self) -> None:
        one, two, three = (make_coach() for _ in range(3))
        absence = away(one, two)
        at = address("coach_absence", absence.pk)
        assert told("coaching.cover_asked") == {two}
        assert desk_of(three).get(at).status_code == 404
        assert desk_of(two).post(at, {"decline": "yes"}).status_code == 302
        assert mail_to("coaching.cover_declined", one).subject == "Somebody else has to stand in for you"
        desk = desk_of(one)
        assert "Nobody stands in for you" in text_of(desk.get(reverse("projects_to_coach")))
        assert desk.post(at, {"cover": ""}).status_code == 422
        assert desk.post(at, {"cover": three.pk}).status_code == 302
        assert told("coaching.cover_asked") == {two, three}
        assert desk.post(at, {"back": "yes"}).status_code == 302
        assert not CoachAbsence.objects.exists()

    def test_coming_back_earlier_ends_it_yesterday(self) -> None:
        one, two = make_coach(), make_coach()
        absence = away(one, two)
        CoachAbsence.objects.filter(pk=absence.pk).update(from_on=today(-2))
        assert desk_of(one).post(address("coach_absence", absence.pk), {"back": "yes"}).status_code == 302
        absence.refresh_from_db()
        assert absence.to_on == today(-1)
        again = desk_of(one).post(address("coach_absence", absence.pk), {"back": "yes"})
        assert again.status_code == 409

    def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(self) -> None:
        one, two = make_coach(), make_coach()
        at, desk = reverse("coach_away"), desk_of(one)

        def sent(first: date, last: date, cover: Any = two.pk) -> dict[str, Any]:
            days = {"from_on": first, "to_on": last}
            parts = ("day", "month", "year")
            return {f"{name}_{part}": getattr(day, part) for name, day in days.items() for part in parts} | {
                "cover": cover
            }

        for wrong, said in (
            (sent(today(3), today(1)), "the same as or after the first"),
            (sent(today(-3), today(-1)), "today or in the future"),
            (sent(today(), today(400)), "a year at the most"),
            (sent(today(), today(1), one.pk), "Choose one of the coaches"),
            ({**sent(today(), today(1)), "from_on_month": "13"}, "real date"),
        ):
            page = desk.post(at, wrong)
            assert page.status_code == 422
            assert said in text_of(page)
        assert desk.post(at, sent(today(), today(2))).status_code == 302
        assert desk.post(at, sent(today(2), today(4))).status_code == 409

    def test_two_accounts_of_a_coach_become_one(self) -> None:
        old, new, other = (make_coach(name=f"Demo {name}") for name in ("Old", "New", "Other"))
        away(old, new, 0, 2)
        away(new, other, 10, 12)
        away(old, other, 11, 14)
        away(other, old, 20, 21)
        admin = make_admin(is_superuser=True)
        put_together(old, new, admin)
        kept = CoachAbsence.objects.order_by("from_on").values_list("coach", "covered_by")
        assert list(kept) == [(new.pk, None), (new.pk, other.pk), (other.pk, new.pk)]
