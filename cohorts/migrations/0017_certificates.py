"""Certificates, and what PostgreSQL holds of them that Django's models cannot say."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# A certificate is its holder's own, and of the programme of what it stands on, also where two accounts of theirs are put
# together. What was printed stays: a name may go, for good; it ends once, and why stays until its holder is erased;
# whether they show their name may change.
KEEP_CERTIFICATES = """
CREATE FUNCTION cohorts_keep_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_be cohorts_certificate;
BEGIN
    IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND NEW.holder_id <> OLD.holder_id THEN
        IF NOT EXISTS (
            SELECT FROM cohorts_membership membership
            JOIN cohorts_cohort cohort ON cohort.id = membership.cohort_id
            WHERE membership.id = NEW.membership_id
                AND (membership.user_id, cohort.programme_id) = (NEW.holder_id, NEW.programme_id)
        ) AND NOT EXISTS (
            SELECT FROM cohorts_booking booking
            JOIN cohorts_component component ON component.id = booking.component_id
            WHERE booking.id = NEW.booking_id
                AND (booking.user_id, component.programme_id) = (NEW.holder_id, NEW.programme_id)
        ) THEN
            RAISE EXCEPTION 'a certificate is its holder''s own, and of its programme'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    IF TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        may_be := OLD;
        IF NEW.holder_id <> OLD.holder_id THEN
            may_be.holder_id := NEW.holder_id;
            may_be.membership_id := NEW.membership_id;
            may_be.booking_id := NEW.booking_id;
        END IF;
        may_be.shows_name := NEW.shows_name;
        IF NEW.name = '' THEN
            may_be.name := '';
        END IF;
        IF OLD.ended_at IS NULL THEN
            may_be.ended_at := NEW.ended_at;
        END IF;
        IF OLD.ended_at IS NULL OR NEW.reason = '' THEN
            may_be.reason := NEW.reason;
        END IF;
        IF NEW IS NOT DISTINCT FROM may_be THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a certificate is replaced or revoked, and never edited' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER certificate_is_kept BEFORE INSERT OR UPDATE OR DELETE ON cohorts_certificate
FOR EACH ROW EXECUTE FUNCTION cohorts_keep_certificate();

CREATE TRIGGER certificates_are_never_emptied BEFORE TRUNCATE ON cohorts_certificate
FOR EACH STATEMENT EXECUTE FUNCTION cohorts_keep_certificate();
"""

KEEP_NO_CERTIFICATES = """
DROP TRIGGER certificate_is_kept ON cohorts_certificate;
DROP TRIGGER certificates_are_never_emptied ON cohorts_certificate;
DROP FUNCTION cohorts_keep_certificate();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0016_opening_without_closing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("completion", "Completion of a programme"),
                            ("attendance", "Attendance of a session"),
                        ],
                        max_length=10,
                    ),
                ),
                ("serial", models.CharField(max_length=20, unique=True)),
                ("code", models.CharField(max_length=20)),
                (
                    "name",
                    models.CharField(
                        blank=True,
                        help_text="Empty once it no longer stands, or names nobody.",
                        max_length=200,
                        verbose_name="name as printed",
                    ),
                ),
                ("programme_name", models.CharField(max_length=150, verbose_name="programme as printed")),
                (
                    "cohort_name",
                    models.CharField(
                        blank=True, help_text="Empty for an open session.", max_length=150, verbose_name="cohort"
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        blank=True, help_text="What was attended.", max_length=150, verbose_name="session"
                    ),
                ),
                ("issuer", models.CharField(help_text="The organisation in whose name it is issued.", max_length=200)),
                ("first_day", models.DateField(help_text="UK date.")),
                ("last_day", models.DateField(help_text="UK date: of a programme, when the last part of it was done.")),
                ("cpd_points", models.DecimalField(decimal_places=1, max_digits=6, verbose_name="CPD points")),
                (
                    "minutes",
                    models.PositiveIntegerField(
                        help_text="How long the sessions took that were attended. 0: not known."
                    ),
                ),
                ("issued_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "shows_name",
                    models.BooleanField(
                        default=False,
                        help_text="Its holder lets whoever has the code see their name, and what else is printed.",
                    ),
                ),
                ("ended_at", models.DateTimeField(help_text="When it was revoked or replaced.", null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        help_text="For the programme team and its holder.",
                        max_length=300,
                        verbose_name="why it was revoked",
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        help_text="What a certificate of attendance stands on.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="cohorts.booking",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        help_text="What a certificate of completion stands on.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="cohorts.membership",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="certificates", to="cohorts.programme"
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        help_text="The one with the name that its holder had before.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="cohorts.certificate",
                    ),
                ),
            ],
            options={
                "ordering": ("-issued_at", "-id"),
                "indexes": [models.Index(fields=["programme", "-id"], name="certificate_by_programme")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("membership", "kind"),
                        name="one_standing_certificate_of_a_membership",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("booking", "kind"),
                        name="one_standing_certificate_of_a_booking",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("booking__isnull", True), ("kind", "completion"), ("membership__isnull", False)),
                            models.Q(("booking__isnull", False), ("kind", "attendance"), ("membership__isnull", True)),
                            _connector="OR",
                        ),
                        name="a_certificate_stands_on_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("reason", "")),
                            models.Q(("ended_at__isnull", False), ("name", "")),
                            _connector="OR",
                        ),
                        name="what_no_longer_stands_names_nobody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("shows_name", False),
                            models.Q(("ended_at__isnull", True), models.Q(("name", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_name_is_shown_while_it_stands",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))),
                        name="a_certificates_days_are_in_order",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEEP_CERTIFICATES, KEEP_NO_CERTIFICATES),
    ]
