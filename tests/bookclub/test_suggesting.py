"""What members would like to read, and who backs it."""

import pytest
from django.core.exceptions import PermissionDenied

from bookclub import choosing, reading_list, suggesting
from bookclub.models import Backing, Suggestion
from bookclub.refusals import OnListAlready, SuggestedAlready, SuggestionOver
from cohorts.models import Cohort
from portal.accounts.erasure import erase
from portal.accounts.models import User
from portal.trail import SYSTEM
from portal.trail.models import Entry
from tests.bookclub.making import make_book, make_listed, make_reader, make_reading_cohort
from tests.factories import make_admin, make_user

pytestmark = pytest.mark.django_db


def suggest(cohort: Cohort, by: User, title: str = "Names we carry") -> Suggestion:
    return suggesting.suggest(cohort, title=title, authors="Demo Author", why="It is short", by=by)


def test_who_suggests_a_book_backs_it_and_others_can() -> None:
    cohort, author, other = make_reading_cohort(), make_user(), make_user()
    suggestion = suggest(cohort, author)
    suggesting.back(suggestion, by=other)
    suggesting.back(suggestion, by=other)
    (seen,) = reading_list.suggestions(cohort, other)
    assert (seen.backed_by, seen.backs, seen.is_own) == (2, True, False)
    suggesting.stop_backing(suggestion, by=other)
    (seen,) = reading_list.suggestions(cohort, author)
    assert (seen.backed_by, seen.backs, seen.is_own) == (1, True, True)


def test_what_most_back_comes_first() -> None:
    cohort = make_reading_cohort()
    suggest(cohort, make_user(), "One")
    liked = suggest(cohort, make_user(), "Two")
    suggesting.back(liked, by=make_user())
    assert [each.suggestion.title for each in reading_list.suggestions(cohort, make_user())] == ["Two", "One"]


def test_a_book_waits_once_whatever_its_letters() -> None:
    cohort = make_reading_cohort()
    first = suggest(cohort, make_user())
    with pytest.raises(SuggestedAlready):
        suggest(cohort, make_user(), "NAMES we carry")
    suggest(make_reading_cohort(), make_user())
    suggesting.decide(first, Suggestion.State.SET_ASIDE, by=make_admin())
    suggest(cohort, make_user())


def test_a_book_that_the_cohort_reads_is_not_suggested_to_it_and_one_that_it_read_or_others_read_is() -> None:
    cohort = make_reading_cohort()
    listed = make_listed(cohort, make_book(title="Names we CARRY", authors="Somebody Else"))
    with pytest.raises(OnListAlready, match="by Somebody Else is on your cohort's list already"):
        suggest(cohort, make_user())
    suggest(make_reading_cohort(), make_user())
    choosing.take_off(listed, by=make_admin())
    suggest(cohort, make_user())


def test_what_is_decided_is_over() -> None:
    author = make_user()
    suggestion = suggest(make_reading_cohort(), author)
    suggesting.withdraw(suggestion, by=author)
    for act in (suggesting.back, suggesting.stop_backing, suggesting.withdraw):
        with pytest.raises(SuggestionOver):
            act(suggestion, by=author)


def test_the_trail_has_what_the_team_decides_and_nothing_of_who_suggests_or_takes_back() -> None:
    cohort, author, admin = make_reading_cohort(), make_user(), make_admin()
    suggesting.withdraw(suggest(cohort, author), by=author)
    suggesting.decide(suggest(cohort, author), Suggestion.State.TAKEN_UP, by=admin)
    entries = Entry.objects.filter(subject__startswith="suggestion:").values_list("verb", "actor")
    assert list(entries) == [("suggestion.taken_up", admin.pk)]


def test_nobody_takes_back_what_another_suggested() -> None:
    suggestion = suggest(make_reading_cohort(), make_user())
    with pytest.raises(SuggestionOver):
        suggesting.withdraw(suggestion, by=make_user())


class TestErasure:
    """What stays of what an erased person suggested."""

    def test_what_nobody_else_backs_goes_and_the_rest_loses_their_words(self) -> None:
        cohort = make_reading_cohort()
        author, other = make_reader(cohort).user, make_reader(cohort).user
        suggest(cohort, author, "Alone")
        shared = suggest(cohort, author, "Shared")
        suggesting.back(shared, by=other)
        erase(author, by=SYSTEM)
        shared.refresh_from_db()
        assert list(Suggestion.objects.values_list("title", "why")) == [("Shared", "")]
        assert [backing.backed_by for backing in Backing.objects.all()] == [other]

    def test_somebody_erased_suggests_nothing(self) -> None:
        author = make_reader(make_reading_cohort()).user
        erase(author, by=SYSTEM)
        with pytest.raises(PermissionDenied):
            suggest(make_reading_cohort(), author)
        assert not Suggestion.objects.exists()
