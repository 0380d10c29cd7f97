"""The demonstration's certificates: those of a cohort that has graduated, of which one was replaced and one revoked."""

from typing import Final

from cohorts import certificates
from cohorts.models import Booking, Certificate, Cohort
from portal.accounts.models import User
from portal.accounts.people import change_own_details

REVOKED_BECAUSE: Final = "It was issued before the register of training day 3 was corrected."


def certify(cohort: Cohort, graduate: User, *, by: User) -> None:
    """Issue a certificate to everybody who is complete; the graduate lets others see whose theirs is."""
    certificates.issue_to_all(cohort, by=by)
    issued = Certificate.objects.filter(membership__cohort=cohort).select_related("holder")
    certificates.show_name(issued.get(holder=graduate), shown=True)
    renamed, revoked = issued.exclude(holder=graduate).order_by("pk")[:2]
    _rename(renamed.holder)
    certificates.reissue(renamed, by=renamed.holder)
    certificates.revoke(revoked, reason=REVOKED_BECAUSE, by=by)


def certify_attendance(person: User) -> None:
    """See to it that somebody has a certificate of the first session that they attended."""
    first = Booking.objects.filter(user=person, state=Booking.State.ATTENDED).order_by("during", "pk").first()
    if first:
        certificates.issue_attendance(first, by=person)


def _rename(person: User) -> None:
    """Let somebody have another name now, and have said so."""
    change_own_details(person, name=f"{person.name}-Reed", organisation=person.organisation, job_role=person.job_role)
