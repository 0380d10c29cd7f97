"""A material may be a file."""

import django.db.models.deletion
from django.db import migrations, models

from portal.attachments.holding import goes_with_its_row


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0001_attachments"),
        ("cohorts", "0024_self_study"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="material",
            name="material_says_something",
        ),
        migrations.AddField(
            model_name="material",
            name="file",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attachments.attachment",
            ),
        ),
        migrations.AddConstraint(
            model_name="material",
            constraint=models.CheckConstraint(
                condition=models.Q(("file", None), ("link", ""), ("text", ""), _negated=True),
                name="material_says_something",
                violation_error_message="Enter a link or a text, or choose a file.",
            ),
        ),
        goes_with_its_row("cohorts_material"),
    ]
