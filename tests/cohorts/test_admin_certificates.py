"""The programme team's pages of certificates: issuing to a cohort or to one, finding, replacing, revoking."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts import certificates, progress, register
from cohorts.models import Booking, Certificate, Cohort
from portal.accounts.models import User
from tests.cohorts.pages import address, words
from tests.factories import (
    make_admin_of,
    make_attended,
    make_certificate,
    make_cohort,
    make_complete,
    make_component,
    make_membership,
    make_user,
)

pytestmark = pytest.mark.django_db

LIST = reverse("admin:cohorts_certificate_changelist")
YES = {"confirmed": "yes"}


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort()


class TestIssuing:
    """From the cohort's page, and from a person's membership."""

    def test_it_first_says_to_how_many_and_who_is_not_complete(self, desk: Client, cohort: Cohort) -> None:
        done = [make_complete(make_user(name=name), cohort) for name in ("Demo Amina", "Demo Ben")]
        certificates.issue(done[1], by=make_user())
        make_component(cohort.programme, required=False)
        make_membership(make_user(name="Demo Carol"), cohort)
        page = address("admin:cohorts_cohort_certify", cohort.pk)
        assert page in words(desk.get(address("admin:cohorts_cohort_change", cohort.pk)))

        asked = words(desk.get(page))

        assert "This issues certificates of completion to 1 person. Whoever gets one is written to." in asked
        assert "Had one before: 1 person." in asked
        assert "<td>Demo Amina</td>" in asked
        assert "<td>Demo Ben</td>" not in asked
        assert "<td>Demo Carol</td> <td>They have done 0 of the 1 thing that the programme requires.</td>" in asked
        assert Certificate.objects.count() == 1  # a look changes nothing
        assert desk.post(page).status_code == 200
        assert Certificate.objects.count() == 1
        assert "Issued: 1 certificate. Whoever got one is written to." in words(desk.post(page, YES, follow=True))
        assert Certificate.objects.count() == 2
        assert "There was nobody left to issue one to." in words(desk.post(page, YES, follow=True))
        assert "so there is nothing to issue" in words(desk.get(page))

    def test_to_one_person(self, desk: Client, cohort: Cohort) -> None:
        membership = make_complete(cohort=cohort)
        page = address("admin:cohorts_membership_certify", membership.pk)
        assert page in words(desk.get(address("admin:cohorts_membership_change", membership.pk)))
        assert f"It says that they have completed {cohort.programme}." in words(desk.get(page))
        said = words(desk.post(page, YES, follow=True))
        assert f"{membership.user} has certificate {Certificate.objects.get()}." in said
        assert "which stands" in words(desk.get(page))

    def test_to_who_is_not_complete_there_is_nothing_to_certify(self, desk: Client, cohort: Cohort) -> None:
        membership = make_membership(cohort=cohort)
        page = address("admin:cohorts_membership_certify", membership.pk)
        assert "so there is nothing to certify yet" in words(desk.get(page))
        said = words(desk.post(page, YES, follow=True))
        assert "Nothing was issued. Not all that the programme requires is done." in said

    def test_the_page_costs_the_same_for_many(self, desk: Client, cohort: Cohort) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as asked:
                desk.get(address("admin:cohorts_cohort_certify", cohort.pk))
            return len(asked)

        make_complete(cohort=cohort)
        make_membership(cohort=cohort)
        statements()  # the first page of a process reads what the next ones know
        with_one = statements()
        for _ in range(2):
            make_complete(cohort=cohort)
            make_membership(cohort=cohort)
        assert statements() == with_one


class TestList:
    """What was issued."""

    def test_it_says_of_each_whether_it_stands_and_is_still_so(self, desk: Client) -> None:
        membership, came = make_complete(make_user(name="Demo Amina")), make_attended()
        certificate = make_certificate(membership)
        attended = certificates.issue_attendance(came, by=came.user)
        rows = {row.pk: row for row in desk.get(LIST).context["cl"].result_list}
        assert [rows[each.pk].is_so for each in (certificate, attended)] == [True, True]
        progress.withdraw(*membership.evidence.all(), by=None)
        register.mark(came.session, {came.pk: Booking.State.APOLOGIES}, by=make_user())
        rows = {row.pk: row for row in desk.get(LIST).context["cl"].result_list}
        assert [rows[each.pk].is_so for each in (certificate, attended)] == [False, False]
        assert "Demo Amina" in words(desk.get(LIST))

    @pytest.mark.parametrize("query", ["?stands=yes", "?kind__exact=completion", "?q=amina", "?q=Demo+Amina"])
    def test_it_is_filtered_and_searched(self, desk: Client, query: str) -> None:
        amina = make_certificate(make_complete(make_user(name="Demo Amina")))
        came = make_attended()
        certificates.revoke(certificates.issue_attendance(came, by=came.user), reason="A mistake", by=make_user())
        assert list(desk.get(LIST + query).context["cl"].result_list) == [amina]
        assert list(desk.get(f"{LIST}?q={amina.serial}").context["cl"].result_list) == [amina]

    @pytest.mark.parametrize("query", ["?stands=perhaps", "?stands=", "?q=%00"])
    def test_what_makes_no_sense_breaks_nothing(self, desk: Client, query: str) -> None:
        make_certificate()
        assert desk.get(LIST + query).status_code in {200, 302, 400}

    def test_many_cost_what_one_does(self, desk: Client) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as asked:
                desk.get(LIST)
            return len(asked)

        make_certificate()
        statements()  # the first page of a process reads what the next ones know
        with_one = statements()
        for _ in range(2):
            came = make_attended()
            certificates.issue_attendance(came, by=came.user)
        assert statements() == with_one

    def test_each_admin_sees_those_of_their_programmes(self, sign_in: Callable[[User], Client]) -> None:
        mine, other = make_certificate(), make_certificate()
        browser = sign_in(make_admin_of(mine.programme))
        assert list(browser.get(LIST).context["cl"].result_list) == [mine]
        for page in ("revoke", "reissue"):
            assert browser.post(address(f"admin:cohorts_certificate_{page}", other.pk), YES).status_code == 404

    def test_an_earlier_name_and_the_code_stand_nowhere(self, desk: Client) -> None:
        certificate = make_certificate(make_complete(make_user(name="Name Before")))
        User.objects.filter(pk=certificate.holder_id).update(name="Name Now")
        for page in (LIST, address("admin:cohorts_certificate_change", certificate.pk)):
            shown = words(desk.get(page))
            assert "Name Now" in shown
            assert "Name Before" not in shown
            assert certificate.code not in shown


class TestEnding:
    """Revoking and replacing."""

    def test_it_is_revoked_with_a_reason_once_it_is_said_what_that_does(self, desk: Client) -> None:
        certificate = make_certificate()
        page = address("admin:cohorts_certificate_revoke", certificate.pk)
        shown = words(desk.get(address("admin:cohorts_certificate_change", certificate.pk)))
        assert page in shown
        assert desk.post(page, {"reason": " "}).status_code == 422
        assert "can no longer download it" in words(desk.post(page, {"reason": "A mistake"}))
        assert Certificate.objects.get(pk=certificate.pk).stands
        said = words(desk.post(page, {"reason": "A mistake", **YES}, follow=True))
        assert f"{certificate} is revoked." in said
        assert "A mistake" in said
        assert page not in said
        again = words(desk.post(page, {"reason": "Again", **YES}, follow=True))
        assert "Nothing was changed. This certificate no longer stands." in again

    def test_it_is_replaced_by_one_with_the_name_of_now(self, desk: Client) -> None:
        certificate = make_certificate()
        User.objects.filter(pk=certificate.holder_id).update(name="Name Now")
        page = address("admin:cohorts_certificate_reissue", certificate.pk)
        assert "Name Now gets a new certificate" in words(desk.get(page))
        assert "is replaced by a new one." in words(desk.post(page, YES, follow=True))
        assert Certificate.objects.standing().get().name == "Name Now"
        again: Any = desk.post(page, YES, follow=True)
        assert "Nothing was changed." in words(again)
