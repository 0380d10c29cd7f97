"""A certificate, from the cohort's page in the admin to whoever checks it, and the name that its holder shows there."""

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from cohorts.models import Certificate
from portal.accounts.models import User
from portal.nhsuk.dates import say_date
from tests.browser.letterbox import Letterbox, link_in, text_of
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_admin,
    make_attended,
    make_cohort,
    make_component,
    make_membership,
    make_programme,
    make_session,
    make_user,
)
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_somebody_downloads_their_certificate_and_lets_others_see_their_name_for_a_while(
    somebody: Callable[[Hand], Person], at_the_desk: Callable[[User, Hand], Person], mails: Sink, hand: Hand
) -> None:
    # Given somebody who has done all that a programme requires, and somebody who has not
    cohort = make_cohort(make_programme(name="Perinatal programme"), name="Perinatal cohort 4")
    day = make_session(
        make_component(cohort.programme, title="Training day 1", cpd_points=Decimal(6)), cohort, hours=6.5
    )
    midwife = make_user(name="Demo Amína Osei", email="midwife@trust.example")
    make_attended(midwife, day)
    make_membership(make_user(name="Demo Colleague"), cohort)

    # When the team issues certificates to whoever is complete
    admin = at_the_desk(make_admin(), Mouse())
    admin.opens(reverse("admin:cohorts_cohort_change", args=[cohort.pk]), "Change cohort")
    admin.follows("Issue certificates", "Issue certificates for Perinatal cohort 4")
    admin.sees("to 1 person. Whoever gets one is written to", "Demo Amína Osei", "They have done 0 of the 1 thing that")
    admin.presses("Issue 1 certificate", "Select certificate")
    admin.sees("Issued: 1 certificate.")
    admin.follows(Certificate.objects.get().serial, "certificate")

    # Then she gets a letter, and downloads it
    letter = Letterbox(mails, midwife.email).gets("Your certificate: Perinatal programme")
    certificate = Certificate.objects.get()
    assert certificate.code not in text_of(letter)
    holder = somebody(hand)
    holder.is_signed_in(midwife)
    holder.opens(link_in(letter), "Certificate of completion")
    text = PdfReader(io.BytesIO(holder.downloads_bytes("Download it as a PDF"))).pages[0].extract_text()
    assert "Demo Amína Osei" in text
    assert certificate.code in text

    # And whoever has it before them sees that it is genuine, and no name
    employer = somebody(hand)
    employer.opens("/certificates/", "Check a certificate")
    employer.types("Serial", certificate.serial)
    employer.types("Code", "7K3M-XPQ9-TDBC-4H8W")
    employer.presses("Check", "Check a certificate")
    employer.sees("We know no certificate with this serial and this code")
    employer.types("Code", certificate.code.lower())
    employer.presses("Check", "This certificate is genuine")
    employer.sees("Perinatal programme")
    employer.does_not_see("Osei")

    # When she lets her name be seen, they see it; and no longer once she takes that back
    genuine = employer.page.url
    holder.presses("Show my name and what it is for", "Certificate of completion")
    holder.sees("Your name is shown.")
    employer.opens(genuine, "This certificate is genuine")
    employer.sees("Demo Amína Osei", "has completed Perinatal programme")
    holder.presses("Stop showing my name", "Certificate of completion")
    employer.opens(genuine, "This certificate is genuine")
    employer.does_not_see("Osei")


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_somebody_gets_their_cpd_record_a_certificate_of_attendance_and_one_with_their_new_name(
    somebody: Callable[[Hand], Person], hand: Hand
) -> None:
    # Given somebody who attended a session
    cohort = make_cohort(make_programme(name="Perinatal programme"))
    component = make_component(cohort.programme, title="Training day 1", cpd_points=Decimal(6))
    midwife = make_user(name="Demo Amína Osei")
    make_attended(midwife, make_session(component, cohort, hours=6.5))

    # When they look at what they have done, they can take it with them
    holder = somebody(hand)
    holder.is_signed_in(midwife)
    holder.opens("/me/", "Your programme")
    holder.follows("Your certificates and CPD", "Your certificates and CPD")
    holder.sees("CPD points: 6", "6 hours 30 minutes")
    assert "Training day 1" in holder.downloads("Download your CPD record for a spreadsheet")
    assert holder.downloads_bytes("Download your CPD record as a PDF").startswith(b"%PDF")

    # And get a certificate of it
    day = say_date(timezone.localdate() - timedelta(days=3))
    holder.presses(f"Get one for Training day 1, {day}", "Certificate of attendance")
    holder.sees("attended Training day 1")
    old = Certificate.objects.get()

    # When they change their name, they are led to a new one, and the old one no longer stands
    holder.opens("/people/details/", "Name and workplace")
    holder.types("Full name", "Demo Amína Mensah")
    holder.presses("Save", "Name and workplace")
    holder.follows("Get them with your name as it is now", "Your certificates and CPD")
    holder.follows("Certificate of attendance", "Certificate of attendance")
    holder.follows("Get it with your name as it is now", "Get it with your name as it is now?")
    holder.presses("Get the new certificate", "Certificate of attendance")
    holder.sees("Demo Amína Mensah")
    employer = somebody(hand)
    employer.opens(reverse("verified", args=[old.serial, old.code]), "This certificate no longer stands")
    employer.does_not_see("Perinatal programme")
