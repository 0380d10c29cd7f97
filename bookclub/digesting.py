"""One letter a day about what is new in a cohort's threads: how much, about which meeting, and where it is read.

It has no word that anybody wrote, and no name: mail is read on phones, and kept on servers of employers. From 7am (UK
time) it goes to whoever reads the threads, where others have posted since the cohort's last digest. Each post says in
which digest it is told of: one for which no sweep came, or of which one failed, is told of in the next, and what was
posted in several days without a sweep is in one letter. What a letter says is counted as it is sent.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from bookclub.models import Digest, Post, Thread
from cohorts.models import Cohort, Component, Membership, Session
from cohorts.page_keys import page_key
from cohorts.rules import may_lead, takes_registers
from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_date

RULE: Final = "bookclub.digest"
MORNING: Final = 7
"""From this hour (UK time) on letters go."""
BATCH: Final = 50
"""So many cohorts at once."""

# Whatever changes a thread holds its row, so that posts stand still while it is held here. A cohort of which somebody
# holds a thread at this moment is left for the next sweep as a whole: nothing waits, and nobody gets two letters a day.
CLAIM: Final = """
WITH due AS (
    SELECT DISTINCT thread.cohort_id
    FROM bookclub_post AS post
    JOIN bookclub_thread AS thread ON thread.id = post.thread_id
    JOIN cohorts_cohort AS cohort ON cohort.id = thread.cohort_id
    WHERE post.digest_id IS NULL AND post.sealed IS NOT NULL AND post.taken_away_at IS NULL
        AND cohort.ends_on >= %(day)s
        AND NOT EXISTS (
            SELECT FROM bookclub_digest AS digest WHERE digest.cohort_id = cohort.id AND digest.day = %(day)s
        )
    ORDER BY thread.cohort_id
    LIMIT %(batch)s
), held AS (
    SELECT thread.id, thread.cohort_id
    FROM bookclub_thread AS thread
    WHERE thread.cohort_id IN (SELECT cohort_id FROM due)
    ORDER BY thread.id
    FOR NO KEY UPDATE SKIP LOCKED
), written AS (
    INSERT INTO bookclub_digest (cohort_id, day)
    SELECT cohort_id, %(day)s::date
    FROM held
    GROUP BY cohort_id
    HAVING count(*) = (SELECT count(*) FROM bookclub_thread AS thread WHERE thread.cohort_id = held.cohort_id)
    ORDER BY cohort_id
    ON CONFLICT DO NOTHING
    RETURNING id, cohort_id
), told AS (
    UPDATE bookclub_post AS post
    SET digest_id = written.id
    FROM held JOIN written USING (cohort_id)
    WHERE post.thread_id = held.id
        AND post.digest_id IS NULL AND post.sealed IS NOT NULL AND post.taken_away_at IS NULL
)
SELECT id FROM written
"""


def concerns(person: User) -> bool:
    """Say whether somebody is in a cohort that goes on and has book club meetings, or leads one of them."""
    meetings = Session.objects.scheduled().filter(
        Q(cohort=OuterRef("pk")) | Q(cohort=None, component__programme=OuterRef("programme")),
        component__kind=Component.Kind.BOOK_CLUB,
    )
    member = Membership.objects.enrolled().filter(user=person, cohort=OuterRef("pk"))
    led = meetings.filter(facilitators__user=person) if takes_registers(person) else meetings.none()
    talks = Exists(member) & Exists(meetings) | Exists(led)
    return Cohort.objects.filter(talks, ends_on__gte=timezone.localdate()).exists()


KIND: Final = outbox.Optional(
    name="book-club-digest",
    heading="What is new in the threads of your book club",
    says="One letter a day at most, on days after others have posted. It says how much is new, and nothing of what.",
    concerns=concerns,
)


class Told(NamedTuple):
    """A post of which a digest tells; it `begins` at itself, or at the post to which it replies."""

    author: int
    is_reply: bool
    begins: tuple[datetime, int]


class News(NamedTuple):
    """What is new to somebody in one thread, and the address at which it begins."""

    thread: Thread
    posts: int
    replies: int
    address: str

    @property
    def amount(self) -> str:
        """Return how much it is, in words."""
        posts = f"{self.posts} new {'post' if self.posts == 1 else 'posts'}" if self.posts else ""
        replies = f"{self.replies} new {'reply' if self.replies == 1 else 'replies'}" if self.replies else ""
        return " and ".join(filter(None, [posts, replies]))


@dataclass(frozen=True, slots=True)
class About:
    """What a digest tells, by thread in order of the meetings; and who reads all of them, or leads one of the meetings.

    As on the pages (`bookclub.rules.talks`), members and who leads a meeting of the cohort's own read all of them, and
    who leads one that is for all cohorts of the programme reads its thread.
    """

    cohort: Cohort
    day: date
    told: Mapping[Thread, Sequence[Told]]
    readers: Collection[int]
    leaders: Mapping[int, Collection[int]]

    def everybody(self) -> list[int]:
        """Return who reads any of its threads."""
        return sorted(set(self.readers).union(*(self.leaders.get(thread.meeting_id, ()) for thread in self.told)))

    def news_for(self, person: int) -> list[News]:
        """Return what is new to somebody: what others have posted where they read."""
        found = []
        for thread, posts in self.told.items():
            reads = person in self.readers or person in self.leaders.get(thread.meeting_id, ())
            if reads and (new := [post for post in posts if post.author != person]):
                replies = sum(post.is_reply for post in new)
                begins = _address(thread, *min(post.begins for post in new))
                found.append(News(thread, len(new) - replies, replies, begins))
        return found


def register() -> None:
    """Make the letter known to the outbox. To whom it goes tells who takes part where: private."""
    outbox.register(outbox.Rule(RULE, load=load, compose=compose, private=True, optional=KIND))


def write_due(*, now: datetime | None = None) -> int:
    """Write today's digests to the outbox, in batches of constant statements; return how many were written."""
    clock = timezone.localtime(now)
    if clock.hour < MORNING:
        return 0
    written = 0
    while True:
        with transaction.atomic():
            subjects = _claim(clock.date())
            if not subjects:
                return written
            whom = [
                (subject, person)
                for subject, about in load(subjects).items()
                for person in about.everybody()
                if about.news_for(person)
            ]
            written += outbox.write_many(RULE, whom)


def _claim(day: date) -> list[str]:
    """Let what is new be told of in digests of a day, and return these; nobody else gets them."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"day": day, "batch": BATCH})
        return [f"digest:{pk}" for (pk,) in cursor.fetchall()]


def load(subjects: Sequence[str]) -> Mapping[str, About]:
    """Read what a batch of digests tells, and to whom: five statements, none of which reads what is sealed."""
    digests = Digest.objects.select_related("cohort").in_bulk([int(subject.split(":")[1]) for subject in subjects])
    told = _told(digests)
    threads = _threads({thread for by_thread in told.values() for thread in by_thread})
    readers, leaders = _who_reads({digest.cohort_id for digest in digests.values()}, threads)
    return {
        f"digest:{pk}": About(
            digest.cohort,
            digest.day,
            {thread: told[pk][thread.pk] for thread in threads if thread.pk in told[pk]},
            readers[digest.cohort_id],
            leaders,
        )
        for pk, digest in digests.items()
    }


def _told(digests: Iterable[int]) -> Mapping[int, Mapping[int, Sequence[Told]]]:
    """Return, by digest and thread, the posts of which digests tell and that are still read."""
    told: dict[int, dict[int, list[Told]]] = {digest: {} for digest in digests}
    rows = Post.objects.shown().filter(digest__in=told).order_by()
    columns = ("digest", "thread", "author", "pk", "written_at", "reply_to", "reply_to__written_at")
    for digest, thread, author, post, written_at, reply_to, begun_at in rows.values_list(*columns):
        begins = (begun_at, reply_to) if reply_to else (written_at, post)
        told[digest].setdefault(thread, []).append(Told(author, reply_to is not None, begins))
    return told


def _threads(keys: Collection[int]) -> Sequence[Thread]:
    """Return threads in order of their meetings, each with its `first` post."""
    posts = Post.objects.filter(thread=OuterRef("pk"), reply_to=None, sealed__isnull=False)
    rows = Thread.objects.filter(pk__in=keys).select_related("meeting__component")
    first = Subquery(posts.order_by("written_at", "pk").values("pk")[:1])
    return list(rows.annotate(first=first).order_by("meeting__starts_at", "pk"))


def _who_reads(
    cohorts: Collection[int], threads: Sequence[Thread]
) -> tuple[Mapping[int, Collection[int]], Mapping[int, Collection[int]]]:
    """Return by cohort who reads all its threads, and by meeting who leads it."""
    readers: dict[int, set[int]] = {cohort: set() for cohort in cohorts}
    leaders: dict[int, set[int]] = {}
    for cohort, user in Membership.objects.enrolled().filter(cohort__in=cohorts).values_list("cohort", "user"):
        readers[cohort].add(user)
    meetings = Session.objects.filter(
        Q(cohort__in=cohorts, cancelled_at=None) | Q(pk__in=[thread.meeting_id for thread in threads]),
        may_lead(OuterRef("facilitators__user")),
        component__kind=Component.Kind.BOOK_CLUB,
    )
    columns = ("pk", "cohort", "cancelled_at", "facilitators__user")
    for meeting, own, cancelled_at, user in meetings.order_by().values_list(*columns):
        leaders.setdefault(meeting, set()).add(user)
        if own and not cancelled_at:
            readers[own].add(user)
    return readers, leaders


def compose(about: About, person: User) -> outbox.Mail | None:
    """Write the letter; nothing where nothing of it stands any more, they have left, or the cohort has ended."""
    news = about.news_for(person.pk)
    if not news or about.cohort.ends_on < timezone.localdate():
        return None
    return outbox.Mail(
        subject=f"New in your book club, {say_date(about.day, weekday=False)}",
        template="bookclub/digest",
        context={"cohort": about.cohort.name, "news": news},
    )


def _address(thread: Any, moment: datetime, post: int) -> str:
    """Return where a thread is read from a post on: by the key before it, which stays good should the post go."""
    page = reverse("book_club_thread", args=[thread.cohort_id, thread.meeting_id])
    return page if post == thread.first else f"{page}?after={page_key(moment, post - 1)}"
