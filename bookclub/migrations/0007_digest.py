"""Digests of what is new in threads. Posts that stand there already are told of in the first."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Digests, and which tells of a post."""

    dependencies = [
        ("bookclub", "0006_discussion"),
        ("cohorts", "0026_pages_that_go"),
    ]

    operations = [
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(help_text="On the UK clock.")),
                (
                    "cohort",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="book_club_digests",
                        to="cohorts.cohort",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="post",
            name="digest",
            field=models.ForeignKey(
                db_index=False,
                help_text="In which the others are told of it. Whatever has none yet is told of in the next.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="posts",
                to="bookclub.digest",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("digest__isnull", False)), fields=["digest"], name="posts_of_a_digest"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(
                    ("digest__isnull", True), ("sealed__isnull", False), ("taken_away_at__isnull", True)
                ),
                fields=["thread"],
                name="posts_to_be_told_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="digest",
            constraint=models.UniqueConstraint(fields=("cohort", "day"), name="one_digest_of_a_cohort_a_day"),
        ),
    ]
