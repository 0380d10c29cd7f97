"""`import.*`: a file of people who are all new, read, previewed and enrolled, beside COPY of the same rows."""

import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count

from django.db import connection
from django.utils import timezone

from cohorts.imports import ENROLMENTS
from cohorts.models import Cohort, Programme
from portal import workbooks
from portal.accounts.models import JobRole, Organisation, Role, User
from portal.file_limits import MOST_BYTES
from portal.imports import importing
from portal.imports.models import FileImport
from portal.spreadsheets import read
from tests.benchmarks.effort import Effort
from tests.benchmarks.result import Floor, Result, median_of

HEADINGS = [column.heading for column in ENROLMENTS.columns]
CODE, JOB_ROLE = "ZZBENCH", "Bench midwife"
MB = 1024
"""In what getrusage counts on Linux: kilobytes."""

_run = count(1)


class Importer:
    """An admin of all programmes, with new people and a new cohort for each run."""

    def __init__(self, rows: int) -> None:
        """Make what every row names."""
        self._rows = rows
        self.owner = User.objects.create_user("importer@demo.example", "Demo Importer", is_staff=True)
        Role.objects.create(user=self.owner, kind=Role.Kind.ALL_PROGRAMMES_ADMIN)
        Organisation.objects.create(name="Bench Trust", ods_code=CODE)
        JobRole.objects.create(name=JOB_ROLE)
        self._programme = Programme.objects.create(name="Imports", slug="imports", summary="-", audience="-")
        self.previewed: list[float] = []
        self.peak_mb = 0.0

    def people(self) -> list[list[str]]:
        """Return new people."""
        run = next(_run)
        return [
            [f"Bench Person {run} {number}", f"bench-{run}-{number}@demo.example", CODE, JOB_ROLE]
            for number in range(self._rows)
        ]

    def carry_out(self) -> float:
        """Upload a workbook, confirm it, and have it carried out; return rows a second of all that."""
        with workbooks.write(HEADINGS, self.people()) as file:
            content = file.read(MOST_BYTES)
        cohort = self._cohort()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.monotonic()
        table = read(content, ENROLMENTS.columns)
        about = ENROLMENTS.about(self.owner, cohort.pk)
        agreed = importing.plan(ENROLMENTS, table.rows, about, by=self.owner).outcomes
        self.previewed.append(time.monotonic() - began)
        key = importing.keep(ENROLMENTS, cohort.pk, table.rows, agreed=agreed, owner=self.owner)
        taken = importing.confirm(key, ENROLMENTS, cohort.pk, owner=self.owner)
        importing.carry_out_waiting()
        seconds = time.monotonic() - began
        self.peak_mb = max(self.peak_mb, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / MB)
        if taken is None or not FileImport.objects.filter(pk=taken.pk, state=FileImport.State.DONE).exists():
            raise RuntimeError("The file was not carried out.")
        return self._rows / seconds

    def copy(self) -> float:
        """Copy as many rows into a table without keys or constraints; return rows a second."""
        rows = self.people()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE bare (name text, email text, organisation text, job_role text)")
            began = time.monotonic()
            _copy(cursor, rows)
            seconds = time.monotonic() - began
            cursor.execute("DROP TABLE bare")
        return self._rows / seconds

    def _cohort(self) -> Cohort:
        today = timezone.localdate()
        number = next(_run)
        return Cohort.objects.create(
            programme=self._programme,
            number=number,
            name=f"Imports {number}",
            starts_on=today,
            ends_on=today + timedelta(days=90),
            places=self._rows,
        )


def measure(_: object, effort: Effort) -> Iterator[Result]:
    """Yield the result of an import, with its preview's seconds and the memory that the process came to need more."""
    importer = Importer(effort.messages)
    speed = median_of(effort.runs, importer.carry_out)
    floor = median_of(effort.runs, importer.copy)
    yield Result(
        "import.enrol",
        speed,
        "rows/s",
        Floor("COPY of the same rows into a bare table, rows/s", floor),
        {
            "rows": effort.messages,
            "seconds": effort.messages / speed,
            "preview_s": statistics.median(importer.previewed),
            "peak_more_mb": importer.peak_mb,
        },
    )


def _copy(cursor: object, rows: Sequence[Sequence[str]]) -> None:
    copying = cursor.copy("COPY bare FROM STDIN")  # type: ignore[attr-defined]  # psycopg's, which Django's cursor is
    with copying as copy:
        for row in rows:
            copy.write_row(row)
