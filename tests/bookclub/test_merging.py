"""Two accounts of one person: what they wrote in either is theirs, and nothing of it is lost."""

import pytest

from bookclub.models import Reflection
from bookclub.sealed_words import draft_of, words_of
from tests.bookclub.making import make_reader, make_reading_cohort
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
