"""Who decides about posts that are reported: those who keep the programme, and never the author of the post.

Whoever has reported a post leaves it to another moderator, whichever report of it is decided. Where no other is there,
they decide themselves: a post that nobody may decide about would stay for ever. The trail says of every decision
whether another moderator was there, whoever has reported the post and without its author: so it tells nothing of who
reported it, which an author who reads the trail is not to learn.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q

from bookclub.models import Post, PostReport
from cohorts.models import Programme
from portal.accounts.models import Role, User

REPORTERS: Final = ArraySubquery(PostReport.objects.filter(post=OuterRef("post")).order_by().values("reported_by"))
ABOUT: Final = ("pk", "post__thread__cohort__programme", "post__author", REPORTERS)
"""A report, and what `Moderators.deciding` needs to know of it: its programme, and who wrote and reported the post."""


class Deciders(NamedTuple):
    """By their keys: the moderators who did not write a post, the programme's `own` ones, and who has reported it."""

    there: frozenset[int]
    own: frozenset[int]
    reporters: frozenset[int]

    @property
    def able(self) -> frozenset[int]:
        """Return who decides about it, and is told when it waits too long."""
        return self.there - self.reporters or self.there

    @property
    def asked_first(self) -> frozenset[int]:
        """Return who is told of a report: a programme's own admins; where none of them decides, the others."""
        return self.able & self.own or self.able

    def leaves_it(self, person: int) -> bool:
        """Say whether somebody has reported it, and another moderator is there to decide."""
        return person in self.reporters and person not in self.able

    def is_the_only_one(self, person: int) -> bool:
        """Say whether there is no moderator but one, whoever has reported it and without its author."""
        return self.there == {person}


class Moderators(NamedTuple):
    """By their keys: the `own` admins of each programme, and those of `all` programmes."""

    own: Mapping[int, frozenset[int]]
    all: frozenset[int]

    def deciding(self, programme: int, author: int, reporters: Iterable[int]) -> Deciders:
        """Return who decides about a post of a programme that somebody wrote and others have reported."""
        own = self.own.get(programme, _NOBODY) - {author}
        return Deciders((own | self.all) - {author}, own, frozenset(reporters))


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


def of_post(post: Post) -> Deciders:
    """Return who decides about a post, which comes with its thread and cohort, in three statements."""
    programme = post.thread.cohort.programme_id
    reporters = PostReport.objects.filter(post=post).values_list("reported_by", flat=True)
    return of_programmes([programme]).deciding(programme, post.author_id, reporters)


def left_to_others(person: User) -> list[int]:
    """Return the waiting reports, by their keys, of posts that somebody has reported and another decides about.

    It takes one statement where there is none, and three where there are any.
    """
    reported = PostReport.objects.filter(post=OuterRef("post"), reported_by=person)
    found = list(PostReport.objects.waiting().filter(Exists(reported)).values_list(*ABOUT))
    if not found:
        return []
    there = of_programmes({programme for _, programme, _, _ in found})
    return [
        report
        for report, programme, author, reporters in found
        if there.deciding(programme, author, reporters).leaves_it(person.pk)
    ]
