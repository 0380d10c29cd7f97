"""Say of each programme admin whether they keep all programmes, or those that name them.

Until now who was named on no programme kept each that named nobody. They become admins of all programmes; who is named
goes on keeping what names them. An invitation that nobody has answered yet brings the narrower of the two roles.
"""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

NAMED, OF_ALL = "programme_admin", "all_programmes_admin"


def widen(apps, schema_editor):
    """Make admins of all programmes of those who are named on none."""
    named = apps.get_model("cohorts", "Programme").admins.through.objects.filter(user=OuterRef("user"))
    _change(apps, NAMED, OF_ALL, ~Exists(named))


def narrow(apps, schema_editor):
    """Give back the one kind of programme admin that there was."""
    _change(apps, OF_ALL, NAMED, Q())


def _change(apps, old, new, whose):
    """Make roles of one kind roles of the other, where they have not ended, and say so in the trail."""
    roles = apps.get_model("accounts", "Role").objects
    current = roles.filter(Q(until__isnull=True) | Q(until__gt=Now()), whose, kind=old)
    has_both = roles.filter(user=OuterRef("user"), kind=new)
    people = list(current.filter(~Exists(has_both)).values_list("user", flat=True))
    roles.filter(user__in=people, kind=old).update(kind=new)
    entry = apps.get_model("trail", "Entry")
    entry.objects.bulk_create(
        entry(actor_kind="system", verb=verb, subject=f"user:{person}", details={"kind": kind})
        for person in people
        for verb, kind in (("role.ended", old), ("role.granted", new))
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_scope_of_programme_admins"),
        ("cohorts", "0004_queues_end"),
        ("trail", "0002_append_only"),
    ]

    operations = [
        migrations.AlterField(
            model_name="programme",
            name="admins",
            field=models.ManyToManyField(
                blank=True,
                help_text="Programme admins who keep this programme, beside those of all programmes.",
                related_name="programmes_kept",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(widen, narrow),
    ]
