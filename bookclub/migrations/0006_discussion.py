"""Threads of book club meetings, what is posted there, and what is reported of it.

PostgreSQL holds of them what Django's models cannot say: a thread is of a book club meeting of its cohort, and replies
are to posts of the same thread that are no replies.
"""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

A_MEETING_OF_ITS_COHORT = """
CREATE TRIGGER a_thread_has_a_meeting_of_its_cohort BEFORE INSERT OR UPDATE OF meeting_id, cohort_id ON bookclub_thread
FOR EACH ROW EXECUTE FUNCTION bookclub_require_meeting();

CREATE FUNCTION bookclub_require_one_level_of_replies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reply_to_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM bookclub_post AS post
        WHERE post.id = NEW.reply_to_id AND post.thread_id = NEW.thread_id AND post.reply_to_id IS NULL
    ) THEN
        RAISE EXCEPTION 'a reply is to a post of the same thread that is no reply'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_reply_is_to_a_post';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_reply_is_to_a_post BEFORE INSERT OR UPDATE OF reply_to_id, thread_id ON bookclub_post
FOR EACH ROW EXECUTE FUNCTION bookclub_require_one_level_of_replies();
"""

ANY_MEETING = """
DROP TRIGGER a_reply_is_to_a_post ON bookclub_post;
DROP FUNCTION bookclub_require_one_level_of_replies();
DROP TRIGGER a_thread_has_a_meeting_of_its_cohort ON bookclub_thread;
"""


class Migration(migrations.Migration):
    """Threads, posts and reports."""

    dependencies = [
        ("bookclub", "0005_loans"),
        ("cohorts", "0026_pages_that_go"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Thread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "closed_at",
                    models.DateTimeField(help_text="While it is closed, it is read and not written in.", null=True),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="book_club_threads",
                        to="cohorts.cohort",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="book_club_threads",
                        to="cohorts.session",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "uid",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="By which its author's page knows it before it is posted."
                    ),
                ),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("sealed", models.BinaryField(null=True)),
                (
                    "sealed_html",
                    models.BinaryField(
                        help_text="The words as they are shown, so that a page of them need not be made anew each time.",
                        null=True,
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=1,
                        help_text="One more whenever it changes, or is taken away or put back: by which two tabs are told.",
                    ),
                ),
                ("edited_at", models.DateTimeField(null=True)),
                ("taken_back_at", models.DateTimeField(null=True)),
                ("taken_away_at", models.DateTimeField(null=True)),
                (
                    "taken_away_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("hurts", "It attacks or belittles somebody"),
                            ("racist", "It is racist, or discriminates in another way"),
                            ("confidential", "It tells of a patient, or something confidential"),
                            ("other", "Something else"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "sealed_note",
                    models.BinaryField(help_text="What the moderator who took it away tells its author.", null=True),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="bookclub.post",
                    ),
                ),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="posts", to="bookclub.thread"
                    ),
                ),
            ],
            options={
                "ordering": ("written_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="PostReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("hurts", "It attacks or belittles somebody"),
                            ("racist", "It is racist, or discriminates in another way"),
                            ("confidential", "It tells of a patient, or something confidential"),
                            ("other", "Something else"),
                        ],
                        max_length=12,
                    ),
                ),
                ("sealed", models.BinaryField(help_text="What whoever reports it says of it.", null=True)),
                ("sealed_post", models.BinaryField(help_text="What the post said then.")),
                ("reported_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "due_on",
                    models.DateField(
                        help_text="The second working day after, in the UK.", verbose_name="deal with it by"
                    ),
                ),
                ("overdue_told_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waits", "Waits for a moderator"),
                            ("taken_away", "The post was taken away"),
                            ("kept", "The post stays"),
                            ("gone", "Its author took the post back"),
                        ],
                        default="waits",
                        max_length=10,
                    ),
                ),
                ("state_since", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="bookclub.post"
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "reported post",
                "ordering": ("-reported_at", "-id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("overdue_told_at__isnull", True), ("state", "waits")),
                        fields=["due_on", "id"],
                        name="reports_whose_clock_runs",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waits")),
                        fields=("post", "reported_by"),
                        name="one_open_report_of_each_post_and_person",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(fields=["cohort"], name="threads_of_a_cohort"),
        ),
        migrations.AddConstraint(
            model_name="thread",
            constraint=models.UniqueConstraint(
                fields=("meeting", "cohort"), name="one_thread_of_each_meeting_and_cohort"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["thread", "written_at", "id"], name="posts_of_a_thread"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("reply_to__isnull", True)),
                fields=["thread", "written_at", "id"],
                name="posts_that_are_no_reply",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["reply_to", "written_at", "id"], name="replies_to_a_post"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["author", "written_at", "id"], name="posts_of_a_person"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(fields=("author", "uid"), name="one_post_of_each_uid"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sealed__isnull", True), ("sealed_html__isnull", True), ("taken_back_at__isnull", False)),
                    models.Q(("sealed__isnull", False), ("taken_back_at__isnull", True)),
                    _connector="OR",
                ),
                name="a_post_has_words_until_it_is_taken_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sealed_note__isnull", True), ("taken_away_at__isnull", True), ("taken_away_for", "")),
                    models.Q(("taken_away_at__isnull", False), models.Q(("taken_away_for", ""), _negated=True)),
                    _connector="OR",
                ),
                name="a_post_that_was_taken_away_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="versions_of_a_post_are_counted_from_1"
            ),
        ),
        migrations.RunSQL(A_MEETING_OF_ITS_COHORT, ANY_MEETING),
    ]
