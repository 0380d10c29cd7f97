"""What becomes of places in cohorts when an organisation becomes a part of another.

A membership says where somebody worked when they got their place: that stays as it was, for ever. Who has not got one
yet will get it from where they work by then.
"""

from collections.abc import Iterator
from typing import Final

from cohorts.models import Application, Membership
from portal.accounts.moving import Line
from portal.accounts.organisations import Merger, moves_with_organisations, stays_with_organisations

State = Membership.State

UNSETTLED: Final = (State.NOMINATED, State.APPLIED, State.RESERVE, State.OFFERED)


stays_with_organisations(
    {
        "cohorts.cohortmessage.organisation": "it goes to those whose place is from there, as then",
        "cohorts.figure.organisation": "they are drawn up anew each month",
        "cohorts.champion.organisation": "they are there for those whose place is from there, as then",
    }
)


@moves_with_organisations("cohorts.membership.organisation", "cohorts.application.organisation")
def move(merger: Merger) -> Iterator[Line]:
    """Move what is not settled: nominations, and applications, sent or not."""
    leaving, staying = merger.leaving, merger.staying
    of_it = Membership.objects.filter(organisation=leaving)
    moved = of_it.filter(state__in=UNSETTLED).update(organisation=staying)
    if moved:
        yield Line("Nominations and applications", f"{moved:,} that are not settled", f"Are from {staying} from now on")
    if stays := of_it.count():
        yield Line("Places in cohorts", f"{stays:,}", "Stay as they were: they say where somebody worked then")
    Application.objects.filter(organisation=leaving, sent_at=None).update(organisation=staying)
