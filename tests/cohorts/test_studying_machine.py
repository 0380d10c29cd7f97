"""A Hypothesis state machine over self-study: whatever learners and the team do, what counts is recorded once."""

from contextlib import suppress

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cohorts import courses, enrolment, progress, publishing, studying
from cohorts.models import CoursePage, Evidence, EvidenceKind, Membership, PageDone, Study
from cohorts.studying import NotStudying
from tests.factories import make_admin, make_cohort, make_component, make_course, make_course_page, make_membership

WHO = st.integers(0, 1)
WHICH = st.integers(0, 3)


class Studies(RuleBasedStateMachine):
    """Two people and one course, to which pages are added and from which they are taken out."""

    @initialize()
    def begin(self) -> None:
        """Make it anew; all of it is rolled back at the end."""
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.admin, cohort = make_admin(), make_cohort()
        kinds = [EvidenceKind.ATTENDANCE, EvidenceKind.SELF_STUDY]
        self.course = make_course(make_component(cohort.programme, fulfilled_by=kinds))
        self.members = [make_membership(cohort=cohort) for _ in range(2)]
        self.finished: set[int] = set()

    def pages(self) -> list[CoursePage]:
        return list(CoursePage.objects.filter(module__course=self.course).order_by("pk"))

    @rule(who=WHO, which=WHICH)
    def does_a_page(self, who: int, which: int) -> None:
        pages = self.pages()
        before = self.done(who)
        with suppress(NotStudying):
            is_whole = studying.do_page(self.members[who], self.course, page := pages[which % len(pages)])
            assert self.done(who) == before | {page.pk}
            assert is_whole is (self.done(who) == {each.pk for each in pages})

    @rule(who=WHO, which=WHICH)
    def stops(self, who: int, which: int) -> None:
        pages = self.pages()
        with suppress(NotStudying):
            studying.stop_at(self.members[who], self.course, page := pages[which % len(pages)])
            following = courses.outline(self.course, self.members[who]).goes_on_at
            assert following is None or following.pk == page.pk or page.pk in self.done(who)

    @rule(who=WHO)
    def finishes(self, who: int) -> None:
        with suppress(NotStudying):
            if studying.finish(self.members[who], self.course):
                assert progress.fulfilled_on(self.members[who], self.course.component) or self.taken_back(who)

    @rule(who=WHO)
    def comes_to_a_date(self, who: int) -> None:
        if not Evidence.objects.standing().filter(membership=self.members[who]).exists():
            progress.record(
                self.members[who],
                self.course.component,
                kind=EvidenceKind.ATTENDANCE,
                fulfilled_on=timezone.localdate(),
                by=self.admin,
            )

    @rule(who=WHO)
    def a_record_is_taken_back(self, who: int) -> None:
        for evidence in Evidence.objects.standing().filter(membership=self.members[who]):
            progress.withdraw(evidence, by=self.admin)

    @rule()
    def a_page_is_added(self) -> None:
        make_course_page(self.course.modules.get())

    @rule(which=WHICH)
    def a_page_is_taken_out(self, which: int) -> None:
        pages = self.pages()
        if len(pages) > 1:
            pages[which % len(pages)].delete()

    @rule()
    def it_is_published(self) -> None:
        publishing.publish(self.course, by=self.admin)

    @rule()
    def it_is_taken_off(self) -> None:
        publishing.take_off(self.course, by=self.admin)

    @rule(who=WHO)
    def somebody_is_deferred(self, who: int) -> None:
        member = self.members[who]
        before = self.done(who)
        self.members[who] = enrolment.defer(member, make_cohort(member.cohort.programme), by=self.admin)
        assert self.done(who) == before
        assert not Study.objects.filter(membership=member).exists()

    @invariant()
    def it_is_recorded_once_and_stays_where_it_is(self) -> None:
        if not hasattr(self, "members"):
            return
        for who, member in enumerate(self.members):
            user = Membership.objects.filter(user=member.user)
            first_hand = Evidence.objects.filter(
                membership__in=user, kind=EvidenceKind.SELF_STUDY, withdraws=None, copied_from=None
            )
            assert first_hand.count() <= 1
            study = Study.objects.filter(membership=member).first()
            assert [row.pk for row in first_hand] == ([study.evidence_id] if study and study.evidence_id else [])
            assert PageDone.objects.filter(study__membership=member).count() == len(self.done(who))

    def done(self, who: int) -> set[int]:
        return set(PageDone.objects.filter(study__membership=self.members[who]).values_list("page", flat=True))

    def taken_back(self, who: int) -> bool:
        study = Study.objects.get(membership=self.members[who], course=self.course)
        return bool(study.evidence_id)

    def teardown(self) -> None:
        """Undo all of it."""
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)


@pytest.mark.django_db
def test_any_order_of_what_people_do_keeps_what_must_hold() -> None:
    run_state_machine_as_test(
        Studies,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
