"""Why a session was moved, for those who booked it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0021_imports"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="move_reason",
            field=models.CharField(
                blank=True, db_default="", editable=False, help_text="Why it was moved the last time.", max_length=300
            ),
        ),
    ]
