"""Who deals with posts that are reported: those who keep the programme, and never the author of the post."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef, Q

from cohorts.models import Programme
from portal.accounts.models import Role, User


class Moderators(NamedTuple):
    """By their keys: the `own` admins of each programme, and those of `all` programmes."""

    own: Mapping[int, frozenset[int]]
    all: frozenset[int]

    def asked_first(self, programme: int, author: int) -> frozenset[int]:
        """Return who is told of a report: a programme's own admins; where there is none but its author, the others."""
        return self.own.get(programme, _NOBODY) - {author} or self.all - {author}

    def asked_at_last(self, programme: int, author: int) -> frozenset[int]:
        """Return who is told that a report waits too long: everybody who can deal with it."""
        return (self.own.get(programme, _NOBODY) | self.all) - {author}


_NOBODY: Final[frozenset[int]] = frozenset()


def of_programmes(programmes: Collection[int]) -> Moderators:
    """Return the moderators of programmes, in two statements."""
    held = Role.objects.current().filter(user=OuterRef("user"))
    named = Programme.admins.through.objects.filter(
        Exists(held.filter(kind=Role.Kind.PROGRAMME_ADMIN)), programme__in=programmes, user__is_active=True
    )
    own: dict[int, frozenset[int]] = {}
    for programme, user in named.values_list("programme", "user"):
        own[programme] = own.get(programme, _NOBODY) | {user}
    keeps_all = Exists(Role.objects.current().filter(user=OuterRef("pk"), kind=Role.Kind.ALL_PROGRAMMES_ADMIN))
    everyone = User.objects.filter(Q(is_superuser=True) | keeps_all, is_active=True)
    return Moderators(own, frozenset(everyone.values_list("pk", flat=True)))
