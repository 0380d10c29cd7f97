"""Names by which admins find things, for one and for several; and why somebody suggests a book, as others read it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Words alone: no column changes."""

    dependencies = [
        ("bookclub", "0007_digest"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="lendingterms",
            options={
                "ordering": ("programme__name", "id"),
                "verbose_name": "set of lending terms",
                "verbose_name_plural": "sets of lending terms",
            },
        ),
        migrations.AlterModelOptions(
            name="listedbook",
            options={
                "ordering": ("cohort", "position", "id"),
                "verbose_name": "book on a reading list",
                "verbose_name_plural": "books on reading lists",
            },
        ),
        migrations.AlterModelOptions(
            name="meetingplan",
            options={
                "ordering": ("-session__starts_at", "-id"),
                "verbose_name": "plan of a book club meeting",
                "verbose_name_plural": "plans of book club meetings",
            },
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="why",
            field=models.TextField(blank=True, verbose_name="why they suggest it"),
        ),
        migrations.AlterField(
            model_name="suggestion",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Waiting"),
                    ("taken_up", "Taken up"),
                    ("set_aside", "Not this time"),
                    ("withdrawn", "Taken back"),
                ],
                default="open",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="book",
            name="how_to_get",
            field=models.TextField(
                blank=True,
                help_text="For example: ask your trust's library. Pages say by themselves which copies you lend.",
                verbose_name="how to get a copy",
            ),
        ),
    ]
