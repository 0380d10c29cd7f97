"""What each measure shows, kept on its row. `manage.py reckon_measures` fills it in for what is there (ADR 0091)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("qi_projects", "0006_publication")]

    operations = [
        migrations.AddField(
            model_name="measure",
            name="shows",
            field=models.CharField(
                blank=True,
                choices=[
                    ("improving", "Improving"),
                    ("worsening", "Getting worse"),
                    ("changed", "Changed, not known whether for the better"),
                    ("steady", "No signal"),
                    ("too_few", "Too few points"),
                ],
                db_default="",
                default="",
                editable=False,
                help_text="Kept by `showing`. Empty: not reckoned yet.",
                max_length=9,
                verbose_name="what it shows",
            ),
        ),
        migrations.AddIndex(
            model_name="measure",
            index=models.Index(
                condition=models.Q(("put_away_at__isnull", True)),
                fields=["shows", "project"],
                name="measures_by_what_they_show",
            ),
        ),
    ]
