"""The proof for the commissioning trust: a page that prints on a sheet, and a file for a spreadsheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import small_numbers, spreadsheets
from portal.access import existing
from portal.accounts.models import Organisation
from portal.nhsuk.dates import say_date
from referrals import proof
from referrals.models import Proof, Provider, Referral, Triager
from referrals.views.desk import at_desk
from referrals.views.team import require_lead

Clock = Proof.Clock
PROMISES: Final = {Clock.TRIAGE: "Triage within a week", Clock.FIRST: "First appointment within four weeks"}
REASONS: Final = [*Referral.Reason.choices, ("", "No reason was recorded")]
WAITING: Final = "still waiting"
PARTS: Final = ("A quarter", "Half", "Three quarters")
HEADINGS: Final = (
    *("Promise", "Fell due from", "Fell due until", "Drawn up on", "How many at least", "Kept in time (%)"),
    *(f"{part} waited at most (days from {since})" for since in ("receipt", "submission") for part in PARTS),
    *(f"Late: {label}" for _, label in REASONS),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A period as the page shows it."""

    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table of one promise."""

    heading: str
    lines: list[Line]


@require_safe
@at_desk
def proofs(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Say what the proof is, and for whom there is one."""
    return render(request, "queue/proofs.html", {"commissioners": proof.commissioners(_provider(triager))})


@require_safe
@at_desk
def sheets(request: HttpRequest, triager: Triager, commissioner: int) -> HttpResponse:
    """Show the tables for one commissioner."""
    provider = _provider(triager)
    wanted = _commissioner(provider, commissioner)
    drawn = proof.drawn(provider, wanted)
    context = {
        "commissioner": wanted,
        "provider": provider,
        "sheets": [
            Sheet(PROMISES[clock], [_line(table) for table in drawn if table.clock == clock]) for clock in PROMISES
        ],
    }
    return render(request, "queue/proof.html", context)


@require_safe
@at_desk
def file(request: HttpRequest, triager: Triager, commissioner: int) -> HttpResponse:
    """Give the same as a file, to be handed to the commissioner."""
    provider = _provider(triager)
    wanted = _commissioner(provider, commissioner)
    proof.record_given_out(provider, wanted, by=triager)
    rows = [list(_row(table)) for table in proof.drawn(provider, wanted)]
    content = b"".join(spreadsheets.write(HEADINGS, rows))
    attached = {"Content-Disposition": 'attachment; filename="proof.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=attached)


def _provider(triager: Triager) -> Provider:
    require_lead(triager)
    return triager.provider


def _commissioner(provider: Provider, pk: int) -> Organisation:
    return existing(next((found for found in proof.commissioners(provider) if found.pk == pk), None))


def _line(table: Proof) -> Line:
    period = f"{say_date(table.since, weekday=False)} to {say_date(table.until, weekday=False)}"
    told = [f"{label}: {table.reasons[code]}" for code, label in REASONS if code in table.reasons]
    others = f"{'Each other reason' if told else 'Each reason'}: {small_numbers.FEWER}"
    return Line(
        (
            period,
            f"{table.size} or more",
            f"{table.share}%",
            _days(table.waits),
            _days(table.waits_from_submission),
            ". ".join([*told, others]),
        )
    )


def _days(quartiles: list[int | None]) -> str:
    return ", ".join(WAITING if days is None else str(days) for days in quartiles)


def _row(table: Proof) -> Iterator[spreadsheets.Cell]:
    yield PROMISES[Clock(table.clock)]
    yield table.since.isoformat()
    yield table.until.isoformat()
    yield table.drawn_on.isoformat()
    yield table.size
    yield table.share
    for days in (*table.waits, *table.waits_from_submission):
        yield WAITING if days is None else days
    for code, _ in REASONS:
        yield table.reasons.get(code, small_numbers.FEWER)
