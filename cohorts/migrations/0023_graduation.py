"""Graduations are sessions that people book, also with guests; sessions may be open to alumni."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# As in migration 0002, and each guest of a booking takes a place as well.
COUNT_GUESTS = """
CREATE OR REPLACE FUNCTION cohorts_count_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gives_up bigint;
    takes bigint;
    gone integer := 0;
    come integer := 0;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state NOT IN ('waiting', 'cancelled') THEN
        gives_up := OLD.session_id;
        gone := 1 + OLD.guests;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state NOT IN ('waiting', 'cancelled') THEN
        takes := NEW.session_id;
        come := 1 + NEW.guests;
    END IF;
    IF gives_up IS DISTINCT FROM takes THEN
        UPDATE cohorts_session SET taken = taken - gone WHERE id = gives_up;
        UPDATE cohorts_session SET taken = taken + come WHERE id = takes;
    ELSIF come <> gone THEN
        UPDATE cohorts_session SET taken = taken + come - gone WHERE id = takes;
    END IF;
    RETURN NULL;
END
$$;

DROP TRIGGER count_places_on_update ON cohorts_booking;
CREATE TRIGGER count_places_on_update AFTER UPDATE OF state, session_id, guests ON cohorts_booking
FOR EACH ROW EXECUTE FUNCTION cohorts_count_places();
"""

COUNT_NO_GUESTS = """
DROP TRIGGER count_places_on_update ON cohorts_booking;
CREATE TRIGGER count_places_on_update AFTER UPDATE OF state, session_id ON cohorts_booking
FOR EACH ROW EXECUTE FUNCTION cohorts_count_places();

CREATE OR REPLACE FUNCTION cohorts_count_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gives_up bigint;
    takes bigint;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state NOT IN ('waiting', 'cancelled') THEN
        gives_up := OLD.session_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state NOT IN ('waiting', 'cancelled') THEN
        takes := NEW.session_id;
    END IF;
    IF gives_up IS DISTINCT FROM takes THEN
        UPDATE cohorts_session SET taken = taken - 1 WHERE id = gives_up;
        UPDATE cohorts_session SET taken = taken + 1 WHERE id = takes;
    END IF;
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    """Graduations, guests who take places, sessions open to alumni."""

    dependencies = [
        ("cohorts", "0022_why_a_session_moved"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Graduation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(help_text="As people know it, for example: Graduation 2026.", max_length=150),
                ),
                (
                    "guests_each",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="How many people each graduate may bring, 0 to 4. Each takes a place.",
                        validators=[django.core.validators.MaxValueValidator(4)],
                        verbose_name="guests each",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="GraduationInvitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invited_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("reminded_at", models.DateTimeField(help_text="When they were reminded to answer.", null=True)),
                ("declined_at", models.DateTimeField(help_text="When they said no without having booked.", null=True)),
            ],
            options={
                "ordering": ("graduation", "user"),
            },
        ),
        migrations.AddField(
            model_name="booking",
            name="guests",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="How many people they bring, each of whom takes a place: where they were invited with guests.",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="open_to_alumni",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whoever has completed the programme, or whose cohort has ended, may book it as well.",
                verbose_name="open to alumni of the programme",
            ),
        ),
        migrations.AlterField(
            model_name="programme",
            name="shape",
            field=models.CharField(
                choices=[
                    ("cohort", "Cohort: people join and go through together"),
                    ("pathway", "Pathway: booked together, walked in order"),
                    ("series", "Series: open sessions"),
                    ("community", "Community: standing membership"),
                    ("invitation", "By invitation: graduations"),
                ],
                default="cohort",
                help_text="A pathway and a community go as a cohort does for now: people join, and book date by date.",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="taken",
            field=models.PositiveSmallIntegerField(
                default=0,
                editable=False,
                help_text="Places held by bookings, with their guests, and offers. A trigger on bookings keeps it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("guests__lte", 4), ("membership__isnull", True)), ("guests", 0), _connector="OR"
                ),
                name="guests_are_few_and_come_by_invitation",
            ),
        ),
        migrations.AddField(
            model_name="graduation",
            name="cohorts",
            field=models.ManyToManyField(
                help_text="Whoever has completed the programme in one of these is invited.",
                related_name="graduations",
                to="cohorts.cohort",
            ),
        ),
        migrations.AddField(
            model_name="graduation",
            name="session",
            field=models.OneToOneField(
                help_text="A session of a programme by invitation. People answer until its booking closes.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="graduation",
                to="cohorts.session",
            ),
        ),
        migrations.AddField(
            model_name="graduationinvitation",
            name="graduation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="cohorts.graduation"
            ),
        ),
        migrations.AddField(
            model_name="graduationinvitation",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="graduation_invitations",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddConstraint(
            model_name="graduation",
            constraint=models.CheckConstraint(
                condition=models.Q(("guests_each__lte", 4)), name="a_graduate_brings_few_guests"
            ),
        ),
        migrations.AddIndex(
            model_name="graduationinvitation",
            index=models.Index(
                condition=models.Q(("declined_at__isnull", True), ("reminded_at__isnull", True)),
                fields=["graduation"],
                name="invitation_to_remind_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="graduationinvitation",
            constraint=models.UniqueConstraint(fields=("graduation", "user"), name="one_invitation_of_each_graduate"),
        ),
        migrations.RunSQL(COUNT_GUESTS, COUNT_NO_GUESTS),
    ]
