"""What is kept is disposed of on its day, unless a hold keeps it; and a dry run says beforehand what that will be."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cohorts.models import Cohort, Evidence, Membership, Session
from portal.accounts.erasure import is_erased
from portal.accounts.legal_holds import lift, set_hold
from portal.accounts.models import Role, User
from portal.outbox.models import Message
from portal.retention import categories
from portal.retention.categories import Category, all_of_them
from portal.retention.disposing import dispose, what_is_due
from portal.retention.models import Disposal, Hold
from portal.retention.periods import Period, days, months
from portal.trail.models import Entry
from qi_projects.models import Publication
from tests.factories import make_admin, make_cohort, make_facilitator, make_membership, make_session, make_user
from tests.retention.kept import MAKERS, ended, left, make, make_unused, make_words

pytestmark = pytest.mark.django_db

NAMES = sorted(MAKERS)
HAPPENED = date(2026, 10, 25)
"""The day on which the UK's clocks go back, so that it has 25 hours."""
DOCS = Path(__file__).parents[2] / "docs"


def moment(day: date, clock: str = "23:59") -> datetime:
    """Return the moment when the UK's clocks show a time on a day."""
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))


def passes(day: date, period: Period) -> date:
    """Return the day on which a period that is counted from another has passed."""
    if period.unit == "day":
        return day + timedelta(days=period.number)
    year, month = divmod(day.year * 12 + day.month - 1 + period.number * (12 if period.unit == "year" else 1), 12)
    return day.replace(year=year, month=month + 1)


def the_day(name: str) -> date:
    """Return the day on which what happened on HAPPENED is disposed of."""
    return passes(HAPPENED, named(name).kept_for)


def named(name: str) -> Category:
    return next(category for category in all_of_them() if category.name == name)


def number_due(name: str, day: date) -> int:
    return next(due.number for due in what_is_due(day) if due.category.name == name)


def test_each_category_is_tried_out() -> None:
    assert [category.name for category in all_of_them()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_day_before_its_time_it_stays_and_on_the_day_it_goes(name: str) -> None:
    make(name, moment(HAPPENED))
    make(name, moment(HAPPENED + timedelta(days=1), "00:00"))

    assert dispose(the_day(name) - timedelta(days=1))[name] == 0
    assert left(name) == 2
    assert dispose(the_day(name))[name] == 1
    assert left(name) == 1
    assert dispose(the_day(name))[name] == 0
    assert dispose(the_day(name) + timedelta(days=10))[name] == 1
    assert left(name) == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_changes_nothing_and_equals_what_is_then_done(name: str) -> None:
    for _ in range(3):
        make(name, moment(HAPPENED))
    set_hold(make(name, moment(HAPPENED)), "ET/2026/0417", by=make_admin())
    day = the_day(name)

    said = next(due for due in what_is_due(day) if due.category.name == name)

    assert (said.number, said.oldest, said.on_hold) == (3, named(name).up_to(day), 1)
    assert left(name) == 4
    assert not Disposal.objects.exists()
    assert dispose(day)[name] == 3
    assert number_due(name, day) == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_legal_hold_keeps_it_until_it_is_lifted(name: str) -> None:
    admin = make_admin()
    person = make(name, moment(HAPPENED))
    holds = [set_hold(person, reference, by=admin) for reference in ("ET/2026/0417", "CASE-2")]
    day = the_day(name) + timedelta(days=400)
    lift(holds[:1], by=admin)

    assert dispose(day)[name] == 0
    assert left(name) == 1
    lift(holds[1:], by=admin)
    assert dispose(day)[name] == 1


@pytest.mark.parametrize("name", NAMES)
def test_batches_are_logged_one_by_one_and_all_are_done(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_twos = replace(named(name), at_once=2)
    monkeypatch.setattr(categories, "_categories", {**categories._categories, name: in_twos})
    for _ in range(5):
        make(name, moment(HAPPENED))

    dispose(the_day(name))

    assert left(name) == 0
    logged = Disposal.objects.filter(category=name).order_by("pk")
    assert [entry.number for entry in logged] == [2, 2, 1]
    assert len({entry.run for entry in logged}) == 1
    assert {(entry.period, entry.up_to) for entry in logged} == {
        (str(named(name).period), named(name).up_to(the_day(name)))
    }


def test_a_period_that_is_configured_stands_in_place_of_the_usual_one(settings) -> None:
    settings.RETENTION_PERIODS = {"messages": days(60), "applications": months(24)}
    for name in ("messages", "applications"):
        make(name, moment(HAPPENED))
    assert dispose(HAPPENED + timedelta(days=59))["messages"] == 0
    assert dispose(HAPPENED + timedelta(days=60))["messages"] == 1
    assert dispose(HAPPENED.replace(year=2027))["applications"] == 0
    assert dispose(HAPPENED.replace(year=2028))["applications"] == 1
    assert Disposal.objects.get(category="messages").period == "60 days"


def test_where_one_category_fails_the_others_are_done_and_nothing_of_it_is_half_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(keys) -> int:
        Message.objects.filter(pk__in=keys).delete()
        raise RuntimeError("no")

    broken = replace(named("messages"), dispose=fail)
    monkeypatch.setattr(categories, "_categories", {**categories._categories, "messages": broken})
    make("messages", moment(HAPPENED))
    make("unproven-accounts", moment(HAPPENED))

    with pytest.raises(ExceptionGroup) as failed:
        dispose(the_day("messages"))

    assert [str(error) for error in failed.value.exceptions] == ["no"]
    assert (left("messages"), left("unproven-accounts")) == (1, 0)
    assert set(Disposal.objects.values_list("category", flat=True)) == {"unproven-accounts"}


def test_the_log_is_never_changed() -> None:
    make("messages", moment(HAPPENED))
    dispose(the_day("messages"))
    for statement in ("UPDATE retention_disposal SET number = 0", "DELETE FROM retention_disposal"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_statements_of_a_dry_run_do_not_grow() -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            what_is_due(date(2040, 1, 1))
        return len(asked)

    few = statements()
    for name in NAMES:
        for _ in range(3):
            make(name, moment(HAPPENED))
    assert statements() == few == len(NAMES)


def test_the_command_says_and_then_does() -> None:
    Message.objects.create(
        rule="a.b", subject="a:1", person=make_user(), priority=1, state=Message.State.SKIPPED,
        created_at=timezone.now() - timedelta(days=181),
    )  # fmt: skip
    said, done = StringIO(), StringIO()
    call_command("dispose", "--dry-run", stdout=said)
    assert "Records of messages, kept for 180 days: 1 due, the oldest of " in said.getvalue()
    assert Message.objects.exists()
    call_command("dispose", stdout=done)
    assert "Records of messages: 1 disposed of." in done.getvalue()
    assert not Message.objects.exists()


class TestAccounts:
    """Accounts that nobody uses are emptied; what others count on stays."""

    DAY = passes(HAPPENED, named("unused-accounts").period)

    def test_who_they_were_goes_and_what_they_completed_stays(self) -> None:
        person = make("unused-accounts", moment(HAPPENED))
        member = make_membership(person, make_cohort(starts_on=date(2020, 1, 1), ends_on=date(2020, 6, 1)))
        component = make_session().component
        Evidence.objects.create(
            membership=member, component=component, kind=Evidence.Kind.RECORD, fulfilled_on=date(2020, 5, 1)
        )

        dispose(self.DAY)

        person.refresh_from_db()
        member.refresh_from_db()
        assert is_erased(person)
        assert member.state == Membership.State.ENROLLED
        assert Evidence.objects.standing().filter(membership=member).count() == 1
        entry = Entry.objects.get(verb="person.erased")
        assert (entry.actor, entry.subject) == (None, f"user:{person.pk}")
        assert not Message.objects.exists()

    @pytest.mark.parametrize("kind", [Role.Kind.FACILITATOR, Role.Kind.TRIAGER, Role.Kind.ALL_PROGRAMMES_ADMIN])
    def test_who_may_do_more_than_take_part_keeps_theirs(self, kind: Role.Kind) -> None:
        make_unused(moment(HAPPENED), make_user(kind))
        assert dispose(self.DAY)["unused-accounts"] == 0

    def test_who_still_takes_part_keeps_theirs(self) -> None:
        people = [make("unused-accounts", moment(HAPPENED)) for _ in range(3)]
        make_membership(people[0], make_cohort(starts_on=HAPPENED, ends_on=HAPPENED + timedelta(days=1)))
        session = ended(moment(HAPPENED + timedelta(days=1), "12:00"), people[1])
        Cohort.objects.filter(pk=session.cohort_id or 0).update(starts_on=HAPPENED, ends_on=HAPPENED)
        leads = make_session()
        began = moment(HAPPENED + timedelta(days=1), "10:00")
        Session.objects.filter(pk=leads.pk).update(starts_at=began, ends_at=began + timedelta(hours=1))
        leads.facilitators.add(make_facilitator(people[2]))
        people[2].roles.all().delete()
        assert dispose(self.DAY)["unused-accounts"] == 0
        assert dispose(self.DAY + timedelta(days=400))["unused-accounts"] == 3

    def test_who_never_signed_in_is_counted_from_the_day_they_were_added(self) -> None:
        person = make_user()
        User.objects.filter(pk=person.pk).update(date_joined=moment(HAPPENED))
        assert dispose(self.DAY - timedelta(days=1))["unused-accounts"] == 0
        assert dispose(self.DAY)["unused-accounts"] == 1
        assert dispose(self.DAY)["unused-accounts"] == 0

    def test_what_hangs_on_an_unproven_account_keeps_it(self) -> None:
        person = make("unproven-accounts", moment(HAPPENED))
        make_membership(person)
        day = the_day("unproven-accounts")
        assert number_due("unproven-accounts", day) == dispose(day)["unproven-accounts"] == 0


def test_a_hold_keeps_all_words_of_a_session_so_that_they_point_at_nobody() -> None:
    held = make_user()
    make_words(moment(HAPPENED), held)
    session = Session.objects.get()
    make_membership(make_user(), session.cohort)
    evaluation = session.evaluations.create(pseudonym="another", stage="after")
    evaluation.answers.create(question=session.component.programme.evaluation_questions.get(), text="Less of it")
    hold = set_hold(held, "ET/2026/0417", by=make_admin())
    day = the_day("evaluation-words")

    assert dispose(day)["evaluation-words"] == 0
    lift([hold], by=make_admin())
    assert dispose(day)["evaluation-words"] == 2


@pytest.mark.parametrize("who", ["member", "sent_by", "decided_by", "ended_by"])
def test_a_hold_of_anybody_who_had_to_do_with_it_keeps_what_was_published(who: str) -> None:
    make("publications-taken-back", moment(HAPPENED))
    whole, admin = Publication.objects.select_related("project").get(), make_admin()
    whole.project.team.create(user=make_user(), role="member")
    held = whole.project.team.get(role="member").user if who == "member" else getattr(whole, who)
    hold = set_hold(held, "ET/2026/0417", by=admin)
    day = the_day("publications-taken-back") + timedelta(days=400)

    assert dispose(day)["publications-taken-back"] == 0
    lift([hold], by=admin)
    assert dispose(day)["publications-taken-back"] == 1


def test_a_cohort_that_still_takes_applications_keeps_them() -> None:
    person = make("applications-not-sent", moment(HAPPENED))
    cohort = person.applications.get().cohort
    cohort.opens_on, cohort.closes_on = HAPPENED, HAPPENED + timedelta(days=30)
    cohort.save()
    day = the_day("applications-not-sent")
    assert dispose(day)["applications-not-sent"] == 0
    assert dispose(day + timedelta(days=31))["applications-not-sent"] == 1


@pytest.mark.parametrize("state", [Membership.State.ENROLLED, Membership.State.DEFERRED])
def test_an_application_that_came_to_something_is_kept_longer(state: str) -> None:
    person = make("applications", moment(HAPPENED))
    Membership.objects.filter(user=person).update(state=state)
    assert dispose(the_day("applications"))["applications"] == 0


@pytest.mark.parametrize("document", ["running.md", "data-protection.md"])
def test_the_documents_list_every_category_and_no_other(document: str) -> None:
    text = (DOCS / document).read_text()
    listed = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert listed == [
        (each.name, each.heading, str(each.period), each.counted_from, str(each.least))
        if document == "running.md"
        else (each.name, each.holds, each.why, str(each.period), each.counted_from)
        for each in all_of_them()
    ]


def test_a_hold_that_was_lifted_is_gone_with_whom_it_was_about() -> None:
    person, admin = make("unused-accounts", moment(HAPPENED)), make_admin()
    lift([set_hold(person, "ET/2026/0417", by=admin)], by=admin)
    dispose(TestAccounts.DAY)
    assert not Hold.objects.exists()
