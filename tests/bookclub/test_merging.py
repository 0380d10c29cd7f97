"""Two accounts of one person: what they wrote in either is theirs, and nothing of it is lost."""

import pytest

from bookclub import bookmarks, suggesting
from bookclub.models import Backing, Reading, Reflection, Suggestion
from bookclub.sealed_words import draft_of, words_of
from tests.bookclub.making import make_listed, make_reader, make_reading_cohort
from tests.bookclub.reflections import draft, share, write
from tests.factories import make_admin
from tests.merging.accounts import put_together

pytestmark = pytest.mark.django_db


def test_what_both_accounts_wrote_moves_and_of_two_drafts_one_is_saved() -> None:
    cohort = make_reading_cohort()
    old, new = make_reader(cohort), make_reader(cohort)
    shared_one = share(write(old, "Shared"))
    draft(old, "Draft of the old account")
    draft(new, "Draft of the new account")
    write(new, "The same number", uid=shared_one.uid)
    told = put_together(old.user, new.user, make_admin())
    assert told["Book club reflections", "What they wrote for themselves, unread"] == "Moves"
    rows = Reflection.objects.filter(author=new.user).order_by("pk")
    assert [(words_of(row), draft_of(row), row.is_shared) for row in rows] == [
        ("Shared", "", True),
        ("Draft of the old account", "", False),
        ("", "Draft of the new account", False),
        ("The same number", "", False),
    ]
    assert not Reflection.objects.filter(author=old.user).exists()


def test_what_somebody_reads_suggests_and_backs_moves_and_how_much_is_told_to_nobody() -> None:
    cohort = make_reading_cohort()
    old, new = make_reader(cohort).user, make_reader(cohort).user
    for title in ("Names we carry", "Names we give"):
        suggesting.suggest(cohort, title=title, authors="Demo", why="", by=old)
    for _ in range(3):
        bookmarks.put(make_listed(cohort), Reading.State.BEGUN, by=old)
    suggesting.back(Suggestion.objects.latest("pk"), by=new)
    told = put_together(old, new, make_admin())
    assert told["Book club", "What they read, suggest or back, uncounted"] == "Moves"
    assert [about for what, about in told if "ook" in what] == ["What they read, suggest or back, uncounted"]
    assert set(Suggestion.objects.values_list("suggested_by", flat=True)) == {new.pk}
    assert set(Reading.objects.values_list("reader", flat=True)) == {new.pk}
    assert list(Backing.objects.values_list("backed_by", flat=True)) == [new.pk, new.pk]


def test_one_thing_alone_is_told_in_the_same_words_as_many() -> None:
    cohort = make_reading_cohort()
    old, new = make_reader(cohort).user, make_reader(cohort).user
    bookmarks.put(make_listed(cohort), Reading.State.FINISHED, by=old)
    told = put_together(old, new, make_admin())
    assert [line for line in told if "ook" in line[0]] == [("Book club", "What they read, suggest or back, uncounted")]
