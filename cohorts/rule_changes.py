"""Changing what completes a programme, once it is known whose completion that changes.

The change is made, what follows from it is compared with how things stood, and it is undone unless just that was agreed
to. So what is said of it is what would be, whatever the rules say.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Count, F

from cohorts.completion import with_completion
from cohorts.models import Choice, Component, Evidence, Membership, Programme
from portal import trail
from portal.accounts.models import User


class Affected(NamedTuple):
    """A member whose completion changes."""

    membership: int
    name: str
    cohort: str
    becomes_complete: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """Whose completion a change of the rules changes, by cohort and name."""

    affected: Sequence[Affected]

    @property
    def by_cohort(self) -> list[tuple[str, int, int]]:
        """Return of each cohort how many people become complete, and how many no longer are."""
        counted = Counter((each.cohort, each.becomes_complete) for each in self.affected)
        cohorts = dict.fromkeys(each.cohort for each in self.affected)
        return [(cohort, counted[cohort, True], counted[cohort, False]) for cohort in cohorts]

    @property
    def digest(self) -> str:
        """Return what is the same for as long as the same people are affected in the same way."""
        affected = sorted((each.membership, each.becomes_complete) for each in self.affected)
        return sha256(repr(affected).encode()).hexdigest()


class NotAgreed(Exception):
    """Nothing was changed: it would change the completion of people, and that was not what was agreed to."""

    def __init__(self, effect: Effect) -> None:
        self.effect = effect
        super().__init__("The change would alter whose programme is complete.")


class ChoiceTooSmall(Exception):
    """Nothing was changed: a choice would ask for more components than it has. `str()` says so."""

    def __init__(self, choice: Choice) -> None:
        super().__init__(f"“{choice}” would ask for more components than it has. Nothing has been changed.")


@contextmanager
def changing(programme: Programme, *, agreed: str, by: User) -> Iterator[None]:
    """Let the caller change a programme's components and choices within; `agreed` is the digest of an agreed effect.

    Other changes of the programme's rules wait, and so does whoever writes evidence: what was agreed to is what is so
    when it commits. Raises NotAgreed or ChoiceTooSmall, with nothing changed.
    """
    with transaction.atomic():
        Programme.objects.select_for_update(of=("self",), no_key=True).get(pk=programme.pk)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Evidence._meta.db_table} IN SHARE MODE")
        members = list(Membership.objects.enrolled().filter(cohort__programme=programme).values_list("pk", flat=True))
        before = _complete(members)
        yield
        _require_enough_components(programme)
        effect = _effect(before, _complete(members))
        if not effect.affected:
            return
        if effect.digest != agreed:
            raise NotAgreed(effect)
        gained = sum(each.becomes_complete for each in effect.affected)
        trail.record(
            "programme.rules_changed",
            actor=by,
            subject=programme,
            complete=gained,
            no_longer=len(effect.affected) - gained,
        )


def choose_among(choice: Choice, components: Collection[int]) -> None:
    """Let a choice consist of these components of its programme: it speaks for them, so none is required by itself."""
    Component.objects.filter(choice=choice).exclude(pk__in=components).update(choice=None)
    chosen = Component.objects.filter(programme=choice.programme_id, pk__in=components)
    chosen.update(choice=choice, required=False, within_weeks=None)


def _complete(members: Sequence[int]) -> set[int]:
    found = with_completion(Membership.objects.filter(pk__in=members)).filter(is_complete=True)
    return set(found.values_list("pk", flat=True))


def _effect(before: set[int], after: set[int]) -> Effect:
    rows = Membership.objects.filter(pk__in=before ^ after).order_by("cohort__name", "cohort", "user__name", "pk")
    found = rows.values_list("pk", "user__name", "cohort__name")
    return Effect([Affected(pk, name, cohort, becomes_complete=pk in after) for pk, name, cohort in found])


def _require_enough_components(programme: Programme) -> None:
    counted = programme.choices.annotate(components_now=Count("components"))
    if choice := counted.filter(at_least__gt=F("components_now")).first():
        raise ChoiceTooSmall(choice)
