"""What people are told by letter of posts and reports. No letter has a word that anybody wrote, nor a name.

All are private to the admin pages of messages: to whom one goes says who reported what, or whose post it is.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from django.urls import reverse

from bookclub.models import Post, PostReport
from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_date

REPORTED: Final = "thread.reported"
OVERDUE: Final = "thread.overdue"
OUTCOME: Final = "thread.outcome"
TAKEN_AWAY: Final = "thread.taken_away"
PUT_BACK: Final = "thread.put_back"

MODERATOR: Final = "because you look after a programme with a book club."
MEMBER: Final = "because you wrote, or reported something, in a book club."
THANKS: Final = "Thank you for telling us about a post in your book club."
TALK: Final = "If you would like to talk about it, a facilitator of your book club and the programme team will listen."
# "Can be read" is true of a post that was let be, and of one that was taken away and is put back.
OUTCOMES: Final = {
    PostReport.State.TAKEN_AWAY: (
        f"{THANKS} A moderator has read it and taken it away: nobody in the thread can read it any more.",
        "Its author is told why, and not who reported it. There is nothing that you need to do.",
        TALK,
    ),
    PostReport.State.KEPT: (
        f"{THANKS} A moderator has read it, and what you said of it, and decided that it can be read in the thread.",
        "We know that this may not be what you hoped for. Its author is not told who reported it.",
        "If its author edits it and it still troubles you, you can report it again.",
        TALK,
    ),
    PostReport.State.GONE: (
        f"{THANKS} Its author has taken it back, so nobody in the thread can read it any more.",
        "A moderator has read what it said when you reported it. Its author is not told who did.",
        "There is nothing that you need to do.",
        TALK,
    ),
}


def register() -> None:
    """Make these letters known to the outbox."""
    for name, load, compose in (
        (REPORTED, load_reports, compose_reported),
        (OVERDUE, load_reports, compose_overdue),
        (OUTCOME, load_reports, compose_outcome),
    ):
        outbox.register(outbox.Rule(name, load=load, compose=compose, private=True))
    outbox.register(outbox.Rule(TAKEN_AWAY, load=load_posts, compose=compose_taken_away, private=True))
    outbox.register(outbox.Rule(PUT_BACK, load=load_posts, compose=compose_put_back, private=True))


def load_reports(subjects: Sequence[str]) -> Mapping[str, PostReport]:
    """Read the reports of a batch of letters in one statement, without what is sealed."""
    keys = _keys(subjects)
    rows = PostReport.objects.defer("sealed", "sealed_post").select_related("post__thread__cohort")
    found = rows.defer("sealed", "sealed_post", "post__sealed", "post__sealed_note").in_bulk(keys.values())
    return {subject: found[pk] for subject, pk in keys.items() if pk in found}


def load_posts(subjects: Sequence[str]) -> Mapping[str, Post]:
    """Read the posts of a batch of letters in one statement, without what is sealed."""
    keys = _keys(subjects)
    found = Post.objects.defer("sealed", "sealed_note").in_bulk(keys.values())
    return {subject: found[pk] for subject, pk in keys.items() if pk in found}


def compose_reported(report: PostReport, person: User) -> outbox.Mail | None:
    """Ask a moderator to look at a report; nothing, once somebody has."""
    if report.state != PostReport.State.WAITS:
        return None
    lead = (
        f"Somebody has reported a post in the book club of {report.post.thread.cohort.name}. Please read it and decide "
        f"what becomes of it, by {say_date(report.due_on)} at the latest."
    )
    return _to_moderator("A post was reported", lead, report)


def compose_overdue(report: PostReport, person: User) -> outbox.Mail | None:
    """Tell everybody who can deal with a report that nobody has, in time."""
    if report.state != PostReport.State.WAITS:
        return None
    lead = (
        f"A post in the book club of {report.post.thread.cohort.name} was reported, and nobody has decided about it by "
        f"{say_date(report.due_on)}, as we promise. Please do so now."
    )
    return _to_moderator("A reported post still waits", lead, report)


def compose_outcome(report: PostReport, person: User) -> outbox.Mail | None:
    """Tell whoever reported a post what came of it."""
    says = OUTCOMES.get(PostReport.State(report.state))
    if says is None:
        return None
    thread = report.post.thread
    page = reverse("book_club_thread", args=[thread.cohort_id, thread.meeting_id])
    return _mail("About the post that you reported", says, outbox.Link("Go to the thread", page), MEMBER)


def compose_taken_away(post: Post, person: User) -> outbox.Mail | None:
    """Tell an author that a moderator took their post away; the page says why."""
    if not post.is_taken_away:
        return None
    lead = (
        "A moderator has taken away something that you wrote in your book club: the others no longer read it. You find "
        "it, with the reason, among what you wrote. If you think that this is wrong, write to the programme team."
    )
    return _mail("About something that you wrote", [lead], outbox.Link("See why", reverse("own_posts")), MEMBER)


def compose_put_back(post: Post, person: User) -> outbox.Mail | None:
    """Tell an author that their post stands in the thread again."""
    if not post.is_shown:
        return None
    lead = "A moderator has put back what was taken away of what you wrote in your book club. The others read it again."
    link = outbox.Link("See what you wrote", reverse("own_posts"))
    return _mail("About something that you wrote", [lead], link, MEMBER)


def _to_moderator(subject: str, lead: str, report: PostReport) -> outbox.Mail:
    page = reverse("admin:bookclub_postreport_change", args=[report.pk])
    return _mail(subject, [lead], outbox.Link("Read it and decide", page), MODERATOR)


def _mail(subject: str, says: Sequence[str], link: outbox.Link, why: str) -> outbox.Mail:
    return outbox.Mail(subject=subject, template="bookclub/thread", context={"says": says, "why": why}, link=link)


def _keys(subjects: Sequence[str]) -> dict[str, int]:
    """Read `report:<pk>` and `post:<pk>:<version>`."""
    return {subject: int(subject.split(":")[1]) for subject in subjects}
