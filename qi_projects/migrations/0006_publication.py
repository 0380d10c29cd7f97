"""What teams publish of their projects, the charts that go with it, and who agreed to be named."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("qi_projects", "0005_files_and_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Being written"),
                            ("sent", "With an editor"),
                            ("returned", "Returned with reasons"),
                            ("published", "Published"),
                            ("taken_back", "Taken back"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=150, verbose_name="title")),
                (
                    "setting",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("maternity", "Maternity unit"),
                            ("community", "Community"),
                            ("neonatal", "Neonatal unit"),
                            ("primary_care", "Primary care"),
                            ("mental_health", "Mental health"),
                            ("trust_wide", "Across the trust"),
                            ("board", "Board"),
                            ("other", "Somewhere else"),
                        ],
                        max_length=13,
                        verbose_name="setting",
                    ),
                ),
                (
                    "organisation_name",
                    models.CharField(
                        blank=True,
                        help_text="As others are to read it. It can be left general.",
                        max_length=200,
                        verbose_name="where it took place",
                    ),
                ),
                ("noticed", models.TextField(blank=True, verbose_name="what you noticed, and why it matters")),
                ("aim", models.TextField(blank=True, verbose_name="the aim")),
                ("what_changed", models.TextField(blank=True, verbose_name="what you changed")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("improved", "It got better"),
                            ("mixed", "Some of it got better, and some did not"),
                            ("no_change", "Nothing changed that we can see"),
                            ("worse", "It got worse"),
                            ("cannot_tell", "We cannot tell"),
                        ],
                        max_length=11,
                        verbose_name="what came of it",
                    ),
                ),
                ("what_came_of_it", models.TextField(blank=True, verbose_name="what came of it, in words")),
                ("tell_next", models.TextField(blank=True, verbose_name="what you would tell the next team")),
                (
                    "measures_shown",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="The measures whose charts it shows.",
                        size=None,
                        verbose_name="charts",
                    ),
                ),
                ("shows_diagram", models.BooleanField(default=False, verbose_name="the driver diagram")),
                (
                    "diagram",
                    models.JSONField(
                        editable=False, help_text="The driver diagram as it was sent to an editor.", null=True
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, help_text="Raised by each change.")),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("sent_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reasons", models.TextField(blank=True, verbose_name="what the editor wrote")),
                ("published_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_why", models.TextField(blank=True, verbose_name="why it was taken down")),
                (
                    "taken_down",
                    models.BooleanField(default=False, help_text="By an editor. Otherwise by its own team."),
                ),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.CombinedSearchVector(
                            django.contrib.postgres.search.SearchVector("title", config="english", weight="A"),
                            "||",
                            django.contrib.postgres.search.SearchVector(
                                "organisation_name",
                                "noticed",
                                "aim",
                                "what_changed",
                                "what_came_of_it",
                                "tell_next",
                                config="english",
                                weight="B",
                            ),
                            django.contrib.postgres.search.SearchConfig("english"),
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        help_text="The editor who published it, or returned it last.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
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
                        related_name="publications",
                        to="qi_projects.project",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publications",
                        to="qi_projects.theme",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "get_latest_by": "id",
            },
        ),
        migrations.CreateModel(
            name="NamingConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "answer",
                    models.CharField(
                        choices=[("named", "Named"), ("not_named", "Not named"), ("taken_back", "Name taken back")],
                        max_length=10,
                    ),
                ),
                ("byline", models.CharField(blank=True, max_length=600)),
                ("answered_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "of_words",
                    models.CharField(
                        editable=False, help_text="A hash of the story that they could read.", max_length=64
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="naming_consents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="qi_projects.publication",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="PublishedChart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("shown", models.JSONField(help_text="What is measured, and the series that is drawn.")),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="charts", to="qi_projects.publication"
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
            },
        ),
        migrations.AddIndex(
            model_name="publication",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="publications_by_words"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state", "published")),
                fields=["-published_at", "-id"],
                name="publications_in_the_gallery",
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state", "sent")), fields=["sent_at"], name="publications_with_an_editor"
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state", "taken_back")), fields=["ended_at"], name="publications_taken_back"
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "taken_back"), _negated=True),
                fields=("project",),
                name="one_live_publication_of_each_project",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "returned", "taken_back"]),
                    models.Q(
                        models.Q(("title", ""), _negated=True),
                        models.Q(("setting", ""), _negated=True),
                        models.Q(("aim", ""), _negated=True),
                        models.Q(("what_changed", ""), _negated=True),
                        models.Q(("result", ""), _negated=True),
                        models.Q(("what_came_of_it", ""), _negated=True),
                        ("sent_at__isnull", False),
                        ("sent_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_publication_is_sent_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at__isnull", True), ("state__in", ["draft", "sent", "returned"])),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("published_at__isnull", False),
                        ("state__in", ["published", "taken_back"]),
                    ),
                    _connector="OR",
                ),
                name="a_publication_is_published_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "returned"), _negated=True),
                    models.Q(models.Q(("reasons", ""), _negated=True), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_publication_is_returned_with_reasons",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False), ("state", "taken_back")),
                    models.Q(
                        models.Q(("state", "taken_back"), _negated=True),
                        ("ended_at__isnull", True),
                        ("ended_by__isnull", True),
                        ("taken_down", False),
                    ),
                    _connector="OR",
                ),
                name="a_publication_is_taken_back_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_why", ""), ("taken_down", True), _negated=True),
                name="a_publication_is_taken_down_with_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="namingconsent",
            constraint=models.UniqueConstraint(
                fields=("publication", "person"), name="one_answer_of_each_person_and_publication"
            ),
        ),
        migrations.AddConstraint(
            model_name="namingconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "named"), models.Q(("byline", ""), _negated=True)),
                    models.Q(models.Q(("answer", "named"), _negated=True), ("byline", "")),
                    _connector="OR",
                ),
                name="a_name_stands_where_its_person_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="publishedchart",
            constraint=models.UniqueConstraint(
                fields=("publication", "position"), name="one_published_chart_in_each_place"
            ),
        ),
    ]
