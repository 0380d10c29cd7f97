from typing import Any

from django.db import migrations, models


def close(apps: Any, schema_editor: Any) -> None:
    """Take away the first day to apply where there is no last one: nobody could apply there, and nobody can now.

    A last day that we made up would let people apply on days that no team has decided on.
    """
    apps.get_model("cohorts", "Cohort").objects.filter(closes_on=None).update(opens_on=None)


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0015_retention"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="cohort",
            name="cohort_closes_after_it_opens",
        ),
        migrations.RunPython(close, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closes_on__isnull", True), ("opens_on__isnull", True)),
                    models.Q(
                        ("closes_on__gte", models.F("opens_on")),
                        ("closes_on__isnull", False),
                        ("opens_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="cohort_closes_after_it_opens",
                violation_error_message="Enter both days for applications, the last one not before the first, or neither.",
            ),
        ),
    ]
