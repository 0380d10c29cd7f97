"""Certificates: who gets one, what it keeps, and how it ends."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cohorts import certificate_letter, certificates, progress, register
from cohorts.certificates import NoLongerStands, NotAttended, NotComplete, NotIssued, as_code, as_serial
from cohorts.models import Booking, Certificate, Cohort, Evidence, Membership
from portal.accounts.erasure import erase
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.factories import (
    make_admin,
    make_attended,
    make_certificate,
    make_cohort,
    make_complete,
    make_component,
    make_membership,
    make_open_session,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db

Kind = Certificate.Kind


@pytest.fixture
def team() -> User:
    return make_admin()


class TestCompletion:
    """A certificate of having completed a programme."""

    def test_it_keeps_what_was_so_when_it_was_issued(self, team: User, settings: Any) -> None:
        settings.ORGANISATION_NAME = "Demo Care System"
        cohort = make_cohort()
        day = make_session(make_component(cohort.programme, cpd_points="6"), cohort, hours=6.5)
        reading = make_component(cohort.programme, cpd_points="1.5", fulfilled_by=["record"])
        came = make_attended(make_user(name="Demo Amina"), day, days_ago=20)
        yesterday = timezone.localdate() - timedelta(days=1)
        progress.record(came.membership, reading, kind=Evidence.Kind.RECORD, fulfilled_on=yesterday, by=team)

        issued = certificates.issue(came.membership, by=team)
        User.objects.update(name="Somebody Else")
        Cohort.objects.update(name="Another name")

        kept = Certificate.objects.get(pk=issued.pk)
        assert (kept.kind, kept.name, kept.cohort_name) == (Kind.COMPLETION, "Demo Amina", cohort.name)
        assert (kept.programme_name, kept.issuer) == (cohort.programme.name, "Demo Care System")
        assert (kept.first_day, kept.last_day) == (timezone.localdate() - timedelta(days=20), yesterday)
        assert (kept.cpd_points, kept.minutes) == (Decimal("7.5"), 390)
        assert (kept.holder, kept.issued_by, kept.shows_name) == (came.user, team, False)

    def test_its_holder_is_written_to_once(self, team: User) -> None:
        membership = make_complete()
        first, again = (certificates.issue(membership, by=team) for _ in range(2))
        assert first == again
        (message,) = Message.objects.filter(rule=certificate_letter.RULE)
        assert (message.subject, message.person) == (f"certificate:{first.pk}", membership.user)
        (entry,) = Entry.objects.filter(verb="certificate.issued")
        assert (entry.actor, entry.subject, entry.details) == (team, f"certificate:{first.pk}", {"kind": "completion"})

    @pytest.mark.parametrize("state", [Membership.State.WITHDRAWN, Membership.State.DEFERRED])
    def test_who_takes_no_part_any_more_gets_none(self, team: User, state: str) -> None:
        membership = make_complete()
        Membership.objects.update(state=state)
        with pytest.raises(NotComplete):
            certificates.issue(membership, by=team)

    def test_who_has_something_left_to_do_gets_none(self, team: User) -> None:
        membership = make_complete()
        make_component(membership.cohort.programme)
        with pytest.raises(NotComplete):
            certificates.issue(membership, by=team)

    def test_a_programme_that_requires_nothing_is_not_completed_by_doing_nothing(self, team: User) -> None:
        with pytest.raises(NotComplete):
            certificates.issue(make_membership(), by=team)

    def test_serial_and_code_tell_nothing_and_make_no_words(self, team: User) -> None:
        made = [make_certificate() for _ in range(20)]
        year = str(timezone.localdate().year)
        for each in made:
            assert each.serial.startswith(f"{year}-")
            assert not set(each.serial[5:] + each.code) & set("AEIOUYL01")
            assert (as_serial(each.serial.lower()), as_code(each.code.replace("-", " "))) == (each.serial, each.code)
        assert len({each.code for each in made}) == 20


class TestBatch:
    """Everybody in a cohort who is complete."""

    @pytest.fixture
    def cohort(self, monkeypatch: pytest.MonkeyPatch) -> Cohort:
        monkeypatch.setattr(certificates, "BATCH", 2)
        return make_cohort()

    def test_each_gets_one_and_doing_it_again_issues_none(self, team: User, cohort: Cohort) -> None:
        complete = [make_complete(cohort=cohort) for _ in range(5)]
        make_membership(cohort=cohort)
        make_complete()
        assert certificates.issue_to_all(cohort, by=team) == 5
        assert certificates.issue_to_all(cohort, by=team) == 0
        found = Certificate.objects.values_list("membership", flat=True)
        assert sorted(found) == [membership.pk for membership in complete]
        assert Message.objects.filter(rule=certificate_letter.RULE).count() == 5

    def test_what_was_interrupted_is_finished_by_doing_it_again(
        self, team: User, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(5):
            make_complete(cohort=cohort)
        write, times = certificate_letter.write, iter([True, False])

        def fail_the_second_time(certificates: Any) -> None:
            if not next(times):
                raise RuntimeError("The worker is killed.")
            write(certificates)

        monkeypatch.setattr(certificate_letter, "write", fail_the_second_time)
        with pytest.raises(RuntimeError):
            certificates.issue_to_all(cohort, by=team)
        assert Certificate.objects.count() == Message.objects.filter(rule=certificate_letter.RULE).count() == 2
        monkeypatch.setattr(certificate_letter, "write", write)
        assert certificates.issue_to_all(cohort, by=team) == 3

    def test_one_that_was_revoked_does_not_come_back_by_itself(self, team: User, cohort: Cohort) -> None:
        membership = make_complete(cohort=cohort)
        first = certificates.issue(membership, by=team)
        certificates.revoke(first, reason="Somebody else sat the test.", by=team)
        assert certificates.issue_to_all(cohort, by=team) == 0
        assert certificates.issue(membership, by=team) != first

    def test_statements_do_not_grow_with_the_people_of_a_batch(self, team: User, monkeypatch: Any) -> None:
        def statements(people: int) -> int:
            cohort = make_cohort()
            for _ in range(people):
                make_complete(cohort=cohort)
            with CaptureQueriesContext(connection) as asked:
                assert certificates.issue_to_all(cohort, by=team) == people
            return len(asked)

        statements(1)
        assert statements(1) == statements(3)


class TestAttendance:
    """A certificate of having attended a session, which its holder gets by themselves."""

    def test_who_was_there_gets_one_and_is_not_written_to(self) -> None:
        cohort = make_cohort()
        session = make_session(make_component(cohort.programme, title="Day 1", cpd_points="6"), cohort, hours=2)
        came = make_attended(session=session)
        issued = certificates.issue_attendance(came, by=came.user)
        assert certificates.issue_attendance(came, by=came.user) == issued
        assert (issued.kind, issued.title, issued.cohort_name) == (Kind.ATTENDANCE, "Day 1", cohort.name)
        assert (issued.first_day, issued.minutes) == (timezone.localdate(came.session.starts_at), 120)
        assert issued.cpd_points == Decimal(6)
        assert not Message.objects.filter(rule=certificate_letter.RULE).exists()

    def test_an_open_session_has_no_cohort(self) -> None:
        came = make_attended(session=make_open_session())
        issued = certificates.issue_attendance(came, by=came.user)
        assert (issued.cohort_name, issued.programme) == ("", came.session.component.programme)

    def test_who_was_not_gets_none(self) -> None:
        came = make_attended()
        register.mark(came.session, {came.pk: Booking.State.APOLOGIES}, by=make_user())
        with pytest.raises(NotAttended):
            certificates.issue_attendance(came, by=came.user)


class TestEnd:
    """Replacing and revoking."""

    def test_a_new_name_makes_a_new_certificate_and_the_old_name_is_forgotten(self, team: User) -> None:
        old = make_certificate(make_complete(make_user(name="Name Before")))
        certificates.show_name(old, shown=True)
        old.holder.name = "Name Now"
        old.holder.save()

        new = certificates.reissue(old, by=old.holder)

        old.refresh_from_db()
        assert (old.name, old.shows_name, old.stands, old.reason) == ("", False, False, "")
        assert (new.name, new.shows_name, new.replaces) == ("Name Now", False, old)
        for field in ("kind", "membership", "programme", "cohort_name", "first_day", "last_day", "cpd_points"):
            assert getattr(new, field) == getattr(old, field)
        assert {old.serial, old.code}.isdisjoint({new.serial, new.code})
        assert "Name" not in str(list(Entry.objects.values_list("details", flat=True)))

    def test_it_ends_once(self, team: User) -> None:
        certificate = make_certificate()
        certificates.revoke(certificate, reason="Issued by mistake", by=team)
        for verb in (
            lambda: certificates.revoke(certificate, reason="Again", by=team),
            lambda: certificates.reissue(certificate, by=team),
            lambda: certificates.show_name(certificate, shown=True),
        ):
            with pytest.raises(NoLongerStands):
                verb()
        certificate.refresh_from_db()
        assert (certificate.name, certificate.reason) == ("", "Issued by mistake")

    def test_of_somebody_erased_it_stands_without_a_name(self, team: User) -> None:
        certificate, revoked = (make_certificate() for _ in range(2))
        certificates.show_name(certificate, shown=True)
        certificates.revoke(revoked, reason="canary-reason", by=team)
        for each in (certificate, revoked):
            erase(each.holder, by=team)
            each.refresh_from_db()
        assert (certificate.stands, certificate.name, certificate.shows_name) == (True, "", False)
        assert revoked.reason == ""
        with pytest.raises(NotIssued):
            certificates.reissue(certificate, by=team)

    def test_showing_a_name_stands_in_the_trail_and_can_be_taken_back(self) -> None:
        certificate = make_certificate()
        for shown in (True, True, False, False):
            certificates.show_name(certificate, shown=shown)
            certificate.refresh_from_db()
            assert certificate.shows_name is shown
        found = Entry.objects.filter(verb__startswith="certificate.name").order_by("pk").values_list("verb", "actor")
        holder = certificate.holder_id
        assert list(found) == [("certificate.name_shown", holder), ("certificate.name_hidden", holder)]


class TestWhatPostgreSQLHolds:
    """Whoever writes, and by whatever way."""

    def refuses(self, write: Any) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()

    def copy(self, certificate: Certificate, **fields: Any) -> None:
        values = {field.attname: getattr(certificate, field.attname) for field in Certificate._meta.concrete_fields}
        Certificate.objects.create(**{**values, "id": None, "serial": "2026-22222-22222"} | fields)

    def test_one_stands_for_each_thing(self) -> None:
        certificate = make_certificate()
        self.refuses(lambda: self.copy(certificate))
        came = make_attended()
        attended = certificates.issue_attendance(came, by=came.user)
        self.refuses(lambda: self.copy(attended))

    def test_it_is_its_holders_own_and_of_its_programme(self) -> None:
        certificate, other = make_certificate(), make_certificate()
        Certificate.objects.filter(pk=certificate.pk).update(ended_at=timezone.now(), name="")
        self.refuses(lambda: self.copy(certificate, holder_id=other.holder_id))
        self.refuses(lambda: self.copy(certificate, programme_id=other.programme_id))

    @pytest.mark.parametrize(
        "edit",
        [
            {"name": "Another"},
            {"cpd_points": 100},
            {"programme_name": "Another"},
            {"code": "x"},
            {"last_day": "2030-01-01"},
        ],
    )
    def test_it_is_never_edited(self, edit: dict[str, Any]) -> None:
        certificate = make_certificate()
        self.refuses(lambda: Certificate.objects.filter(pk=certificate.pk).update(**edit))

    def test_it_is_never_deleted_and_never_stands_again(self, team: User) -> None:
        certificate = make_certificate()
        self.refuses(certificate.delete)
        certificates.revoke(certificate, reason="A mistake", by=team)
        for edit in ({"ended_at": None, "reason": ""}, {"ended_at": timezone.now()}, {"reason": "Another"}):
            self.refuses(lambda edit=edit: Certificate.objects.update(**edit))

    @pytest.mark.parametrize("edit", [{"ended_at": timezone.now()}, {"name": "", "shows_name": True}, {"reason": "x"}])
    def test_what_no_longer_stands_names_nobody(self, edit: dict[str, Any]) -> None:
        certificate = make_certificate()
        self.refuses(lambda: Certificate.objects.filter(pk=certificate.pk).update(**edit))
