"""Reading what a cohort talks about: in order of time, a page at a time by key, in a constant number of statements.

A page is 10 posts, each with the latest replies to it; a post's own page has all of them. So a thread of thousands
opens as fast as one of ten.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.safestring import SafeString

from bookclub.models import Post, PostReport, Thread
from bookclub.thread_words import TEXT, html_of
from cohorts import page_keys
from cohorts.page_keys import AFTER_ALL, BEFORE_ALL, Key
from portal.accounts.models import User
from portal.nhsuk.dates import say_moment
from portal.prepared import Given, GivenMany, Prepared

PAGE: Final = 10
REPLIES: Final = 3
"""The latest replies to a post that stand under it among others."""
PAGE_OF_REPLIES: Final = 30
PAGE_OF_OWN: Final = 20

_READ: Final = (
    *("pk", "reply_to", "author", "author__name", "written_at", "edited_at", "sealed", "sealed_html"),
    *("taken_back_at", "taken_away_at", "is_reported"),
)


class _Row(NamedTuple):
    """A post and its author's name, as a page of many reads them: `_READ`, and of a thread the keys of `newest`."""

    pk: int
    reply_to: int | None
    author: int
    name: str
    written_at: datetime
    edited_at: datetime | None
    sealed: bytes | memoryview | None
    sealed_html: bytes | memoryview | None
    taken_back_at: datetime | None
    taken_away_at: datetime | None
    is_reported: bool
    newest: Sequence[int] = ()


def _rows(posts: QuerySet[Post], *more: str) -> QuerySet[Post, Any]:
    """Read what a `_Row` has, and of each post whether the reader who is given has reported it, and it waits."""
    waits = PostReport.objects.waiting().filter(post=OuterRef("pk"), reported_by=Given("reader"))
    return posts.annotate(is_reported=Exists(waits)).values_list(*_READ, *more)


def _in_order(rows: QuerySet[Post, Any], number: int, *, latest: bool) -> QuerySet[Post, Any]:
    """Return so many rows that are before, or after, a given key, and one more; the nearest first."""
    found = rows.filter(page_keys.earlier("written_at") if latest else page_keys.later("written_at"))
    order = ("-written_at", "-pk") if latest else ("written_at", "pk")
    return found.order_by(*order)[: number + 1]


def _posts(*, latest: bool) -> Prepared[Any]:
    """Return posts of a thread; one whose words are gone as long as somebody has replied."""
    # What was taken back among replies leaves no trace: nobody replies to a reply.
    replies = Post.objects.filter(reply_to=OuterRef("pk"), sealed__isnull=False)
    newest = replies.order_by("-written_at", "-pk").values("pk")[: REPLIES + 1]

    def build() -> QuerySet[Post, Any]:
        posts = Post.objects.filter(Q(sealed__isnull=False) | Exists(replies), thread=Given("thread"), reply_to=None)
        return _in_order(_rows(posts.annotate(newest=ArraySubquery(newest)), "newest"), PAGE, latest=latest)

    return Prepared(build)


def _replies(*, latest: bool) -> Prepared[Any]:
    posts = Post.objects.filter(sealed__isnull=False, reply_to=Given("post"))
    return Prepared(lambda: _in_order(_rows(posts), PAGE_OF_REPLIES, latest=latest))


_POSTS: Final[Mapping[bool, Prepared[Any]]] = {latest: _posts(latest=latest) for latest in (False, True)}
_REPLIES: Final = {latest: _replies(latest=latest) for latest in (False, True)}
_THESE: Prepared[Any] = Prepared(
    lambda: _rows(Post.objects.filter(pk__in=GivenMany("keys"))).order_by("written_at", "pk")
)
_OWN: Prepared[Post] = Prepared(
    lambda: (
        Post.objects.filter(page_keys.earlier("written_at"), author=Given("person"), sealed__isnull=False)
        .select_related("thread__cohort", "thread__meeting__component")
        .order_by("-written_at", "-pk")[: PAGE_OF_OWN + 1]
    )
)


class Shown(NamedTuple):
    """A post as it is read; `words` are HTML, empty where there is but a trace: see `trace`.

    `when` it was written, and `edited`, if it was, are said in words. `is_reported` says that its reader reported it,
    and that this waits.
    """

    pk: int
    name: str
    written_at: datetime
    when: str
    edited: str
    words: SafeString
    trace: str
    is_own: bool
    is_reported: bool = False
    replies: "Sequence[Shown]" = ()
    has_more_replies: bool = False


class Where(NamedTuple):
    """Which page of a list: after a key, before one, or the newest; without either the first."""

    after: str = ""
    before: str = ""
    newest: bool = False

    @property
    def goes_back(self) -> bool:
        """Say whether the page is read from its end."""
        return bool(self.before) or self.newest

    @property
    def key(self) -> Key:
        """Return the row next to which the page is."""
        sent, otherwise = (self.before, AFTER_ALL) if self.goes_back else (self.after, BEFORE_ALL)
        return page_keys.read(sent, otherwise)


class ShownPage(NamedTuple):
    """Some posts in order of time, and the keys of the pages beside: nothing, where there is none."""

    posts: Sequence[Shown]
    before: str
    after: str


class Own(NamedTuple):
    """Something that somebody wrote, with where, and why a moderator took it away, where one did."""

    post: Post
    words: SafeString
    taken_away_for: str
    note: str


def page_of(thread: Thread, where: Where, reader: User) -> ShownPage:
    """Return a page of a thread, as somebody reads it."""
    if not thread.pk:
        return ShownPage((), "", "")
    moment, key = where.key
    found = _POSTS[where.goes_back].all(thread=thread.pk, reader=reader.pk, moment=moment, row=key)
    posts = [_Row(*each) for each in found[:PAGE]]
    keys = [key for post in posts for key in post.newest[:REPLIES]]
    replies: dict[int | None, list[Shown]] = {}
    for reply in _THESE.all(keys=keys, reader=reader.pk) if keys else ():
        row = _Row(*reply)
        replies.setdefault(row.reply_to, []).append(_shown(row, reader))
    shown = [
        _shown(post, reader, replies.get(post.pk, ()), has_more_replies=len(post.newest) > REPLIES) for post in posts
    ]
    return _page(shown, where, has_more=len(found) > PAGE)


def replies_to(post: Post, where: Where, reader: User) -> ShownPage:
    """Return a page of the replies to a post, as somebody reads them."""
    moment, row = where.key
    found = _REPLIES[where.goes_back].all(post=post.pk, reader=reader.pk, moment=moment, row=row)
    shown = [_shown(_Row(*reply), reader) for reply in found[:PAGE_OF_REPLIES]]
    return _page(shown, where, has_more=len(found) > PAGE_OF_REPLIES)


def as_read(post: Post, reader: User) -> Shown:
    """Return one post as somebody reads it: its words, or the trace that it has left."""
    row = _Row(
        *(post.pk, post.reply_to_id, post.author_id, post.author.name, post.written_at, post.edited_at),
        *(post.sealed, post.sealed_html, post.taken_back_at, post.taken_away_at),
        is_reported=getattr(post, "is_reported", False),
    )
    return _shown(row, reader)


def _shown(row: _Row, reader: User, replies: Sequence[Shown] = (), *, has_more_replies: bool = False) -> Shown:
    trace = ""
    if row.taken_back_at:
        trace = "Taken back by its author."
    elif row.taken_away_at:
        trace = "Taken away by a moderator."
    return Shown(
        pk=row.pk,
        name="" if row.taken_back_at else row.name,
        written_at=row.written_at,
        when=say_moment(row.written_at),
        edited=say_moment(row.edited_at) if row.edited_at else "",
        words=SafeString("") if trace else html_of(row),
        trace=trace,
        is_own=row.author == reader.pk,
        is_reported=row.is_reported,
        replies=replies,
        has_more_replies=has_more_replies,
    )


def own(person: User, *, after: str = "") -> tuple[Sequence[Own], str]:
    """Return a page of what somebody wrote in any thread, the latest first, and the key of the next."""
    moment, row = page_keys.read(after, AFTER_ALL)
    found = _OWN.all(person=person.pk, moment=moment, row=row)
    rows = found[:PAGE_OF_OWN]
    following = page_keys.page_key(rows[-1].written_at, rows[-1].pk) if len(found) > PAGE_OF_OWN else ""
    return [
        Own(post, html_of(post), post.get_taken_away_for_display(), TEXT.opened(post.sealed_note)) for post in rows
    ], following


def _page(nearest_first: Sequence[Shown], where: Where, *, has_more: bool) -> ShownPage:
    """Return rows that were read from one end in order of time, with the pages on both sides."""
    posts = list(nearest_first)
    if where.goes_back:
        posts.reverse()
    if not posts:
        return ShownPage((), "", "")
    first, last = (page_keys.page_key(post.written_at, post.pk) for post in (posts[0], posts[-1]))
    has_before = has_more if where.goes_back else bool(where.after)
    has_after = bool(where.before) if where.goes_back else has_more
    return ShownPage(posts, first if has_before else "", last if has_after else "")
