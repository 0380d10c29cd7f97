"""How the sessions that a facilitator leads are shown: each a row of a table, in the words of the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cohorts.led_sessions import Led, Page
from cohorts.views.addresses import GROUPS, REGISTERS
from portal.nhsuk.components import lines, link, tag
from portal.nhsuk.dates import say_when


@dataclass(frozen=True, slots=True)
class LedRow:
    """One session, and what stands in each column."""

    pk: int
    cells: Sequence[str]


def led_rows(sessions: Iterable[Led]) -> Sequence[LedRow]:
    """Return the rows of a list: what, when, where, people, register."""
    return [LedRow(session.pk, _cells(session)) for session in sessions]


def led_page(page: Page[Led]) -> Page[LedRow]:
    """Return a page of a list as rows."""
    return Page(led_rows(page.rows), page.following)


def _cells(session: Led) -> Sequence[str]:
    register = link(session.title, REGISTERS.of(session.pk))
    return (
        lines(register, link(session.cohort, GROUPS.of(session.cohort_id))) if session.cohort else register,
        say_when(session.starts_at, session.ends_at),
        session.place,
        f"{session.taken} of {session.places} places",
        _register(session),
    )


def _register(session: Led) -> str:
    if session.cancelled_at:
        return tag("Cancelled", "grey")
    if session.needs_register:
        return tag("To take", "yellow")
    return "Not yet" if session.is_unmarked or not session.taken else "Taken"
