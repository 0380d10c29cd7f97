"""Codes and links carry the portal's mark, and the marks of sections and envelopes hold for more.

A section's holds for its day, too, and an envelope's for its section's ciphertext. What carries a mark as 0008 made it
is given the present one, and nothing else is: what was in doubt stays so. Codes and links had no mark: those that stand
here when this begins are taken as they are.
"""

import hashlib

from django.conf import settings
from django.db import migrations, models
from django.utils.crypto import constant_time_compare, salted_hmac

BATCH = 500


def code(told, key):
    """Return a mark as `referrals.provenance` makes it."""
    return salted_hmac("referrals.provenance", "|".join(map(str, told)), secret=key, algorithm="sha256").digest()


def digest(sealed):
    """Return a hash of what is sealed in a row."""
    return hashlib.sha256(bytes(sealed or b"")).hexdigest()


def codes(row):
    hashes = (bytes(each or b"").hex() for each in (row.receipt, row.own_receipt, row.handover))
    return ("codes", row.provider_id, row.pk, row.on_behalf, *hashes)


def link(row):
    return ("link of a group", row.provider_id, row.pk, row.epoch_id, digest(row.sealed), digest(row.key))


def given_link(row):
    return ("link of a booking", row.session_id, row.pk, digest(row.public_key), digest(row.link))


def section(row):
    names = ("section", row.referral.provider_id, row.referral_id, row.pk, row.kind, row.epoch.number, row.number)
    return (*names, digest(row.sealed)), (*names, row.on, digest(row.sealed))


def envelope(row):
    names = ("envelope", row.section_id, row.epoch_id, row.triager_id, digest(row.sealed))
    return names, (*names, digest(row.section.sealed))


def mark(rows, told):
    """Mark rows that had no mark."""
    for row in rows.order_by("pk").iterator(BATCH):
        rows.filter(pk=row.pk).update(code=code(told(row), settings.SECRET_KEY))


def mark_anew(rows, told):
    """Mark rows that carry the mark of 0008; `told` says for what it held, and for what the present one holds."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    for row in rows.order_by("pk").iterator(BATCH):
        before, now = told(row)
        if any(constant_time_compare(bytes(row.code), code(before, key)) for key in keys):
            rows.filter(pk=row.pk).update(code=code(now, settings.SECRET_KEY))


def mark_all(apps, schema_editor):
    """Mark what stands here."""
    rows = {name: apps.get_model("referrals", name).objects for name in ("Section", "Envelope", "Referral")}
    mark_anew(rows["Section"].select_related("referral", "epoch"), section)
    mark_anew(rows["Envelope"].select_related("section"), envelope)
    mark(rows["Referral"].all(), codes)
    mark(apps.get_model("referrals", "GroupSession").objects.filter(sealed__isnull=False), link)
    mark(apps.get_model("referrals", "GroupBooking").objects.filter(link__isnull=False), given_link)


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0008_rosters_marks_and_given_receipts"),
    ]

    operations = [
        migrations.AddField(
            model_name="referral",
            name="code",
            field=models.BinaryField(
                db_default=b"", default=b"", help_text="That its codes are ours: `referrals.provenance`."
            ),
        ),
        migrations.AddField(
            model_name="groupsession",
            name="code",
            field=models.BinaryField(
                db_default=b"", default=b"", help_text="That the link is ours: `referrals.provenance`."
            ),
        ),
        migrations.AddField(
            model_name="groupbooking",
            name="code",
            field=models.BinaryField(
                db_default=b"", default=b"", help_text="That the link is ours: `referrals.provenance`."
            ),
        ),
        migrations.RunPython(mark_all, migrations.RunPython.noop),
    ]
