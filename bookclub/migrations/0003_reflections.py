"""What members write of what they read, sealed; and what PostgreSQL holds of it that Django's models cannot say.

* It is written for a book that its cohort has or had on its list, or for a book club meeting of its programme.
"""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

TARGETS_OF_ITS_COHORT = """
CREATE FUNCTION bookclub_require_target() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.listed_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM bookclub_listedbook AS listed
        WHERE listed.id = NEW.listed_id AND listed.cohort_id = NEW.cohort_id
    )) OR (NEW.meeting_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM cohorts_session AS session
        JOIN cohorts_component AS component ON component.id = session.component_id
        JOIN cohorts_cohort AS cohort ON cohort.id = NEW.cohort_id
        WHERE session.id = NEW.meeting_id AND component.kind = 'book_club'
        AND component.programme_id = cohort.programme_id
        AND (session.cohort_id = cohort.id OR session.cohort_id IS NULL)
    )) THEN
        RAISE EXCEPTION 'a reflection is written for a book or a book club meeting of its cohort'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_reflection_has_a_target_of_its_cohort';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER a_reflection_has_a_target_of_its_cohort
BEFORE INSERT OR UPDATE OF listed_id, meeting_id, cohort_id ON bookclub_reflection
FOR EACH ROW EXECUTE FUNCTION bookclub_require_target();
"""

ANY_TARGETS = """
DROP TRIGGER a_reflection_has_a_target_of_its_cohort ON bookclub_reflection;
DROP FUNCTION bookclub_require_target();
"""


class Migration(migrations.Migration):
    """Reflections and their drafts."""

    dependencies = [
        ("bookclub", "0002_meetings"),
        ("cohorts", "0026_pages_that_go"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reflection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "uid",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="By which its author's pages know it, before it is saved too."
                    ),
                ),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "changed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="When its author last wrote in it or shared it."
                    ),
                ),
                ("sealed", models.BinaryField(null=True)),
                ("saved_at", models.DateTimeField(null=True)),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="One more whenever what is saved changes, or who reads it: by which two tabs are told.",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("nobody", "Only you"),
                            ("facilitators", "The facilitators"),
                            ("cohort", "Your cohort and the facilitators"),
                        ],
                        default="nobody",
                        max_length=12,
                    ),
                ),
                ("shared_at", models.DateTimeField(null=True)),
                ("draft_sealed", models.BinaryField(null=True)),
                ("draft_at", models.DateTimeField(null=True)),
                (
                    "draft_of",
                    models.PositiveIntegerField(default=0, help_text="The version on which the draft was begun."),
                ),
                (
                    "draft_turn",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="One more whenever a draft is kept or goes, so that one tab does not write over another.",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reflections", to="cohorts.cohort"
                    ),
                ),
                (
                    "listed",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reflections",
                        to="bookclub.listedbook",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reflections",
                        to="cohorts.session",
                    ),
                ),
            ],
            options={
                "ordering": ("-begun_at", "-id"),
                "indexes": [
                    models.Index(fields=["author", "cohort", "begun_at"], name="reflections_of_a_person"),
                    models.Index(
                        condition=models.Q(("audience__in", ["facilitators", "cohort"])),
                        fields=["cohort", "shared_at", "id"],
                        name="reflections_that_are_shared",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("author", "uid"), name="one_reflection_of_each_uid"),
                    models.UniqueConstraint(
                        condition=models.Q(("sealed__isnull", True)),
                        fields=("author", "cohort", "listed", "meeting"),
                        name="one_unsaved_reflection_of_each_target",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sealed__isnull", False), ("draft_sealed__isnull", False), _connector="OR"),
                        name="a_reflection_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("saved_at__isnull", True), ("sealed__isnull", True), ("version", 0)),
                            models.Q(("saved_at__isnull", False), ("sealed__isnull", False), ("version__gte", 1)),
                            _connector="OR",
                        ),
                        name="a_saved_reflection_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("draft_at__isnull", True), ("draft_sealed__isnull", True)),
                            models.Q(("draft_at__isnull", False), ("draft_sealed__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_draft_says_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("audience", "nobody"), ("shared_at__isnull", True)),
                            models.Q(
                                ("audience__in", ["facilitators", "cohort"]),
                                ("sealed__isnull", False),
                                ("shared_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="what_is_shared_is_saved_and_says_since_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("listed__isnull", True), ("meeting__isnull", True), _connector="OR"),
                        name="a_reflection_has_one_target",
                    ),
                ],
            },
        ),
        migrations.RunSQL(TARGETS_OF_ITS_COHORT, ANY_TARGETS),
    ]
