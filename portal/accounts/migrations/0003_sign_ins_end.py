from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_invitations")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="sign_ins_end_at",
            field=models.DateTimeField(
                editable=False,
                help_text="Whoever signed in as this person before then is signed out.",
                null=True,
            ),
        ),
    ]
