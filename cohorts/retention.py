"""How long what people wrote about themselves is kept in programmes, and what keeps an account in use.

What they completed has no period of its own: it is the record by which they prove it, and names nobody once their
account is erased.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from cohorts import champions, conversations, studying
from cohorts.models import (
    Application,
    Booking,
    Champion,
    ChampionNomination,
    Conversation,
    EvaluationAnswer,
    Facilitator,
    GraduationInvitation,
    Membership,
    Study,
)
from portal.accounts.models import Needs
from portal.accounts.retention import uses_accounts
from portal.retention import holds
from portal.retention.categories import Category, register
from portal.retention.models import Hold
from portal.retention.periods import days, end_of, months, years

State = Membership.State

TAKES_PART: Final = frozenset({State.ENROLLED, State.OFFERED, State.DEFERRED})
"""Whose application came to something: now, or in a later cohort."""


@uses_accounts
def takes_part(after: date) -> Q:
    """Say of a person that a cohort of theirs, a session that they booked, or one that they lead ended after a day."""
    end = end_of(after)
    return (
        Q(Exists(Membership.objects.filter(user=OuterRef("pk"), cohort__ends_on__gt=after)))
        | Q(Exists(Booking.objects.filter(user=OuterRef("pk"), during__endswith__gte=end)))
        | Q(Exists(Facilitator.objects.filter(user=OuterRef("pk"), sessions__ends_at__gte=end)))
    )


def _came_to_something() -> Exists:
    return Exists(Membership.objects.filter(user=OuterRef("user"), cohort=OuterRef("cohort"), state__in=TAKES_PART))


def _over(by: date) -> Q:
    """Say that a cohort had begun on a day, and took no applications any more."""
    return Q(cohort__starts_on__lte=by) & (Q(cohort__closes_on__isnull=True) | Q(cohort__closes_on__lte=by))


def _never_sent(by: date) -> QuerySet[Application]:
    return Application.objects.filter(_over(by), sent_at__isnull=True)


def _led_nowhere(by: date) -> QuerySet[Application]:
    return Application.objects.filter(_over(by), ~_came_to_something(), sent_at__isnull=False)


def _taken_up(by: date) -> QuerySet[Application]:
    return Application.objects.filter(_came_to_something(), sent_at__isnull=False, cohort__ends_on__lte=by)


def _invited(by: date) -> QuerySet[GraduationInvitation]:
    return GraduationInvitation.objects.filter(graduation__session__ends_at__lt=end_of(by))


def _delete_invitations(keys: Sequence[int]) -> int:
    GraduationInvitation.objects.filter(pk__in=keys).delete()
    return len(keys)


def _delete_applications(keys: Sequence[int]) -> int:
    Application.objects.filter(pk__in=keys).delete()
    return len(keys)


def _cancelled_with_a_reason(by: date) -> QuerySet[Booking]:
    return Booking.objects.filter(during__endswith__lt=end_of(by)).exclude(cancel_reason="")


def _empty_cancel_reasons(keys: Sequence[int]) -> int:
    return Booking.objects.filter(pk__in=keys).update(cancel_reason="")


def _left_with_a_reason(by: date) -> QuerySet[Membership]:
    return Membership.objects.filter(since__lt=end_of(by), cohort__ends_on__lte=by).exclude(reason="")


def _empty_reasons(keys: Sequence[int]) -> int:
    return Membership.objects.filter(pk__in=keys).update(reason="")


def _words(by: date) -> QuerySet[EvaluationAnswer]:
    return EvaluationAnswer.objects.filter(evaluation__session__ends_at__lt=end_of(by)).exclude(text="")


def _empty_words(keys: Sequence[int]) -> int:
    return EvaluationAnswer.objects.filter(pk__in=keys).update(text="")


def _written_with_champions(by: date) -> QuerySet[Conversation]:
    return Conversation.objects.filter(champion__cohort__ends_on__lte=by)


def _champions_shown(by: date) -> QuerySet[Champion]:
    of_it = Champion.objects.filter(cohort__ends_on__lte=by)
    return of_it.exclude(~Q(state__in=Champion.LIVE), shown_name="", shown_role="")


def _nominations(by: date) -> QuerySet[ChampionNomination]:
    return ChampionNomination.objects.filter(cohort__ends_on__lte=by)


def _delete_nominations(keys: Sequence[int]) -> int:
    return ChampionNomination.objects.filter(pk__in=keys).delete()[0]


def _unneeded(by: date) -> QuerySet[Needs]:
    end = end_of(by)
    since = Booking.objects.filter(user=OuterRef("user"), session__ends_at__gte=end)
    return Needs.objects.filter(~Exists(since.exclude(state=Booking.State.CANCELLED)), said_at__lt=end)


def _delete_needs(keys: Sequence[int]) -> int:
    return Needs.objects.filter(pk__in=keys).delete()[0]


def _studied(by: date) -> QuerySet[Study]:
    return Study.objects.filter(membership__cohort__ends_on__lte=by, last_on__lte=by)


def _keeps_either(one: str, other: str) -> Exists:
    """Return the condition that a hold on either of two people keeps a row."""
    return Exists(Hold.objects.standing().filter(Q(person=OuterRef(one)) | Q(person=OuterRef(other))))


register(
    Category(
        name="applications-not-sent",
        heading="Applications that were begun and never sent",
        holds="What somebody answered so far; nobody else reads it",
        why="So that they can come back and finish",
        counted_from="the start of the cohort, or the last day to apply if that is later",
        period=months(3),
        least=days(14),
        due=_never_sent,
        kept=holds.keeps("user"),
        dated="cohort__starts_on",
        dispose=_delete_applications,
    )
)
register(
    Category(
        name="applications",
        heading="Applications that led nowhere",
        holds="What somebody answered who declined, withdrew, or was not offered a place",
        why="To explain a decision, to the person or to a tribunal",
        counted_from="the start of the cohort, or the last day to apply if that is later",
        period=months(12),
        least=months(6),
        due=_led_nowhere,
        kept=holds.keeps("user"),
        dated="cohort__starts_on",
        dispose=_delete_applications,
    )
)
register(
    Category(
        name="applications-taken-up",
        heading="Applications of people who took part",
        holds="What somebody answered who was offered a place",
        why="To make the programme fit whoever takes part, and to explain who was chosen",
        counted_from="the end of the cohort",
        period=months(12),
        least=months(6),
        due=_taken_up,
        kept=holds.keeps("user"),
        dated="cohort__ends_on",
        dispose=_delete_applications,
    )
)
register(
    Category(
        name="graduation-invitations",
        heading="Invitations to graduations",
        holds="That somebody was invited, was reminded, and said no. Who came is in the register",
        why="To know who has answered, and to invite nobody twice",
        counted_from="the end of the graduation's session",
        period=months(12),
        least=months(1),
        due=_invited,
        kept=holds.keeps("user"),
        dated="graduation__session__ends_at",
        dispose=_delete_invitations,
    )
)
register(
    Category(
        name="cancel-reasons",
        heading="Reasons for cancelling a booking",
        holds="What somebody wrote as they cancelled. The booking itself stays",
        why="To plan dates that people can come to",
        counted_from="the end of the session",
        period=months(12),
        least=months(1),
        due=_cancelled_with_a_reason,
        kept=holds.keeps("user"),
        dated="session__ends_at",
        dispose=_empty_cancel_reasons,
    )
)
register(
    Category(
        name="leaving-reasons",
        heading="Reasons for not taking part",
        holds="The broad reason for which somebody declined, left, takes part later or was not chosen. The membership "
        "itself stays",
        why="To see what keeps people from taking part",
        counted_from="the day on which they left, or the end of the cohort if that is later",
        period=years(2),
        least=months(6),
        due=_left_with_a_reason,
        kept=holds.keeps("user"),
        dated="since",
        dispose=_empty_reasons,
    )
)
register(
    Category(
        name="evaluation-words",
        heading="What people wrote of a session",
        holds="Words under a pseudonym. How much people agreed stays, as numbers",
        why="To make sessions better",
        counted_from="the end of the session",
        period=years(3),
        least=months(3),
        due=_words,
        # All words of a session stay where somebody who booked it is under a hold: theirs alone would point at them.
        kept=Exists(Hold.objects.standing().filter(person__bookings__session=OuterRef("evaluation__session"))),
        dated="evaluation__session__ends_at",
        dispose=_empty_words,
    )
)
register(
    Category(
        name="self-study",
        heading="Where people are in self-study",
        holds="Which pages somebody has done, and where they go on. That they completed it is evidence, and stays",
        why="So that people go on where they were, and find what they have read",
        counted_from="the end of the cohort, or the last day on which they did something, if later",
        period=months(12),
        least=months(1),
        due=_studied,
        kept=holds.keeps("membership__user"),
        dated=Greatest("last_on", "membership__cohort__ends_on"),
        dispose=studying.let_go,
    )
)
CHAMPION_MESSAGES: Final = register(
    Category(
        name="champion-messages",
        heading="What champions and members wrote to one another",
        holds="Their words, sealed, and what one of them showed to the programme team",
        why="To be there for one another where people work",
        counted_from="the end of the cohort",
        period=months(12),
        least=months(1),
        due=_written_with_champions,
        kept=_keeps_either("champion__membership__user", "membership__user"),
        dated="champion__cohort__ends_on",
        dispose=conversations.dispose_of,
    )
)
register(
    Category(
        name="champions",
        heading="How champions are shown",
        holds="The name and role that somebody gave as champion. That they were one stays",
        why="So that colleagues know whom to turn to",
        counted_from="the end of the cohort",
        period=months(12),
        least=months(1),
        due=_champions_shown,
        kept=holds.keeps("membership__user"),
        dated="cohort__ends_on",
        dispose=champions.let_go,
    )
)
register(
    Category(
        name="champion-nominations",
        heading="Who nominated whom as champion",
        holds="Whose nomination is for whom, of places that nobody filled",
        why="To know whom to ask",
        counted_from="the end of the cohort",
        period=days(7),
        least=days(2),
        due=_nominations,
        kept=_keeps_either("by__user", "nominee__user"),
        dated="cohort__ends_on",
        dispose=_delete_nominations,
    )
)
NEEDS: Final = register(
    Category(
        name="needs",
        heading="Access and dietary needs",
        holds="What somebody needs in order to come and to eat with the others, sealed",
        why="So that a session is one that they can take part in",
        counted_from="the day on which they said it, or the last session that they booked, if later",
        period=months(12),
        least=months(1),
        due=_unneeded,
        kept=holds.keeps("user"),
        dated="said_at",
        dispose=_delete_needs,
    )
)
