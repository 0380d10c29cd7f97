"""`certificates.*`: issuing a certificate to everybody in a cohort, making their PDF files, and the memory of both."""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from django.db.models import QuerySet
from django.utils import timezone

from cohorts import progress
from cohorts.certificate_pdf import certificate_as_pdf
from cohorts.certificates import issue_to_all
from cohorts.models import Certificate, Cohort, Component, Evidence
from portal.accounts.models import User
from tests.benchmarks.crowds import Occasions
from tests.benchmarks.effort import Effort
from tests.benchmarks.result import Floor, Result
from tests.benchmarks.stack import Stack

FEW, MANY = 100, 1_000


class Batch:
    """A cohort in which everybody is complete, and nobody has a certificate yet."""

    made = 0

    def __init__(self, people: int) -> None:
        """Make its people, and the evidence of what each has done."""
        Batch.made += 1
        crowd = Occasions(people, name=f"certified-{Batch.made}")
        self.people = people
        self.cohort = Cohort.objects.select_related("programme").get(pk=crowd.cohort_id)
        component = Component.objects.create(
            programme=self.cohort.programme, position=1, title="All of it", slug="all-of-it", cpd_points=6
        )
        today, members = timezone.localdate(), self.cohort.memberships.all()
        progress.record_all(
            [
                Evidence(membership=member, component=component, kind=Evidence.Kind.RECORD, fulfilled_on=today)
                for member in members
            ],
            by=None,
        )
        self._admin: User = crowd.users[0]

    def issue(self) -> float:
        """Issue a certificate to each, and return how many a second."""
        began = time.perf_counter()
        issued = issue_to_all(self.cohort, by=self._admin)
        seconds = time.perf_counter() - began
        if issued != self.people:
            raise AssertionError(f"{issued} certificates were issued, and not {self.people}.")
        return issued / seconds

    def print(self) -> float:
        """Make the PDF of each, and return how many milliseconds of the processor one takes."""
        certificates: QuerySet[Certificate] = Certificate.objects.filter(membership__cohort=self.cohort)
        began = time.process_time()
        for certificate in certificates.iterator(chunk_size=FEW):
            certificate_as_pdf(certificate)
        return (time.process_time() - began) * 1000 / self.people


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield the speed of a batch of many, of their files, and the memory of many beside that of few."""
    warm_up = Batch(FEW)
    warm_up.issue()
    warm_up.print()
    batches = [Batch(MANY) for _ in range(effort.runs)]
    yield Result(
        "certificates.issue", median(batch.issue() for batch in batches), "certificates/s", more={"batch": MANY}
    )
    yield Result(
        "certificates.print", median(batch.print() for batch in batches), "ms of CPU each", more={"batch": MANY}
    )
    few, many = _peak(Batch(FEW)), _peak(Batch(MANY))
    yield Result(
        "certificates.peak_mb", many, "MB of the process", Floor(f"the same for {FEW}, MB", few), {"batch": MANY}
    )


def _peak(batch: Batch) -> float:
    """Return the most memory that the process had while a batch was issued and printed, in MB."""
    Path("/proc/self/clear_refs").write_text("5")  # Linux then counts the peak anew (man 5 proc)
    batch.issue()
    batch.print()
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024
