"""What waits for a programme admin of book clubs: books that members suggest."""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse

from bookclub.models import Suggestion
from cohorts.admin.first_few import Facts, Kind, first_few
from cohorts.rules import programmes_kept
from portal.accounts.models import User
from portal.admin_needs import Need, Task, what_needs_doing
from portal.nhsuk.dates import say_date


def _suggested(user: User) -> QuerySet[Suggestion]:
    return Suggestion.objects.waiting().filter(cohort__programme__in=programmes_kept(user))


def _say(key: int, facts: Facts) -> Task:
    since = say_date(datetime.fromisoformat(facts["since"]), weekday=False)
    address = reverse("admin:bookclub_suggestion_change", args=[key])
    return Task(f"{facts['cohort']}, “{facts['title']}”: since {since}", address)


BOOKS_SUGGESTED: Final = Kind(
    "Books that members suggest",
    _suggested,
    "suggested_at",
    {"title": "title", "cohort": "cohort__name", "since": "suggested_at"},
    _say,
    lambda: f"{reverse('admin:bookclub_suggestion_changelist')}?state__exact={Suggestion.State.OPEN}",
)


@what_needs_doing
def of_book_clubs(user: User) -> list[Need]:
    """Tell what waits in the book clubs of the programmes that somebody keeps."""
    return first_few((BOOKS_SUGGESTED,), user)
