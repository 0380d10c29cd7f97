"""Reflections: two tabs that save at once, a draft that comes as one saves, and sharing while it is taken back."""

from functools import partial
from uuid import uuid4

import pytest

from bookclub import reflecting, sealed_words, sharing
from bookclub.models import Reflection
from bookclub.reflecting import Seen
from bookclub.refusals import ChangedInOtherTab, DraftedElsewhere, ReflectionGone
from bookclub.sealed_words import draft_of, words_of
from bookclub.targets import Target
from portal.accounts.erasure import erase
from portal.trail import SYSTEM
from tests.bookclub.making import make_reader, make_reading_cohort
from tests.bookclub.reflections import Audience, share, write
from tests.concurrency.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def test_of_two_tabs_that_save_at_once_the_second_is_shown_what_the_first_saved() -> None:
    member = make_reader(make_reading_cohort())
    for _ in range(ROUNDS):
        row = write(member, "First")
        save = partial(reflecting.save, Target(member.cohort), row.uid, seen=Seen(1, row.draft_turn), by=member.user)
        done = at_once(partial(save, "One"), partial(save, "Other"))
        (refused,) = (each for each in done if isinstance(each, Exception))
        assert isinstance(refused, ChangedInOtherTab), done
        row.refresh_from_db()
        assert words_of(refused.now) == words_of(row) in {"One", "Other"}


def test_a_button_that_is_pressed_twice_makes_one() -> None:
    member = make_reader(make_reading_cohort())
    for _ in range(ROUNDS):
        uid = uuid4()
        save = partial(reflecting.save, Target(member.cohort), uid, "Once", seen=Seen(), by=member.user)
        done = at_once(save, save)
        assert not [each for each in done if isinstance(each, Exception)]
        assert Reflection.objects.filter(uid=uid).count() == 1


def test_two_tabs_that_begin_the_same_keep_one_draft() -> None:
    for _ in range(ROUNDS):
        member = make_reader(make_reading_cohort())
        keep = partial(reflecting.keep_draft, Target(member.cohort), seen=Seen(), by=member.user)
        done = at_once(partial(keep, uuid4(), "One"), partial(keep, uuid4(), "Other"))
        assert sum(isinstance(each, DraftedElsewhere) for each in done) == 1, done
        assert Reflection.objects.filter(author=member.user).count() == 1


def test_a_draft_that_comes_as_it_is_saved_is_gone_or_refused() -> None:
    member = make_reader(make_reading_cohort())
    for _ in range(ROUNDS):
        row = write(member, "First")
        about, seen = Target(member.cohort), Seen(1, row.draft_turn)
        saved, kept = at_once(
            partial(reflecting.save, about, row.uid, "All of it", seen=seen, by=member.user),
            partial(reflecting.keep_draft, about, row.uid, "All of", seen=seen, by=member.user),
        )
        row.refresh_from_db()
        assert words_of(saved) == words_of(row) == "All of it"
        # Where it came first, it is another tab's for all that the saving page knew.
        assert isinstance(kept, DraftedElsewhere) is not row.has_draft
        assert draft_of(row) in {"", "All of"}


def test_what_is_shared_while_it_is_taken_back_is_nobodys() -> None:
    member = make_reader(make_reading_cohort())
    for _ in range(ROUNDS):
        row = share(write(member, "Seen"), Audience.FACILITATORS)
        seen = Seen(row.version, row.draft_turn)
        shared, _, saved = at_once(
            partial(sharing.share, member.cohort, row.uid, Audience.COHORT, seen=seen, by=member.user),
            partial(sharing.take_back, row.uid, by=member.user),
            partial(reflecting.save, Target(member.cohort), row.uid, "Changed", seen=seen, by=member.user),
        )
        row.refresh_from_db()
        # Whichever came first: it was taken back after it was shared, or was not shared on what nobody had seen.
        assert (row.audience, row.shared_at) == (Audience.NOBODY, None)
        assert isinstance(shared, ChangedInOtherTab | None)
        assert isinstance(saved, ChangedInOtherTab | Reflection)
        assert words_of(row) == ("Changed" if isinstance(saved, Reflection) else "Seen")


def test_somebody_who_writes_as_they_are_erased_leaves_nothing() -> None:
    for _ in range(ROUNDS):
        member = make_reader(make_reading_cohort())
        row = write(member)
        at_once(
            partial(erase, member.user, by=SYSTEM),
            partial(reflecting.save, Target(member.cohort), uuid4(), "New", seen=Seen(), by=member.user),
            partial(reflecting.keep_draft, Target(member.cohort), row.uid, "More", seen=Seen(1, 1), by=member.user),
        )
        assert not Reflection.objects.filter(author=member.user).exists()


def test_what_is_saved_or_deleted_while_all_is_sealed_anew_is_not_put_back() -> None:
    member = make_reader(make_reading_cohort())
    for _ in range(ROUNDS):
        row, goes = write(member, "First"), write(member, "Goes")
        at_once(
            sealed_words.seal_anew,
            partial(reflecting.save, Target(member.cohort), row.uid, "Second", seen=Seen(1, 1), by=member.user),
            partial(reflecting.delete, goes.uid, seen=Seen(1), by=member.user),
        )
        row.refresh_from_db()
        assert words_of(row) == "Second"
        assert not Reflection.objects.filter(pk=goes.pk).exists()


def test_of_deleting_and_saving_at_once_nothing_comes_back() -> None:
    member = make_reader(make_reading_cohort())
    for _ in range(ROUNDS):
        row = write(member, "First")
        deleted, saved = at_once(
            partial(reflecting.delete, row.uid, seen=Seen(1), by=member.user),
            partial(reflecting.save, Target(member.cohort), row.uid, "Second", seen=Seen(1, 1), by=member.user),
        )
        is_there = Reflection.objects.filter(pk=row.pk).exists()
        assert is_there is isinstance(deleted, ChangedInOtherTab)
        assert is_there is not isinstance(saved, ReflectionGone)
