"""Measures of projects, their points and what was decided of them.

A point is what its measure counts, whoever writes: its copy of that is held to its measure's by a composite key, and
the check on its numbers looks at the copy.
"""

import django.db.models.deletion
import django.db.models.functions.math
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SAME_AS_ITS_MEASURE = """
ALTER TABLE qi_projects_point
    ADD CONSTRAINT a_point_counts_what_its_measure_does
    FOREIGN KEY (measure_id, counted) REFERENCES qi_projects_measure (id, counted) DEFERRABLE INITIALLY DEFERRED;
"""

ON_ITS_OWN = "ALTER TABLE qi_projects_point DROP CONSTRAINT a_point_counts_what_its_measure_does;"


class Migration(migrations.Migration):
    """Measures, points and what they said earlier, new limits, notes."""

    dependencies = [
        ("qi_projects", "0001_projects"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Measure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=150)),
                (
                    "kind",
                    models.CharField(
                        choices=[("outcome", "Outcome"), ("process", "Process"), ("balancing", "Balancing")],
                        max_length=9,
                        verbose_name="what it is for",
                    ),
                ),
                ("definition", models.TextField(blank=True, verbose_name="how it is measured")),
                (
                    "counted",
                    models.CharField(
                        choices=[
                            ("value", "One figure"),
                            ("count", "How many times something happened"),
                            ("proportion", "How many out of how many"),
                            ("rate", "How many times in so many days, births or visits"),
                        ],
                        max_length=10,
                        verbose_name="what each point is",
                    ),
                ),
                ("numerator", models.CharField(blank=True, max_length=200, verbose_name="what is counted")),
                ("denominator", models.CharField(blank=True, max_length=200, verbose_name="out of what")),
                ("unit", models.CharField(blank=True, max_length=30)),
                (
                    "per",
                    models.PositiveIntegerField(
                        default=1, help_text="A rate is told for so many of what it is of.", verbose_name="for every"
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[
                            ("higher", "Higher is better"),
                            ("lower", "Lower is better"),
                            ("neither", "Neither is better"),
                        ],
                        max_length=7,
                        verbose_name="which way is better",
                    ),
                ),
                ("target", models.DecimalField(blank=True, decimal_places=15, max_digits=30, null=True)),
                ("sampling", models.TextField(blank=True, verbose_name="who or what is counted")),
                (
                    "often",
                    models.CharField(
                        choices=[
                            ("day", "Every day"),
                            ("weekday", "Every day from Monday to Friday"),
                            ("week", "Every week"),
                            ("fortnight", "Every 2 weeks"),
                            ("month", "Every month"),
                            ("quarter", "Every 3 months"),
                        ],
                        max_length=9,
                        verbose_name="how often",
                    ),
                ),
                (
                    "chart",
                    models.CharField(
                        choices=[
                            ("run", "Run chart"),
                            ("xmr", "XmR chart"),
                            ("p", "P chart"),
                            ("c", "C chart"),
                            ("u", "U chart"),
                        ],
                        default="run",
                        max_length=3,
                    ),
                ),
                (
                    "rules",
                    models.CharField(
                        choices=[
                            ("nhs_mdc", "Making Data Count (NHS England)"),
                            ("ihi", "Institute for Healthcare Improvement"),
                        ],
                        default="nhs_mdc",
                        max_length=7,
                    ),
                ),
                (
                    "baseline",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: limits rest on all points of a phase.",
                        null=True,
                        verbose_name="points in the baseline",
                    ),
                ),
                ("screen", models.BooleanField(default=True, verbose_name="leave out very large moving ranges")),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "put_away_at",
                    models.DateTimeField(editable=False, help_text="Since when it is no longer measured.", null=True),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="measures", to="qi_projects.project"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="EarlierPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("value", models.DecimalField(decimal_places=15, max_digits=30, null=True)),
                ("numerator", models.DecimalField(decimal_places=15, max_digits=30, null=True)),
                ("denominator", models.DecimalField(decimal_places=15, max_digits=30, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "taken_out",
                    models.BooleanField(default=False, help_text="It was taken out. Otherwise another took its place."),
                ),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="earlier_points",
                        to="qi_projects.measure",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Annotation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("text", models.CharField(max_length=200)),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="annotations",
                        to="qi_projects.measure",
                    ),
                ),
            ],
            options={
                "ordering": ("day", "id"),
            },
        ),
        migrations.CreateModel(
            name="Point",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "counted",
                    models.CharField(
                        choices=[
                            ("value", "One figure"),
                            ("count", "How many times something happened"),
                            ("proportion", "How many out of how many"),
                            ("rate", "How many times in so many days, births or visits"),
                        ],
                        editable=False,
                        help_text="As its measure has.",
                        max_length=10,
                    ),
                ),
                ("day", models.DateField(verbose_name="date")),
                ("value", models.DecimalField(blank=True, decimal_places=15, max_digits=30, null=True)),
                ("numerator", models.DecimalField(blank=True, decimal_places=15, max_digits=30, null=True)),
                ("denominator", models.DecimalField(blank=True, decimal_places=15, max_digits=30, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="points", to="qi_projects.measure"
                    ),
                ),
            ],
            options={
                "ordering": ("day",),
            },
        ),
        migrations.CreateModel(
            name="RebaseDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="first point")),
                (
                    "decision",
                    models.CharField(
                        choices=[("begins", "New limits begin"), ("ended", "Taken back")],
                        default="begins",
                        max_length=6,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rebases", to="qi_projects.measure"
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.AddConstraint(
            model_name="measure",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="a_measure_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="measure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("chart__in", ["run", "xmr"]),
                    models.Q(("chart", "p"), ("counted", "proportion")),
                    models.Q(("chart", "c"), ("counted", "count")),
                    models.Q(("chart", "u"), ("counted", "rate")),
                    _connector="OR",
                ),
                name="a_chart_fits_what_is_counted",
            ),
        ),
        migrations.AddConstraint(
            model_name="measure",
            constraint=models.CheckConstraint(
                condition=models.Q(("baseline__isnull", True), ("baseline__range", (2, 1000)), _connector="OR"),
                name="a_baseline_has_some_points",
            ),
        ),
        migrations.AddConstraint(
            model_name="measure",
            constraint=models.CheckConstraint(condition=models.Q(("per__gte", 1)), name="a_rate_is_for_one_or_more"),
        ),
        migrations.AddConstraint(
            model_name="measure",
            constraint=models.UniqueConstraint(fields=("id", "counted"), name="what_a_measure_counts"),
        ),
        migrations.AddConstraint(
            model_name="annotation",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="an_annotation_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="point",
            constraint=models.UniqueConstraint(fields=("measure", "day"), name="one_point_of_a_measure_for_each_day"),
        ),
        migrations.AddConstraint(
            model_name="point",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("counted", "value"), ("denominator__isnull", True), ("numerator__isnull", True)),
                    models.Q(
                        ("counted", "count"),
                        ("value__isnull", True),
                        ("denominator__isnull", True),
                        ("numerator__isnull", True),
                    ),
                    models.Q(
                        ("counted", "count"),
                        ("value", django.db.models.functions.math.Floor("value")),
                        ("value__gte", 0),
                        ("denominator__isnull", True),
                        ("numerator__isnull", True),
                    ),
                    models.Q(
                        ("counted__in", ["proportion", "rate"]),
                        ("value__isnull", True),
                        ("denominator__isnull", True),
                        ("numerator__isnull", True),
                    ),
                    models.Q(
                        ("counted", "rate"),
                        ("denominator__gt", 0),
                        ("denominator__isnull", False),
                        ("numerator__isnull", False),
                        ("value__isnull", True),
                        ("numerator", django.db.models.functions.math.Floor("numerator")),
                        ("numerator__gte", 0),
                    ),
                    models.Q(
                        ("counted", "proportion"),
                        ("denominator", django.db.models.functions.math.Floor("denominator")),
                        ("numerator__lte", models.F("denominator")),
                        ("denominator__gt", 0),
                        ("denominator__isnull", False),
                        ("numerator__isnull", False),
                        ("value__isnull", True),
                        ("numerator", django.db.models.functions.math.Floor("numerator")),
                        ("numerator__gte", 0),
                    ),
                    _connector="OR",
                ),
                name="a_point_is_what_its_measure_counts",
            ),
        ),
        migrations.AddConstraint(
            model_name="rebasedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="new_limits_have_a_reason"
            ),
        ),
        migrations.RunSQL(SAME_AS_ITS_MEASURE, ON_ITS_OWN),
    ]
