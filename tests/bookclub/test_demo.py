"""The demonstration's book clubs."""

import pytest
from django.core.management import CommandError, call_command

from bookclub import demo
from bookclub.models import (
    Book,
    Copy,
    CopyRequest,
    ListedBook,
    MeetingPlan,
    Post,
    PostReport,
    Reading,
    Reflection,
    Suggestion,
)
from cohorts.demo.story import tell
from portal.accounts.models import User
from tests.bookclub.making import browser_of
from tests.cohorts.pages import address, words

pytestmark = pytest.mark.django_db


def test_each_cohort_reads_three_books_and_it_is_made_once() -> None:
    tell()
    assert demo.make() == Book.objects.count()
    assert demo.make() == 0
    lists = ListedBook.objects.live().select_related("cohort", "meeting")
    assert {listed.cohort.programme.slug for listed in lists} == {"perinatal"}
    assert len(lists) == 3 * len({listed.cohort for listed in lists})
    assert Suggestion.objects.get().backings.count() == 4
    assert Reflection.objects.exclude(audience="nobody").count() == 3
    participant = User.objects.get(email="participant@demo.example")
    browser = browser_of(participant)
    said = words(browser.get(address("book_clubs"), follow=True))
    assert said.index("2. Whose pain counts") < said.index("Read before")
    assert "you read Kitchen table, labour ward in its place" in said
    assert "What you have on loan" in said
    first = lists.get(cohort__memberships__user=participant, position=1)
    page = address("book_club_book", first.cohort_id, first.pk)
    assert f'<a href="{page}">The weight of a name</a>' in said
    assert "2 of 5 copies are in." in words(browser.get(page))
    assert (Copy.objects.lent().count(), Copy.objects.filter(state="lost").count()) == (3, 1)
    assert CopyRequest.objects.waiting().get().format == "large_print"
    assert MeetingPlan.objects.exclude(guide="").exists()
    assert Post.objects.filter(reply_to=None).count() == 3
    assert Post.objects.filter(reply_to__isnull=False).count() == 3
    assert PostReport.objects.get().post == Post.objects.filter(reply_to=None).last()
    assert set(Reading.objects.values_list("state", flat=True)) == {"begun", "finished"}


def test_it_is_refused_in_production(settings: object) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]  # pytest-django's
    with pytest.raises(CommandError):
        call_command("demo_book_clubs")
