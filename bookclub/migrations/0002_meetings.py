"""What is set for book club meetings, where members are in each book, and who was written to before a meeting.

PostgreSQL holds of them what Django's models cannot say: a plan is of a book club meeting.
"""

import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

OF_A_BOOK_CLUB_MEETING = """
CREATE FUNCTION bookclub_require_book_club_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM cohorts_session AS session
        JOIN cohorts_component AS component ON component.id = session.component_id
        WHERE session.id = NEW.session_id AND component.kind = 'book_club'
    ) THEN
        RAISE EXCEPTION 'a plan is of a book club meeting'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_plan_is_of_a_book_club_meeting';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_plan_is_of_a_book_club_meeting BEFORE INSERT OR UPDATE OF session_id ON bookclub_meetingplan
FOR EACH ROW EXECUTE FUNCTION bookclub_require_book_club_meeting();
"""

OF_ANY_SESSION = """
DROP TRIGGER a_plan_is_of_a_book_club_meeting ON bookclub_meetingplan;
DROP FUNCTION bookclub_require_book_club_meeting();
"""


class Migration(migrations.Migration):
    """Plans of meetings, prompts, readings."""

    dependencies = [
        ("bookclub", "0001_reading_lists"),
        ("cohorts", "0026_pages_that_go"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MeetingPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "chapters",
                    models.TextField(
                        blank=True,
                        help_text="For example: chapters 1 to 4. Members see this.",
                        max_length=1000,
                        verbose_name="chapters to have read",
                    ),
                ),
                (
                    "guide",
                    models.TextField(
                        blank=True,
                        help_text="How to lead the meeting. Members never see this.",
                        max_length=20000,
                        verbose_name="guide for facilitators",
                    ),
                ),
            ],
            options={
                "verbose_name": "plan of a book club meeting",
                "verbose_name_plural": "book club meetings",
                "ordering": ("-session__starts_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Prompt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "position",
                    models.PositiveSmallIntegerField(help_text="From 1. Empty once it is taken off.", null=True),
                ),
                ("text", models.TextField(max_length=1000, verbose_name="prompt")),
            ],
            options={
                "ordering": ("plan", "position", "id"),
            },
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(choices=[("begun", "Begun"), ("finished", "Finished")], max_length=8)),
                ("place", models.CharField(blank=True, max_length=60, verbose_name="chapter or page")),
                ("said_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="listedbook",
            name="nudged_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When the cohort's members were last written to before the meeting.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="listedbook",
            index=models.Index(
                condition=models.Q(("taken_off_at__isnull", True)),
                fields=["meeting"],
                name="listed_books_of_a_meeting",
            ),
        ),
        migrations.AddField(
            model_name="meetingplan",
            name="session",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="book_club_plan",
                to="cohorts.session",
                verbose_name="meeting",
            ),
        ),
        migrations.AddField(
            model_name="prompt",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="prompts", to="bookclub.meetingplan"
            ),
        ),
        migrations.AddField(
            model_name="reading",
            name="listed",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="bookclub.listedbook"
            ),
        ),
        migrations.AddField(
            model_name="reading",
            name="reader",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="prompt",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("plan", "position"),
                name="one_prompt_in_each_place_of_a_meeting",
            ),
        ),
        migrations.AddConstraint(
            model_name="prompt",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__isnull", True), ("position__gte", 1), _connector="OR"),
                name="prompts_are_counted_from_1",
            ),
        ),
        migrations.AddConstraint(
            model_name="prompt",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="a_prompt_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="reading",
            constraint=models.UniqueConstraint(fields=("reader", "listed"), name="a_reader_is_at_one_place_of_a_book"),
        ),
        migrations.AddConstraint(
            model_name="reading",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "begun"), models.Q(("place", ""), ("state", "finished")), _connector="OR"),
                name="who_has_finished_is_at_no_page",
            ),
        ),
        migrations.RunSQL(OF_A_BOOK_CLUB_MEETING, OF_ANY_SESSION),
    ]
