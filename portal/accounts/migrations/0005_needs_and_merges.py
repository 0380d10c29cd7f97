"""What people need, sealed; accounts and organisations that became a part of another.

Nobody works for an organisation that has merged: whoever is put there at the very moment, or by an old form, works for
the one that it is a part of. PostgreSQL holds that, since sign-up, invitations and imports all write the column.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FOLLOW_MERGERS = """
CREATE FUNCTION accounts_follow_merger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    part_of bigint;
BEGIN
    IF NEW.organisation_id IS NOT NULL THEN
        -- Locked, and not only read: an organisation that is merging at this moment is waited for.
        SELECT merged_into_id INTO part_of FROM accounts_organisation WHERE id = NEW.organisation_id FOR KEY SHARE;
        NEW.organisation_id := coalesce(part_of, NEW.organisation_id);
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER follow_merger BEFORE INSERT OR UPDATE OF organisation_id ON accounts_user
FOR EACH ROW EXECUTE FUNCTION accounts_follow_merger();
"""

FOLLOW_NO_MERGERS = """
DROP TRIGGER follow_merger ON accounts_user;
DROP FUNCTION accounts_follow_merger();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_scope_of_programme_admins"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Needs",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="needs",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("sealed", models.BinaryField()),
                (
                    "said_at",
                    models.DateTimeField(editable=False, help_text="When they said it, and agreed who may read it."),
                ),
            ],
        ),
        migrations.AddField(
            model_name="organisation",
            name="merged_into",
            field=models.ForeignKey(
                editable=False,
                help_text="The organisation that it is a part of now. It stays for what happened before.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="accounts.organisation",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="merged_into",
            field=models.ForeignKey(
                editable=False,
                help_text="The account of the same person that stays. This one is closed.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to=settings.AUTH_USER_MODEL,
                verbose_name="put together with",
            ),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", models.F("id")), _negated=True),
                name="organisation_does_not_merge_into_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("is_active", False), models.Q(("merged_into", models.F("id")), _negated=True)),
                    _connector="OR",
                ),
                name="who_was_merged_is_closed",
            ),
        ),
        migrations.RunSQL(FOLLOW_MERGERS, FOLLOW_NO_MERGERS),
    ]
