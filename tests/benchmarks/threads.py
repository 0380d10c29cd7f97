"""`page.bookclub_thread` and `growth.bookclub_thread`: a thread of 50 posts, and one of 5,000, from both ends.

Every third post is a reply, some to the same post; half are plain prose, and half have marks of Markdown.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from bookclub import choosing
from bookclub.models import Post, Thread
from bookclub.thread_words import written
from cohorts.models import Membership
from tests.benchmarks.client import Client, Request
from tests.benchmarks.effort import Effort
from tests.benchmarks.growth import at_both, copy_database, on_database
from tests.benchmarks.pages import measure_page
from tests.benchmarks.people import signed_in
from tests.benchmarks.result import Floor, Result
from tests.benchmarks.stack import Stack
from tests.benchmarks.tour import Page, bare_view, person

FEW: Final = 50
MANY: Final = 5_000
MANY_DATABASE: Final = "many_posts"
PROSE: Final = (
    "I read chapter 2 on the way home. She says her name three times before anybody writes it down as she said it.\n\n"
    "I have begun to ask, and it takes ten seconds."
)
MARKED: Final = (
    "What I would like to *try* at work:\n\n- ask how a name is said\n- write it on the board **as it is said**\n\n"
    "> She says her name three times.\n\nSee [the chapter](https://books.example/chapter-2)."
)


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield the speed of a thread's first and newest page, and how it grows with the thread."""
    participant = person("participant")
    member = Membership.objects.enrolled().get(user=participant, cohort__programme__slug="perinatal")
    thread, _ = Thread.objects.get_or_create(meeting=choosing.meetings_of(member.cohort)[0], cohort=member.cohort)
    here = reverse("book_club_thread", args=[thread.cohort_id, thread.meeting_id])
    cookie = signed_in(participant)
    pages = [
        Page("bookclub_thread", Request(here, cookie)),
        Page("bookclub_thread_newest", Request(f"{here}?newest=yes", cookie)),
    ]
    few_database = str(connection.settings_dict["NAME"])
    _fill(thread, FEW)
    copy_database(few_database, MANY_DATABASE)
    with on_database(MANY_DATABASE):
        _fill(thread, MANY)
    few_url, many_url = stack.postgres.url(few_database), stack.postgres.url(MANY_DATABASE)
    with stack.web(DATABASE_URL=few_url) as few_port, Client(few_port) as few:
        with stack.floor() as floor_port, Client(floor_port) as floor:
            for page in pages:
                yield measure_page(f"page.{page.name}", effort, page, few, floor, bare_view().encode())
        with stack.web(DATABASE_URL=many_url) as many_port, Client(many_port) as many:
            for page in pages:
                at_few, at_many = at_both(effort, page, few, many)
                beside = Floor(f"the same at {FEW} posts, p95, ms", at_few)
                yield Result(f"growth.{page.name}", at_many, "ms (p95)", beside, {"posts": MANY})


def _fill(thread: Thread, number: int) -> None:
    """Generate what is missing to so many posts in a thread, and let PostgreSQL tidy up after it."""
    cohort = Membership.objects.enrolled().filter(cohort=thread.cohort_id)
    authors = list(cohort.order_by("pk").values_list("user", flat=True)[:12])
    missing = number - Post.objects.filter(thread=thread).count()
    began = timezone.now() - timedelta(days=60)

    def make(at: int, reply_to: Post | None = None) -> Post:
        return Post(
            thread=thread,
            reply_to=reply_to,
            author_id=authors[at % len(authors)],
            written_at=began + timedelta(minutes=at),
            **written(MARKED if at % 2 else PROSE),
        )

    replies = missing // 3
    posts = Post.objects.bulk_create(make(at) for at in range(missing - replies))
    Post.objects.bulk_create(make(len(posts) + at, posts[at * at % len(posts)]) for at in range(replies))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
