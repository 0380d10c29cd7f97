"""Who opened what: the trail of a provider's referrals, team and keys, for its lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from portal.trail.models import Entry
from referrals.models import Provider, Triager

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A page of entries, newest first. `following` is the number before which the next page begins; 0 on the last."""

    entries: Sequence[Entry]
    following: int


def read(provider: Provider, *, referral: UUID | None = None, before: int = 0) -> Page:
    """Return a page of what was done with a provider's referrals and in its team, or with one of its referrals.

    It names them by number alone.
    """
    referrals = provider.referrals.filter(pk=referral) if referral else provider.referrals.all()
    of_referrals = Q(subject__in=_keys(referrals, "referral:"))
    of_team = Q(subject__in=_keys(Triager.objects.filter(provider=provider), "triager:"))
    found = Entry.objects.filter(
        of_referrals if referral else of_referrals | of_team | Q(subject=f"provider:{provider.pk}")
    )
    if before:
        found = found.filter(pk__lt=before)
    entries = list(found.select_related("actor").order_by("-pk")[: PAGE + 1])
    shown = entries[:PAGE]
    return Page(shown, shown[-1].pk if len(entries) > PAGE else 0)


def _keys(rows: QuerySet[Any], kind: str) -> QuerySet[Any]:
    named = Concat(Value(kind), Cast(F("pk"), CharField()), output_field=CharField())
    keys: QuerySet[Any] = rows.annotate(named=named).values("named")
    return keys
