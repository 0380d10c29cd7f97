"""What a cohort talks about around a meeting of its book club: a thread, what is posted there, and what is reported.

All words are sealed under SECRET_KEY (`bookclub.thread_words`). Admins see what was reported, and no thread.
"""

from typing import ClassVar, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from bookclub.models.digests import Digest
from cohorts.models import Cohort, Session


class Thread(models.Model):
    """The one thread of a meeting and a cohort. Before anything is posted there need be no row of it.

    A trigger (migration 0006) holds that it is a book club meeting to which the cohort's members can come.
    """

    meeting = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="book_club_threads")
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="book_club_threads")
    closed_at = models.DateTimeField(null=True, help_text="While it is closed, it is read and not written in.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "cohort"], name="one_thread_of_each_meeting_and_cohort")
        ]
        indexes: ClassVar = [models.Index(fields=["cohort"], name="threads_of_a_cohort")]

    def __str__(self) -> str:
        return f"Thread {self.pk}"

    @property
    def is_closed(self) -> bool:
        """Say whether nobody writes there now."""
        return self.closed_at is not None


class PostQuerySet(models.QuerySet["Post"]):
    """Reads of posts."""

    def shown(self) -> Self:
        """Return those whose words are read: neither taken back, nor taken away."""
        return self.filter(sealed__isnull=False, taken_away_at=None)

    def in_thread(self) -> Self:
        """Return those that leave something in their thread: words, or a trace of them where others have replied.

        What was taken back and is kept for the moderators alone is none: that it was reported, nobody is told.
        """
        replies = Post.objects.filter(reply_to=OuterRef("pk"), sealed__isnull=False)
        return self.filter(Q(sealed__isnull=False) | Exists(replies))


class Post(models.Model):
    """What somebody posted in a thread, or a reply to that.

    One that was taken back has no words any more. One that a moderator took away has them still, for its author, and
    for when it is put back.
    """

    class Reason(models.TextChoices):
        """Why a post is reported, or was taken away."""

        HURTS = "hurts", "It attacks or belittles somebody"
        RACIST = "racist", "It is racist, or discriminates in another way"
        CONFIDENTIAL = "confidential", "It tells of a patient, or something confidential"
        OTHER = "other", "Something else"

    uid = models.UUIDField(default=uuid4, help_text="By which its author's page knows it before it is posted.")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="posts")
    reply_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    sealed = models.BinaryField(null=True)
    sealed_html = models.BinaryField(
        null=True, help_text="The words as they are shown, so that a page of them need not be made anew each time."
    )
    version = models.PositiveIntegerField(
        default=1, help_text="One more whenever it changes, or is taken away or put back: by which two tabs are told."
    )
    edited_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_away_at = models.DateTimeField(null=True)
    taken_away_for = models.CharField(max_length=12, choices=Reason, blank=True)
    sealed_note = models.BinaryField(null=True, help_text="What the moderator who took it away tells its author.")
    digest = models.ForeignKey(
        Digest,
        on_delete=models.PROTECT,
        null=True,
        related_name="posts",
        db_index=False,
        help_text="In which the others are told of it. Whatever has none yet is told of in the next.",
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ("written_at", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["author", "uid"], name="one_post_of_each_uid"),
            models.CheckConstraint(
                condition=Q(sealed__isnull=True, sealed_html__isnull=True, taken_back_at__isnull=False)
                | Q(sealed__isnull=False, taken_back_at__isnull=True),
                name="a_post_has_words_until_it_is_taken_back",
            ),
            models.CheckConstraint(
                condition=Q(taken_away_at__isnull=True, taken_away_for="", sealed_note__isnull=True)
                | Q(taken_away_at__isnull=False) & ~Q(taken_away_for=""),
                name="a_post_that_was_taken_away_says_why",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="versions_of_a_post_are_counted_from_1"),
        ]
        indexes: ClassVar = [
            # What stands in a thread, in order of time, with replies: also all that is new there since a moment.
            models.Index(fields=["thread", "written_at", "id"], name="posts_of_a_thread"),
            models.Index(
                fields=["thread", "written_at", "id"],
                condition=Q(reply_to__isnull=True),
                name="posts_that_are_no_reply",
            ),
            models.Index(fields=["reply_to", "written_at", "id"], name="replies_to_a_post"),
            models.Index(fields=["author", "written_at", "id"], name="posts_of_a_person"),
            models.Index(fields=["digest"], condition=Q(digest__isnull=False), name="posts_of_a_digest"),
            models.Index(
                fields=["thread"],
                condition=Q(digest__isnull=True, sealed__isnull=False, taken_away_at__isnull=True),
                name="posts_to_be_told_of",
            ),
        ]

    def __str__(self) -> str:
        return f"Post {self.pk}"

    @property
    def is_taken_back(self) -> bool:
        """Say whether its words are gone: its author took them back, or was erased."""
        return self.taken_back_at is not None

    @property
    def is_taken_away(self) -> bool:
        """Say whether a moderator keeps it from being read."""
        return self.taken_away_at is not None

    @property
    def is_shown(self) -> bool:
        """Say whether its words are read by whoever reads the thread."""
        return not self.is_taken_back and not self.is_taken_away


class PostReportQuerySet(models.QuerySet["PostReport"]):
    """Reads of reports."""

    def waiting(self) -> Self:
        """Return those that nobody has dealt with."""
        return self.filter(state=PostReport.State.WAITS)


class PostReport(models.Model):
    """That somebody shows a post to the moderators, with what it said then. Its author never learns who."""

    class State(models.TextChoices):
        """What became of it."""

        WAITS = "waits", "Waits for a moderator"
        TAKEN_AWAY = "taken_away", "The post was taken away"
        KEPT = "kept", "The post stays"
        GONE = "gone", "Its author took the post back"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="reports")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Post.Reason)
    sealed = models.BinaryField(null=True, help_text="What whoever reports it says of it.")
    sealed_post = models.BinaryField(help_text="What the post said then.")
    reported_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField("deal with it by", help_text="The second working day after, in the UK.")
    overdue_told_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITS)
    state_since = models.DateTimeField(default=timezone.now)

    objects = PostReportQuerySet.as_manager()

    class Meta:
        verbose_name = "reported post"
        ordering = ("-reported_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["post", "reported_by"],
                condition=Q(state="waits"),
                name="one_open_report_of_each_post_and_person",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_on", "id"],
                condition=Q(state="waits", overdue_told_at__isnull=True),
                name="reports_whose_clock_runs",
            ),
        ]

    def __str__(self) -> str:
        return f"Report {self.pk}"
