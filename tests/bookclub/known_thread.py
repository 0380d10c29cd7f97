"""A plain model of one thread, for the state machine: what stands there, who reads what, and who decides about it.

It is written from the tables and sentences of the documentation, with dictionaries, and asks nothing of the portal.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

TAKEN_BACK, TAKEN_AWAY = "Taken back by its author.", "Taken away by a moderator."


@dataclass
class Said:
    """A post, or a reply; `words` are None once they are taken back. Moments are counted."""

    author: str
    reply_to: int | None
    words: str | None
    changed: int
    version: int = 1
    is_edited: bool = False
    is_away: bool = False
    digest: int | None = None

    @property
    def is_shown(self) -> bool:
        return self.words is not None and not self.is_away


@dataclass
class Shown:
    """A report: of which post, by whom, when, what that said then, and what has become of it."""

    post: int
    by: str
    at: int
    said: str
    state: str = "waits"
    has_words: bool = True


class Line(NamedTuple):
    """A post as somebody reads it."""

    pk: int
    name: str
    words: str
    trace: str
    is_edited: bool
    is_own: bool
    is_reported: bool


@dataclass
class KnownThread:
    """One thread. People are called by short names; `members` take part, `leaders` lead, `moderators` keep it."""

    members: set[str]
    leaders: set[str]
    moderators: set[str]
    posts: dict[int, Said] = field(default_factory=dict)
    reports: dict[int, Shown] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    is_closed: bool = False
    clock: int = 0

    def now(self) -> int:
        """Return the next moment."""
        self.clock += 1
        return self.clock

    def reads(self, who: str) -> bool:
        return who in self.members | self.leaders

    def writes(self, who: str) -> bool:
        return self.reads(who) and not self.is_closed

    def answers(self, post: int, *, with_words: bool = False) -> list[int]:
        """Return the replies to a post, or those of them that leave something to be read."""
        rows = [pk for pk, each in self.posts.items() if each.reply_to == post]
        return [pk for pk in rows if self.posts[pk].words is not None] if with_words else rows

    def is_there(self, post: int) -> bool:
        """Say whether anything of a post is read: its words, or a trace of them where others have replied."""
        return self.posts[post].words is not None or bool(self.answers(post, with_words=True))

    def line(self, pk: int, reader: str) -> Line:
        """Return a post as somebody reads it."""
        each = self.posts[pk]
        trace = TAKEN_BACK if each.words is None else TAKEN_AWAY if each.is_away else ""
        return Line(
            pk,
            "" if each.words is None else each.author,
            "" if trace else f"<p>{each.words}</p>\n",
            trace,
            each.is_edited,
            each.author == reader,
            any(told.post == pk and told.by == reader and told.state == "waits" for told in self.reports.values()),
        )

    def as_read_by(self, reader: str) -> list[tuple[Line, list[Line]]]:
        """Return what somebody reads, each post with the replies to it."""
        return [
            (self.line(pk, reader), [self.line(reply, reader) for reply in self.answers(pk, with_words=True)])
            for pk, each in self.posts.items()
            if each.reply_to is None and self.is_there(pk)
        ]

    def edit(self, pk: int, words: str) -> None:
        each = self.posts[pk]
        each.words, each.is_edited, each.changed = words, True, self.now()
        each.version += 1

    def let_words_go(self, pk: int) -> None:
        each = self.posts[pk]
        each.words, each.is_away = None, False
        each.version += 1

    def take_back(self, pk: int) -> None:
        """Let words go; and the whole post, where nobody has replied to it or reported it."""
        if self.posts[pk].words is None:
            return
        if self.answers(pk) or self.reports_of(pk):
            self.let_words_go(pk)
        else:
            del self.posts[pk]

    def reports_of(self, pk: int) -> list[Shown]:
        return [told for told in self.reports.values() if told.post == pk]

    def may_report(self, who: str, pk: int) -> bool:
        """Say whether somebody can report a post: not their own, nor twice, nor what was looked at as it stands."""
        each, own = self.posts[pk], [told for told in self.reports_of(pk) if told.by == who]
        waits = any(told.state == "waits" for told in own)
        looked_at = any(told.state == "kept" and told.at > each.changed for told in own)
        lately = sum(told.by == who for told in self.reports.values())
        return each.author != who and each.is_shown and not waits and not looked_at and lately < 10

    def decides(self, who: str, pk: int) -> bool:
        """Say whether a moderator decides about a post: not its author; who has reported it only for want of others."""
        there = self.moderators - {self.posts[pk].author}
        impartial = there - {told.by for told in self.reports_of(pk)}
        return who in (impartial or there)

    def settle(self, pk: int, before: set[str], state: str) -> None:
        for told in self.reports_of(pk):
            if told.state in before:
                told.state = state

    def erase(self, who: str) -> None:
        """Forget somebody: their words, and reports of these; what waits of theirs is decided still."""
        self.erased.add(who)
        self.members.discard(who)
        for key, told in list(self.reports.items()):
            if self.posts[told.post].author == who or (told.by == who and told.state != "waits"):
                del self.reports[key]
            elif told.by == who:
                told.has_words = False
        for pk in [pk for pk, each in self.posts.items() if each.author == who and each.reply_to is not None]:
            del self.posts[pk]
        for pk in [pk for pk, each in self.posts.items() if each.author == who]:
            if not self.answers(pk):
                del self.posts[pk]
            elif self.posts[pk].words is not None:
                self.let_words_go(pk)

    def tell(self, digest: int) -> bool:
        """Tell of what is new in a digest; say whether there is anything."""
        new = [each for each in self.posts.values() if each.is_shown and each.digest is None]
        for each in new:
            each.digest = digest
        return bool(new)

    def told_to(self, reader: str, digest: int) -> tuple[int, int]:
        """Return of how many posts and replies of others a digest tells somebody now."""
        new = [
            each.reply_to is not None
            for each in self.posts.values()
            if each.digest == digest and each.is_shown and each.author != reader
        ]
        return (new.count(False), new.count(True)) if self.reads(reader) else (0, 0)
