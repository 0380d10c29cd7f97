"""What coaches and teams say beside a project, coaches' absences, progress scores, and reviews."""

from decimal import Decimal

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0023_graduation"),
        ("qi_projects", "0003_diagram_and_cycles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for review"),
                            ("withdrawn", "Taken back by the team"),
                            ("returned", "Returned with reasons"),
                            ("accepted", "Accepted"),
                            ("undone", "Acceptance taken back"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("note", models.TextField(blank=True, verbose_name="what the team wrote beside it")),
                ("submitted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reasons", models.TextField(blank=True, verbose_name="what the reviewer wrote")),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_why", models.TextField(blank=True, verbose_name="why the acceptance was taken back")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="qi_projects.project",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "get_latest_by": "id",
            },
        ),
        migrations.CreateModel(
            name="Credit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "evidence",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project_credit",
                        to="cohorts.evidence",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="credits", to="qi_projects.teamplace"
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="credits", to="qi_projects.submission"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Thread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("comment", "Comment"), ("help", "Call for help")], max_length=7)),
                (
                    "help_with",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("method", "The method: what to do next, and how"),
                            ("data", "Data: what to measure, or what a chart says"),
                            ("people", "People: getting others on board"),
                            ("time", "Time, or permission"),
                            ("other", "Something else"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        blank=True, help_text="What it is about. Empty: the whole project.", max_length=40
                    ),
                ),
                (
                    "waits_for",
                    models.CharField(
                        blank=True,
                        choices=[("team", "Team"), ("coach", "Coach")],
                        help_text="Whose turn it is.",
                        max_length=5,
                    ),
                ),
                ("waits_since", models.DateTimeField(default=django.utils.timezone.now)),
                ("settled_at", models.DateTimeField(help_text="When somebody marked it as dealt with.", null=True)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="threads", to="qi_projects.project"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ThreadMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("side", models.CharField(choices=[("team", "Team"), ("coach", "Coach")], max_length=5)),
                ("text", models.TextField()),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="thread_messages",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="qi_projects.thread"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="CoachAbsence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField(verbose_name="first day away")),
                ("to_on", models.DateField(verbose_name="last day away")),
                (
                    "coach",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coach_absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "covered_by",
                    models.ForeignKey(
                        help_text="Empty: nobody, since whoever was asked has said that they cannot.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covers_for",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("from_on", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("from_on__lte", models.F("to_on"))), name="an_absence_begins_first"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("covered_by__isnull", True),
                            models.Q(("covered_by", models.F("coach")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_stands_in_for_themselves",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("coach", "="),
                            (
                                models.Func(
                                    models.F("from_on"), models.F("to_on"), models.Value("[]"), function="daterange"
                                ),
                                "&&",
                            ),
                        ],
                        name="a_coach_is_away_once_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgressScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score", models.DecimalField(decimal_places=1, max_digits=2)),
                ("supported_by", models.TextField(verbose_name="what supports it")),
                ("set_by_side", models.CharField(choices=[("team", "Team"), ("coach", "Coach")], max_length=5)),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="scores", to="qi_projects.project"
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "get_latest_by": "id",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "score__in",
                                (
                                    Decimal("0.5"),
                                    Decimal(1),
                                    Decimal("1.5"),
                                    Decimal(2),
                                    Decimal("2.5"),
                                    Decimal(3),
                                    Decimal("3.5"),
                                    Decimal(4),
                                    Decimal("4.5"),
                                    Decimal(5),
                                ),
                            )
                        ),
                        name="a_score_is_a_step_of_the_scale",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("supported_by", ""), _negated=True), name="a_score_says_what_supports_it"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["submitted_at"], name="submissions_that_wait_by_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "accepted"])),
                fields=("project",),
                name="a_project_is_under_review_or_accepted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True),
                        ("decided_by__isnull", True),
                        ("state__in", ["waiting", "withdrawn"]),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ["returned", "accepted", "undone"]),
                    ),
                    _connector="OR",
                ),
                name="a_decision_about_a_project_is_somebodys",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(("reasons", ""), ("state", "returned"), _negated=True),
                name="a_project_is_returned_with_reasons",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", "undone"),
                        ("undone_at__isnull", False),
                        ("undone_by__isnull", False),
                        models.Q(("undone_why", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "undone"), _negated=True),
                        ("undone_at__isnull", True),
                        ("undone_by__isnull", True),
                        ("undone_why", ""),
                    ),
                    _connector="OR",
                ),
                name="an_acceptance_is_taken_back_with_why",
            ),
        ),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(
                condition=models.Q(("waits_for", ""), _negated=True),
                fields=["project", "waits_for"],
                name="threads_that_somebody_awaits",
            ),
        ),
        migrations.AddConstraint(
            model_name="thread",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("settled_at__isnull", True), ("settled_by__isnull", True), ("waits_for__in", ["team", "coach"])
                    ),
                    models.Q(("settled_at__isnull", False), ("settled_by__isnull", False), ("waits_for", "")),
                    _connector="OR",
                ),
                name="a_thread_waits_until_it_is_dealt_with",
            ),
        ),
        migrations.AddConstraint(
            model_name="thread",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "help"), models.Q(("help_with", ""), _negated=True)),
                    models.Q(("help_with", ""), ("kind", "comment")),
                    _connector="OR",
                ),
                name="a_call_for_help_says_with_what",
            ),
        ),
    ]
