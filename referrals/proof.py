"""The proof for the commissioning trust that promises are kept: shares and quartiles over groups, and nobody's wait.

A table is drawn up once for a period that is over, and never again. Periods of whole months follow one another without
a gap: each is the shortest (a month, a quarter, half a year, a year or more) in which ten promises or more fell due.
So whatever is given out, and whenever, two tables differ by ten people or more, never by one; what is recorded late
changes no table that somebody may have seen. Only what may be told is stored (`portal.small_numbers`).

A promise is counted in the period in which it fell due. One that lapsed, since the referral had ended before, is not.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from portal import small_numbers, trail
from portal.accounts.models import Organisation
from referrals.models import Escalation, Proof, Provider, Referral, Triager

LATE_ENTRIES: Final = timedelta(days=7)
"""So long after a period's end its table is drawn up, for what is recorded some days late."""

SHORTEST: Final = (1, 3, 6)
YEAR: Final = 12
"""Months that a period may have: these, or a year, or longer."""

CLOCKS: Final = (Escalation.Clock.TRIAGE, Escalation.Clock.FIRST)


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise that fell due, and what became of it."""

    submitted_on: date
    received_on: date
    due_on: date
    done_on: date | None
    reason: str

    @property
    def kept(self) -> bool:
        """Say whether it was kept: on the due date or before."""
        return self.done_on is not None and self.done_on <= self.due_on

    def waited(self, since: date) -> float:
        """Return how many days somebody waited since a day; without end while they still wait."""
        return math.inf if self.done_on is None else (self.done_on - since).days


class Period(NamedTuple):
    """Whole months."""

    since: date
    until: date


def draw_up(*, today: date | None = None) -> int:
    """Draw up the tables of what is over on a date of Europe/London, once a month; return how many there are anew."""
    today = today or timezone.localdate()
    until = _first_of_month(today - LATE_ENTRIES) - timedelta(days=1)
    waiting = Provider.objects.filter(Q(proof_until__isnull=True) | Q(proof_until__lt=until))
    return sum(_draw_up_for(provider, until, today) for provider in waiting)


@transaction.atomic
def _draw_up_for(provider: Provider, until: date, today: date) -> int:
    provider = Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    began_on = provider.epochs.aggregate(began_on=Min("began_on"))["began_on"]
    if began_on is None or (provider.proof_until and provider.proof_until >= until):
        return 0
    commissioners = provider.referrals.order_by().values_list("commissioner", flat=True).distinct()
    new = [
        table
        for commissioner_id in commissioners
        for clock in CLOCKS
        for table in _tables(provider, commissioner_id, clock, Period(_first_of_month(began_on), until))
    ]
    for table in new:
        table.drawn_on = today
    Proof.objects.bulk_create(new)
    provider.proof_until = until
    provider.save(update_fields=["proof_until"])
    return len(new)


def _tables(provider: Provider, commissioner_id: int, clock: Escalation.Clock, over: Period) -> Iterator[Proof]:
    """Yield the tables that follow those that there are."""
    drawn = provider.proofs.filter(commissioner=commissioner_id, clock=clock)
    last = drawn.order_by("until").last()
    since = last.until + timedelta(days=1) if last else over.since
    promises = _promises(provider, commissioner_id, clock, Period(since, over.until))
    for period in _periods(Period(since, over.until), [promise.due_on for promise in promises]):
        told = [promise for promise in promises if period.since <= promise.due_on <= period.until]
        yield _table(provider, commissioner_id, clock, period, told)


def _periods(over: Period, due: Sequence[date]) -> Iterator[Period]:
    """Divide a time into the shortest periods in each of which enough fell due; what is left at its end waits."""
    since = over.since
    for length in count(1):
        until = _months_later(since, length) - timedelta(days=1)
        if until > over.until:
            return
        is_allowed = length in SHORTEST or length >= YEAR
        if is_allowed and sum(since <= day <= until for day in due) >= small_numbers.LEAST:
            yield Period(since, until)
            yield from _periods(Period(until + timedelta(days=1), over.until), due)
            return


def _promises(provider: Provider, commissioner_id: int, clock: Escalation.Clock, over: Period) -> list[Promise]:
    """Read the promises that fell due in a time and had not lapsed."""
    due_field = "triage_due_on" if clock == Escalation.Clock.TRIAGE else "first_due_on"
    rows = Referral.objects.filter(
        provider=provider, commissioner=commissioner_id, **{f"{due_field}__range": (over.since, over.until)}
    ).only("state", "reason", "submitted_on", "received_on", due_field, "triaged_on", "first_held_on", "ended_on")
    found = []
    for referral in rows:
        due, received = getattr(referral, due_field), referral.received_on
        done = _done_on(referral, clock)
        lapsed = done is None and referral.ended_on is not None and referral.ended_on <= due
        if received and not lapsed:
            found.append(Promise(referral.submitted_on, received, due, done, referral.reason))
    return found


def _done_on(referral: Referral, clock: Escalation.Clock) -> date | None:
    """Return on which day a promise was fulfilled. To decline, or to name somebody else, is an outcome of triage."""
    if clock == Escalation.Clock.FIRST:
        return referral.first_held_on
    decided = referral.ended_on if referral.state == Referral.State.DECLINED else None
    return referral.triaged_on or decided


def _table(
    provider: Provider, commissioner_id: int, clock: Escalation.Clock, period: Period, promises: Sequence[Promise]
) -> Proof:
    """Return what may be told of the promises of a period."""
    late = [promise for promise in promises if not promise.kept]
    reasons = Counter(promise.reason for promise in late)
    told = small_numbers.parts({code: reasons[code] for code in (*Referral.Reason.values, "")})
    return Proof(
        provider=provider,
        commissioner_id=commissioner_id,
        clock=clock,
        since=period.since,
        until=period.until,
        size=small_numbers.at_least(len(promises)) or 0,
        share=small_numbers.share(len(promises) - len(late), len(promises)) or 0,
        waits=_quartiles(promise.waited(promise.received_on) for promise in promises),
        waits_from_submission=_quartiles(promise.waited(promise.submitted_on) for promise in promises),
        reasons={code: number for code, number in told.items() if number is not None},
    )


def _quartiles(waits: Iterable[float]) -> list[int | None]:
    return small_numbers.quartiles(waits) or []


def _first_of_month(day: date) -> date:
    return day.replace(day=1)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def commissioners(provider: Provider) -> list[Organisation]:
    """Return the organisations for which there is an offer, or a table: whether anybody was referred is not told."""
    wanted = Q(pk__in=provider.offers.values("commissioner")) | Q(pk__in=provider.proofs.values("commissioner"))
    return list(Organisation.objects.filter(wanted).order_by("name"))


def drawn(provider: Provider, commissioner: Organisation) -> list[Proof]:
    """Return the tables for a commissioner, the newest first."""
    return list(provider.proofs.filter(commissioner=commissioner).order_by("clock", "-since"))


def record_given_out(provider: Provider, commissioner: Organisation, *, by: Triager) -> None:
    """Put in the trail that somebody took the tables for a commissioner out of the portal."""
    trail.record("proof.given_out", actor=by.user, subject=f"provider:{provider.pk}", commissioner=commissioner.pk)
