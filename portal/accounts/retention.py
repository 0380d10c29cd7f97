"""How long accounts and invitations are kept, and how they are disposed of.

What lives for minutes or hours has no period: codes, ended sign-ins, and what somebody was typing (`tasks`, `typed`).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from allauth.account.models import EmailAddress
from django.db.models import PROTECT, Exists, ManyToOneRel, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from portal import trail
from portal.accounts.erasure import DOMAIN, CannotErase, erase
from portal.accounts.models import Invitation, Role, User
from portal.retention import holds
from portal.retention.categories import Category, register
from portal.retention.models import Hold
from portal.retention.periods import days, end_of, months, years

FindUse = Callable[[date], Q]
_uses: list[FindUse] = []


def uses_accounts(find: FindUse) -> FindUse:
    """Register the condition that a person (`OuterRef("pk")`) has used the portal after a UK date, or still does."""
    _uses.append(find)
    return find


def _unused(by: date) -> QuerySet[User]:
    """Return the accounts that were last used on a UK date or earlier. Who may do more than take part keeps theirs."""
    return User.objects.filter(
        ~Exists(Role.objects.current().filter(user=OuterRef("pk"))),
        *(~find(by) for find in _uses),
        Q(last_login__isnull=True) | Q(last_login__lt=end_of(by)),
        date_joined__lt=end_of(by),
        is_staff=False,
        is_superuser=False,
    ).exclude(email__endswith=f"@{DOMAIN}")


def _erase(keys: Sequence[int]) -> int:
    erased = 0
    for person in User.objects.filter(pk__in=keys).order_by("pk"):
        with suppress(CannotErase):  # for a reason that `_unused` does not know: they are looked at again next time
            erase(person, by=trail.SYSTEM)
            erased += 1
    return erased


def _unproven(by: date) -> QuerySet[User]:
    """Return the accounts that somebody made on a UK date or earlier, and whose address was never proved.

    Anybody can make one with another person's address. What hangs on an account keeps it.
    """
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(
        *(~hanging for hanging in _what_hangs_on_it()),
        ~Exists(addresses.filter(verified=True)),
        Exists(addresses),
        ~Exists(Role.objects.filter(user=OuterRef("pk"))),
        date_joined__lt=end_of(by),
        last_login__isnull=True,
        is_superuser=False,
    )


def _what_hangs_on_it() -> list[Exists]:
    """Return, for each relation that PostgreSQL would refuse to break, the condition that a person has a row in it.

    Legal holds apart: one that stands is asked for by itself, and one that was lifted goes with the account.
    """
    relations = [
        relation
        for relation in User._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel) and relation.on_delete is PROTECT and relation.field.model is not Hold
    ]
    # By the manager that sees every row, whatever an app's own leaves out.
    return [
        Exists(relation.field.model._base_manager.filter(**{relation.field.name: OuterRef("pk")}))  # noqa: SLF001  # Django documents it
        for relation in relations
    ]


def _delete_people(keys: Sequence[int]) -> int:
    trail.record_many("person.forgotten", actor=trail.SYSTEM, entries=[(f"user:{key}", {}) for key in keys])
    Hold.objects.filter(person__in=keys).delete()
    User.objects.filter(pk__in=keys).delete()
    return len(keys)


def _closed_invitations(by: date) -> QuerySet[Invitation]:
    """Return what was sent on a UK date or earlier: no link of it works any more, since the least period is longer."""
    return Invitation.objects.filter(sent_at__lt=end_of(by))


def _delete_invitations(keys: Sequence[int]) -> int:
    return Invitation.objects.filter(pk__in=keys).delete()[0]


register(
    Category(
        name="unused-accounts",
        heading="Accounts that nobody uses",
        holds="Who somebody is, and with it whose bookings and completed sessions are whose",
        why="So that people find what they have completed, and can prove it. It is then counted without a name",
        counted_from="the last sign-in, or the end of the last cohort or session, whichever came later",
        period=years(6),
        least=years(2),
        due=_unused,
        kept=holds.keeps("pk"),
        dated=Coalesce("last_login", "date_joined"),
        dispose=_erase,
        at_once=50,
    )
)
register(
    Category(
        name="unproven-accounts",
        heading="Accounts whose address nobody has proved",
        holds="A name and an address, which may be somebody else's",
        why="So that somebody can finish signing up",
        counted_from="the day on which it was made",
        period=days(7),
        least=days(2),
        due=_unproven,
        kept=holds.keeps("pk"),
        dated="date_joined",
        dispose=_delete_people,
    )
)
INVITATIONS: Final = register(
    Category(
        name="invitations",
        heading="Invitations",
        holds="The address and the name of whoever was invited, by whom, and whether they came",
        why="To answer who was let in, and by whom",
        counted_from="the day on which it was last sent",
        period=months(12),
        least=months(1),
        due=_closed_invitations,
        kept=Exists(Hold.objects.standing().filter(person__emailaddress__email=OuterRef("email"))),
        dated="sent_at",
        dispose=_delete_invitations,
    )
)
