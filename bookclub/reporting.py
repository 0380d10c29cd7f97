"""Showing a post to the moderators, and the clock that runs then: two working days in the UK.

A report keeps what the post said as it was reported, whatever its author makes of it afterwards. The programme's own
admins are told at once; whoever can decide about it (`bookclub.moderators`), once the clock has run out. Its author is
told nothing by this, and never who reported it. The trail has that there is a report, and neither words nor why; nor by
whom, since an author may be an admin who reads the trail.
"""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from bookclub import moderators
from bookclub.discussing import hold_post
from bookclub.models import Post, PostReport
from bookclub.refusals import LookedAtAlready, OwnPost, PostGone, ReportedAlready, TooManyReports
from bookclub.thread_letters import OVERDUE, REPORTED
from bookclub.thread_words import TEXT
from portal import outbox, trail
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User
from portal.nhsuk.holidays import working_days_after

WORKING_DAYS: Final = 2
"""By when a moderator deals with a report; day 0 is the day on which it is made."""
LONGEST: Final = 1_000
"""Characters of what somebody says of a post that they report."""
MOST_IN_A_DAY: Final = 10
"""Reports of one person: each sends mail to all moderators."""
DAY: Final = timedelta(days=1)
BATCH: Final = 100


def require_reportable(post: Post, by: User) -> None:
    """Raise OwnPost, PostGone, ReportedAlready, or LookedAtAlready where somebody cannot report a post."""
    if post.author_id == by.pk:
        raise OwnPost
    if not post.is_shown:
        raise PostGone
    reports = PostReport.objects.filter(post=post, reported_by=by)
    if reports.waiting().exists():
        raise ReportedAlready
    if reports.filter(state=PostReport.State.KEPT, reported_at__gte=post.edited_at or post.written_at).exists():
        raise LookedAtAlready


@transaction.atomic
def report(pk: int, reason: Post.Reason, words: str, *, by: User) -> PostReport:
    """Show a post to the moderators, who are told by mail. Raises as `require_reportable`, and TooManyReports."""
    post = hold_post(pk)
    if post is None or post.sealed is None:
        raise PostGone
    require_reportable(post, by)
    if PostReport.objects.filter(reported_by=by, reported_at__gt=timezone.now() - DAY).count() >= MOST_IN_A_DAY:
        raise TooManyReports
    made = PostReport.objects.create(
        post=post,
        reported_by=by,
        reason=reason,
        sealed=TEXT.seal(words) if words else None,
        sealed_post=post.sealed,
        due_on=working_days_after(timezone.localdate(), WORKING_DAYS),
    )
    asked = moderators.of_post(post).asked_first
    outbox.write_many(REPORTED, [(f"report:{made.pk}", person) for person in sorted(asked)])
    trail.record("postreport.made", actor=trail.SYSTEM, subject=made)
    let_author_stay(by.pk)
    return made


def tell_what_is_overdue() -> int:
    """Write to everybody who can deal with a report whose clock has run out, once; return how many letters there are.

    A clock runs out at the end of its day, on the UK's calendar. Batches are of constant cost.
    """
    written = 0
    while True:
        with transaction.atomic():
            due = _claim()
            if due:
                there = moderators.of_programmes({programme for _, programme, _, _ in due})
                rows = [
                    (f"report:{report}", person)
                    for report, programme, author, reporters in due
                    for person in sorted(there.deciding(programme, author, reporters).able)
                ]
                written += outbox.write_many(OVERDUE, rows)
        if len(due) < BATCH:
            return written


def _claim() -> list[tuple[int, int, int, list[int]]]:
    """Mark reports whose clock has run out, which nobody else gets then; return what `moderators` needs of each."""
    waiting = PostReport.objects.waiting().filter(overdue_told_at=None, due_on__lt=timezone.localdate())
    rows = waiting.order_by("due_on", "pk").select_for_update(of=("self",), no_key=True, skip_locked=True)
    found = list(rows.values_list(*moderators.ABOUT)[:BATCH])
    PostReport.objects.filter(pk__in=[pk for pk, *_ in found]).update(overdue_told_at=Now())
    return found
