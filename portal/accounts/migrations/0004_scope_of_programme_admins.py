import django.contrib.postgres.fields
from django.db import migrations, models

KINDS = [
    ("programme_admin", "Programme admin, of the programmes that name them"),
    ("all_programmes_admin", "Programme admin, of all programmes"),
    ("facilitator", "Facilitator"),
    ("champion", "Champion"),
    ("coach", "QI coach"),
    ("organisation_lead", "Organisation lead"),
    ("board_sponsor", "Board sponsor"),
    ("triager", "Triager"),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_sign_ins_end")]

    operations = [
        migrations.AlterField(
            model_name="invitation",
            name="kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=KINDS, max_length=20),
                blank=True,
                default=list,
                size=None,
                verbose_name="roles",
            ),
        ),
        migrations.AlterField(
            model_name="role",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=20),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["name", "id"], name="people_by_name"),
        ),
    ]
