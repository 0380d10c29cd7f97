"""Indexes for what programme admins look for each day, which hold that and nothing else."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0005_programme_admins_of_all"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                models.Func("during", function="upper"),
                models.F("session"),
                condition=models.Q(("state", "booked")),
                name="booking_register_to_take",
            ),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(
                condition=models.Q(
                    models.Q(
                        models.Q(("venue__isnull", True), models.Q(("format", "online"), _negated=True)),
                        models.Q(("join_link", ""), models.Q(("format", "in_person"), _negated=True)),
                        _connector="OR",
                    ),
                    ("cancelled_at__isnull", True),
                ),
                fields=["starts_at"],
                name="session_without_a_place",
            ),
        ),
    ]
