"""What a moderator makes of a report: take the post away, let it stay, or put it back.

One decision is about the post, and so about all reports of it. Nobody decides about their own post, nor about one that
they have reported where another moderator is there (`bookclub.moderators`). Whoever reported it is told what came of
it; its author, when it is taken away, with why, or put back. The trail has who decided what, and whether no other
moderator was there; no words.

| a report that | take away | let it stay | put back |
|---|---|---|---|
| waits, of a post that is shown | taken away | stays | refused |
| waits, of one that was taken back | refused | its author took it back | refused |
| led to nothing, of a post that is shown | taken away | refused | refused |
| led to its being taken away | refused | refused | stays |
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from bookclub import moderators
from bookclub.discussing import hold_post
from bookclub.models import Post, PostReport
from bookclub.refusals import BookClubRefused, NotTheirsToModerate, TheirReport
from bookclub.thread_letters import OUTCOME, PUT_BACK, TAKEN_AWAY
from bookclub.thread_words import TEXT
from portal import outbox, trail
from portal.accounts.models import User

State = PostReport.State


def why_not_taken_away(report: PostReport) -> str:
    """Say why a post cannot be taken away because of a report: nothing, if it can."""
    if report.state == State.TAKEN_AWAY or report.post.is_taken_away:
        return "The post is taken away already."
    return "Its author has taken it back." if report.post.is_taken_back else ""


def why_not_kept(report: PostReport) -> str:
    """Say why it cannot be decided that nothing is done about a report: nothing, if it can."""
    return "" if report.state == State.WAITS else f"This was dealt with: {report.get_state_display().lower()}."


def why_not_put_back(report: PostReport) -> str:
    """Say why a post cannot be put back: nothing, if it can."""
    if report.post.is_taken_back:
        return "Its author has taken it back."
    return "" if report.post.is_taken_away else "The post is not taken away."


@transaction.atomic
def take_away(report: PostReport, reason: Post.Reason, note: str, *, by: User) -> None:
    """Keep a post from being read, and tell its author why: a reason, and a `note` to them that the page shows.

    Raises BookClubRefused, where somebody has decided meanwhile, or its author took it back; NotTheirsToModerate,
    TheirReport.
    """
    held, nobody_else = _hold(report, by)
    _require(why_not_taken_away(held))
    post = held.post
    post.taken_away_at, post.taken_away_for = timezone.now(), reason
    post.sealed_note = TEXT.seal(note) if note else None
    post.version += 1
    post.save(update_fields=["taken_away_at", "taken_away_for", "sealed_note", "version"])
    _settle(post, [State.WAITS, State.KEPT], State.TAKEN_AWAY)
    outbox.write(TAKEN_AWAY, subject=f"post:{post.pk}:{post.version}", person=post.author_id)
    trail.record("post.taken_away", actor=by, subject=held, nobody_else=nobody_else)


@transaction.atomic
def keep(report: PostReport, *, by: User) -> None:
    """Let a post stay as it is. Raises as the others do."""
    held, nobody_else = _hold(report, by)
    _require(why_not_kept(held))
    _settle(held.post, [State.WAITS], State.GONE if held.post.is_taken_back else State.KEPT)
    trail.record("post.kept", actor=by, subject=held, nobody_else=nobody_else)


@transaction.atomic
def put_back(report: PostReport, *, by: User) -> None:
    """Let a post that was taken away be read again. Raises as the others do."""
    held, nobody_else = _hold(report, by)
    _require(why_not_put_back(held))
    post = held.post
    post.taken_away_at, post.taken_away_for, post.sealed_note = None, "", None
    post.version += 1
    post.save(update_fields=["taken_away_at", "taken_away_for", "sealed_note", "version"])
    _settle(post, [State.TAKEN_AWAY], State.KEPT)
    outbox.write(PUT_BACK, subject=f"post:{post.pk}:{post.version}", person=post.author_id)
    trail.record("post.put_back", actor=by, subject=held, nobody_else=nobody_else)


def _hold(report: PostReport, by: User) -> tuple[PostReport, bool]:
    """Return a report as it stands, with its post's thread held until the caller's transaction ends.

    Beside it stands whether no other moderator is there.
    """
    post = hold_post(report.post_id)
    held = PostReport.objects.filter(pk=report.pk).first()
    if post is None or held is None:
        raise BookClubRefused("This report is gone: whoever wrote the post was erased.")
    if post.author_id == by.pk:
        raise NotTheirsToModerate
    deciders = moderators.of_post(post)
    if deciders.leaves_it(by.pk):
        raise TheirReport
    held.post = post
    return held, deciders.is_the_only_one(by.pk)


def _require(why_not: str) -> None:
    if why_not:
        raise BookClubRefused(f"{why_not} Nothing was done.")


def _settle(post: Post, states: Sequence[PostReport.State], state: PostReport.State) -> None:
    """Let all reports of a post in some states come to the same, and tell whoever made them."""
    found = list(PostReport.objects.filter(post=post, state__in=states).values_list("pk", "reported_by"))
    PostReport.objects.filter(pk__in=[pk for pk, _ in found]).update(state=state, state_since=timezone.now())
    outbox.write_many(OUTCOME, [(f"report:{pk}:{post.version}", person) for pk, person in found])
