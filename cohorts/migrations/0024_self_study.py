"""Self-study: courses of pages with exercises, which pages of one somebody has done, and what that is evidence of."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

WHAT_A_STUDY_HOLDS = """
CREATE FUNCTION cohorts_page_done_is_of_its_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked, and not only read: a page that is being deleted at this moment is waited for.
    PERFORM 1
    FROM cohorts_coursepage AS page
    JOIN cohorts_coursemodule AS module ON module.id = page.module_id
    JOIN cohorts_study AS study ON study.course_id = module.course_id
    WHERE page.id = NEW.page_id AND study.id = NEW.study_id
    FOR KEY SHARE OF page;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the page is not, or no longer, part of the course'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_page_done_is_of_its_course';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER page_is_of_its_course BEFORE INSERT ON cohorts_pagedone
FOR EACH ROW EXECUTE FUNCTION cohorts_page_done_is_of_its_course();

CREATE FUNCTION cohorts_study_keeps_its_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.evidence_id IS NOT NULL AND NEW.evidence_id IS DISTINCT FROM OLD.evidence_id THEN
        RAISE EXCEPTION 'a study is recorded once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_study_is_recorded_once';
    END IF;
    IF NEW.evidence_id IS NOT NULL AND NOT EXISTS (
        SELECT 1
        FROM cohorts_evidence AS evidence
        JOIN cohorts_course AS course ON course.component_id = evidence.component_id
        WHERE evidence.id = NEW.evidence_id AND evidence.kind = 'self_study' AND course.id = NEW.course_id
    ) THEN
        RAISE EXCEPTION 'the evidence is of something else'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_study_has_its_own_evidence';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER keeps_its_evidence BEFORE INSERT OR UPDATE OF evidence_id ON cohorts_study
FOR EACH ROW EXECUTE FUNCTION cohorts_study_keeps_its_evidence();
"""

HOLDS_NO_MORE = """
DROP TRIGGER keeps_its_evidence ON cohorts_study;
DROP FUNCTION cohorts_study_keeps_its_evidence();
DROP TRIGGER page_is_of_its_course ON cohorts_pagedone;
DROP FUNCTION cohorts_page_done_is_of_its_course();
"""


class Migration(migrations.Migration):
    """Courses, and people's ways through them."""

    dependencies = [
        ("cohorts", "0023_graduation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Course",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "introduction",
                    models.TextField(
                        blank=True,
                        help_text="What it is about, for whoever is about to begin. An empty line starts a new paragraph.",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        help_text="How long all of it takes, about.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(960),
                        ],
                    ),
                ),
                ("published", models.BooleanField(default=False, editable=False)),
                (
                    "component",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="course", to="cohorts.component"
                    ),
                ),
            ],
            options={
                "verbose_name": "self-study course",
                "ordering": ("component__programme", "component__position"),
            },
        ),
        migrations.CreateModel(
            name="CourseModule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=1, help_text="Its place in the course: 1 comes first."),
                ),
                ("title", models.CharField(max_length=150)),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="modules", to="cohorts.course"
                    ),
                ),
            ],
            options={
                "verbose_name": "module",
                "ordering": ("position", "id"),
            },
        ),
        migrations.CreateModel(
            name="CoursePage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=1, help_text="Its place in the module: 1 comes first."),
                ),
                ("title", models.CharField(max_length=150)),
                ("text", models.TextField(blank=True, help_text="An empty line starts a new paragraph.")),
                (
                    "video_link",
                    models.URLField(
                        blank=True,
                        help_text="Where a video can be watched, without an account: https:// alone.",
                        max_length=500,
                    ),
                ),
                (
                    "transcript",
                    models.TextField(
                        blank=True,
                        help_text="All that is said and shown in the video. A video without it cannot be saved.",
                    ),
                ),
                (
                    "exercise",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "None: a page to read"),
                            ("one", "Choose one answer"),
                            ("several", "Choose all that apply"),
                            ("order", "Put in order"),
                            ("number", "Work out a number"),
                            ("reflection", "Think about it: nothing is asked, nothing is kept"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("question", models.CharField(blank=True, help_text="What the exercise asks.", max_length=300)),
                (
                    "number",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        help_text="Of a number to work out.",
                        max_digits=12,
                        null=True,
                        verbose_name="right number",
                    ),
                ),
                (
                    "tolerance",
                    models.DecimalField(
                        decimal_places=4,
                        default=0,
                        help_text="How far from the right number is right, too. For example: 0.5",
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "unit",
                    models.CharField(blank=True, help_text="Stands behind the number, for example: %", max_length=20),
                ),
                (
                    "hint",
                    models.TextField(
                        blank=True,
                        help_text="Helps whoever has not found it yet: for an order and for a number, what to look at again.",
                    ),
                ),
                (
                    "explanation",
                    models.TextField(
                        blank=True,
                        help_text="Shown with the right answer: why it is so. An empty line starts a new paragraph.",
                    ),
                ),
                (
                    "module",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pages", to="cohorts.coursemodule"
                    ),
                ),
            ],
            options={
                "verbose_name": "self-study page",
                "ordering": ("module__course", "module__position", "module", "position", "id"),
            },
        ),
        migrations.CreateModel(
            name="PageOption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="Its place in the list. Of things to put in order: its right place."
                    ),
                ),
                ("text", models.CharField(max_length=200)),
                (
                    "is_right",
                    models.BooleanField(
                        default=False, help_text="Not needed for things to put in order.", verbose_name="right"
                    ),
                ),
                (
                    "feedback",
                    models.CharField(
                        blank=True,
                        help_text="Why this is right, or what speaks against it. For whoever chose it.",
                        max_length=500,
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="options", to="cohorts.coursepage"
                    ),
                ),
            ],
            options={
                "verbose_name": "answer",
                "ordering": ("position", "id"),
            },
        ),
        migrations.CreateModel(
            name="Study",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "last_on",
                    models.DateField(
                        default=django.utils.timezone.localdate,
                        help_text="The last day (a UK date) on which they did something.",
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="studies", to="cohorts.course"
                    ),
                ),
                (
                    "evidence",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cohorts.evidence"
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="studies", to="cohorts.membership"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="cohorts.coursepage",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "studies",
            },
        ),
        migrations.CreateModel(
            name="PageDone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cohorts.coursepage"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="done", to="cohorts.study"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "pages done",
            },
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gte", 1)), name="a_course_takes_some_minutes"
            ),
        ),
        migrations.AddConstraint(
            model_name="coursepage",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), ("video_link", ""), _negated=True),
                name="a_page_has_something_on_it",
                violation_error_message="Enter a text, or a link to a video, or both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="coursepage",
            constraint=models.CheckConstraint(
                condition=models.Q(("video_link", ""), ("video_link__startswith", "https://"), _connector="OR"),
                name="a_video_goes_over_https",
                violation_error_message="Enter a link to the video that begins with https://",
            ),
        ),
        migrations.AddConstraint(
            model_name="coursepage",
            constraint=models.CheckConstraint(
                condition=models.Q(("video_link", ""), models.Q(("transcript", ""), _negated=True), _connector="OR"),
                name="a_video_has_its_transcript",
                violation_error_message="Enter the transcript of the video: not everybody can watch or hear it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="coursepage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("exercise", ""), ("question", "")),
                    models.Q(models.Q(("exercise", ""), _negated=True), models.Q(("question", ""), _negated=True)),
                    _connector="OR",
                ),
                name="an_exercise_asks_something",
                violation_error_message="An exercise needs its question, and a question needs its kind of exercise.",
            ),
        ),
        migrations.AddConstraint(
            model_name="coursepage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("exercise", "number"), ("number__isnull", False)),
                    models.Q(models.Q(("exercise", "number"), _negated=True), ("number__isnull", True)),
                    _connector="OR",
                ),
                name="a_number_to_work_out_is_known",
                violation_error_message="Enter the right number, for “Work out a number” and for nothing else.",
            ),
        ),
        migrations.AddConstraint(
            model_name="coursepage",
            constraint=models.CheckConstraint(
                condition=models.Q(("tolerance__gte", 0)), name="a_tolerance_is_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="study",
            constraint=models.UniqueConstraint(fields=("membership", "course"), name="one_study_of_each_course"),
        ),
        migrations.AddConstraint(
            model_name="pagedone",
            constraint=models.UniqueConstraint(fields=("study", "page"), name="a_page_is_done_once"),
        ),
        migrations.RunSQL(WHAT_A_STUDY_HOLDS, HOLDS_NO_MORE),
    ]
