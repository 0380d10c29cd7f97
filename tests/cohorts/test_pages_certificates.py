"""Somebody's own certificates and CPD record, and the public page on which a certificate is checked."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from cohorts import certificate_letter, certificates, register
from cohorts.models import Booking, Certificate
from portal import outbox
from portal.accounts.models import User
from tests.cohorts.pages import address, words
from tests.factories import (
    make_admin,
    make_attended,
    make_certificate,
    make_cohort,
    make_complete,
    make_component,
    make_open_session,
    make_programme,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db

HERE = reverse("certificates")
VERIFY = reverse("verify")
UNKNOWN = "We know no certificate with this serial and this code."


@pytest.fixture
def amina() -> User:
    return make_user(name="Demo Amina")


@pytest.fixture
def phone(amina: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(amina)


@pytest.fixture
def certificate(amina: User) -> Certificate:
    return make_certificate(make_complete(amina, make_cohort(make_programme(name="Perinatal programme"))))


def check(certificate: Certificate) -> str:
    return address("verified", certificate.serial, certificate.code)


def rename(person: User, name: str) -> None:
    person.name = name
    person.save(update_fields=["name"])


class TestOwn:
    """What their holder sees."""

    def test_without_anything_it_says_how_it_comes(self, phone: Client) -> None:
        page = words(phone.get(HERE))
        assert "You have none yet." in page
        assert "What you have done shows here when the register of a session has been taken." in page

    def test_it_lists_certificates_and_what_was_done(self, phone: Client, certificate: Certificate) -> None:
        page = words(phone.get(HERE))
        assert certificate.serial in page
        assert "Certificate of completion: Perinatal programme" in page
        assert "CPD points: 1.5. Time in sessions: 0 minutes." in page
        assert HERE in words(phone.get(reverse("me")))

    def test_it_downloads_as_a_pdf(self, phone: Client, certificate: Certificate) -> None:
        answer = phone.get(address("certificate_pdf", certificate.serial))
        assert answer.headers["Content-Type"] == "application/pdf"
        named = f'attachment; filename="certificate-{certificate.serial}.pdf"'
        assert answer.headers["Content-Disposition"] == named
        assert "no-store" in answer.headers["Cache-Control"]
        text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
        assert all(said in text for said in ("Demo Amina", "Perinatal programme", certificate.serial, certificate.code))

    def test_a_name_that_the_fonts_lack_is_refused_in_words_and_can_be_printed(
        self, amina: User, phone: Client
    ) -> None:
        rename(amina, "王小明")
        mine = make_certificate(make_complete(amina))
        answer = phone.get(address("certificate_pdf", mine.serial))
        assert answer.status_code == 409
        assert "The fonts of the PDF lack some of the letters in it. Print this page instead" in words(answer)
        assert "王小明" in words(answer)
        record = phone.get(reverse("cpd_pdf"))
        assert record.status_code == 409
        assert "Print this page instead" in words(record)
        assert "development of <bdi>王小明</bdi>" in words(record)

    def test_of_somebody_else_there_is_none(self, sign_in: Callable[[User], Client], certificate: Certificate) -> None:
        other = sign_in(make_user())
        for page in ("certificate", "certificate_pdf", "certificate_reissue"):
            assert other.get(address(page, certificate.serial)).status_code == 404
            assert other.post(address(page, certificate.serial)).status_code in {404, 405}
        assert certificate.serial not in words(other.get(HERE))

    @pytest.mark.parametrize("serial", ["x", "0" * 400, "2026-22222-22222", "%00", "…"])
    def test_what_is_no_serial_opens_nothing(self, phone: Client, serial: str) -> None:
        assert phone.get(f"{HERE}{serial}/").status_code == 404

    def test_a_revoked_one_says_why_to_its_holder_alone(self, phone: Client, certificate: Certificate) -> None:
        certificates.revoke(certificate, reason="It was issued by mistake", by=make_admin())
        page = words(phone.get(certificate.get_absolute_url()))
        assert "This certificate no longer stands." in page
        assert "It was issued by mistake" in page
        assert phone.get(address("certificate_pdf", certificate.serial)).status_code == 404
        assert certificate.serial not in words(phone.get(HERE))
        for sent in ({"shown": "yes"}, {}):
            assert phone.post(certificate.get_absolute_url(), sent).status_code == 409
        assert phone.post(address("certificate_reissue", certificate.serial)).status_code == 409
        assert "mistake" not in words(Client().get(check(certificate)))

    def test_a_change_of_name_offers_a_new_one(self, amina: User, phone: Client, certificate: Certificate) -> None:
        assert HERE not in words(phone.get(reverse("details")))
        sent = {"name": "Demo Amina Osei", "organisation": "", "job_role": ""}
        saved = words(phone.post(reverse("details"), sent, follow=True))
        assert "You have certificates with the name that you had before." in saved
        assert HERE in saved
        assert "Not your present name" in words(phone.get(HERE))
        ask = address("certificate_reissue", certificate.serial)
        assert ask in words(phone.get(certificate.get_absolute_url()))
        assert "<bdi>Demo Amina Osei</bdi>" in words(phone.get(ask))
        assert Certificate.objects.count() == 1  # a look changes nothing

        page = words(phone.post(ask, follow=True))

        assert "You have a new certificate." in page
        assert "<bdi>Demo Amina Osei</bdi>" in page
        assert HERE not in words(phone.get(reverse("details")))
        assert "This certificate no longer stands" in words(Client().get(check(certificate)))

    def test_many_cost_what_one_does(self, amina: User, phone: Client) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert phone.get(HERE).status_code == 200
            return len(asked)

        def one_more() -> None:
            make_certificate(make_complete(amina))
            days = 40 + Booking.objects.count()
            came = make_attended(amina, make_session(cohort=make_cohort(), days=days), days_ago=days)
            certificates.issue_attendance(came, by=amina)
            make_attended(amina, make_open_session(days=90 + days), days_ago=90 + days)

        one_more()
        statements()  # the first page of a process reads what the next ones know
        with_one = statements()
        for _ in range(2):
            one_more()
        assert statements() == with_one


class TestAttendance:
    """A certificate that somebody gets by themselves."""

    @pytest.fixture
    def came(self, amina: User) -> Any:
        cohort = make_cohort()
        return make_attended(amina, make_session(make_component(cohort.programme, title="Day 1"), cohort))

    def test_from_the_list_and_from_the_booking(self, amina: User, phone: Client, came: Any) -> None:
        get_it = address("attendance_certificate", came.uid)
        for page in (HERE, came.get_absolute_url()):
            assert f'action="{get_it}"' in words(phone.get(page))
        for _ in range(2):
            assert "Demo Amina</bdi></strong> attended Day 1." in words(phone.post(get_it, follow=True))
        assert Certificate.objects.get().booking == came
        assert f'action="{get_it}"' not in words(phone.get(HERE))
        assert phone.get(get_it).status_code == 405

    def test_who_was_not_there_is_told_whom_to_ask(self, phone: Client, came: Any) -> None:
        register.mark(came.session, {came.pk: Booking.State.DID_NOT_ATTEND}, by=make_user())
        answer = phone.post(address("attendance_certificate", came.uid))
        assert answer.status_code == 409
        assert "The register does not say that you attended this session. Ask whoever led it." in words(answer)

    def test_of_somebody_elses_booking_there_is_none(self, sign_in: Callable[[User], Client], came: Any) -> None:
        assert sign_in(make_user()).post(address("attendance_certificate", came.uid)).status_code == 404


class TestRecord:
    """The CPD record as files."""

    def test_as_csv_it_is_what_the_page_shows_and_no_formula(self, amina: User, phone: Client) -> None:
        cohort = make_cohort(make_programme(name="=Programme"))
        component = make_component(cohort.programme, title="Day 1", cpd_points="6")
        came = make_attended(amina, make_session(component, cohort, hours=2))
        answer: Any = phone.get(reverse("cpd_csv"))
        assert answer.headers["Content-Disposition"] == 'attachment; filename="cpd-record.csv"'
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        day = came.session.starts_at.date().isoformat()
        assert rows == [
            ["Date", "What", "Programme", "CPD points", "Minutes in the session"],
            [day, "Day 1", "'=Programme", "6", "120"],
        ]

    def test_as_pdf_it_has_their_name_and_the_sum(self, amina: User, phone: Client) -> None:
        make_complete(amina)
        answer = phone.get(reverse("cpd_pdf"))
        text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
        assert "Demo Amina" in text
        assert "CPD points: 1.5." in text


class TestVerifying:
    """What anybody learns who has the certificate before them."""

    def test_that_it_is_genuine_of_which_programme_and_when_it_was_issued_and_no_more(
        self, certificate: Certificate
    ) -> None:
        answer = Client().get(check(certificate))
        page = words(answer)
        assert "This certificate is genuine" in page
        assert "Perinatal programme" in page
        for untold in ("Amina", certificate.cohort_name, "1.5", "completed", str(certificate.holder.email)):
            assert untold not in page.replace(certificate.programme_name, "")
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in answer.headers["Cache-Control"]

    def test_their_name_is_shown_by_their_leave_which_they_can_take_back(
        self, phone: Client, certificate: Certificate
    ) -> None:
        own = certificate.get_absolute_url()
        assert "They do not see your name, or what it is for, unless you say so here." in words(phone.get(own))
        assert "Your name is shown." in words(phone.post(own, {"shown": "yes"}, follow=True))
        shown = words(Client().get(check(certificate)))
        assert "<bdi>Demo Amina</bdi> has completed Perinatal programme" in shown
        assert "CPD points</dt>" in shown
        assert "They also see your name" in words(phone.get(own))
        assert "Your name is no longer shown." in words(phone.post(own, {"shown": "no"}, follow=True))
        assert "Amina" not in words(Client().get(check(certificate)))

    def test_serial_and_code_are_taken_as_people_type_them(self, certificate: Certificate) -> None:
        typed = {"serial": f" {certificate.serial.lower()} ", "code": certificate.code.replace("-", " ").lower()}
        assert Client().post(VERIFY, typed).headers["Location"] == check(certificate)

    def test_a_serial_that_there_is_not_and_a_wrong_code_get_the_same_answer(self, certificate: Certificate) -> None:
        other = make_certificate()
        pairs = [("2026-22222-22222", certificate.code), (certificate.serial, other.code)]

        def answers(serial: str, code: str) -> list[tuple[int, str]]:
            browser = Client()
            sent = browser.post(VERIFY, {"serial": serial, "code": code})
            opened = browser.get(address("verified", serial, code))
            return [
                (answer.status_code, words(answer).replace(serial, "…").replace(code, "…").partition("<main")[2])
                for answer in (sent, opened)
            ]

        first, second = (
            [(status, page.partition("csrfmiddlewaretoken")[0]) for status, page in answers(*pair)] for pair in pairs
        )
        assert first == second
        assert [status for status, _ in first] == [422, 404]
        assert all(UNKNOWN in page for _, page in first)

    @pytest.mark.parametrize("typed", [{}, {"serial": "x"}, {"serial": "\0", "code": "y"}, {"serial": "é" * 40}])
    def test_what_is_missing_is_asked_for_and_what_was_typed_is_kept(self, typed: dict[str, str]) -> None:
        answer = Client().post(VERIFY, typed)
        assert answer.status_code == 422
        assert "There is a problem" in words(answer)

    @pytest.mark.parametrize(("serial", "code"), [("x", "y"), ("é", "%20"), ("0" * 500, "1" * 500), (" ", " ")])
    def test_what_is_none_is_told_so(self, serial: str, code: str) -> None:
        assert Client().get(f"{VERIFY}{serial}/{code}/").status_code == 404

    def test_of_somebody_erased_it_is_genuine_and_names_nobody(self, certificate: Certificate) -> None:
        certificates.show_name(certificate, shown=True)
        certificates.forget(certificate.holder)
        page = words(Client().get(check(certificate)))
        assert "This certificate is genuine" in page
        assert "Amina" not in page

    def test_whoever_tries_too_often_is_asked_to_wait(self, certificate: Certificate, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "verify_certificate": "2/m/ip"}
        browser = Client()
        statuses = [browser.get(check(certificate)).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert browser.post(VERIFY, {}).status_code == 429

    def test_asking_changes_nothing(self, certificate: Certificate) -> None:
        with CaptureQueriesContext(connection) as asked:
            Client().get(check(certificate))
        assert all(query["sql"].lstrip().startswith("SELECT") for query in asked)


class TestLetter:
    """What the holder is written."""

    def test_it_leads_to_the_certificate_and_holds_neither_it_nor_its_code(self, certificate: Certificate) -> None:
        found = certificate_letter.load([f"certificate:{certificate.pk}"])
        mail = certificate_letter.compose(found[f"certificate:{certificate.pk}"], certificate.holder)
        assert mail.subject == "Your certificate: Perinatal programme"
        assert mail.link == outbox.Link("See your certificate", certificate.get_absolute_url())
        certificates.revoke(certificate, reason="A mistake", by=make_admin())
        assert certificate_letter.load([f"certificate:{certificate.pk}"]) == {}
